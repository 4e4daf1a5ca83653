"""What the claims' snippets measure, computed another way: closed forms, plain NumPy, the library's own parts.

Tolerances are relative unless said otherwise. float64 throughout: 1e-9 allows for the order of additions over 100
steps; where the other way is the app's float32, 1e-3.
"""

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import rnnviz
from rnnviz import build
from rnnviz.claims import CLAIMS, measured
from rnnviz.experiment import Experiment
from rnnviz.observe import observe
from rnnviz.scan import scan

ROOT = Path(__file__).parents[1]
NOISE = Experiment(cells=("rnn",), length=100, hidden=20, signal="noise")


def values(name: str) -> Any:
    return measured(CLAIMS[name]).values


def close(a: Any, b: Any, rtol: float = 1e-9, atol: float = 0) -> None:
    np.testing.assert_allclose(np.asarray(a, float), np.asarray(b, float), rtol=rtol, atol=atol)


def module(cell: str, **changes: Any) -> tuple[nn.Module, Tensor]:
    """The app's own model and input, in float64."""
    from dataclasses import replace

    experiment = replace(NOISE, **changes)
    return build.build_module(experiment, cell, 1).double(), build.build_input(experiment).double()


def unrolled(cell: str, T: int) -> tuple[float, float]:
    """|dL/dW_ih| and |dL/dx_0| by autograd through the library's step functions."""
    model, x = module(cell, length=T)
    params = {name.removesuffix("_l0"): p.detach().requires_grad_() for name, p in model.named_parameters()}
    zeros = torch.zeros(1, 20, dtype=torch.float64)
    x = x.detach().requires_grad_()
    steps = scan(cell, params, x, (zeros, zeros) if cell == "lstm" else (zeros,))
    dW, dx = torch.autograd.grad(steps[-1].state[0].sum(), [params["weight_ih"], x])
    return dW.norm().item(), dx[0].norm().item()


def prices() -> np.ndarray:
    with (ROOT / "rnnviz" / "data" / "aapl.csv").open(encoding="ascii") as file:
        return np.array([float(row["adj_close"]) for row in csv.DictReader(file)])


def test_chain_by_its_recursion() -> None:
    h, dh, sizes = 1.0, 0.0, []
    for _ in range(50):
        after = math.tanh(0.5 * h)
        dh = (1 - after**2) * (h + 0.5 * dh)
        h = after
        sizes.append(dh)
    m = values("chain")
    close(m["size"], sizes, rtol=1e-12)
    assert f"{m['at10']:.4f}" == "0.0172"
    assert f"{m['at50']:.1e}" == "8.0e-14"
    # As the text says: nearly k/W times h_k, and well above W^k.
    assert sizes[49] == pytest.approx(50 / 0.5 * h, rel=0.1)
    assert m["at10"] > 10 * m["power10"]


def test_linear_is_the_power() -> None:
    m = values("linear")
    for w, curve in zip(m["weights"], m["curves"], strict=True):
        close(curve, [w**k for k in range(101)], rtol=1e-12)
    for w, end in zip(m["weights"], m["single"], strict=True):
        product = np.float32(1)
        with np.errstate(over="ignore"):
            for _ in range(1000):
                product *= np.float32(w)
        assert end == product or abs(end) < 2e-38 > abs(product)  # a machine may flush what is subnormal to 0
    assert m["single"][2] == math.inf
    assert m["true"] < 2**-149  # the least that float32 has


def test_above_one_by_the_library_s_jacobians() -> None:
    m = values("above_one")
    experiment = Experiment(cells=("rnn",), length=100, hidden=64, signal="impulse")
    model = build.build_module(experiment, "rnn").double()
    x = build.build_input(experiment).double()
    J = rnnviz.jacobians(model, x)[:, 0].numpy()
    close(m["step"], np.linalg.norm(J, 2, axis=(1, 2)))
    product = np.eye(64)
    for J_t in J:
        product = J_t @ product
    assert m["product"] == pytest.approx(np.linalg.norm(product, 2), rel=1e-6)
    W = model.get_parameter("weight_hh_l0").detach().numpy()
    assert m["sigma"] == pytest.approx(np.linalg.svd(W)[1][0])
    assert m["radius"] == pytest.approx(np.abs(np.linalg.eigvals(W)).max())
    assert 1.12 < m["sigma"] < 1.14
    assert 0.55 < m["radius"] < 0.66
    # The triangle of the app, in its last row: from step k the last state.
    triangle = rnnviz.gradient_triangle(model, x)
    close(m["whole"][:-1][::-1], triangle[-1, :-1], rtol=1e-6)


def test_sigmoid_by_hand() -> None:
    m = values("sigmoid")
    assert m["steepest"] == 0.25
    for w, factor, curve in zip(m["weights"], m["factors"], m["curves"], strict=True):
        assert factor == w / 4
        close(curve, [(w / 4) ** k for k in range(51)], rtol=1e-12)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_weight_norms_by_unrolling(cell: str) -> None:
    m = values("weight_norm")
    for k, T in enumerate(m["lengths"]):
        close((m["weight"][cell][k], m["first"][cell][k]), unrolled(cell, T), rtol=1e-7)
    # What the link opens shows the same, in float32.
    seen = observe(NOISE, cell)
    assert float(seen.gradients.x_norm[0]) == pytest.approx(m["first"][cell][2], rel=1e-3)
    assert 0.1 < min(m["weight"][cell]) < max(m["weight"][cell]) < 10
    assert m["first"][cell][2] < 1e-18


def test_retain_grad_by_the_library() -> None:
    m = values("retain_grad")
    experiment = Experiment(cells=("rnn",), length=30, hidden=16)
    model, x = build.build_module(experiment, "rnn").double(), build.build_input(experiment)
    t = torch.arange(30, dtype=torch.float64)
    close(x[:, 0, 0], torch.sin(2 * math.pi * t / 25), rtol=1e-6, atol=1e-7)
    found = rnnviz.gradients(model, torch.sin(2 * math.pi * t / 25).view(30, 1, 1))
    close(m["true"], found.layers[0].h_norm)
    assert m["retained"][:-1] == (0.0,) * 29
    assert m["retained"][-1] == pytest.approx(4.0)  # sixteen ones
    assert m["same"] < 1e-14


def test_relu_by_the_library() -> None:
    m = values("relu")
    for name, cell in (("tanh", "rnn"), ("relu", "rnn_relu")):
        model, x = module(cell)
        close(m[name], rnnviz.gradients(model, x).x_norm, rtol=1e-7)
    h = rnnviz.trace(*module("rnn_relu")).layers[0].h
    assert m["on"] == pytest.approx(float((h > 0).double().mean()))


def test_orthogonal_by_products() -> None:
    m = values("orthogonal")
    generator = torch.Generator().manual_seed(0)
    W = np.linalg.qr(torch.randn(20, 20, generator=generator, dtype=torch.float64).numpy())[0]
    u = torch.randn(20, generator=generator, dtype=torch.float64).numpy()
    x = torch.randn(100, generator=generator, dtype=torch.float64).numpy()
    states, h = [], np.zeros(20)
    for x_t in x:
        h = np.tanh(W @ h + u * x_t)
        states.append(h)
    g, norms = np.ones(20) / math.sqrt(20), [1.0]
    for h in states[::-1]:
        g = W.T @ ((1 - h**2) * g)
        norms.append(np.linalg.norm(g))
    close(m["tanh"], norms, rtol=1e-6)
    close(m["linear"], np.ones(101), rtol=1e-12)


def test_clipping_is_the_minimum_and_shortens_all_alike() -> None:
    m = values("clipping")
    rows = zip(m["before"], m["after"], m["early_before"], m["early_after"], strict=True)
    for before, after, early, late in rows:
        assert after == pytest.approx(min(before, m["threshold"]), rel=2e-6)
        assert late / early == pytest.approx(m["threshold"] / (before + 1e-6), rel=1e-9)
        assert late <= early
    assert m["early_before"][0] == pytest.approx(values("weight_norm")["first"]["rnn"][2], rel=1e-9)
    assert m["gained"] == 0


def test_lstm_by_forget_bias_by_the_library() -> None:
    m = values("lstm_keeps")
    assert m["rnn"] == pytest.approx(float(rnnviz.gradients(*module("rnn")).x_norm[0]), rel=1e-7)
    assert m["lstm"] == pytest.approx(float(rnnviz.gradients(*module("lstm")).x_norm[0]), rel=1e-7)
    for bias, found in zip(m["biases"], m["by_bias"], strict=True):
        expected = rnnviz.gradients(*module("lstm", forget=bias)).x_norm[0]
        assert found == pytest.approx(float(expected), rel=1e-7)


def test_the_forget_bias_makes_the_difference_for_every_seed() -> None:
    for seed in range(5):
        first = [
            float(rnnviz.gradients(*module("lstm", seed=seed, forget=bias)).x_norm[0])
            for bias in (None, 0, 1, 3, 5)
        ]
        assert max(first[:2]) < 1e-15 < first[2] < 1e-6 < first[3] < 10
        assert first[4] > 1e-4


def test_memory_is_the_power_of_the_gate() -> None:
    m = values("memory")
    for b, curve, half in zip(m["biases"], m["curves"], m["half"], strict=True):
        f = 1 / (1 + math.exp(-b))
        close(curve, [f**k for k in range(101)], rtol=1e-12)
        assert f**half == pytest.approx(0.5)
    close(m["left"], [8e-31, 2.5e-14, 3e-6, 0.0078, 0.51], rtol=0.03)


def test_forget_biases_add_up() -> None:
    m = values("forget_bias")
    assert m["both"] == pytest.approx(1 / (1 + math.exp(-2)), abs=1e-12)
    assert m["one"] == m["wanted"] == pytest.approx(1 / (1 + math.exp(-1)), abs=1e-12)
    assert m["bias"] == pytest.approx(2, abs=1e-9)
    # The app's slider at +1.
    model, _ = module("lstm", forget=1)
    gates = rnnviz.trace(model, torch.zeros(1, 1, 1, dtype=torch.float64)).layers[0].gates
    close(gates["f"], np.full((1, 1, 20), m["one"]))


def test_cell_path_by_the_blocks_of_the_jacobians() -> None:
    m = values("cell_path")
    model, x = module("lstm", length=50)
    J, layer = rnnviz.jacobians(model, x)[1:, 0], rnnviz.trace(model, x).layers[0]
    o, c = layer.gates["o"][:-1, 0], layer.c[:-1, 0]
    rest = J[:, 20:, :20] * (o * (1 - c.tanh() ** 2)).unsqueeze(1)  # c -> h -> gates -> c
    direct = J[:, 20:, 20:]
    close(direct, torch.diag_embed(layer.gates["f"][1:, 0]), atol=1e-12)
    assert m["norm_direct"] == pytest.approx(torch.linalg.matrix_norm(direct, 2).mean().item())
    assert m["norm_rest"] == pytest.approx(torch.linalg.matrix_norm(rest, 2).mean().item())
    # Over several steps by the whole states: of a product from c to c, h_{t-2} -> o_{t-1} -> h_{t-1} would be missing.
    product, total = torch.eye(40, dtype=torch.float64), [1.0]
    for J_t, slope in zip(J.flip(0), (o * (1 - c.tanh() ** 2)).flip(0), strict=True):
        product = product @ J_t
        by_c = product[20:, 20:] + product[20:, :20] * slope  # h_k follows c_k, with o_k as it is
        total.append(torch.linalg.matrix_norm(by_c, 2).item())
    close(m["total"], total, rtol=1e-7)
    close(m["direct"], [1.0, *layer.gates["f"][1:, 0].flip(0).cumprod(0).amax(1).tolist()], rtol=1e-7)
    assert m["direct_end"] == pytest.approx(layer.gates["f"][1:, 0].prod(0).max().item(), rel=1e-9)


def test_gates_of_the_app() -> None:
    m = values("open_closed")
    gates = observe(NOISE, "lstm").trace.layers[0].gates
    every = torch.cat([gates[name].flatten() for name in "ifo"])
    close((m["least"], m["most"], m["median"]), (every.min(), every.max(), every.median()), rtol=1e-6)
    assert m["decided"] == 0
    counts = np.histogram(every.numpy(), 20, (0, 1))[0] / len(every)
    close(m["share"], counts, atol=2e-3)
    assert sum(m["share"]) == pytest.approx(1)


def test_bounded_is_a_geometric_sum() -> None:
    m = values("bounded")
    gate, g = 1 / (1 + math.exp(-10)), math.tanh(10)
    c = [gate * g * (1 - gate**t) / (1 - gate) for t in range(1, 101)]
    close(m["c"], c)
    close(m["h"], gate * np.tanh(c))
    assert m["most"] < 1


def gru(
    z_keeps: bool, reset_after: bool, weights: list[np.ndarray], x: np.ndarray, h: np.ndarray
) -> np.ndarray:
    """A GRU in NumPy, in each of its four forms."""

    def sigmoid(a: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-a))

    W_ih, W_hh, b_ih, b_hh = weights
    H, states = len(h), []
    for x_t in x:
        a, b = W_ih @ x_t + b_ih, W_hh @ h + b_hh
        r, z = sigmoid(a[:H] + b[:H]), sigmoid(a[H : 2 * H] + b[H : 2 * H])
        inner = r * b[2 * H :] if reset_after else W_hh[2 * H :] @ (r * h)
        n = np.tanh(a[2 * H :] + inner)
        h = z * h + (1 - z) * n if z_keeps else (1 - z) * h + z * n
        states.append(h)
    return np.array(states)


def drawn(D: int, H: int, generator: torch.Generator) -> list[np.ndarray]:
    shapes = [(3 * H, D), (3 * H, H), (3 * H,), (3 * H,)]
    return [
        torch.empty(shape).uniform_(-(H**-0.5), H**-0.5, generator=generator).double().numpy()
        for shape in shapes
    ]


def test_the_two_senses_of_z_in_numpy() -> None:
    m = values("gru_z")
    generator = torch.Generator().manual_seed(0)
    weights = drawn(3, 8, generator)
    x = torch.randn(40, 1, 3, generator=generator, dtype=torch.float64)[:, 0].numpy()
    h0 = torch.rand(1, 1, 8, generator=generator, dtype=torch.float64)[0, 0].numpy()
    pytorch, written = gru(True, True, weights, x, h0), gru(False, True, weights, x, h0)
    assert m["as_written"] == pytest.approx(np.abs(pytorch - written).max())
    for w in weights:
        w[8:16] *= -1
    close(gru(False, True, weights, x, h0), pytorch, atol=1e-13)
    assert m["converted"] < 1e-13
    assert m["kept"] < 1e-13


def test_the_two_resets_in_numpy() -> None:
    m = values("gru_reset")
    for H, difference in zip(m["sizes"], m["differences"], strict=True):
        generator = torch.Generator().manual_seed(0)
        weights = drawn(3, H, generator)
        weights[3][2 * H :] = 0
        x = torch.randn(40, 1, 3, generator=generator, dtype=torch.float64)[:, 0].numpy()
        after, before = (gru(True, reset, weights, x, np.zeros(H)) for reset in (True, False))
        assert difference == pytest.approx(np.abs(after - before).max(), abs=1e-12)
    assert m["single"] < 1e-13


def test_parameters_by_their_formula() -> None:
    m = values("parameters")
    for k, (D, H) in enumerate([(1, 16), (10, 64), (128, 256)]):
        for name, blocks in {"rnn": 1, "gru": 3, "lstm": 4}.items():
            assert m["counts"][name][k] == blocks * H * (D + H + 2)
    assert m["ratios"] == (0.75,) * 3


def test_by_hand_in_numpy() -> None:
    m = values("by_hand")
    W_ih, W_hh = np.array([0.02, -0.01]), np.array([[0.5, 0.1], [-0.2, 0.3]])
    h = np.zeros(2)
    for x, hand, its in zip((10, 20, 30), m["hand"], m["torch"], strict=True):
        h = np.tanh(W_ih * x + W_hh @ h + np.array([0.1, 0.0]))
        close(hand, h, rtol=1e-14)
        close(its, h, rtol=1e-6)
    assert m["apart"] < 1e-7


def test_scaling_in_numpy() -> None:
    m = values("scaling")
    model = build.build_module(Experiment(cells=("rnn",), hidden=16), "rnn", 1).double()
    W_ih, W_hh, b_ih, b_hh = (p.detach().numpy() for p in model.parameters())

    def last(prices: list[float], unit: float) -> np.ndarray:
        h = np.zeros(16)
        for x in prices:
            h = np.tanh(W_ih[:, 0] * x / unit + W_hh @ h + b_ih + b_hh)
        return h

    for name, unit in {"raw": 1.0, "scaled": 30.0}.items():
        h, other = last([10, 20, 30], unit), last([10, 20, 40], unit)
        assert m["slope"][name] == pytest.approx((1 - h**2).mean())
        assert m["saturated"][name] == (np.abs(h) > 0.9).mean()
        assert m["moved"][name] == pytest.approx(np.linalg.norm(other - h) / np.linalg.norm(h))
    assert m["moved"]["scaled"] > m["moved"]["raw"]


def test_the_backward_half_sees_the_last_input_alone() -> None:
    m = values("bidirectional")
    lstm = nn.LSTM(1, 16, bidirectional=True, device="meta").to_empty(device="cpu")
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in lstm.parameters():
            weight.uniform_(-0.25, 0.25, generator=generator)
        lstm.double()
        x = torch.randn(30, 1, 1, generator=generator, dtype=torch.float64)
        whole = lstm(x)[0][-1, 0]
        assert torch.equal(lstm(torch.cat([-x[:-1], x[-1:]]))[0][-1, 0, 16:], whole[16:])
        close(lstm(x[-1:])[0][0, 0, 16:], whole[16:])
        assert not torch.allclose(lstm(x[1:])[0][-1, 0, :16], whole[:16], rtol=0, atol=1e-12)
        apart = (lstm(x)[1][0][1, 0] - whole[16:]).abs().max()
    assert m["apart"] == pytest.approx(apart.item())
    forward = rnnviz.gradients(lstm, x, lambda output: output[-1, 0, :16].sum()).x_norm
    close(m["forward"], forward)
    assert m["read"] == {"forward": 30, "backward": 1}
    assert m["same"] == 0


def test_windows_counted() -> None:
    m = values("windows")
    windows = np.lib.stride_tricks.sliding_window_view(prices(), 31)  # 30 days and the day after
    assert m["full"] == len(windows)
    assert m["rows"] == len(prices())
    assert m["short"] == len(windows) - 1
    assert m["newest"] == "2013-03-01"


def test_scaler_split_and_naive_forecast() -> None:
    data = prices()
    start = int(0.8 * len(data))
    train, test = data[:start], data[start:]
    m = values("scaler")
    assert m["train_top"] == pytest.approx((train.max() - data.min()) / np.ptp(data))
    assert m["test_top"] == pytest.approx((test.max() - train.min()) / np.ptp(train))
    assert m["beyond"] == (test > train.max()).mean()
    assert m["growth"] == pytest.approx(data.max() / train.max())

    m = values("shuffle")
    is_test = np.random.default_rng(0).random(len(data)) < 0.2
    days = [d for d in range(1, len(data) - 1) if is_test[d] and not is_test[d - 1] and not is_test[d + 1]]
    errors = [(data[d] - data[d - 1], data[d] - (data[d - 1] + data[d + 1]) / 2) for d in days]
    close((m["yesterday"], m["between"]), np.sqrt(np.mean(np.square(errors), axis=0)))
    assert m["days"] == len(days)

    m = values("overlay")
    move = np.diff(data)[start - 1 :]
    assert m["r2"] == pytest.approx(1 - np.square(move).sum() / (len(test) * test.var()))
    assert m["moved"] == pytest.approx(1 - np.mean(np.square(move)) / move.var())
    assert m["correlation"] == pytest.approx(np.corrcoef(test, data[start - 1 : -1])[0, 1])
    assert m["actual"][1:] != m["forecast"][1:]
    assert m["actual"][:-1] == m["forecast"][1:]


def test_the_trained_network_loses_to_yesterday_s_price() -> None:
    m = values("level_lstm")
    data = prices()
    actual, forecast = np.array(m["actual"]), np.array(m["forecast"])
    close(actual, data[-len(actual) :], rtol=1e-12)
    assert m["rmse"]["lstm"] == pytest.approx(math.sqrt(np.mean((forecast - actual) ** 2)))
    assert m["rmse"]["yesterday"] == pytest.approx(1.0824, abs=1e-4)
    assert m["r2"] == pytest.approx(1 - np.mean((forecast - actual) ** 2) / actual.var())
    # How it ends depends on the machine's order of additions, but it has learned, and it loses.
    assert m["losses"][-1] < 0.05 * m["losses"][0]
    assert m["r2"] > 0.8
    assert m["ratio"] > 1.1

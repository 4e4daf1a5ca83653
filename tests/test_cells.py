"""Each cell's equations against an independent form: PyTorch's own cells, or the paper's lines by hand."""

import pytest
import torch
from torch import nn
from torch.nn.functional import linear

from rnnviz.cells import STEPS
from rnnviz.registry import CELLS

B, D, H = 3, 4, 5
SIZES = {"D": D, "H": H}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=generator(seed), dtype=torch.float64)


def params_of(cell, bias=True):
    shapes = {
        name: [SIZES[n] if n in SIZES else int(n[:-1]) * H for n in shape]
        for name, shape in CELLS[cell].params
    }
    return {
        name: drawn(*shape, seed=seed)
        for seed, (name, shape) in enumerate(shapes.items())
        if bias or name not in ("bias_ih", "bias_hh")
    }


def state_of(cell):
    return tuple(drawn(B, H, seed=20 + index) for index in range(len(CELLS[cell].states)))


def close(a, b, atol=1e-13):
    torch.testing.assert_close(a, b, rtol=0, atol=atol)


def test_every_cell_of_the_registry_has_its_equations():
    assert list(STEPS) == list(CELLS)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("cell", CELLS)
def test_gates_and_state_are_those_of_the_registry(cell, bias):
    before = state_of(cell)
    step = STEPS[cell](params_of(cell, bias), drawn(B, D), before)
    assert tuple(step.gates) == CELLS[cell].gate_names
    assert all(gate.shape == (B, H) for gate in step.gates.values())
    assert [state.shape for state in step.state] == [state.shape for state in before]
    for gate in CELLS[cell].gates:
        values = step.gates[gate.name]
        if gate.kind == "sigmoid":
            assert ((values > 0) & (values < 1)).all()
        if gate.kind == "tanh":
            assert (values.abs() < 1).all()


@pytest.mark.parametrize("cell", CELLS)
def test_an_absent_bias_counts_as_zero(cell):
    params, before = params_of(cell, bias=False), state_of(cell)
    rows = params["weight_ih"].shape[0]
    zeros = {
        name: torch.zeros(rows, dtype=torch.float64)
        for name in ("bias_ih", "bias_hh")
        if name in dict(CELLS[cell].params)
    }
    with_zeros = STEPS[cell](params | zeros, drawn(B, D), before)
    without = STEPS[cell](params, drawn(B, D), before)
    for a, b in zip(with_zeros.state, without.state, strict=True):
        close(a, b)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("cell", "make"),
    [
        ("rnn", lambda **k: nn.RNNCell(D, H, **k)),
        ("rnn_relu", lambda **k: nn.RNNCell(D, H, nonlinearity="relu", **k)),
        ("lstm", lambda **k: nn.LSTMCell(D, H, **k)),
        ("gru", lambda **k: nn.GRUCell(D, H, **k)),
    ],
)
def test_built_in_cells_equal_pytorch(cell, make, bias):
    params, x, before = params_of(cell, bias), drawn(B, D), state_of(cell)
    torch_cell = make(bias=bias, dtype=torch.float64)
    torch_cell.load_state_dict(params)
    expected = torch_cell(x, before if len(before) > 1 else before[0])
    expected = expected if isinstance(expected, tuple) else (expected,)
    for got, want in zip(STEPS[cell](params, x, before).state, expected, strict=True):
        close(got, want.detach())


def test_linear_rnn():
    params, x, (h,) = params_of("rnn_linear"), drawn(B, D), state_of("rnn_linear")
    (got,) = STEPS["rnn_linear"](params, x, (h,)).state
    close(got, x @ params["weight_ih"].T + params["bias_ih"] + h @ params["weight_hh"].T + params["bias_hh"])


def test_tutorial_gru_resets_before_the_product_and_keeps_at_zero():
    p, x, (h,) = params_of("gru_reset_before"), drawn(B, D), state_of("gru_reset_before")
    block = {name: value.split(H) for name, value in p.items()}

    def affine(k, hidden):
        return (
            linear(x, block["weight_ih"][k], block["bias_ih"][k])
            + linear(hidden, block["weight_hh"][k], block["bias_hh"][k])
        )  # fmt: skip

    r, z = torch.sigmoid(affine(0, h)), torch.sigmoid(affine(1, h))
    n = torch.tanh(affine(2, r * h))
    step = STEPS["gru_reset_before"](p, x, (h,))
    for name, gate in {"r": r, "z": z, "n": n}.items():
        close(step.gates[name], gate)
    close(step.state[0], h + z * (n - h))


def test_the_two_grus_keep_at_opposite_ends_of_z():
    x, (h,) = drawn(B, D), state_of("gru")
    for cell, keeps in (("gru", 60.0), ("gru_reset_before", -60.0)):
        p = params_of(cell)
        p["bias_ih"][H : 2 * H] = keeps
        close(STEPS[cell](p, x, (h,)).state[0], h)


def test_peephole_sees_the_old_memory_in_i_and_f_and_the_new_in_o():
    p, x, (h, c) = params_of("lstm_peephole"), drawn(B, D), state_of("lstm_peephole")
    ih, hh = nn.Linear(D, 4 * H, dtype=torch.float64), nn.Linear(H, 4 * H, dtype=torch.float64)
    ih.load_state_dict({"weight": p["weight_ih"], "bias": p["bias_ih"]})
    hh.load_state_dict({"weight": p["weight_hh"], "bias": p["bias_hh"]})
    a_i, a_f, a_g, a_o = (ih(x) + hh(h)).detach().split(H, dim=1)
    i, f = torch.sigmoid(a_i + p["weight_ci"] * c), torch.sigmoid(a_f + p["weight_cf"] * c)
    new_c = f * c + i * torch.tanh(a_g)
    o = torch.sigmoid(a_o + p["weight_co"] * new_c)
    step = STEPS["lstm_peephole"](p, x, (h, c))
    for name, gate in {"i": i, "f": f, "g": torch.tanh(a_g), "o": o}.items():
        close(step.gates[name], gate)
    close(step.state[1], new_c)
    close(step.state[0], o * torch.tanh(new_c))


def test_layer_norm_lstm_is_made_of_nn_layer_norm():
    p, x, (h, c) = params_of("lstm_layernorm"), drawn(B, D), state_of("lstm_layernorm")

    def norm(size, gain, bias):
        module = nn.LayerNorm(size, dtype=torch.float64)
        module.load_state_dict({"weight": p[gain], "bias": p[bias]})
        return module

    a = norm(4 * H, "gain_ih", "bias_ih")(x @ p["weight_ih"].T)
    a = (a + norm(4 * H, "gain_hh", "bias_hh")(h @ p["weight_hh"].T)).detach()
    i, f, g, o = a.split(H, dim=1)
    new_c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    step = STEPS["lstm_layernorm"](p, x, (h, c))
    close(step.state[1], new_c)
    close(step.state[0], torch.sigmoid(o) * torch.tanh(norm(H, "gain_c", "bias_c")(new_c)).detach())


def test_layer_norm_cancels_the_scale_of_the_recurrent_matrix():
    p, x, before = params_of("lstm_layernorm"), drawn(B, D), state_of("lstm_layernorm")
    scaled = STEPS["lstm_layernorm"](p | {"weight_hh": 3 * p["weight_hh"]}, x, before)
    close(scaled.state[0], STEPS["lstm_layernorm"](p, x, before).state[0], atol=1e-4)


def test_mingru_reads_the_input_alone():
    p, x, (h,) = params_of("mingru"), drawn(B, D), state_of("mingru")
    a_z, n = linear(x, p["weight_ih"], p["bias_ih"]).split(H, dim=1)
    z = torch.sigmoid(a_z)
    step = STEPS["mingru"](p, x, (h,))
    close(step.gates["z"], z)
    close(step.gates["n"], n)
    close(step.state[0], (1 - z) * h + z * n)
    again = STEPS["mingru"](p, x, (h + 1,))
    assert all(torch.equal(again.gates[name], step.gates[name]) for name in ("z", "n"))


@pytest.mark.parametrize("cell", CELLS)
def test_a_step_runs_under_vmap_and_jacrev(cell):
    params, x, before = params_of(cell), drawn(B, D), state_of(cell)

    def next_h(x_t, *state):
        return STEPS[cell](params, x_t, state).state[0]

    jacobian = torch.func.vmap(torch.func.jacrev(next_h, argnums=1))(x, *before)
    nudge = 1e-6 * drawn(B, H, seed=9)
    moved = next_h(x, before[0] + nudge, *before[1:]) - next_h(x, before[0] - nudge, *before[1:])
    torch.testing.assert_close((jacobian @ nudge.unsqueeze(2)).squeeze(2), moved / 2, rtol=1e-4, atol=1e-12)

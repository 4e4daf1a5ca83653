"""The two ways of a gradient: against the Jacobians, against the true gradients, and in closed form."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz.gradients import gradients
from rnnviz.jacobians import jacobians
from rnnviz.modules import CellModule
from rnnviz.paths import paths, split_jacobians
from rnnviz.registry import CELLS
from rnnviz.trace import trace

T, D, H = 9, 2, 5
FLOAT64 = torch.float64
BUILT_IN = {
    "nn.RNN": lambda: nn.RNN(D, H, dtype=FLOAT64),
    "nn.LSTM": lambda: nn.LSTM(D, H, dtype=FLOAT64),
    "nn.GRU": lambda: nn.GRU(D, H, bias=False, dtype=FLOAT64),
}
MODULES = [*BUILT_IN, *CELLS]
PLAIN = ["nn.RNN", "rnn", "rnn_relu", "rnn_linear"]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=generator(seed), dtype=FLOAT64)


def build(name, seed=0, size=0.6):
    module = BUILT_IN[name]() if name in BUILT_IN else CellModule(name, D, H, dtype=FLOAT64)
    filled = generator(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(0, size, generator=filled)
    return module


def kept(module, x):
    """What the recorded gates keep, in each cell's convention."""
    layer = trace(module, x).layers[0]
    if "f" in layer.gates:
        return layer.gates["f"][:, 0]
    if "z" in layer.gates:
        z = layer.gates["z"][:, 0]
        return z if layer.cell == "gru" else 1 - z
    return torch.zeros_like(layer.h[:, 0])


@pytest.mark.parametrize("name", MODULES)
def test_direct_and_rest_are_the_memory_s_rows_of_the_jacobian(name):
    module, x = build(name), normal(T, 1, D)
    split = split_jacobians(module, x)
    whole = split.rest.clone()
    whole[..., -H:] += torch.diag_embed(split.direct)
    torch.testing.assert_close(whole, jacobians(module, x)[:, 0, -H:], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", MODULES)
def test_the_direct_path_is_the_gate_that_keeps(name):
    module, x = build(name), normal(T, 1, D)
    torch.testing.assert_close(split_jacobians(module, x).direct, kept(module, x), rtol=0, atol=1e-15)


@pytest.mark.parametrize("at", [None, 0, 5])
@pytest.mark.parametrize("name", MODULES)
def test_over_the_span_direct_and_rest_are_the_true_gradient(name, at):
    module, x = build(name), normal(T, 1, D)
    found = paths(module, x, at)
    last = T - 1 if at is None else at
    layer = gradients(module, x, lambda output: output[last].sum()).layers[0]
    truth = (layer.h if layer.c is None else layer.c)[: last + 1, 0]
    torch.testing.assert_close(found.total, truth, rtol=0, atol=1e-12)
    torch.testing.assert_close(found.direct + found.rest, truth, rtol=0, atol=1e-12)
    assert (found.at, found.memory) == (last, "h" if layer.c is None else "c")


@pytest.mark.parametrize("name", [name for name in MODULES if name not in PLAIN])
def test_the_direct_part_is_the_product_of_what_is_kept(name):
    module, x = build(name), normal(T, 1, D)
    found, factors = paths(module, x), kept(module, x)
    for t in range(T):
        expected = factors[t + 1 :].prod(0) * found.total[-1]
        torch.testing.assert_close(found.direct[t], expected, rtol=1e-12, atol=0)


@given(
    name=st.sampled_from(MODULES),
    seed=st.integers(0, 99),
    size=st.sampled_from([0.0, 0.2, 1.5]),
    at=st.integers(0, T - 1),
)
def test_the_sum_holds_for_any_weights(name, seed, size, at):
    module, x = build(name, seed, size), normal(T, 1, D, seed=seed)
    found = paths(module, x, at)
    largest = float(found.total.abs().max())
    torch.testing.assert_close(found.direct + found.rest, found.total, rtol=0, atol=1e-12 * max(largest, 1.0))


def test_a_mingru_has_no_rest():
    module, x = build("mingru"), normal(200, 1, D)
    found = paths(module, x)
    assert (split_jacobians(module, x).rest == 0).all()
    assert (found.rest == 0).all()
    assert not found.rest_lost.any()
    assert (found.rest_size == 0).all()
    assert (found.step_share == 1).all()
    assert (found.span_share == 1).all()
    torch.testing.assert_close(found.direct, found.total, rtol=1e-12, atol=0)


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_rnn_has_no_direct_path(name):
    module, x = build(name), normal(T, 1, D)
    found = paths(module, x)
    assert (found.direct == 0).all()
    assert not found.direct_lost.any()
    assert torch.equal(found.rest, found.total)
    expected = torch.linalg.matrix_norm(jacobians(module, x)[:, 0]) / math.sqrt(H)
    torch.testing.assert_close(found.rest_size, expected)
    assert (found.step_share[found.rest_size > 0] == 0).all()


def test_without_recurrent_weights_nothing_but_the_direct_path_is_left():
    for name in ("nn.LSTM", "nn.GRU", "lstm_layernorm"):
        module = build(name)
        with torch.no_grad():
            (module.weight_hh if name == "lstm_layernorm" else module.weight_hh_l0).zero_()
        found = paths(module, normal(60, 1, D))
        assert (found.rest == 0).all()
        assert not found.rest_lost.any()


@pytest.mark.parametrize(("bias", "left"), [(0, 8e-31), (1, 2.5e-14), (2, 3e-6), (3, 0.0078), (5, 0.51)])
def test_a_constant_forget_gate(bias, left):
    """Acceptance test 11: f = sigmoid(b), and f^100 of the gradient is left after 100 steps."""
    module = nn.LSTM(1, 3, dtype=FLOAT64)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.bias_ih_l0[3:6] = bias
    found = paths(module, torch.zeros(101, 1, 1, dtype=FLOAT64))
    assert (found.rest == 0).all()
    share = (found.direct[0] / found.total[-1]).tolist()
    f = 1 / (1 + math.exp(-bias))
    assert share == pytest.approx([f**100] * 3, rel=1e-12)
    assert share[0] == pytest.approx(left, rel=0.05)
    assert found.direct_size.tolist() == pytest.approx([f] * 101)


@pytest.mark.parametrize("name", MODULES)
def test_sizes_are_frobenius_norms_and_squares_add_up_with_the_overlap(name):
    module, x = build(name), normal(T, 1, D)
    found, J = paths(module, x), jacobians(module, x)[:, 0, -H:]
    squares = found.direct_size.square() + found.rest_size.square() + 2 * found.overlap
    torch.testing.assert_close(squares, J.square().sum((1, 2)) / H)
    if CELLS.get(name.replace("nn.LSTM", "lstm"), CELLS["gru"]).name in ("lstm", "lstm_layernorm"):
        assert (found.overlap == 0).all()  # the blocks are disjoint
        expected = found.direct_size.square() * H / J.square().sum((1, 2))
        torch.testing.assert_close(found.step_share, expected)


def test_what_is_too_small_for_float64_is_marked():
    module = nn.LSTM(1, 2, dtype=FLOAT64)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(0.01)
        module.bias_ih_l0[2:4] = -12
    found = paths(module, torch.zeros(90, 1, 1, dtype=FLOAT64))
    assert found.direct_lost[:20].all()
    assert not found.direct_lost[-20:].any()
    assert not found.rest_lost[-1]  # a true zero: at the loss nothing has run through a gate
    assert found.span_share.isfinite().any()


def test_pieces_and_progress(monkeypatch):
    import sys

    module, x = build("nn.LSTM"), normal(T, 1, D)
    whole, split = paths(module, x), split_jacobians(module, x)
    monkeypatch.setattr(sys.modules["rnnviz.split"], "_CHUNK", 250)
    shares = []
    again = paths(module, x, report=shares.append)
    torch.testing.assert_close(again.rest_size, whole.rest_size)
    torch.testing.assert_close(again.overlap, whole.overlap)
    torch.testing.assert_close(split_jacobians(module, x).rest, split.rest)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(shares) == math.ceil(T / 2)


def test_nothing_is_touched():
    module, x = build("nn.GRU"), normal(T, 1, D)
    before = {key: value.clone() for key, value in module.state_dict().items()}
    random = torch.get_rng_state()
    found = paths(module, x)
    assert not found.rest.requires_grad
    assert not found.kept.requires_grad
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())
    assert all(parameter.grad is None for parameter in module.parameters())


def test_states_that_overflow_leave_gaps_and_raise_nothing():
    module = CellModule("rnn_relu", 1, 2)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(1e10)
    found = paths(module, torch.ones(8, 1, 1))
    assert not found.total.isfinite().all()


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="expected a step of the loss from 0 to 2, got 3"):
        paths(nn.GRU(1, 2), torch.zeros(3, 1, 1), 3)
    with pytest.raises(ValueError, match=r"expected one layer of one direction.* B = 2"):
        paths(nn.GRU(1, 2), torch.zeros(3, 2, 1))
    with pytest.raises(ValueError, match=r"got 2 layer\(s\)"):
        split_jacobians(nn.GRU(1, 2, num_layers=2), torch.zeros(3, 1, 1))
    with pytest.raises(ValueError, match="without a projection"):
        split_jacobians(nn.LSTM(1, 4, proj_size=2), torch.zeros(3, 1, 1))


def test_of_a_loss_that_moves_with_nothing_no_part_is_lost() -> None:
    """A layer norm over one unit always gives 0: then the direct part is a true 0, not one too small to hold."""
    module = CellModule("lstm_layernorm", D, 1, dtype=FLOAT64)
    found = paths(module, torch.randn(T, 1, D, generator=generator(), dtype=FLOAT64))
    for part, lost in ((found.total, found.total_lost), (found.direct, found.direct_lost)):
        assert (part == 0).all()
        assert not lost.any()

"""The itemised contributions against autograd, one copy of the weight a step; closed forms; extremes."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnnviz import cells
from rnnviz.blame import blame, by_distance, weight_of
from rnnviz.modules import CellModule
from rnnviz.registry import CELLS

FLOAT64 = torch.float64


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=FLOAT64)


def cell_module(cell, D, H, seed=0):
    module = CellModule(cell, D, H, dtype=FLOAT64)
    module.reset_parameters(torch.Generator().manual_seed(seed))
    return module


def close(a, b, tolerance=1e-12):
    torch.testing.assert_close(a, b, rtol=tolerance, atol=tolerance)


def itemised(module, x, state=None):
    """C(t, k) in full, (T, T, R, N): a copy of the weight for each step, and autograd from each loss to each."""
    T, weight = len(x), weight_of(module.cell)
    copies = [module.params[weight].detach().clone().requires_grad_() for _ in range(T)]
    state = state or tuple(x.new_zeros(1, module.hidden_size) for _ in module.states)
    losses = []
    for t in range(T):
        state = cells.STEPS[module.cell]({**module.params, weight: copies[t]}, x[t], state).state
        losses.append(state[0].sum())
    rows = [
        torch.stack(torch.autograd.grad(L, copies, retain_graph=True, materialize_grads=True)) for L in losses
    ]
    return torch.stack(rows)


@pytest.mark.parametrize("cell", CELLS)
def test_every_contribution_of_every_cell(cell):
    module, x = cell_module(cell, 2, 4), drawn(7, 1, 2)
    start = tuple(drawn(1, 4, seed=k + 1) for k in range(len(module.states)))
    found = blame(module, x, start)
    each = itemised(module, x, start)
    whole = each.sum((0, 1))
    close(found.size, each.flatten(2).norm(dim=2))
    close(found.share, (each * whole).sum((2, 3)) / whole.square().sum())
    close(found.total, whole)
    assert torch.equal(found.lost, (found.size == 0) & torch.ones(7, 7, dtype=torch.bool).tril())


@pytest.mark.parametrize("cell", CELLS)
def test_the_sum_is_the_gradient_of_the_weight(cell):
    """The module's own ``.grad`` after ``backward()``, which neither part of the computation has seen."""
    module, x = cell_module(cell, 3, 5, seed=1), drawn(20, 1, 3)
    found = blame(module, x)
    module(x)[0].sum().backward()
    W = module.params[found.weight]
    assert found.weight == ("weight_ih" if cell == "mingru" else "weight_hh")
    close(found.total, W.grad)
    close(found.gradient, W.grad)
    close(found.share.sum(), torch.ones((), dtype=FLOAT64))


@pytest.mark.parametrize(
    ("module", "built"),
    [
        (nn.RNN(2, 4, dtype=FLOAT64), {}),
        (nn.RNN(2, 4, nonlinearity="relu", bias=False, dtype=FLOAT64), {}),
        (nn.GRU(2, 4, dtype=FLOAT64), {}),
        (nn.LSTM(2, 4, dtype=FLOAT64), {}),
        (nn.LSTM(2, 4, proj_size=3, dtype=FLOAT64), {}),
    ],
)
def test_torch_s_own_modules(module, built):
    x = drawn(9, 1, 2)
    before = {name: value.detach().clone() for name, value in module.named_parameters()}
    random = torch.get_rng_state()
    found = blame(module, x)
    assert all(torch.equal(before[name], value) for name, value in module.named_parameters())
    assert all(parameter.grad is None for parameter in module.parameters())
    assert torch.equal(random, torch.get_rng_state())
    module(x)[0].sum().backward()
    close(found.total, module.weight_hh_l0.grad)


@given(
    cell=st.sampled_from(["rnn", "lstm", "gru_reset_before", "lstm_layernorm"]),
    T=st.integers(2, 12),  # at T = 1 W_hh multiplies the start state alone, which is 0
    H=st.integers(1, 6),
    seed=st.integers(0, 99),
)
@settings(max_examples=12)
def test_shares_and_contributions_add_up(cell, T, H, seed):
    found = blame(cell_module(cell, 2, H, seed), drawn(T, 1, 2, seed=seed))
    close(found.total, found.gradient)
    close(found.share_by_distance.sum(), found.share.sum())
    close(found.size_by_distance.sum(), found.size.sum())
    assert (found.size.triu(1) == 0).all()
    # The whole is no longer than its parts together, and no part lies along it by more than its own length.
    length = found.gradient.norm()
    assert length <= found.size.sum() * (1 + 1e-12) + 1e-300
    if length > 0:
        assert (found.share.abs() <= found.size / length * (1 + 1e-9) + 1e-300).all()


def test_a_scalar_linear_rnn_in_closed_form():
    """h_t = w h_{t-1} + x_t: C(t, k) = w^(t-k) h_{k-1}."""
    module, w, T = CellModule("rnn_linear", 1, 1, dtype=FLOAT64), 0.8, 15
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(0)
        module.weight_hh.fill_(w)
        module.weight_ih.fill_(1)
    x = drawn(T, 1, 1)
    found = blame(module, x)
    h = [0.0]
    for t in range(T):
        h.append(w * h[-1] + float(x[t]))
    each = torch.tensor([[w ** (t - k) * h[k] if k <= t else 0.0 for k in range(T)] for t in range(T)])
    close(found.size.float(), each.abs(), 1e-6)
    close(found.share.float(), each / each.sum(), 1e-5)
    assert found.lost[:, 0].all()  # the first use multiplies the start state, which is 0
    assert not found.lost[:, 1:].any()


def test_float32_modules_are_taken_as_they_are_and_computed_in_float64():
    module = nn.GRU(2, 4)
    with torch.no_grad():
        found = blame(module, drawn(8, 1, 2).float())
    twin = nn.GRU(2, 4, dtype=FLOAT64)
    twin.load_state_dict(module.state_dict())
    close(found.size, blame(twin, drawn(8, 1, 2).float().double()).size)


def test_what_vanishes_is_lost_and_what_explodes_is_no_number():
    module = cell_module("rnn", 1, 3)
    with torch.no_grad():
        module.weight_hh.mul_(1e-30)
    found = blame(module, drawn(40, 1, 1))
    distance = torch.arange(40)[:, None] - torch.arange(40)
    inner = (distance >= 0) & (torch.arange(40) > 0)
    assert not found.lost[inner & (distance <= 8)].any()
    assert found.lost[inner & (distance > 9)].all()
    close(found.total, found.gradient)
    module = cell_module("rnn_linear", 1, 3)
    with torch.no_grad():
        module.weight_hh.mul_(1e8)
    found = blame(module, drawn(60, 1, 1))
    assert not found.size.isfinite().all()
    assert not found.share.isfinite().any()


def test_nothing_to_blame():
    module = CellModule("rnn", 1, 3, dtype=FLOAT64)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
    found = blame(module, drawn(4, 1, 1))
    assert (found.size == 0).all()
    assert (found.total == 0).all()
    assert found.lost.sum() == 10
    assert found.share.isnan().all()


def test_distances_are_diagonals():
    triangle = torch.tensor([[1.0, 0, 0], [2, 3, 0], [4, 5, 6]])
    assert by_distance(triangle).tolist() == [10, 7, 4]


def test_progress_goes_from_0_to_1():
    told: list[float] = []
    blame(cell_module("rnn", 1, 2), drawn(50, 1, 1), report=told.append)
    assert told == sorted(told)
    assert 0 <= told[0] < 0.1
    assert 0.9 < told[-1] <= 1


def test_what_does_not_fit():
    with pytest.raises(ValueError, match=r"expected one sequence .* got a batch of 2 and 1"):
        blame(cell_module("rnn", 1, 2), drawn(4, 2, 1))
    with pytest.raises(ValueError, match=r"expected one sequence .* got a batch of 1 and 2"):
        blame(nn.LSTM(1, 2, 2, dtype=FLOAT64), drawn(4, 1, 1))


def test_a_cell_whose_weight_acts_otherwise_is_refused(monkeypatch):
    def squared(params, x, state):
        return cells.Step({}, (torch.tanh(state[0] @ params["weight_hh"].square().mT + x),))

    monkeypatch.setitem(cells.STEPS, "rnn", squared)
    with pytest.raises(ValueError, match="to multiply each row of weight_hh once"):
        blame(cell_module("rnn", 1, 2), drawn(4, 1, 1))

"""Saturation and distribution: hand-counted values, shares that add up, values that are not numbers."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rnnviz.registry import CELLS
from rnnviz.statistics import distribution, saturation, state_kind

KINDS = ["sigmoid", "tanh", "relu", "linear"]


def column(*steps):
    """One unit a batch entry: (T, B, 1)."""
    return torch.tensor(steps, dtype=torch.float64)[..., None]


def values(kind, raw):
    return {"sigmoid": raw.sigmoid(), "tanh": raw.tanh(), "relu": raw.relu(), "linear": raw}[kind]


def test_saturation_of_a_sigmoid():
    s = saturation(column([0.05, 0.1, 0.5, 0.95], [0.9, 0.91, 0.99, 1.0]), "sigmoid")
    assert s.low.tolist() == [0.25, 0.0]
    assert s.high.tolist() == [0.25, 0.75]
    assert (s.low_share, s.high_share) == (0.125, 0.5)


def test_saturation_of_a_tanh_counts_by_sign():
    s = saturation(column([-0.95, -0.9, 0.9, 0.95], [-1.0, -0.99, 0.0, 1.0]), "tanh")
    assert s.low.tolist() == [0.25, 0.5]
    assert s.high.tolist() == [0.25, 0.25]


def test_a_relu_is_low_where_it_is_off():
    s = saturation(column([0.0, 0.0, 1e-9, 50.0]), "relu")
    assert (s.low.tolist(), s.high.tolist()) == ([0.5], [0.0])


def test_a_linear_quantity_never_saturates():
    s = saturation(column([-1e9, 0.0, 0.99, 1e9]), "linear")
    assert (s.low_share, s.high_share) == (0.0, 0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_saturation_leaves_out_what_is_not_a_number(kind):
    nan = float("nan")
    s = saturation(column([nan, nan], [nan, 0.0]), kind)
    assert s.low.isnan().tolist() == [True, False]
    assert s.low[1] == s.low_share == (kind in ("sigmoid", "relu"))


def test_units_and_sequences_count_alike():
    gate = torch.rand(6, 4, 5, generator=torch.Generator().manual_seed(0))
    a, b = saturation(gate, "sigmoid"), saturation(gate.reshape(6, 1, 20), "sigmoid")
    assert torch.equal(a.low, b.low)
    assert torch.equal(a.high, b.high)
    assert a.low.mean().item() == pytest.approx(a.low_share)


@given(
    raw=arrays("float32", (4, 2, 3), elements=st.floats(-9, 9, width=32)),
    kind=st.sampled_from(KINDS),
    bins=st.integers(1, 30),
)
def test_a_distribution_is_a_histogram(raw, kind, bins):
    gate = values(kind, torch.from_numpy(raw))
    d = distribution(gate, kind, bins)
    assert d.edges.shape == (bins + 1,)
    assert (d.edges.diff() > 0).all()
    torch.testing.assert_close(d.density.sum(1), torch.ones(4))
    for t, row in enumerate(gate.flatten(1)):
        for i, share in enumerate(d.density[t]):
            inside = (row >= d.edges[i]) & ((row < d.edges[i + 1]) | (i == bins - 1))
            assert share == pytest.approx(inside.float().mean().item())


def test_edges_are_fixed_for_bounded_kinds():
    gate = torch.full((3, 1, 2), 0.5)
    torch.testing.assert_close(distribution(gate, "sigmoid", 4).edges, torch.linspace(0, 1, 5))
    torch.testing.assert_close(distribution(gate, "tanh", 4).edges, torch.linspace(-1, 1, 5))


def test_edges_follow_the_values_otherwise():
    gate = column([-2.0, 0.0], [4.0, 1.0])
    assert distribution(gate, "linear", 3).edges.tolist() == [-2, 0, 2, 4]
    assert distribution(gate.relu(), "relu", 2).edges.tolist() == [0, 2, 4]


@pytest.mark.parametrize("kind", ["linear", "relu"])
@pytest.mark.parametrize("value", [0.0, 3.0, 1e30])
def test_one_value_everywhere(kind, value):
    d = distribution(torch.full((2, 1, 3), value), kind, 5)
    assert (d.edges.diff() > 0).all()
    assert d.density.max(1).values.tolist() == [1.0, 1.0]


def test_values_beyond_the_range_count_in_the_outermost_bin():
    d = distribution(column([-5.0, 5.0]), "tanh", 4)
    assert d.density.tolist() == [[0.5, 0, 0, 0.5]]


def test_steps_without_numbers_have_no_distribution():
    d = distribution(column([float("nan")], [float("inf")], [0.2]), "linear", 2)
    assert d.density.isnan().all(1).tolist() == [True, True, False]
    assert d.density[2].sum() == 1
    assert distribution(column([float("nan")]), "linear", 2).edges.isfinite().all()


def test_state_kinds():
    kinds = {name: state_kind(name) for name in CELLS}
    assert kinds.pop("rnn_relu") == "relu"
    assert kinds.pop("rnn_linear") == kinds.pop("mingru") == "linear"
    assert set(kinds.values()) == {"tanh"}
    assert state_kind("lstm", "c") == "linear"
    with pytest.raises(ValueError, match="state of gru must be one of h; got 'c'"):
        state_kind("gru", "c")


@pytest.mark.parametrize("function", [saturation, distribution])
def test_misuse_is_refused(function):
    with pytest.raises(ValueError, match=r"kind must be one of .* got 'softmax'"):
        function(torch.zeros(2, 1, 3), "softmax")
    with pytest.raises(ValueError, match=r"expected values of shape \(T, B, H\)"):
        function(torch.zeros(2, 3), "sigmoid")
    with pytest.raises(ValueError, match=r"expected values of shape \(T, B, H\)"):
        function(torch.zeros(0, 1, 3), "sigmoid")


def test_fewer_than_one_bin_is_refused():
    with pytest.raises(ValueError, match="expected bins of 1 or more, got 0"):
        distribution(torch.zeros(2, 1, 3), "sigmoid", 0)

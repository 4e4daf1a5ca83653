import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.race import Race
from rnnviz.tasks import make


@given(st.integers(4, 100), st.integers(1, 40), st.integers(0, 9999))
def test_one_marker_in_each_half_and_their_sum(length, count, seed):
    task = make(Race(task="adding", length=length))
    batch = task.batch(count, torch.Generator().manual_seed(seed))
    value, marker = batch.x.double().unbind(-1)
    assert ((value >= 0) & (value < 1)).all()
    assert set(marker.unique().tolist()) == {0, 1}
    assert (marker[: length // 2].sum(0) == 1).all()
    assert (marker[length // 2 :].sum(0) == 1).all()
    torch.testing.assert_close((value * marker).sum(0), batch.y[0, :, 0].double(), atol=1e-6, rtol=0)
    assert batch.scored == (length - 1,)


def test_markers_reach_every_step():
    batch = make(Race(task="adding", length=5)).batch(200, torch.Generator().manual_seed(0))
    assert (batch.x[..., 1].sum(1) > 0).all()


def test_always_saying_one_costs_a_sixth():
    """Acceptance test 15; four standard errors of the mean of 40,000 squared errors."""
    task = make(Race(task="adding"))
    stick, close = task.yardsticks
    assert stick.value == 1 / 6
    batch = task.batch(40_000, torch.Generator().manual_seed(1))
    error = (batch.y.double() - 1).square()
    assert error.mean().item() == pytest.approx(stick.value, abs=4 * error.std().item() / 200)
    assert task.loss(torch.ones(30, 40_000, 1), batch).item() == pytest.approx(error.mean().item(), rel=1e-5)
    assert task.accuracy(torch.ones(30, 40_000, 1), batch) == pytest.approx(close.value, abs=0.008)

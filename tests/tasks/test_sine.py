import math

import pytest
import torch

from rnnviz.race import Race
from rnnviz.tasks import make
from rnnviz.tasks.sine import FASTEST, NOISE, SLOWEST

TASK = make(Race(task="sine"))


def test_the_answer_is_the_next_value():
    batch = TASK.batch(20, torch.Generator().manual_seed(0))
    assert torch.equal(batch.y[:-1], batch.x[1:])
    assert batch.x.shape == batch.y.shape == (30, 20, 1)


def test_saying_the_last_value_again_costs_the_yardstick():
    """Four standard errors over independent sequences."""
    batch = TASK.batch(20_000, torch.Generator().manual_seed(1))
    each = (batch.x - batch.y).double().square().mean((0, 2))
    again, _ = TASK.yardsticks
    assert each.mean().item() == pytest.approx(again.value, abs=4 * each.std().item() / math.sqrt(20_000))
    assert each.std().item() / math.sqrt(20_000) < 0.01 * again.value


def test_who_knows_the_sine_pays_for_the_noise_alone(monkeypatch):
    batch = TASK.batch(4000, torch.Generator().manual_seed(2))
    monkeypatch.setattr("rnnviz.tasks.sine.NOISE", 0.0)
    clean = TASK.batch(4000, torch.Generator().manual_seed(2))
    _, floor = TASK.yardsticks
    assert floor.value == NOISE**2
    error = (batch.y - clean.y).double().square()
    assert error.mean().item() == pytest.approx(
        floor.value, abs=4 * math.sqrt(2 / error.numel()) * floor.value
    )
    assert clean.y.abs().max() <= 1
    assert TASK.loss(clean.y, batch).item() == pytest.approx(error.mean().item(), rel=1e-5)


def test_periods_lie_in_their_range(monkeypatch):
    """s_{t+1} + s_{t-1} = 2 cos(2 pi f) s_t gives the frequency of a clean sine."""
    monkeypatch.setattr("rnnviz.tasks.sine.NOISE", 0.0)
    s = TASK.batch(500, torch.Generator().manual_seed(3)).x.double()[..., 0]
    cosine = ((s[2:] + s[:-2]) * s[1:-1]).sum(0) / (2 * s[1:-1].square().sum(0))
    frequency = cosine.acos() / (2 * math.pi)
    assert frequency.min() >= SLOWEST - 1e-4
    assert frequency.max() <= FASTEST + 1e-4
    assert frequency.mean().item() == pytest.approx((SLOWEST + FASTEST) / 2, abs=0.004)

"""Known results, learned anew: they take a while."""

import pytest

from rnnviz import tasks
from rnnviz.race import Race
from rnnviz.training import fit


@pytest.mark.parametrize(("cell", "low", "high"), [("rnn", 0.14, 0.19), ("lstm", 0, 0.01), ("gru", 0, 0.01)])
def test_adding(cell, low, high):
    """Acceptance test 16: T=30, H=64, batch 64, Adam 5e-3, clip 1, 1500 steps: the RNN stays near 1/6."""
    race = Race()
    assert (race.length, race.hidden, race.batch, race.steps) == (30, 64, 64, 1500)
    assert (race.optimiser, race.rate, race.clip) == ("adam", 0.005, 1)
    losses = []
    for epoch in fit(race, cell):
        losses.append(epoch.test_loss)
        if losses[-1] < 0.01:  # learned: the rest only takes time
            break
    assert low < losses[-1] < high
    assert cell != "rnn" or min(losses) > 0.14


def test_copy_without_memory_comes_to_its_yardstick():
    """Acceptance test 14, learned: a network too small to hold ten symbols gets near 10 ln 8 / (T+20), not below."""
    race = Race(task="copy", length=30, hidden=8, steps=400, rate=0.02, batch=32)
    (loss, *_) = tasks.make(race).yardsticks
    *_, last = fit(race, "rnn")
    assert 0.97 * loss.value < last.test_loss < 1.15 * loss.value

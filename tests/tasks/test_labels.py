import math

import pytest
import torch

from rnnviz.race import Race
from rnnviz.tasks import make
from rnnviz.tasks.labels import KNOWN, NEW


def test_batches_hold_known_sequences_with_their_own_labels():
    task = make(Race(task="labels", length=6))
    batch = task.batch(40, torch.Generator().manual_seed(0))
    for sequence, label in zip(batch.x.unbind(1), batch.y[0], strict=True):
        same = (task.known.x == sequence.unsqueeze(1)).all(-1).all(0)
        assert same.sum() == 1
        assert task.known.y[0, same].item() == label
    assert batch.scored == (5,)


def test_all_known_sequences_come_up_and_no_test_sequence_does():
    task = make(Race(task="labels", length=4))
    assert not (task.test.x.unsqueeze(2) == task.known.x.unsqueeze(1)).all(-1).all(0).any()
    drawn = task.batch(20 * KNOWN, torch.Generator().manual_seed(0)).x[0, :, 0]
    assert len(drawn.unique()) == KNOWN


@pytest.mark.parametrize("seed", range(5))
def test_labels_are_drawn_by_lot(seed):
    task = make(Race(task="labels", seed=seed))
    assert task.test.x.shape == (30, NEW, 4)
    for batch, count in ((task.known, KNOWN), (task.test, NEW)):
        assert batch.y.double().mean().item() == pytest.approx(0.5, abs=4 * 0.5 / math.sqrt(count))
    assert task.test.x.mean().item() == pytest.approx(0, abs=4 / math.sqrt(task.test.x.numel()))
    assert task.test.x.std().item() == pytest.approx(1, abs=0.02)


def test_the_yardsticks_are_those_of_guessing():
    task = make(Race(task="labels"))
    loss, share = task.yardsticks
    assert task.loss(torch.zeros(30, NEW, 2, dtype=torch.float64), task.test).item() == pytest.approx(
        loss.value
    )
    assert (loss.value, share.value) == (math.log(2), 0.5)
    assert "standard error of 2.2 %" in share.words

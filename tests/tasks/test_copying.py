import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.race import Race
from rnnviz.tasks import make
from rnnviz.tasks.copying import BLANK, GO, ITEMS


def task_of(length):
    return make(Race(task="copy", length=length))


@given(st.integers(4, 100), st.integers(1, 9), st.integers(0, 9999))
def test_ten_symbols_a_wait_a_go_and_the_same_ten(length, count, seed):
    batch = task_of(length).batch(count, torch.Generator().manual_seed(seed))
    assert batch.x.shape == (length + 20, count, 10)
    assert (batch.x.sum(-1) == 1).all()
    read = batch.x.argmax(-1)
    assert (read[:ITEMS] < 8).all()
    assert (read[ITEMS : length + ITEMS - 1] == BLANK).all()
    assert (read[length + ITEMS - 1] == GO).all()
    assert (read[length + ITEMS :] == BLANK).all()
    assert torch.equal(batch.y[-ITEMS:], read[:ITEMS])
    assert (batch.y[:-ITEMS] == BLANK).all()
    assert batch.scored == tuple(range(length + 20))


def test_every_symbol_at_every_place():
    read = task_of(4).batch(500, torch.Generator().manual_seed(0)).x[:ITEMS].argmax(-1)
    assert all(set(row.tolist()) == set(range(8)) for row in read)


@pytest.mark.parametrize("length", [4, 30, 100])
def test_the_best_without_memory_costs_the_yardstick(length):
    """Acceptance test 14: blank for sure until the go, then 1/8 for each symbol."""
    task = task_of(length)
    loss, share = task.yardsticks
    assert loss.value == 10 * math.log(8) / (length + 20)
    assert share.value == 1 / 8
    output = torch.full((length + 20, task.test.x.shape[1], 9), -1e4, dtype=torch.float64)
    output[:-ITEMS, :, BLANK] = 0
    output[-ITEMS:, :, :8] = 0
    assert task.loss(output, task.test).item() == pytest.approx(loss.value, rel=1e-12)
    first = (task.test.y[-ITEMS:] == 0).double().mean().item()  # equal logits: the first class is said
    assert task.accuracy(output, task.test) == pytest.approx(first)
    assert first == pytest.approx(1 / 8, abs=4 * math.sqrt(7 / 64 / 2560))


def test_the_accuracy_counts_the_recalled_symbols_alone():
    task = task_of(10)
    said = torch.nn.functional.one_hot(task.test.y, 9).float()
    wrong = said.clone()
    wrong[:-ITEMS] = 0
    assert task.accuracy(wrong, task.test) == 1
    wrong = said.clone()
    wrong[-1] = wrong[-1].roll(1, -1)
    assert task.accuracy(wrong, task.test) == pytest.approx(0.9)


def test_labels():
    labels = task_of(4).labels(3)
    assert len(labels) == 24
    assert set(labels[:10]) <= set("abcdefgh")
    assert labels[10:14] == ("·", "·", "·", "→")
    assert set(labels[14:]) == {"·"}
    for wrong in (-1, 32):
        with pytest.raises(ValueError, match="expected an example from 0 to 31"):
            task_of(4).labels(wrong)

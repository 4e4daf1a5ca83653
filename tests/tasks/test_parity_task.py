import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.race import Race
from rnnviz.tasks import make


@given(st.integers(4, 100), st.integers(1, 9), st.integers(0, 9999))
def test_the_answer_is_the_running_parity(length, count, seed):
    batch = make(Race(task="parity", length=length)).batch(count, torch.Generator().manual_seed(seed))
    assert set(batch.x.unique().tolist()) <= {-1.0, 1.0}
    for example in range(count):
        odd = 0
        for step in range(length):
            odd ^= int(batch.x[step, example, 0] > 0)
            assert batch.y[step, example] == odd


def test_guessing_costs_the_yardstick():
    task = make(Race(task="parity"))
    loss, share = task.yardsticks
    assert task.loss(torch.zeros(30, 256, 2, dtype=torch.float64), task.test).item() == pytest.approx(
        loss.value
    )
    assert loss.value == math.log(2)
    odd = task.test.y.double().mean().item()
    assert odd == pytest.approx(share.value, abs=4 * 0.5 / math.sqrt(30 * 256))


def test_labels_are_the_bits():
    task = make(Race(task="parity", length=9))
    labels = task.labels(7)
    ones = [sum(label == "1" for label in labels[: step + 1]) % 2 for step in range(9)]
    assert ones == task.test.y[:, 7].tolist()


def test_that_test_sequences_come_up_in_training_is_said():
    assert make(Race(task="parity", length=17, steps=1500, batch=64)).notes == ()
    (note,) = make(Race(task="parity", length=16, steps=1500, batch=64)).notes
    assert note == (
        "There are only 2^16 = 65,536 sequences of 16 bits: most of the validation and test sequences come up in "
        "training too."
    )

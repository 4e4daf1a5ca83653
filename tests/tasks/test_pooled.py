"""One answer a sequence, and where it stands: against a search by hand."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.attention import PoolConfig
from rnnviz.tasks.pooled import FAMILIES, GAP, KEYWORDS, LETTERS, task_of


def batch_of(name, length, seed, count=20):
    return task_of(PoolConfig(task=name, length=length)).batch(count, torch.Generator().manual_seed(seed))


lengths, seeds = st.integers(5, 60), st.integers(0, 9999)


@given(lengths, seeds)
def test_the_marked_symbol_is_the_answer(length, seed):
    batch = batch_of("marked", length, seed)
    assert batch.x.shape == (length, 20, 9)
    for b in range(20):
        marks = [t for t in range(length) if batch.x[t, b, 8] == 1]
        assert marks == [batch.at[b]]
        assert batch.x[:, b, 8].sum() == 1
        assert batch.x[marks[0], b, :8].tolist() == [float(k == batch.y[b]) for k in range(8)]
    assert (batch.x[..., :8].sum(-1) == 1).all()


@given(lengths, seeds)
def test_the_keyword_is_there_once_and_no_other(length, seed):
    batch = batch_of("keyword", length, seed)
    assert batch.x.shape == (length, 20, 8)
    assert (batch.x.sum(-1) == 1).all()
    for b in range(20):
        text = "".join(LETTERS[k] for k in batch.x[:, b].argmax(-1))
        found = [
            (text.find(word, t), word) for word in KEYWORDS for t in range(length) if text.startswith(word, t)
        ]
        assert found == [(batch.at[b] - 2, KEYWORDS[batch.y[b]])]


@given(lengths, seeds)
def test_the_symbol_at_the_largest_value_is_the_answer(length, seed):
    batch = batch_of("largest", length, seed)
    assert batch.x.shape == (length, 20, 9)
    value = (batch.x[..., 8] + 2) / 4
    assert (value >= 0).all()
    assert (value <= 1).all()
    for b in range(20):
        *_, second, largest = sorted((value[t, b].item(), t) for t in range(length))
        assert largest[1] == batch.at[b]
        assert largest[0] >= second[0] + GAP - 1e-6
        assert batch.x[largest[1], b, :8].argmax() == batch.y[b]


@pytest.mark.parametrize("name", FAMILIES)
def test_answers_and_their_steps_are_evenly_spread(name):
    task, count = task_of(PoolConfig(task=name, length=10)), 8000
    batch = task.batch(count, torch.Generator().manual_seed(0))
    for found, kinds, first in (
        (batch.y, task.O, 0),
        (batch.at, 8 if name == "keyword" else 10, batch.at.min()),
    ):
        counts = torch.bincount(found - first, minlength=kinds).double()
        assert len(counts) == kinds
        expected = count / kinds
        assert ((counts - expected).abs() < 4.5 * math.sqrt(expected)).all()


@pytest.mark.parametrize("name", FAMILIES)
def test_guessing_costs_the_yardsticks(name):
    task = task_of(PoolConfig(task=name))
    loss, share = task.yardsticks
    assert task.loss(torch.zeros(256, task.O), task.test).item() == pytest.approx(loss.value, rel=1e-6)
    assert loss.value == math.log(task.O)
    assert share.value == 1 / task.O
    assert task.accuracy(torch.zeros(256, task.O), task.test) == pytest.approx(share.value, abs=0.1)
    right = torch.nn.functional.one_hot(task.test.y, task.O).float()
    assert task.accuracy(right, task.test) == 1
    assert task.uniform == math.log(30)


@pytest.mark.parametrize("name", FAMILIES)
def test_what_stands_at_the_steps(name):
    task = task_of(PoolConfig(task=name, length=12))
    assert len(task.channels) == task.D == task.test.x.shape[2]
    assert len(task.outputs) == task.O
    for example in (0, 31):
        at, answer = task.test.at[example], task.outputs[task.test.y[example]]
        labels, levels = task.labels(example), task.levels(example)
        assert len(labels) == 12
        if name == "keyword":
            assert "".join(labels[at - 2 : at + 1]) == answer
            assert levels is None
        else:
            assert labels[at] == answer
            assert levels.argmax() == at
            assert levels.min() >= 0
            assert levels.max() <= 1
    for wrong in (-1, 32):
        with pytest.raises(ValueError, match="expected an example from 0 to 31"):
            task.labels(wrong)
        with pytest.raises(ValueError, match="expected an example from 0 to 31"):
            task.levels(wrong)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_seed_decides_the_test_and_the_global_generator_is_left_alone(name):
    before = torch.get_rng_state()
    one, again, other = (task_of(PoolConfig(task=name, seed=seed)).test for seed in (1, 1, 2))
    assert torch.equal(one.x, again.x)
    assert not torch.equal(one.x, other.x)
    assert torch.equal(before, torch.get_rng_state())


def test_how_many_test_sequences_come_up_in_training():
    for name in ("keyword", "marked"):
        task = task_of(PoolConfig(task=name, length=5))
        x = task.batch(1000, torch.Generator().manual_seed(1)).x
        seen = {bytes(one.byte().flatten().tolist()) for one in x.unbind(1)}
        met = sum(bytes(one.byte().flatten().tolist()) in seen for one in task.test.x.unbind(1)) / 256
        assert task.met(1000) == pytest.approx(met, abs=0.07)
    assert task_of(PoolConfig(length=30)).met(100_000) < 1e-9
    assert task_of(PoolConfig(task="largest")).met(100_000) == 0

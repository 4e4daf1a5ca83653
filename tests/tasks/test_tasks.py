"""What holds for every task."""

import pytest
import torch

from rnnviz.race import Race
from rnnviz.tasks import EXAMPLES, FAMILIES, make

NAMES = tuple(FAMILIES)


def draws(seed=0):
    return torch.Generator().manual_seed(seed)


def race(name, **settings):
    return Race(task=name, **settings)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("length", [4, 5, 30, 100])
@pytest.mark.parametrize("count", [1, 7])
def test_shapes(name, length, count):
    task = make(race(name, length=length))
    for batch in (task.batch(count, draws()), task.test):
        T, B, D = batch.x.shape
        assert D == task.D == len(task.channels)
        assert len(task.outputs) == task.O
        assert batch.x.dtype == torch.float32
        assert batch.x.isfinite().all()
        assert list(batch.scored) == sorted(set(batch.scored))
        assert 0 <= batch.scored[0] <= batch.scored[-1] < T
        if task.kind == "regression":
            assert batch.y.shape == (len(batch.scored), B, task.O)
            assert batch.y.dtype == torch.float32
        else:
            assert batch.y.shape == (len(batch.scored), B)
            assert 0 <= batch.y.min() <= batch.y.max() < task.O
    assert task.batch(count, draws()).x.shape[1] == count
    assert task.test.x.shape[1] >= EXAMPLES


@pytest.mark.parametrize("name", NAMES)
def test_sentences_and_yardsticks(name):
    task = make(race(name))
    sentences = [task.asks, task.shows, *task.notes, *(stick.words for stick in task.yardsticks)]
    assert all(sentence.endswith(".") for sentence in sentences)
    assert any(stick.metric == "loss" for stick in task.yardsticks)
    for stick in task.yardsticks:
        assert stick.value > 0
        assert stick.metric == "loss" or stick.value <= 1
        assert stick.metric == "loss" or task.right


@pytest.mark.parametrize("name", NAMES)
def test_equal_races_give_equal_tasks_and_the_global_generator_is_left_alone(name):
    before = torch.get_rng_state()
    one, same, other = (make(race(name, seed=seed)) for seed in (3, 3, 4))
    assert torch.equal(one.test.x, same.test.x)
    assert torch.equal(one.test.y, same.test.y)
    assert one.yardsticks == same.yardsticks
    assert torch.equal(one.batch(9, draws(1)).x, same.batch(9, draws(1)).x)
    assert not torch.equal(one.batch(9, draws(1)).x, one.batch(9, draws(2)).x)
    assert torch.equal(torch.get_rng_state(), before)
    if name != "text":  # its test part is the end of the text, whatever the seed
        assert not torch.equal(one.test.x, other.test.x)


@pytest.mark.parametrize("name", NAMES)
def test_the_test_part_does_not_depend_on_what_was_drawn_before(name):
    one, other = make(race(name)), make(race(name))
    one.batch(5, draws())
    assert torch.equal(one.test.x, other.test.x)
    assert one.test is one.test


@pytest.mark.parametrize("name", NAMES)
def test_the_labels_name_every_step(name):
    task = make(race(name))
    for example in (0, EXAMPLES - 1):
        labels = task.labels(example)
        assert labels is None or len(labels) == task.test.x.shape[0]


@pytest.mark.parametrize("name", NAMES)
def test_loss_and_accuracy_of_a_true_and_of_a_blind_answer(name):
    task = make(race(name))
    batch = task.test
    T, B, _ = batch.x.shape
    true = torch.zeros(T, B, task.O, dtype=torch.float64)
    if task.kind == "regression":
        true[list(batch.scored)] = batch.y.double()
    else:
        true[list(batch.scored)] = 1e3 * torch.nn.functional.one_hot(batch.y, task.O).double()
    assert task.loss(true, batch).item() == 0
    assert task.accuracy(true, batch) in (None, 1.0)
    blind = torch.zeros_like(true)
    if task.kind == "classes":
        assert task.loss(blind, batch).item() == pytest.approx(torch.tensor(task.O).log().item())
    else:
        assert task.loss(blind, batch).item() == pytest.approx(batch.y.double().square().mean().item())


@pytest.mark.parametrize("name", NAMES)
def test_only_scored_steps_count(name):
    task = make(race(name))
    batch = task.batch(6, draws())
    output = torch.randn(*batch.x.shape[:2], task.O, generator=draws(5))
    changed = output.clone()
    rest = [t for t in range(len(output)) if t not in batch.scored]
    changed[rest] += 100
    assert torch.equal(task.loss(output, batch), task.loss(changed, batch))
    assert task.accuracy(output, batch) == task.accuracy(changed, batch)

"""The training: against a plain loop, resumed bit for bit, clipped, and diverging."""

import json
import math
from dataclasses import replace

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import mse_loss

from rnnviz import tasks, training
from rnnviz.race import OPTIMISERS, Race
from rnnviz.tasks.base import Batch, Task
from rnnviz.training import Epoch, fit
from rnnviz.training.epoch import kept
from rnnviz.training.fitting import STREAM, optimiser_of
from rnnviz.training.learner import clip_norm
from rnnviz.training.measures import measure
from rnnviz.training.model import build_model, model_of

SMALL = Race(hidden=6, length=8, batch=5, steps=260, rate=0.01, clip=2.5)  # 3 steps an epoch, the last one 2
RATES = dict.fromkeys((name for name, _ in OPTIMISERS), 0.01) | {
    "adam": 0.01,
    "rmsprop": 0.005,
    "momentum": 0.02,
    "sgd": 0.1,
}


class EnoughError(Exception):
    """Raised where a fit is interrupted."""


def some(fitted, count):
    return [next(fitted) for _ in range(count)]


def rows(epochs):
    return [json.dumps(epoch.to_row()) for epoch in epochs]


def stored(tensors):
    """As a worker stores and finds them."""
    return safetensors.torch.load(safetensors.torch.save(tensors))


@pytest.mark.parametrize("optimiser", list(RATES))
def test_the_weights_are_those_of_a_plain_loop(optimiser):
    race = replace(SMALL, optimiser=optimiser, rate=RATES[optimiser])
    fitted = fit(race, "lstm")
    epochs = some(fitted, 5)

    model, task = build_model(race, "lstm"), tasks.make(race)
    plain = {
        "adam": lambda p: torch.optim.Adam(p, lr=0.01),
        "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.005),
        "momentum": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9),
        "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    }[optimiser](model.parameters())
    generator = torch.Generator().manual_seed(STREAM)
    losses, norms = [], []
    for _ in range(12):
        batch = task.batch(5, generator)
        loss = mse_loss(model(batch.x)[-1], batch.y[0])
        plain.zero_grad()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 2.5).item())
        plain.step()
        losses.append(loss.item())
    for mine, theirs in zip(fitted.model.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-6)
    assert [epoch.step for epoch in epochs] == [0, 3, 6, 9, 12]
    assert epochs[0].loss == pytest.approx(losses[0], rel=1e-5)
    assert epochs[0].norm == pytest.approx(norms[0], rel=1e-5)
    for epoch in epochs[1:]:
        part = slice(epoch.step - 3, epoch.step)
        assert epoch.loss == pytest.approx(sum(losses[part]) / 3, rel=1e-4)
        assert epoch.norm == pytest.approx(sum(norms[part]) / 3, rel=1e-4)
        assert epoch.norm_max == pytest.approx(max(norms[part]), rel=1e-4)
        assert epoch.clipped == pytest.approx(sum(min(norm, 2.5) for norm in norms[part]) / 3, rel=1e-4)
        assert epoch.rate == RATES[optimiser]
    assert max(norms) > 2.5 > min(norms)


@pytest.mark.parametrize("optimiser", list(RATES))
@pytest.mark.parametrize("task", ["adding", "parity"])
def test_a_fit_that_rested_goes_on_to_the_same_numbers(optimiser, task):
    race = replace(SMALL, task=task, optimiser=optimiser, rate=RATES[optimiser])
    whole = fit(race, "gru")
    expected = rows(some(whole, 8))
    for rest in (0, 1, 4):
        first = fit(race, "gru")
        begun = rows(some(first, rest))
        second = fit(race, "gru", stored(first.checkpoint()))
        assert begun + rows(some(second, 8 - rest)) == expected
        assert second.best_loss == whole.best_loss
        assert second.best_number == whole.best_number
        for name, value in whole.checkpoint().items():
            assert torch.equal(second.checkpoint()[name], value), name


@settings(max_examples=8)
@given(st.integers(0, 30))
def test_it_may_rest_in_the_middle_of_an_epoch(calls):
    """What on_step raises passes through; the same fit, and one from its checkpoint, go on as if nothing were."""
    expected = rows(some(fit(SMALL, "rnn"), 9))
    left = calls

    def on_step():
        nonlocal left
        if left == 0:
            raise EnoughError
        left -= 1

    first = fit(SMALL, "rnn", on_step=on_step)
    begun = []
    with pytest.raises(EnoughError):
        begun.extend(first)
    resumed = fit(SMALL, "rnn", stored(first.checkpoint()))
    assert rows(begun) + rows(some(resumed, 9 - len(begun))) == expected
    first.on_step = None
    assert rows(begun) + rows(some(first, 9 - len(begun))) == expected


def test_on_step_comes_before_every_step_and_every_look():
    seen = []
    fitted = fit(SMALL, "rnn", on_step=lambda: seen.append(fitted.step))
    some(fitted, 3)
    assert seen == [0, 0, 1, 2, 3, 3, 4, 5, 6]


def test_a_checkpoint_stands_alone_and_fits_only_its_own():
    fitted = fit(SMALL, "lstm")
    some(fitted, 2)
    kept = fitted.checkpoint()
    assert all(value.is_contiguous() for value in kept.values())
    assert len({value.data_ptr() for value in kept.values()}) == len(kept)
    before = {name: value.clone() for name, value in kept.items()}
    some(fitted, 2)
    assert all(torch.equal(value, before[name]) for name, value in kept.items())
    for race, cell in ((SMALL, "gru"), (replace(SMALL, hidden=7), "lstm")):
        with pytest.raises(ValueError, match="expected a checkpoint of the"):
            fit(race, cell, kept)
    with pytest.raises(ValueError, match="expected a checkpoint of the"):
        fit(SMALL, "lstm", {name: value for name, value in kept.items() if name != "generator"})


def test_same_seed_same_curve_and_every_cell_sees_the_same_batches(monkeypatch):
    before = torch.get_rng_state()
    assert rows(some(fit(SMALL, "gru"), 4)) == rows(some(fit(SMALL, "gru"), 4))
    assert rows(some(fit(SMALL, "gru"), 4)) != rows(some(fit(replace(SMALL, seed=1), "gru"), 4))
    assert torch.equal(torch.get_rng_state(), before)
    seen = []
    task = tasks.make(SMALL)
    draw = task.batch
    monkeypatch.setattr(Task, "batch", None)
    monkeypatch.setattr(type(task), "batch", lambda self, n, g: seen.append(draw(n, g)) or seen[-1])
    some(fit(SMALL, "gru"), 3)
    half = len(seen)
    some(fit(SMALL, "mingru"), 3)
    assert (
        half == 9
    )  # the first batch is looked at before the first step; two more are validation and test part
    assert all(torch.equal(a.x, b.x) for a, b in zip(seen[:half], seen[half:], strict=True))


def test_epochs_are_numbered_and_the_last_may_be_shorter():
    race = replace(SMALL, steps=110, length=4)
    with torch.inference_mode():
        epochs = list(fit(race, "rnn_linear"))
    assert [epoch.number for epoch in epochs] == list(range(56))
    assert [epoch.step for epoch in epochs] == [*range(0, 110, 2), 110]
    assert all(Epoch.from_row(json.loads(json.dumps(epoch.to_row()))) == epoch for epoch in epochs)
    assert not any(epoch.diverged for epoch in epochs)
    short = list(fit(Race(hidden=3, length=4, batch=2, steps=250), "rnn"))  # 3 steps an epoch, then 1
    assert [epoch.step for epoch in short[-2:]] == [249, 250]
    assert len(short) == 85


def test_batches_without_a_bit_that_is_set_leave_the_accuracy_of_the_others():
    """Of one short sequence of rare pulses there may be nothing to be right about."""
    race = Race(task="flipflop", cells=("gru",), length=4, hidden=3, batch=1, steps=1000)
    epochs = list(fit(race, "gru"))[1:]
    assert all(0 <= epoch.accuracy <= 1 for epoch in epochs)
    task, generator = tasks.make(race), torch.Generator().manual_seed(STREAM)
    assert any(not (task.batch(1, generator).y != 0).any() for _ in range(10))


def test_the_best_weights_are_those_of_the_lowest_validation_loss():
    race = replace(SMALL, rate=0.3)  # so that it goes up and down
    fitted = fit(race, "rnn")
    epochs = some(fitted, 30)
    best = min(epochs, key=lambda epoch: epoch.validation_loss)
    assert 0 < best.number < 29
    assert (fitted.best_loss, fitted.best_number) == (best.validation_loss, best.number)
    assert kept(epochs) == best
    found = measure(model_of(race, "rnn", fitted.best), fitted.task)
    assert (found.test_loss, found.validation_loss) == (best.test_loss, best.validation_loss)


@pytest.mark.parametrize("task", list(tasks.FAMILIES))
def test_with_other_test_sequences_the_same_weights_are_kept(task):
    """What is reported takes no part in what it reports on."""
    race = replace(SMALL, task=task, rate=0.3)
    one, other = fit(race, "rnn"), fit(race, "rnn")
    told = other.task.test
    opposite = -told.y if other.task.kind == "regression" else other.task.O - 1 - told.y
    other.task.test = Batch(told.x, opposite, told.scored)
    first, second = some(one, 30), some(other, 30)
    assert [epoch.test_loss for epoch in first] != [epoch.test_loss for epoch in second]
    assert min(first, key=lambda e: e.test_loss).number != min(second, key=lambda e: e.test_loss).number
    assert one.best_number == other.best_number
    assert all(torch.equal(value, other.best[name]) for name, value in one.best.items())
    assert [e.validation_loss for e in first] == [e.validation_loss for e in second]


@pytest.mark.parametrize("task", list(tasks.FAMILIES))
def test_what_judges_is_drawn_apart(task):
    """Sequences of its own, always the same for a race, other ones for another seed."""
    made = tasks.make(replace(SMALL, task=task))
    judges, told = made.validation, made.test
    assert torch.equal(tasks.make(made.race).validation.x, judges.x)
    assert (judges.scored, judges.x.shape[::2]) == (told.scored, told.x.shape[::2])
    mine, others = ({tuple(one.flatten().tolist()) for one in batch.x.unbind(1)} for batch in (judges, told))
    again = len(mine & others) / len(mine)
    assert again < 0.9 if task in ("parity", "flipflop") else again < 0.02  # short ones are few
    if task != "text":  # that one has the same windows for every seed
        assert not torch.equal(tasks.make(replace(made.race, seed=1)).validation.x, judges.x)


def test_in_the_first_version_the_test_loss_chose():
    race = replace(SMALL, rate=0.3)
    now, before = fit(race, "rnn"), fit(replace(race, version=1), "rnn")
    new, old = some(now, 30), some(before, 30)
    assert {epoch.validation_loss for epoch in old} == {None}
    assert [replace(epoch, validation_loss=None) for epoch in new] == old  # the training is the same
    assert before.best_number == min(old, key=lambda epoch: epoch.test_loss).number == kept(old).number
    data = [{k: v for k, v in epoch.to_row().items() if k != "validation_loss"} for epoch in old]
    assert [Epoch.from_row(row) for row in data] == old  # rows as they were stored then
    assert kept([replace(old[0], test_loss=math.nan)]) is None


@given(
    st.lists(st.lists(st.floats(-1e3, 1e3, width=32), min_size=1, max_size=6), min_size=1, max_size=4),
    st.floats(0.01, 100),
    st.sampled_from([1e-30, 1e-3, 1.0, 1e25]),
)
def test_clipping(parts, most, scale):
    """Acceptance test 17: the norm afterwards is min(norm, theta), the direction is the same, at any size."""
    gradients = [torch.tensor(part, dtype=torch.float32) * scale for part in parts]
    parameters = [torch.nn.Parameter(torch.zeros_like(gradient)) for gradient in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient.clone()
    before = torch.cat(gradients).double()
    norm, clipped = clip_norm(parameters, most)
    after = torch.cat([parameter.grad for parameter in parameters]).double()
    assert norm == pytest.approx(before.norm().item(), rel=1e-12)
    assert clipped == min(norm, most)
    if norm <= most:
        assert torch.equal(before, after)
    else:
        assert after.norm().item() == pytest.approx(most, rel=1e-5)
        torch.testing.assert_close(after * norm, before * most, rtol=1e-5, atol=1e-35 * norm)
    assert clip_norm(parameters, None)[1] == pytest.approx(after.norm().item(), rel=1e-12)


def test_clipping_leaves_what_is_not_finite():
    parameter = torch.nn.Parameter(torch.zeros(2))
    for bad in (math.nan, math.inf):
        parameter.grad = torch.tensor([1.0, bad])
        norm, clipped = clip_norm([parameter], 1.0)
        assert not math.isfinite(norm)
        assert math.isnan(clipped)
        assert parameter.grad[0] == 1


def test_a_cell_that_diverges_rests_and_the_others_go_on():
    race = Race(
        cells=("rnn_linear", "lstm"),
        hidden=8,
        length=30,
        batch=4,
        steps=200,
        optimiser="sgd",
        rate=0.5,
        clip=None,
    )
    epochs = {cell: [e for e in training.race(race) if e.cell == cell] for cell in race.cells}
    last = epochs["rnn_linear"][-1]
    assert last.diverged
    assert not any(epoch.diverged for epoch in epochs["rnn_linear"][:-1])
    assert last.number < 100
    assert not (math.isfinite(last.loss) and math.isfinite(last.norm) and math.isfinite(last.test_loss))
    assert last.step >= epochs["rnn_linear"][-2].step
    assert len(epochs["lstm"]) == 101
    assert Epoch.from_row(json.loads(json.dumps(last.to_row()))).diverged
    fitted = fit(race, "rnn_linear")
    assert len(list(fitted)) == len(epochs["rnn_linear"])
    assert list(fitted) == []
    assert list(fit(race, "rnn_linear", stored(fitted.checkpoint()))) == []


def test_what_cannot_be_fitted_is_said():
    with pytest.raises(ValueError, match="cell must be one of"):
        fit(SMALL, "nothing")
    with pytest.raises(ValueError, match="text of at least 200"):
        fit(Race(task="text", corpus="own", text="short"), "rnn")
    assert isinstance(optimiser_of(SMALL, [torch.nn.Parameter(torch.zeros(1))]), torch.optim.Adam)

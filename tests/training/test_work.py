"""A race as background work: in turn, told as it goes, and taken up again anywhere."""

import json

import pytest
import safetensors.torch
import torch

from rnnviz.race import Race
from rnnviz.runs.work import work_of
from rnnviz.training import Epoch, build_model, fit, model_of
from rnnviz.training.epoch import kept as epoch_kept
from rnnviz.training.measures import measure
from rnnviz.training.work import work

RACE = Race(cells=("rnn", "lstm", "mingru"), hidden=4, length=6, batch=3, steps=12)
CALM = Race(
    cells=("rnn_linear", "lstm"), hidden=8, length=30, batch=4, steps=30, optimiser="sgd", rate=0.5, clip=None
)
"""The first of these diverges soon."""


class StopError(Exception):
    """Raised by on_step."""


def nothing():
    """What on_step does where nobody wants to stop."""


def told(update):
    """What of an update goes into the store."""
    return update.series, update.number, json.dumps(update.data), update.done, update.words, update.whole


def stored(tensors):
    return safetensors.torch.load(safetensors.torch.save(tensors))


def test_one_epoch_of_each_cell_in_turn():
    updates = list(work(RACE.to_spec(), None, nothing))
    assert [update.series for update in updates] == list(RACE.cells) * 13
    assert [update.number for update in updates] == [k // 3 for k in range(39)]
    assert [update.whole for update in updates] == [False, False, True] * 13
    done = [update.done for update in updates]
    assert done == sorted(done)
    assert done[2] == 0
    assert done[5] == pytest.approx(1 / 12)
    assert done[-1] == 1
    assert [u.result is None for u in updates] == [True] * 38 + [False]
    assert updates[-1].words == "epoch 12 of 12 · step 12 of 12"
    epochs = {cell: list(fit(RACE, cell)) for cell in RACE.cells}
    for update in updates:
        assert Epoch.from_row(update.data) == epochs[update.series][update.number]
    assert list(work_of("training")(RACE.to_spec(), None, nothing))[-1].result == updates[-1].result


def test_the_words_of_a_longer_race():
    race = Race(cells=("rnn",), hidden=1, length=4, batch=1, steps=1500)
    updates = work(race.to_spec(), None, nothing)
    assert [next(updates).words for _ in range(3)][2] == "epoch 2 of 100 · step 30 of 1,500"


def test_what_is_kept_opens():
    *_, last = work(RACE.to_spec(), None, nothing)
    found = last.save()
    names = {f"{which}:{cell}" for which in ("before", "best", "last") for cell in RACE.cells}
    assert set(found) == names | {"checkpoint"}
    assert {name.partition("/")[0] for name in found["checkpoint"]} == set(RACE.cells)
    assert last.result is not None
    for cell in RACE.cells:
        epochs = list(fitted := fit(RACE, cell))
        for which, loss in (
            ("before", epochs[0].test_loss),
            ("best", epoch_kept(epochs).test_loss),
            ("last", epochs[-1].test_loss),
        ):
            model = model_of(RACE, cell, stored(found[f"{which}:{cell}"]))
            assert measure(model, fitted.task).test_loss == loss
        best = last.result[cell]
        assert best["best_loss"] == min(epoch.validation_loss for epoch in epochs)
        assert epochs[best["best_epoch"]] == epoch_kept(epochs)
        assert not best["diverged"]
        before = build_model(RACE, cell).state_dict()
        assert all(torch.equal(value, found[f"before:{cell}"][name]) for name, value in before.items())


@pytest.mark.parametrize("race", [RACE, CALM])
def test_it_goes_on_from_any_update_as_if_nothing_had_been(race):
    """Also in the middle of a round, and where a cell has diverged."""
    expected = [told(update) for update in work(race.to_spec(), None, nothing)]
    for rest in (1, 2, 3, 7, 20, len(expected) - 1):
        updates = work(race.to_spec(), None, nothing)
        begun = [next(updates) for _ in range(rest)]
        checkpoint = stored(begun[-1].save()["checkpoint"])
        updates.close()
        later = [told(update) for update in work(race.to_spec(), checkpoint, nothing)]
        assert [told(update) for update in begun] + later == expected
    assert list(work(race.to_spec(), stored(update_at_the_end(race)), nothing)) == []


def update_at_the_end(race):
    *_, last = work(race.to_spec(), None, nothing)
    return last.save()["checkpoint"]


def test_a_cell_that_diverges_rests():
    updates = list(work(CALM.to_spec(), None, nothing))
    ours = [update for update in updates if update.series == "rnn_linear"]
    assert ours[-1].data["diverged"]
    assert len(ours) < 10
    assert len([update for update in updates if update.series == "lstm"]) == 31
    assert all(update.whole for update in updates[2 * len(ours) :])
    done = [update.done for update in updates]
    assert done == sorted(done)
    assert done[-1] == 1
    assert updates[-1].result is not None
    assert updates[-1].result["rnn_linear"]["diverged"]
    json.dumps(updates[-1].result, allow_nan=False)


def test_what_on_step_raises_passes_through():
    calls = 0

    def on_step():
        nonlocal calls
        calls += 1
        if calls == 30:
            raise StopError

    seen: list[object] = []
    with pytest.raises(StopError):
        seen.extend(map(told, work(RACE.to_spec(), None, on_step)))
    expected = [told(update) for update in work(RACE.to_spec(), None, nothing)]
    assert seen == expected[: len(seen)]
    assert 10 < len(seen) < 20
    with pytest.raises(ValueError, match="expected a checkpoint of the"):
        list(work(RACE.to_spec(), {"rnn/counts": torch.zeros(4)}, nothing))

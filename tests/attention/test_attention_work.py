"""Networks with attention as background work: in turn, told as they go, and taken up again anywhere."""

import json

import pytest
import safetensors.torch
import torch

from rnnviz.attention.config import PairConfig, PoolConfig
from rnnviz.attention.epoch import PairEpoch, PoolEpoch, kept
from rnnviz.attention.fitting import PairFit, PoolFit
from rnnviz.attention.measures import measure_pair, measure_pool
from rnnviz.attention.pooling import pooled_of
from rnnviz.attention.seq2seq import pair_of
from rnnviz.runs.work import work_of

POOL = PoolConfig(length=6, hidden=4, updates=10)
PAIR = PairConfig(length=3, hidden=8, updates=10, contexts=("bahdanau", "all"))
SPECS = {
    "pooling": {"part": "pooling", "config": POOL.to_spec()},
    "pairs": {"part": "pairs", "config": PAIR.to_spec()},
}

work = work_of("attention")


@pytest.fixture(scope="module")
def whole():
    """All updates of each part, and what the last one saves."""
    found = {part: list(work(spec, None, nothing)) for part, spec in SPECS.items()}
    return {part: (updates, updates[-1].save()) for part, updates in found.items()}


def nothing():
    """What on_step does where nobody wants to stop."""


def told(update):
    """What of an update goes into the store."""
    return update.series, update.number, json.dumps(update.data), update.done, update.words, update.whole


def stored(tensors):
    return safetensors.torch.load(safetensors.torch.save(tensors))


def test_a_pooling_network(whole):
    updates, found = whole["pooling"]
    epochs = list(PoolFit(POOL))
    assert [(u.series, u.number, u.whole) for u in updates] == [("model", k, True) for k in range(11)]
    assert [PoolEpoch.from_row(update.data) for update in updates] == epochs
    assert [update.done for update in updates] == [k / 10 for k in range(11)]
    assert updates[-1].words == "epoch 10 of 10 · step 10 of 10"
    best = kept(epochs)
    assert updates[-1].result == {
        "model": {"best_loss": best.validation_loss, "best_epoch": best.number, "diverged": False}
    }
    assert set(found) == {"checkpoint", "before", "after"}
    task = PoolFit(POOL).task
    for name, loss in (("before", epochs[0].test_loss), ("after", best.test_loss)):
        assert measure_pool(pooled_of(POOL, stored(found[name])), task).test_loss == loss


def test_an_epoch_of_each_context_in_turn(whole):
    updates, found = whole["pairs"]
    assert [update.series for update in updates] == list(PAIR.contexts) * 11
    assert [update.whole for update in updates] == [False, True] * 11
    done = [update.done for update in updates]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, 1)
    assert [update.result is None for update in updates] == [True] * 21 + [False]
    names = {f"{which}:{context}" for which in ("before", "after") for context in PAIR.contexts}
    assert set(found) == names | {"checkpoint"}
    for context in PAIR.contexts:
        fit = PairFit(PAIR, context)
        epochs = list(fit)
        assert [PairEpoch.from_row(u.data) for u in updates if u.series == context] == epochs
        best = updates[-1].result[context]
        assert epochs[best["best_epoch"]].validation_loss == best["best_loss"]
        for name, loss in (("before", epochs[0].validation_loss), ("after", best["best_loss"])):
            model = pair_of(PAIR, context, stored(found[f"{name}:{context}"]))
            assert measure_pair(model, fit.task).validation_loss == loss


@pytest.mark.parametrize("part", SPECS)
def test_it_goes_on_from_any_update_as_if_nothing_had_been(part, whole):
    expected = [told(update) for update in whole[part][0]]
    for rest in (len(expected) // 2 + 4, len(expected) - 3):
        updates = work(SPECS[part], None, nothing)
        begun = [next(updates) for _ in range(rest)]
        checkpoint = stored(begun[-1].save()["checkpoint"])
        updates.close()
        later = [told(update) for update in work(SPECS[part], checkpoint, nothing)]
        assert [told(update) for update in begun] + later == expected


def test_before_is_the_network_that_a_run_begins_with(whole):
    last = whole["pairs"][1]
    again = next(work(SPECS["pairs"], None, nothing)).save()
    assert set(again) == set(last)
    for name, value in last["before:all"].items():
        assert torch.equal(again["before:all"][name], value)


def test_what_is_unknown_is_refused():
    with pytest.raises(ValueError, match="expected a part out of pooling, pairs, got 'nothing'"):
        next(work({"part": "nothing", "config": {}}, None, nothing))

"""Architectures learn their small problems, rest and go on, and leave weights that the page can open."""

import itertools
import math

import pytest
import torch

from rnnviz.architectures import Shape, build_model, fit, observe, problem_of
from rnnviz.architectures.epoch import Epoch
from rnnviz.architectures.epoch import kept as epoch_kept
from rnnviz.architectures.work import work
from rnnviz.runs.work import work_of

SMALL = Shape("n_to_n", cell="rnn", length=4, hidden=4, seed=3)


@pytest.fixture(scope="module")
def whole():
    """All updates of a small run, with what each would keep at its time."""
    found = []
    for update in work(SMALL.to_spec(), None, lambda: None):
        found.append((update, update.save()))
    return found


def test_two_directions_learn_what_one_cannot_know():
    shape = Shape("bidirectional", cell="rnn", length=6, hidden=12)
    best = min(epoch.test_loss for epoch in fit(shape))
    blind, forwards = (one.value for one in problem_of(shape).yardsticks)
    assert best < forwards / 10 < blind / 10


def test_the_context_of_all_states_learns_more_than_the_last_state():
    *_, last = fit(Shape("contexts", cell="gru", length=7, hidden=8))
    assert set(last.parts) == {"last", "learned", "all"}
    assert last.test_loss == pytest.approx(sum(last.parts.values()) / 3, rel=1e-4)
    assert last.parts["all"] < last.parts["last"] / 5


def test_a_rhythm_is_recognised():
    *_, last = fit(Shape("n_to_1", cell="rnn", length=9))
    assert last.accuracy > 0.95


def test_a_run_goes_from_the_first_weights_to_its_end(whole):
    updates = [update for update, _ in whole]
    assert [update.number for update in updates] == list(range(21))
    assert {update.series for update in updates} == {"model"}
    assert updates[0].done == 0
    assert updates[-1].done == 1
    assert [update.result is None for update in updates] == [True] * 20 + [False]
    epochs = [Epoch.from_row(update.data) for update in updates]
    assert [epoch.to_row() for epoch in epochs] == [update.data for update in updates]
    losses = [epoch.validation_loss for epoch in epochs]
    assert epoch_kept([update.data for update in updates])["number"] == losses.index(min(losses))
    assert updates[-1].result == {
        "best_loss": min(losses),
        "best_epoch": losses.index(min(losses)),
        "diverged": False,
    }
    assert math.isfinite(epochs[0].loss)


def test_what_is_kept_is_what_the_rows_say(whole):
    (first, _), (last, kept) = whole[0], whole[-1]
    assert set(kept) == {"checkpoint", "before", "after"}
    before, after = observe(SMALL, kept["before"]), observe(SMALL, kept["after"])
    assert torch.equal(before.answer, observe(SMALL).answer)
    torch.testing.assert_close(before.answer, torch.tensor(first.data["answer"]), rtol=1e-4, atol=1e-6)
    best = whole[last.result["best_epoch"]][0].data["answer"]
    torch.testing.assert_close(after.answer, torch.tensor(best), rtol=1e-4, atol=1e-6)
    assert after.loss < before.loss
    for name, value in build_model(SMALL).state_dict().items():
        assert torch.equal(kept["before"][name], value)


@pytest.mark.parametrize("at", [7, 20])
def test_from_a_checkpoint_it_goes_on_to_the_same_numbers(whole, at):
    rest = list(work(SMALL.to_spec(), whole[at][1]["checkpoint"], lambda: None))
    assert [update.data for update in rest] == [update.data for update, _ in whole[at + 1 :]]
    if rest:
        for name, value in rest[-1].save()["after"].items():
            assert torch.equal(value, whole[-1][1]["after"][name])


def test_it_may_be_left_in_the_middle_of_an_epoch(whole):
    asked = itertools.count()

    def leave():
        if next(asked) == 25:
            raise KeyboardInterrupt

    one = fit(SMALL, None, leave)
    found = []
    with pytest.raises(KeyboardInterrupt):
        found.extend(iter(one.__next__, None))
    rest = list(fit(SMALL, one.checkpoint()))
    assert rest[-1].to_row() == whole[-1][0].data


def test_the_global_generator_is_left_alone():
    before = torch.random.get_rng_state()
    next(fit(SMALL))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_checkpoint_of_another_shape_is_refused(whole):
    with pytest.raises(ValueError, match="expected a checkpoint of the architecture 'n_to_n'"):
        fit(Shape("n_to_n", cell="rnn", length=4, hidden=5), whole[3][1]["checkpoint"])


def test_the_engine_knows_the_work():
    assert work_of("architecture") is work


def test_what_judges_is_drawn_apart():
    problem = problem_of(SMALL)
    judges, told = problem.validation[0], problem.test[0]
    assert judges.shape == told.shape
    assert not torch.equal(judges, told)
    assert torch.equal(problem_of(SMALL).validation[0], judges)


def test_rows_of_before_are_judged_by_their_test_loss(whole):
    rows = [{k: v for k, v in u.data.items() if k != "validation_loss"} for u, _ in whole]
    assert Epoch.from_row(rows[0]).validation_loss is None
    assert epoch_kept(rows)["test_loss"] == min(row["test_loss"] for row in rows)
    assert epoch_kept([{**rows[0], "test_loss": math.nan}, rows[1]]) == rows[1]


def test_the_spec_of_an_example_names_the_version_too():
    first = next(work({**SMALL.to_spec(), "version": 9}, None, lambda: None))
    assert first.data == next(work(SMALL.to_spec(), None, lambda: None)).data

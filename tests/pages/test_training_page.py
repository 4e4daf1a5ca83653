"""The training page: a run from its start to its end, by its owner and by others, and what can go wrong."""

import csv
import io

import numpy as np
import pytest
from runs_page import example_instead, failing, gone
from trainees import PAGE, SMALL, buttons, compute, started, store, stored, timers
from visitor import Visitor

from rnnviz.race import VERSION, Race
from rnnviz.runs import Runs
from rnnviz.tasks import make
from rnnviz.training import model_of
from rnnviz.training.epoch import kept
from rnnviz.training.measures import measure
from rnnviz.ui.training import choice, take_away

__all__ = ["store"]


# The example


def test_the_first_visitor_has_the_example_trained_and_all_others_see_it(store: Runs) -> None:
    one, two = Visitor("training", owner="ada"), Visitor("training", owner="bob")
    assert "server&#x27;s own example" in one.html
    assert "run" not in one.address
    assert "Next in line" in one.html
    assert "The curves grow here" in str(one.chart("train_race"))
    assert compute(store)
    assert not compute(store)
    for visitor in (one, two, Visitor("training")):
        visitor.run()
        assert "Finished" in visitor.html
        assert buttons(visitor) == {"Start": True, "Pause": False, "Step": True, "Stop": False}
        (line,) = [
            trace for trace in visitor.chart("train_race")["data"] if trace.get("name") == "GRU: test loss"
        ]
        id = choice.examples.known[store, choice.EXAMPLE]
        assert list(line["y"]) == [one.test_loss for one in stored(store, id, "gru")]


def test_an_example_that_is_gone_is_trained_again(store: Runs) -> None:
    PAGE.trains_its_example_again(store)


# A run of one's own


def test_a_run_from_start_to_end(store: Runs) -> None:
    visitor = started()
    id = visitor.address["run"]
    assert store.owns(id, "ada".ljust(32, "0"))
    assert Race.from_spec(store.get(id).spec) == visitor.session.race
    assert visitor.session.race == Race("parity", ("gru", "rnn"), length=4, hidden=2, batch=2, steps=20)
    assert "Next in line" in visitor.html
    assert buttons(visitor) == {"Start": False, "Pause": True, "Step": False, "Stop": True}
    assert timers(visitor) == 1
    assert compute(store)
    visitor.run()
    assert "Finished" in visitor.html
    assert "20 epochs · 20 steps" in visitor.html
    assert timers(visitor) == 0
    for cell, label in (("gru", "GRU"), ("rnn", "RNN (tanh)")):
        known = stored(store, id, cell)
        for axis, read in (("test loss", "test_loss"), ("training accuracy", "accuracy")):
            (line,) = [
                one for one in visitor.chart("train_race")["data"] if one.get("name") == f"{label}: {axis}"
            ]
            np.testing.assert_array_equal(line["y"], [getattr(one, read) for one in known])
        best = min(known, key=lambda one: one.validation_loss or 0.0)
        assert f"<b>{best.test_loss:.3g}</b> (step {best.step:,})" in visitor.html


def test_pause_continue_step_and_stop(store: Runs) -> None:
    visitor = started().click("Pause")
    id = visitor.address["run"]
    assert store.get(id).state == "paused"
    assert buttons(visitor) == {"Start": False, "Continue": True, "Step": True, "Stop": True}
    visitor.click("Step")
    assert store.get(id).state == "queued"
    compute(store)
    visitor.run()
    assert store.get(id).state == "paused"
    assert [epoch.number for epoch in stored(store, id, "gru")] in ([0], [0, 1])
    assert timers(visitor) == 0
    visitor.click("Stop")
    assert store.get(id).state == "stopped"
    assert "Stopped" in visitor.html
    visitor.click("Continue")
    assert timers(visitor) == 1
    compute(store)
    assert "Finished" in visitor.run().html
    assert len(stored(store, id, "gru")) == 21


def test_stop_while_it_waits(store: Runs) -> None:
    visitor = started().click("Stop")
    assert store.get(visitor.address["run"]).state == "stopped"
    assert "Nothing has been trained." in visitor.html


def test_step_begins_a_run_that_rests_after_one_epoch(store: Runs) -> None:
    visitor = Visitor("training", owner="ada", **SMALL).click("Step")
    id = visitor.address["run"]
    compute(store)
    visitor.run()
    assert store.get(id).state == "paused"
    assert "Paused" in visitor.html
    assert buttons(visitor)["Continue"]


def test_new_settings_are_named_beside_start_and_the_old_run_stays(store: Runs) -> None:
    visitor = started()
    id = visitor.address["run"]
    visitor.app.number_input(key="r_hidden").set_value(3)
    visitor.run()
    assert "Start trains these new settings: hidden size 3 in place of 2." in visitor.html
    assert buttons(visitor)["Start"]
    visitor.click("Start")
    assert visitor.address["run"] != id
    assert store.get(id).state == "queued"
    assert store.get(visitor.address["run"]).spec["hidden"] == 3
    assert "new settings" not in visitor.html


# Links


def test_a_reload_by_the_link_finds_the_run_and_its_owner(store: Runs) -> None:
    visitor = started(seed="5")
    again = PAGE.back_by_link(visitor)
    assert again.session.race == visitor.session.race
    compute(store)
    assert "Finished" in again.run().html


def test_who_follows_a_link_watches_and_cannot_touch(store: Runs) -> None:
    owner = started()
    guest = PAGE.guest_of(
        owner.address["run"],
        "You are watching somebody&#x27;s run.",
        {"Pause": False, "Step": True, "Stop": False},
    )
    assert guest.session.race == owner.session.race
    guest.forge("run_stop", "trigger_value", True)
    guest.forge("run_pause", "trigger_value", True)
    assert store.get(owner.address["run"]).state == "queued"
    PAGE.train_one_s_own(guest, owner.address["run"])


def test_a_link_to_a_run_brings_its_settings_unless_it_has_its_own(store: Runs) -> None:
    id = started().address["run"]
    assert Visitor("training", run=id).session.race.task == "parity"
    other = Visitor("training", run=id, task="copy")
    assert other.session.race == Race(task="copy")
    assert "Start trains these new settings" in other.html


def test_a_run_that_is_gone_is_one_sentence_and_the_way_on(store: Runs) -> None:
    visitor = Visitor("training", owner="ada", run="x" * 24, **SMALL)
    gone(visitor, {"Start": True, "Pause": False, "Step": True, "Stop": False})
    for section in ("inside", "runs", "race"):
        visitor.press("train", section)
    example_instead(visitor)
    assert visitor.session.race.task == "parity"


def test_an_id_that_is_none_is_corrected() -> None:
    PAGE.corrects_what_is_no_id()


def test_the_run_stands_in_no_other_page_s_link(store: Runs) -> None:
    PAGE.leaves_its_run_out_of_other_links(started())


# Runs of before there was a validation loss


def test_an_old_run_opens_and_says_what_it_was_chosen_by(store: Runs) -> None:
    race = Race(task="parity", cells=("gru",), length=4, hidden=2, batch=2, steps=20)
    spec = {name: value for name, value in race.to_spec().items() if name != "version"}
    id = store.submit("training", spec, "ada".ljust(32, "0"))
    assert compute(store)
    visitor = Visitor("training", owner="ada", run=id)
    known = stored(store, id, "gru")
    assert {one.validation_loss for one in known} == {None}
    best = min(known, key=lambda one: one.test_loss)
    assert f"GRU <b>{best.test_loss:.3g}</b> (step {best.step:,})" in visitor.html
    assert "the lowest loss on these very sequences: a run of an earlier version." in visitor.html
    assert "it kept the weights with the lowest loss on the test sequences themselves" in visitor.html
    (ring,) = [one for one in visitor.chart("train_race")["data"] if one.get("name") == "kept"]
    assert (ring["x"][0], ring["y"][0]) == (best.step, best.test_loss)
    weights = store.weights(id, "best:gru")
    assert measure(model_of(race, "gru", weights), make(race)).test_loss == best.test_loss
    assert "(lowest test loss), test loss" in Visitor("gates", model=id).html
    # What Start trains is of today, and the settings are the same.
    assert visitor.session.race == race
    assert "new settings" not in visitor.html
    visitor.click("Start")
    assert store.get(visitor.address["run"]).spec["version"] == VERSION


def test_a_new_run_says_that_others_chose(store: Runs) -> None:
    visitor = started()
    compute(store)
    visitor.run()
    id = visitor.address["run"]
    for cell in ("gru", "rnn"):
        known = stored(store, id, cell)
        best = kept(known)
        assert best is not None
        assert best.validation_loss == min(one.validation_loss or 1e9 for one in known)
        (ring,) = [one for one in visitor.chart("train_race")["data"] if one.get("name") == "kept"]
        assert best.step in ring["x"]
    assert "lowest loss on validation sequences, which are not counted here" in visitor.html
    assert "taken on 256 validation sequences, drawn apart from training and test" in visitor.html
    table = list(csv.DictReader(io.StringIO(take_away.table(known))))
    assert [float(row["validation_loss"]) for row in table] == [one.validation_loss for one in known]


def test_an_example_of_the_first_version_is_trained_anew(store: Runs) -> None:
    Visitor("training")
    new = choice.examples.known[store, choice.EXAMPLE]
    spec = {name: value for name, value in choice.EXAMPLE.to_spec().items() if name != "version"}
    assert store.submit("training", spec, "somebody", title="Example", shared=True) != new


# What goes wrong


def test_a_full_queue_is_said_and_the_settings_stay(store: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNVIZ_RUNS_EACH", "1")
    visitor = started()
    id = visitor.address["run"]
    visitor.app.number_input(key="r_hidden").set_value(7)
    visitor.run().click("Start")
    assert visitor.session.race.hidden == 7
    PAGE.says_that_the_queue_is_full(visitor, id)


def test_a_store_that_cannot_be_used_is_one_sentence(store: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = PAGE.says_that_the_store_is_busy(monkeypatch)
    assert visitor.session.race.task == "parity"


def test_trouble_with_the_store_is_shown(store: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Runs, "trouble", "The disk is <b>full</b>.")
    assert "The disk is &lt;b&gt;full&lt;/b&gt;." in Visitor("training").html


def test_a_run_that_diverges_is_finished_and_says_so(store: Runs) -> None:
    visitor = started(
        opt="sgd", lr="1", maxnorm="none", race="rnn_linear,gru", task="adding", span="30", updates="60"
    )
    compute(store)
    visitor.run()
    assert "Finished" in visitor.html
    assert "Linear RNN diverged by step" in visitor.html
    for section in ("inside", "race"):
        visitor.press("train", section)


def test_a_run_that_failed_tells_why_and_goes_on(store: Runs) -> None:
    visitor = started()
    id = visitor.address["run"]
    failing(visitor, store, id)
    visitor.click("Continue")
    assert store.get(id).state == "queued"


def test_a_spec_of_another_version_is_no_run(store: Runs) -> None:
    id = store.submit("training", {"task": "chess", "cells": []}, "somebody")
    assert "no longer here" in Visitor("training", run=id).html

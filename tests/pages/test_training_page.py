"""The training page: a run from its start to its end, by its owner and by others, and what can go wrong."""

import numpy as np
import pytest
from runs_page import example_instead, failing, gone
from trainees import PAGE, SMALL, buttons, compute, started, store, stored, timers
from visitor import Visitor

from rnnviz.race import Race
from rnnviz.runs import Runs
from rnnviz.ui.training import choice

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

"""The training page: a run from its start to its end, by its owner and by others, and every number as it is stored."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest
from visitor import Visitor

from rnnviz.race import Race
from rnnviz.runs import Runs, RunsError
from rnnviz.runs.worker import Worker
from rnnviz.training import snippet
from rnnviz.training.epoch import Epoch
from rnnviz.ui import engine
from rnnviz.ui.training import choice, take_away

SMALL = {"task": "parity", "race": "gru,rnn", "span": "4", "width": "2", "batch": "2", "updates": "20"}
"""A race that takes a moment, as its link has it."""


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    """A store of the test's own, and an example that takes a moment."""
    runs = Runs(tmp_path)
    monkeypatch.setattr(engine, "runs", lambda: runs)
    monkeypatch.setattr(choice, "EXAMPLE", Race(cells=("gru",), length=4, hidden=2, batch=2, steps=20))
    yield runs
    runs.store.close()


def compute(runs: Runs) -> bool:
    """What a worker would do next."""
    return Worker(runs).once()


def buttons(visitor: Visitor) -> dict[str, bool]:
    """The buttons of the run by label, and whether they can be pressed."""
    return {b.label: not b.disabled for b in visitor.app.button if (b.key or "").startswith("run_")}


def timers(visitor: Visitor) -> int:
    """How many timers the last run of the whole page has set."""
    return sum(message.WhichOneof("type") == "auto_rerun" for message in visitor.messages)


def stored(runs: Runs, id: str, cell: str) -> list[Epoch]:
    return [Epoch.from_row(row.data) for row in runs.rows(id) if row.series == cell]


def started(**more: str) -> Visitor:
    return Visitor("training", owner="ada", **(SMALL | more)).click("Start")


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
        id = choice._known[store]
        assert list(line["y"]) == [one.test_loss for one in stored(store, id, "gru")]


def test_an_example_that_is_gone_is_trained_again(store: Runs) -> None:
    visitor = Visitor("training")
    with store.store.writing() as connection:
        connection.execute("DELETE FROM runs")
    assert "Next in line" in visitor.run().html


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
        best = min(known, key=lambda one: one.test_loss)
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
    again = Visitor("training", owner="ada", **visitor.address)
    assert again.address == visitor.address
    assert again.session.race == visitor.session.race
    assert buttons(again) == buttons(visitor)
    compute(store)
    assert "Finished" in again.run().html


def test_who_follows_a_link_watches_and_cannot_touch(store: Runs) -> None:
    owner = started()
    guest = Visitor("training", owner="eve", run=owner.address["run"])
    assert "You are watching somebody&#x27;s run." in guest.html
    assert buttons(guest) == {"Train your own": True, "Pause": False, "Step": True, "Stop": False}
    assert guest.session.race == owner.session.race
    guest.forge("run_stop", "trigger_value", True)
    guest.forge("run_pause", "trigger_value", True)
    assert store.get(owner.address["run"]).state == "queued"
    guest.click("Train your own")
    assert guest.address["run"] != owner.address["run"]
    assert buttons(guest)["Stop"]


def test_a_link_to_a_run_brings_its_settings_unless_it_has_its_own(store: Runs) -> None:
    id = started().address["run"]
    assert Visitor("training", run=id).session.race.task == "parity"
    other = Visitor("training", run=id, task="copy")
    assert other.session.race == Race(task="copy")
    assert "Start trains these new settings" in other.html


def test_a_run_that_is_gone_is_one_sentence_and_the_way_on(store: Runs) -> None:
    visitor = Visitor("training", owner="ada", run="x" * 24, **SMALL)
    assert "no longer here" in visitor.html
    assert buttons(visitor) == {"Start": True, "Pause": False, "Step": True, "Stop": False}
    assert timers(visitor) == 0
    for section in ("inside", "runs", "race"):
        visitor.press("train", section)
    visitor.click("Show the example")
    assert "server&#x27;s own example" in visitor.html
    assert visitor.session.race.task == "parity"


def test_an_id_that_is_none_is_corrected() -> None:
    visitor = Visitor("training", run="<script>")
    assert "run" not in visitor.address
    assert len(visitor.app.toast) == 1


def test_the_run_stands_in_no_other_page_s_link(store: Runs) -> None:
    visitor = started()
    address = dict(visitor.address)
    assert "run" not in visitor.go("gates").address
    assert visitor.go("training").address == address


# What goes wrong


def test_a_full_queue_is_said_and_the_settings_stay(store: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNVIZ_RUNS_EACH", "1")
    visitor = started()
    id = visitor.address["run"]
    visitor.app.number_input(key="r_hidden").set_value(7)
    visitor.run().click("Start")
    assert visitor.address["run"] == id
    assert visitor.session.race.hidden == 7
    assert "class='rv-trouble'" in visitor.html
    visitor.click("Stop")
    assert "class='rv-trouble'" not in visitor.html


def test_a_store_that_cannot_be_used_is_one_sentence(store: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise RunsError("The store of runs is busy: try again in a moment.")

    monkeypatch.setattr(Runs, "submit", fail)
    visitor = Visitor("training", owner="ada", **SMALL)
    assert "<p class='rv-gone'>The store of runs is busy" in visitor.html
    assert timers(visitor) == 0
    visitor.click("Start")
    assert "<p class='rv-trouble' role='alert'>The store of runs is busy" in visitor.html
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
    with store.store.writing() as connection:
        connection.execute(
            "UPDATE runs SET state = 'failed', message = '<b>Out of memory</b>', version = version + 1 WHERE id = ?",
            (id,),
        )
    visitor.run()
    assert "&lt;b&gt;Out of memory&lt;/b&gt;" in visitor.html
    assert buttons(visitor)["Continue"]
    visitor.click("Continue")
    assert store.get(id).state == "queued"


def test_a_spec_of_another_version_is_no_run(store: Runs) -> None:
    id = store.submit("training", {"task": "chess", "cells": []}, "somebody")
    assert "no longer here" in Visitor("training", run=id).html


# Sections


@pytest.mark.parametrize("picture", ["norms", "profile", "saturation", "weights"])
def test_inside_shows_what_is_stored(store: Runs, picture: str) -> None:
    visitor = started()
    compute(store)
    visitor.press("train", "inside").press("inside", picture)
    chart = visitor.chart(f"train_{picture}")
    assert chart["alt"].strip()
    known = stored(store, visitor.address["run"], "gru")
    if picture == "norms":
        (line,) = [one for one in chart["data"] if one.get("name") == "GRU: gradient norm"]
        np.testing.assert_allclose(line["y"][1:], [one.norm for one in known[1:]])
    if picture == "profile":
        z = np.asarray(chart["data"][0]["z"])
        np.testing.assert_allclose(z[:, -1], np.log10(known[-1].profile), rtol=1e-3)
    assert visitor.address["section"] == "inside"


def test_the_answer_follows_the_slider_and_the_newest_epoch(store: Runs) -> None:
    visitor = started()
    assert visitor.slider("epoch")["unset"] == "newest"
    compute(store)
    visitor.run()
    newest = visitor.chart("train_answer")
    first = visitor.drag("epoch", 0).chart("train_answer")
    assert visitor.address["epoch"] == "0"
    assert str(first["data"]) != str(newest["data"])
    assert str(visitor.drag("epoch", 20).chart("train_answer")["data"]) == str(newest["data"])
    visitor.drag("epoch", None)
    assert "epoch" not in visitor.address


def test_your_runs_are_listed_opened_and_deleted(store: Runs) -> None:
    visitor = started()
    first = visitor.address["run"]
    visitor.app.number_input(key="r_seed").set_value(9)
    second = visitor.run().click("Start").address["run"]
    visitor.press("train", "runs")
    assert visitor.html.count("class='rv-run") == 2
    assert timers(visitor) == 1
    (open_first,) = [b for b in visitor.app.button if b.key == f"show_{first}"]
    visitor._touch(open_first.click())
    assert visitor.address["run"] == first
    assert visitor.session.race.seed == 0
    visitor.press("train", "runs")
    (delete,) = [b for b in visitor.app.button if b.key == f"delete_{first}"]
    visitor._touch(delete.click())
    assert store.get(first) is None
    assert "run" not in visitor.address
    assert visitor.html.count("class='rv-run") == 1
    assert Visitor("training", owner="eve", section="runs").html.count("class='rv-run") == 0
    assert store.get(second) is not None


def test_the_table_holds_every_number_of_every_epoch(store: Runs) -> None:
    visitor = started()
    compute(store)
    known = [one for cell in ("gru", "rnn") for one in stored(store, visitor.address["run"], cell)]
    rows = list(csv.DictReader(io.StringIO(take_away.table(known))))
    assert len(rows) == 42
    for row, one in zip(rows, known, strict=True):
        assert (row["cell"], int(row["number"]), float(row["test_loss"])) == (
            one.cell,
            one.number,
            one.test_loss,
        )
        assert float(row["gradient_h_4"]) == one.profile[3]
        assert float(row["saturated_high_h"]) == one.saturation["h"][1]
    assert rows[-1]["saturated_low_z"] == ""


def test_trained_networks_open_elsewhere_once_there_are_some(store: Runs) -> None:
    visitor = started()
    assert "Open the trained networks" not in visitor.html
    compute(store)
    visitor.run()
    assert "Open the trained networks" in visitor.html
    links = [link.proto for link in visitor.app.get("page_link")]
    found = {link.page: link.query_string for link in links}
    assert {"gates", "states", "gradients"} <= set(found)
    query = dict(parse_qsl(found["gates"]))
    assert (query["model"], query["cell"].split(",")[0]) == (visitor.address["run"], "gru")


def test_the_script_trains_the_cell_that_is_chosen(store: Runs) -> None:
    visitor = started()
    visitor.app.session_state["train_code"] = True
    (code,) = visitor.run().app.code
    assert code.value == snippet.script(visitor.session.race, "gru").strip()
    (group,) = [row for row in visitor.app.get("button_group") if row.key == "train_code_cell"]
    (code,) = visitor._touch(group.set_value("rnn")).app.code
    assert "nn.RNN(D, H)" in code.value


def test_where_there_is_no_script_that_is_said(store: Runs) -> None:
    visitor = started(layernorm="1")
    visitor.app.session_state["train_code"] = True
    assert not visitor.run().app.code
    assert any("without layer norm" in caption.value for caption in visitor.app.caption)


def test_many_watchers_read_each_row_once(store: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = started()
    compute(store)
    asked: list[int] = []
    rows = Runs.rows
    monkeypatch.setattr(Runs, "rows", lambda self, id, after=0: asked.append(after) or rows(self, id, after))
    guests = [Visitor("training", run=owner.address["run"]) for _ in range(4)]
    for guest in guests:
        guest.run()
    assert asked == [0]


def test_projector_mode_has_the_buttons_and_no_side_bar(store: Runs) -> None:
    visitor = started(present="1")
    assert buttons(visitor)["Stop"]
    assert not visitor.app.sidebar.selectbox
    compute(store)
    assert "Finished" in visitor.run().html
    assert replace(visitor.view, run="") == replace(visitor.view, run="", present=True)

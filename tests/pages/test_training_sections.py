"""The sections of the training page: every number as it is stored, and what can be taken away."""

import csv
import io
from dataclasses import replace
from urllib.parse import parse_qsl

import numpy as np
import pytest
from runs_page import press
from trainees import buttons, compute, started, store, stored, timers
from visitor import Visitor

from rnnviz.runs import Runs
from rnnviz.training import snippet
from rnnviz.ui.training import take_away

__all__ = ["store"]


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
    press(visitor, f"show_{first}")
    assert visitor.address["run"] == first
    assert visitor.session.race.seed == 0
    visitor.press("train", "runs")
    press(visitor, f"delete_{first}")
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

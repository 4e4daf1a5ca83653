"""What is kept of trained networks, and how the experiment lies aside while one is shown."""

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from through import through

from rnnviz import runs, tasks
from rnnviz.experiment import Experiment
from rnnviz.race import Race
from rnnviz.registry import CELLS
from rnnviz.training import build_model
from rnnviz.training.epoch import Epoch
from rnnviz.ui import networks, opened, opened_words
from rnnviz.ui.networks import AFTER, BEFORE, NotYetError
from rnnviz.ui.session import Session
from rnnviz.ui.training.shown import epoch_of
from rnnviz.ui.view import View

RACE = Race(cells=("gru", "lstm"), length=6, hidden=4, batch=4, steps=10)
EXPERIMENT = Experiment(cells=("rnn", "mingru", "lstm"), length=44, scale=2.25, signal="noise")


@pytest.fixture(scope="module")
def run() -> str:
    return through(runs.default().submit("training", RACE.to_spec(), "somebody")).id


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A session's state without a session."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(opened.st, "session_state", found)
    monkeypatch.setattr(opened.st, "toast", lambda *_, **__: None)
    return found


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch, state: dict[str, Any]) -> Session:
    monkeypatch.setattr(networks.engine, "owner", lambda: "somebody")
    return Session(experiment=EXPERIMENT)


def arrive(visitor: Session, address: dict[str, str]) -> None:
    """What a link does to a session."""
    visitor.experiment, _ = Experiment.from_query(address)
    visitor.view = View(model=address["model"])
    visitor.adopted = address


def test_a_link_from_the_app_keeps_the_experiment_to_the_order_of_its_cells(
    visitor: Session, run: str
) -> None:
    address = opened.link(visitor, run, "gru")
    assert address["model"] == run
    assert address["cell"] == "gru,rnn,mingru,lstm"
    arrive(visitor, address)
    found = opened.find(visitor)
    assert found is not None
    assert found.cells == ("gru", "lstm")
    assert visitor.experiment == replace(EXPERIMENT, cells=("gru", "rnn", "mingru", "lstm"))
    opened.leave(visitor)
    assert visitor.experiment == EXPERIMENT
    assert visitor.view == View()


def test_a_link_that_names_nothing_but_run_and_cell_leaves_the_rest_aside(visitor: Session, run: str) -> None:
    visitor.view = View(model=run)
    assert opened.find(visitor) is not None
    arrive(visitor, {"model": run, "cell": "gru"})
    for _ in range(3):
        assert opened.find(visitor) is not None
        assert visitor.experiment.length == EXPERIMENT.length
    opened.leave(visitor)
    assert visitor.experiment == EXPERIMENT


def test_a_link_that_names_no_cell_leaves_their_order(
    visitor: Session, state: dict[str, Any], run: str
) -> None:
    state[opened.ASIDE] = EXPERIMENT
    arrive(visitor, {"model": run})
    found = opened.find(visitor)
    assert found is not None
    assert found.cells == ("lstm",), "of rnn, mingru and lstm this one took part"
    opened.leave(visitor)
    assert visitor.experiment == EXPERIMENT


def test_looking_again_changes_nothing(visitor: Session, run: str) -> None:
    arrive(visitor, {"model": run, "cell": "gru"})
    opened.find(visitor)
    before = visitor.version
    for _ in range(3):
        opened.find(visitor)
    assert visitor.version == before, "a version more takes every widget back to what it was"


def test_a_link_with_an_experiment_of_its_own_decides(visitor: Session, run: str) -> None:
    visitor.view = View(model=run)
    opened.find(visitor)
    arrive(visitor, {"model": run, "cell": "lstm", "length": "17"})
    opened.find(visitor)
    opened.leave(visitor)
    assert visitor.experiment == Experiment(cells=("lstm",), length=17)


def test_six_cells_stay_six(visitor: Session, run: str) -> None:
    visitor.experiment = Experiment(cells=tuple(CELLS)[3:])
    arrive(visitor, opened.link(visitor, run, "gru"))
    assert len(visitor.experiment.cells) == 6
    opened.find(visitor)
    opened.leave(visitor)
    assert visitor.experiment.cells == tuple(CELLS)[3:]


@pytest.mark.parametrize(
    "spec", [{}, {"cells": ["lstm"], "task": "nonesuch"}, {"cells": []}, {"cells": ["lstm"], "steps": "x"}]
)
def test_a_run_that_cannot_be_read_is_none(visitor: Session, spec: dict[str, Any]) -> None:
    id = runs.default().submit("training", spec, "somebody")
    visitor.view = View(model=id)
    assert opened.find(visitor) is None
    assert networks.race_of(id) is None
    assert networks.load(id, ("lstm",)) is None
    runs.default().delete(id, "somebody")


def test_a_run_of_another_kind_is_none(visitor: Session) -> None:
    id = runs.default().submit("other", RACE.to_spec(), "somebody")
    visitor.view = View(model=id)
    assert opened.find(visitor) is None
    runs.default().delete(id, "somebody")


@pytest.mark.parametrize("cell", RACE.cells)
def test_the_loss_is_that_of_the_best_epoch(visitor: Session, run: str, cell: str) -> None:
    found = networks.load(run, (cell,))
    assert found is not None
    rows = [row.data for row in runs.default().rows(run) if row.series == cell]
    best = min(rows, key=lambda row: row["test_loss"])
    assert found.network(cell, AFTER).test_loss == pytest.approx(best["test_loss"], rel=1e-6)
    assert found.network(cell, BEFORE).test_loss == pytest.approx(rows[0]["test_loss"], rel=1e-6)
    assert found.step(cell) == best["step"]


def test_the_step_is_right_however_slowly_it_learns(visitor: Session) -> None:
    race = replace(RACE, cells=("gru",), optimiser="sgd", rate=1e-5, clip=0.01, steps=30)
    id = through(runs.default().submit("training", race.to_spec(), "somebody")).id
    found = networks.load(id, ("gru",))
    assert found is not None
    rows = [row.data for row in runs.default().rows(id)]
    best = min(rows, key=lambda row: row["test_loss"])
    assert rows[0]["test_loss"] == pytest.approx(best["test_loss"], rel=1e-4)
    assert found.step("gru") == best["step"] > 0
    runs.default().delete(id, "somebody")


def test_the_epoch_of_a_loss_is_the_nearest_one(run: str) -> None:
    one = Epoch.from_row(runs.default().rows(run)[0].data)
    epochs = [replace(one, test_loss=loss) for loss in (0.5, 0.500001, 0.4, 0.4, math.nan)]
    for loss, last, place in ((0.500001, False, 1), (0.4, False, 2), (0.4, True, 3), (0.45, False, None)):
        found = epoch_of(epochs, loss, last=last)
        assert found is (None if place is None else epochs[place])
    assert epoch_of(epochs, math.nan) is None
    assert epoch_of((), 0.4) is None


def test_of_random_labels_the_last_network_is_shown(visitor: Session) -> None:
    """The best one on new sequences has learned nothing by heart yet."""
    race = Race(task="labels", cells=("gru",), length=5, hidden=24, batch=64, steps=200, rate=0.02)
    id = through(runs.default().submit("training", race.to_spec(), "somebody")).id
    found = networks.load(id, ("gru",))
    assert found is not None
    rows = [row.data for row in runs.default().rows(id)]
    assert min(row["test_loss"] for row in rows) < rows[-1]["test_loss"]
    assert found.network("gru", AFTER).test_loss == pytest.approx(rows[-1]["test_loss"], rel=1e-6)
    assert found.step("gru") == 200
    said = opened_words.banner(found, View(model=id))
    assert ", at step 200 of 200, " in said
    runs.default().delete(id, "somebody")


def test_what_is_kept_is_kept_by_run_cell_network_and_example(visitor: Session, run: str) -> None:
    found = networks.load(run, ("gru", "lstm"))
    assert found is not None
    seen = {
        (cell, which, example): found.look(cell, which, example)
        for cell in ("gru", "lstm")
        for which in (AFTER, BEFORE)
        for example in (0, 31)
    }
    task = tasks.make(RACE)
    for (cell, _, example), one in seen.items():
        assert one.cell == cell
        assert one.example == example
        assert torch.equal(one.x[:, 0], task.test.x[:, example])
    assert len({float(one.trace.output.sum()) for one in seen.values()}) == len(seen)
    for key, one in seen.items():
        assert found.look(*key) is one, "asked again it comes from the shelf"
    assert networks._look.cache_info().maxsize is not None
    assert networks._network.cache_info().maxsize is not None


def test_nothing_is_remembered_of_weights_that_are_not_there_yet(visitor: Session) -> None:
    id = runs.default().submit("training", RACE.to_spec() | {"seed": 5}, "somebody")
    found = networks.load(id, ("gru",))
    assert found is not None
    assert not found.trained
    assert found.which("both") == (BEFORE,)
    with pytest.raises(NotYetError):
        found.network("gru", AFTER)
    state = build_model(replace(RACE, seed=5), "gru").state_dict()
    assert all(
        torch.equal(value, found.network("gru", BEFORE).tensors[name]) for name, value in state.items()
    )
    through(id)
    found = networks.load(id, ("gru",))
    assert found is not None
    assert found.trained
    assert found.network("gru", AFTER).test_loss <= found.network("gru", BEFORE).test_loss


@pytest.mark.parametrize("cell", CELLS)
def test_what_a_race_changes_is_said(cell: str) -> None:
    assert opened_words.variant(Race(), cell) == []
    (note,) = opened_words.variant(Race(layernorm=True), cell)
    assert ("changes nothing" in note) == (cell in ("mingru", "lstm_layernorm"))
    assert len(opened_words.variant(Race(layernorm=True, residual=True), cell)) == 2


@pytest.mark.parametrize("cell", CELLS)
def test_that_layer_norm_leaves_nothing_of_one_value_is_said_where_it_is_so(cell: str) -> None:
    """Whatever such a network reads, its outputs are those of any other input."""
    race = Race(layernorm=True, hidden=1, length=4)
    said = any("leaves 0" in note for note in opened_words.variant(race, cell))
    assert said == (cell not in ("lstm_peephole", "mingru"))
    assert not any("leaves 0" in note for note in opened_words.variant(replace(race, hidden=2), cell))
    rnn = build_model(race, cell).rnn
    x = torch.rand(4, 8, 2, generator=torch.Generator().manual_seed(0))
    alike = bool((rnn(x)[0].std(1) == 0).all())
    assert alike == (cell in ("rnn", "rnn_relu", "rnn_linear", "lstm", "lstm_layernorm"))


@pytest.mark.parametrize(
    ("last", "first", "lost", "words"),
    [
        (0.5, 0.25, False, "<b>0.5</b> of it"),
        (0.0, 0.0, False, "<b>0</b> at step 1"),
        (0.5, 0.0, True, "too small for float32"),
        (float("inf"), 0.1, False, "not a finite number"),
        (float("nan"), float("nan"), False, "not a finite number"),
    ],
)
def test_no_ratio_is_quoted_that_is_none(last: float, first: float, lost: bool, words: str) -> None:
    norms = torch.tensor([first, 0.3, last])
    text = opened_words.gradient("GRU", {AFTER: (norms, torch.tensor([lost, False, False]))}, 2, "h")
    assert words in text
    assert "nan" not in text
    assert ("of it" in text) == (words.endswith("of it"))

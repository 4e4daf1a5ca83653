"""The gallery of architectures: every card and every control, with the numbers computed anew."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from visitor import Visitor

from rnnviz.architectures import Shape, build_model, fitting, observe, problem_of
from rnnviz.architectures.config import ARCHITECTURES, FIELD, shape_of
from rnnviz.architectures.wording import words
from rnnviz.runs import Runs, RunsError
from rnnviz.runs.worker import Worker
from rnnviz.ui import engine
from rnnviz.ui.architectures import choice, gallery, pictures, shapes, take_away
from rnnviz.ui.findings import number

KINDS = [kind for kind, _ in ARCHITECTURES]
SMALL = {"reach": "6", "size": "3", "many_b": "2"}
"""Settings that take a moment, as their link has them."""


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    """A store of the test's own, and trainings that take a moment."""
    runs = Runs(tmp_path)
    monkeypatch.setattr(engine, "runs", lambda: runs)
    monkeypatch.setattr(fitting, "settings_of", lambda shape: (20, 0.01))
    yield runs
    runs.store.close()


def compute(runs: Runs) -> bool:
    """What a worker would do next."""
    return Worker(runs).once()


def status(visitor: Visitor) -> str:
    """What is said of the weights on the screen."""
    (found,) = re.findall(r"<div class='rv-status rva-status'.*?</p>", visitor.html, re.S)
    return re.sub(r"<[^>]*>", "", found)


def button(visitor: Visitor) -> bool:
    """Whether Train can be pressed."""
    (found,) = [one for one in visitor.app.button if one.label == "Train"]
    return not found.disabled


def timers(visitor: Visitor) -> int:
    return sum(message.WhichOneof("type") == "auto_rerun" for message in visitor.messages)


def pick(visitor: Visitor, kind: object) -> Visitor:
    """Click a card."""
    version = json.loads(visitor.component("architecture").json)["version"]
    return visitor.send("architecture", {"value": {"v": kind, "seq": 1, "version": version}})


def queued(runs: Runs) -> list[Shape]:
    with runs.store.reading() as connection:
        return [
            shape_of(json.loads(data))
            for (data,) in connection.execute("SELECT data FROM specs ORDER BY rowid")
        ]


def shows(visitor: Visitor, shape: Shape, tensors: dict | None = None) -> None:
    """The page shows the numbers of this network, and no others."""
    found = observe(shape, tensors)
    maps = [one for one in visitor.chart("architecture_strips")["data"] if one["type"] == "heatmap"]
    for one, strip in zip(maps, found.strips, strict=True):
        np.testing.assert_allclose(one["z"], strip.h.T, atol=2e-5)  # a heat map is sent in 16 bits
    lines = [one for one in visitor.chart("architecture_strips")["data"] if one["type"] == "scatter"]
    for one, strip in zip(lines, found.strips, strict=False):
        np.testing.assert_allclose(one["y"], strip.dh, rtol=1e-6)
    said = {one.get("name"): one for one in visitor.chart("architecture_answer")["data"]}
    asked = problem_of(shape)
    if asked.kind == "classes":
        np.testing.assert_allclose(said["probability"]["x"], found.answer[0], rtol=1e-6)
    elif found.contexts:
        for one in found.contexts:
            np.testing.assert_allclose(said[one.label]["y"], one.answer[:, 0], rtol=1e-6)
    else:
        np.testing.assert_allclose(said["network"]["y"], found.answer[:, 0], rtol=1e-6)
    for stage in found.stages:
        numbers = ", ".join(map(str, stage.shape))
        assert f"<td>{stage.letters}</td><td><b>({numbers})</b></td>" in visitor.html
    count = sum(one.numel() for one in build_model(shape).parameters())
    assert f"<b>{count:,}</b> parameters" in visitor.html


@pytest.mark.parametrize("kind", KINDS)
def test_every_card_shows_its_network(kind: str) -> None:
    visitor = Visitor("architectures", arch=kind, stage="fresh", reach="8", many_b="2")
    shape = Shape(kind=kind, length=8, batch=2)
    shows(visitor, shape)
    told = words(kind)
    assert shapes.name(told.use) in visitor.html
    assert shapes.name(told.look) in visitor.html
    assert told.address in visitor.html
    diagram = json.loads(visitor.component("architecture_diagram").json)
    assert diagram["svg"] == pictures.diagram(shape)


@pytest.mark.parametrize("kind", ["n_to_1", "n_to_m", "attention", "contexts"])
def test_what_was_trained_is_shown(kind: str, store: Runs) -> None:
    visitor = Visitor("architectures", owner="ada", arch=kind, reach="8", many_b="2")
    shape = Shape(kind=kind, length=8, batch=2)
    shows(visitor, shape)
    if kind in choice.LONG:
        assert queued(store) == []  # its weights depend on how many steps are read
        visitor.click("Train")
    else:
        assert "Next in line" in status(visitor)
        assert queued(store)[0] == Shape(kind=kind)
    while compute(store):
        pass
    visitor.run()
    assert status(visitor).startswith("Trained")
    assert timers(visitor) == 0
    run = choice.find(visitor.session)
    assert run is not None
    shows(visitor, shape, store.weights(run.run.id, "after"))
    first, best = run.epochs[0], min(run.epochs, key=lambda one: one["validation_loss"])
    assert f"<b>{number(first['test_loss'])}</b> before training" in visitor.html
    assert (
        f"<b>{number(best['test_loss'])}</b> after {best['step']} steps, where that on validation sequences"
        in visitor.html
    )


def test_layer_norm_is_told_as_the_cell_has_it() -> None:
    visitor = Visitor("architectures", arch="layernorm", block="rnn", stage="fresh", **SMALL)
    told = words("layernorm", "rnn")
    assert shapes.name(told.look) in visitor.html
    assert any(r"W_{ih} x_t + W_{hh} h_{t-1}" in formula.value for formula in visitor.app.latex)


def test_it_is_said_how_many_parameters_a_context_takes() -> None:
    visitor = Visitor("architectures", arch="contexts", stage="fresh", **SMALL)
    model = build_model(Shape(kind="contexts", length=6, hidden=3, batch=2))
    for context in ("learned", "all"):
        count = sum(one.numel() for one in model.get_submodule(f"{context}.g").parameters())
        assert re.search(rf"has <b>{count:,}</b>", visitor.html)


def test_the_yardstick_is_of_the_length_that_was_trained_on(store: Runs) -> None:
    visitor = Visitor("architectures", owner="ada", arch="hierarchical", reach="6")
    compute(store)
    visitor.run()
    assert "trained on 12 steps and reads 6" in visitor.html
    trained, read = (problem_of(Shape(kind="hierarchical", length=N)).yardsticks[0] for N in (12, 6))
    assert f"not read: <b>{number(trained.value)}</b>" in visitor.html
    assert number(trained.value) != number(read.value)
    assert "it is <b>1</b> step of the upper clock; a single layer takes 3." in visitor.html


def test_before_training_is_a_click_away(store: Runs) -> None:
    visitor = Visitor("architectures", owner="ada")
    compute(store)
    assert status(visitor.run()).startswith("Trained")
    visitor.press("stage", "fresh")
    assert status(visitor) == "Untrained the weights are as drawn from seed 0."
    shows(visitor, Shape())
    assert visitor.address == {"stage": "fresh"}


def test_cards_are_drawn_from_the_diagrams_and_chosen_by_a_click(store: Runs) -> None:
    visitor = Visitor("architectures", owner="ada")
    data = json.loads(visitor.component("architecture").json)
    assert [card["value"] for card in data["cards"]] == KINDS
    assert all(card["svg"] == pictures.miniature(card["value"]) for card in data["cards"])
    assert all(card["help"] == words(card["value"]).use for card in data["cards"])
    assert data["value"] == "n_to_n"
    pick(visitor, "residual")
    assert visitor.session.shape.kind == "residual"
    assert visitor.address == {"arch": "residual"}
    assert json.loads(visitor.component("architecture").json)["value"] == "residual"
    for nonsense in ("nobody", None, 7, [], {"v": 1}, "<b>"):
        pick(visitor, nonsense)
        assert visitor.session.shape.kind in KINDS


def test_names_on_cards_are_short() -> None:
    assert set(gallery.SHORT) <= set(KINDS)
    assert all(len(gallery.SHORT.get(kind, label)) <= 13 for kind, label in ARCHITECTURES)


@pytest.mark.parametrize(("name", "low", "high"), [("length", 4, 24), ("hidden", 2, 64), ("batch", 1, 32)])
def test_shapes_follow_each_slider_at_once(name: str, low: int, high: int) -> None:
    visitor = Visitor("architectures", stage="fresh")
    for value in (low, high):
        visitor.drag(f"a_{name}", value)
        shape = replace(Shape(), **{name: value})
        assert visitor.session.shape == shape
        shows(visitor, shape)
    assert visitor.address[FIELD[name].query] == str(high)


def test_cell_seed_and_layers() -> None:
    visitor = Visitor("architectures", arch="stacked", stage="fresh", **SMALL)
    visitor.drag("a_layers", 4)
    visitor.app.selectbox(key="a_cell").set_value("gru")
    visitor.run()
    visitor.app.number_input(key="a_seed").set_value(7)
    visitor.run()
    shape = Shape("stacked", "gru", length=6, hidden=3, batch=2, layers=4, seed=7)
    assert visitor.session.shape == shape
    shows(visitor, shape)
    visitor.click("New seed")
    assert visitor.session.shape == replace(shape, seed=visitor.session.shape.seed)
    shows(visitor, visitor.session.shape)
    # Layers are offered where they count alone.
    pick(visitor, "n_to_n")
    assert not [one for one in visitor.app.get("bidi_component") if one.key == "live_a_layers"]


# Training


def test_dragging_asks_for_no_training(store: Runs) -> None:
    visitor = Visitor("architectures", owner="ada")
    assert queued(store) == [Shape()]
    for value in (5, 13, 24):
        visitor.drag("a_length", value)
        visitor.drag("a_batch", value)
    assert queued(store) == [Shape()]
    assert "Next in line" in status(visitor)
    for value in (4, 30, 64):
        visitor.drag("a_hidden", value)
    assert queued(store) == [Shape()]
    assert "not trained yet" in status(visitor)
    assert button(visitor)
    # Thirty others look at the same.
    Visitor("architectures", owner="bob")
    Visitor("architectures", owner="eve", reach="7")
    assert queued(store) == [Shape()]


def test_trained_weights_stay_while_steps_and_sequences_change(store: Runs) -> None:
    visitor = Visitor("architectures", owner="ada")
    compute(store)
    visitor.run()
    id = choice.find(visitor.session).run.id
    visitor.drag("a_length", 20)
    visitor.drag("a_batch", 3)
    shows(visitor, Shape(length=20, batch=3), store.weights(id, "after"))
    assert "on N = 12" in status(visitor)
    assert "It was trained on 12 steps and reads 20." in visitor.html
    visitor.drag("a_hidden", 5)
    shows(visitor, Shape(length=20, batch=3, hidden=5))
    visitor.drag("a_hidden", 16)
    shows(visitor, Shape(length=20, batch=3), store.weights(id, "after"))


def test_a_training_of_ones_own_has_a_link_that_others_can_follow(store: Runs) -> None:
    visitor = Visitor("architectures", owner="ada", arch="attention", seed="3", start="3", **SMALL)
    shape = Shape("attention", length=6, hidden=3, batch=2, seed=3)
    assert queued(store) == []
    visitor.press("stage", "fresh")
    visitor.click("Train")
    id = visitor.address["learned"]
    assert visitor.view.stage == "trained"
    assert queued(store) == [shape]
    assert store.owns(id, "ada".ljust(32, "0"))
    assert not button(visitor)
    assert timers(visitor) == 1
    assert "untrained" not in visitor.address
    shows(visitor, shape)
    compute(store)
    visitor.run()
    assert status(visitor).startswith("Trained")
    assert timers(visitor) == 0
    shows(visitor, shape, store.weights(id, "after"))
    guest = Visitor("architectures", owner="eve", learned=id)
    assert guest.session.shape == shape
    shows(guest, shape, store.weights(id, "after"))
    # Another card has its own weights; on the way back these are there again.
    pick(guest, "n_to_1")
    assert "not trained yet" in status(guest)
    pick(guest, "attention")
    shows(guest, shape, store.weights(id, "after"))


def test_a_run_that_is_gone_or_none_of_ours(store: Runs) -> None:
    visitor = Visitor("architectures", learned="abcdefghijklmnop_-0123", size="9")
    assert "no longer here" in status(visitor)
    shows(visitor, Shape(hidden=9))
    other = store.submit("training", {"kind": "n_to_n"}, "ada")
    assert "no longer here" in status(Visitor("architectures", learned=other, size="9"))
    wrong = store.submit("architecture", {"kind": "nobody"}, "ada")
    assert "no longer here" in status(Visitor("architectures", learned=wrong, size="9"))


def test_why_nothing_can_be_trained_is_said(store: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **more: object) -> str:
        raise RunsError("The queue is full: <b>wait</b> a moment.")

    monkeypatch.setattr(store, "submit", refuse)
    visitor = Visitor("architectures", owner="ada")
    assert "The queue is full: &lt;b&gt;wait&lt;/b&gt; a moment." in visitor.html
    shows(visitor, Shape())
    visitor = Visitor("architectures", owner="ada", **SMALL).click("Train")
    assert "The queue is full: &lt;b&gt;wait&lt;/b&gt; a moment." in visitor.html
    assert "learned" not in visitor.address


def test_weights_that_do_not_fit_are_not_shown(store: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = Visitor("architectures", owner="ada")
    compute(store)
    monkeypatch.setattr(store, "weights", lambda id, name: {"rnn.weight": torch.zeros(2)})
    visitor.run()
    shows(visitor, Shape())
    monkeypatch.setattr(store, "weights", lambda id, name: None)
    visitor.run()
    shows(visitor, Shape())


# Comparisons


def test_one_to_n_stands_beside_its_other_form(store: Runs) -> None:
    visitor = Visitor("architectures", owner="ada", arch="one_to_n", reach="6")
    assert queued(store) == [Shape(kind="one_to_n"), Shape(kind="one_to_n_each")]
    while compute(store):
        pass
    visitor.run()
    for kind in ("one_to_n", "one_to_n_each"):
        shape = Shape(kind=kind, length=6)
        id = choice.find(visitor.session, shape).run.id
        found = observe(shape, store.weights(id, "after"))
        (line,) = [
            one for one in visitor.chart(f"beside_answer_{kind}")["data"] if one.get("name") == "network"
        ]
        np.testing.assert_allclose(line["y"], found.answer[:, 0], rtol=1e-6)
        assert f"loss on this input {number(found.loss)}" in visitor.html
    axes = [visitor.chart(f"beside_strips_{kind}")["layout"]["yaxis2"]["range"] for kind in choice.PAIRS]
    assert axes[0] == axes[1]


def test_the_three_contexts_stand_side_by_side() -> None:
    visitor = Visitor("architectures", arch="contexts", stage="fresh", **SMALL)
    found = observe(Shape("contexts", length=6, hidden=3, batch=2))
    for one in found.contexts:
        chart = visitor.chart(f"told_{one.name}")["data"]
        np.testing.assert_allclose(chart[1]["y"], one.answer[:, 0], rtol=1e-6)
        np.testing.assert_allclose(chart[2]["z"][0], one.context, atol=2e-5)
        assert f"<b>{shapes.name(one.label)}</b> <span>loss on this input {number(one.loss)}" in visitor.html


# What can be taken away, and links


def test_the_download_has_every_number() -> None:
    for kind in ("bidirectional", "attention", "contexts"):
        found = observe(Shape(kind=kind, length=5, hidden=2, batch=1))
        rows = list(csv.DictReader(io.StringIO(take_away.table(found))))
        of = {}
        for row in rows:
            of.setdefault((row["quantity"], row["of"]), []).append(float(row["value"]))
        np.testing.assert_allclose(of["x", ""], found.x.flatten(), rtol=1e-6)
        for strip in found.strips:
            np.testing.assert_allclose(of["h", strip.name], strip.h.flatten(), rtol=1e-6)
            np.testing.assert_allclose(of["norm of dL/dh", strip.name], strip.dh, rtol=1e-6)
        if found.weights is not None:
            np.testing.assert_allclose(of["weight", ""], found.weights[0], rtol=1e-6)
        for one in found.contexts:
            np.testing.assert_allclose(of["answer", one.name], one.answer[:, 0], rtol=1e-6)


def test_hostile_links_give_the_nearest_legal_value_and_say_so() -> None:
    text = "<img src=x onerror=alert(1)>"
    visitor = Visitor(
        "architectures", arch=text, block=text, reach="9999", size="-3", many_b="1e99", depth="NaN", start=text,
        learned="../../etc", stage=text,
    )  # fmt: skip
    assert visitor.session.shape == Shape(length=24, hidden=2, batch=visitor.session.shape.batch)
    assert len(visitor.app.toast) >= 7
    assert text not in visitor.html
    assert visitor.view.learned == ""
    assert status(visitor)


def test_a_link_brings_everything_back() -> None:
    settings = SMALL | {"arch": "hierarchical", "block": "rnn", "reach": "9", "start": "5", "stage": "fresh"}
    visitor = Visitor("architectures", **settings)
    assert visitor.session.shape == Shape("hierarchical", "rnn", length=9, hidden=3, batch=2, seed=5)
    assert visitor.address == settings
    visitor.go("gates")
    assert "arch" not in visitor.address
    visitor.go("architectures")
    assert visitor.address == settings


def test_another_version_trains_its_examples_anew(store: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    shape = Shape(length=8, batch=2)
    first = choice.find(Visitor("architectures", owner="ada", reach="8", many_b="2").session, shape)
    monkeypatch.setattr(choice, "VERSION", choice.VERSION + 1)
    choice.examples.known.clear()  # another version is another server
    second = choice.find(Visitor("architectures", owner="ada", reach="8", many_b="2").session, shape)
    assert first is not None
    assert second is not None
    assert first.run.id != second.run.id
    assert first.shape == second.shape

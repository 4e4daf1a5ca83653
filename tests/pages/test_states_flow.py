"""The flow and the trained memory on /states: their numbers against the models, every control at both ends."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from test_opened import open_
from trained import small
from visitor import Visitor

from rnnviz import flipflop, portrait
from rnnviz.experiment import Experiment
from rnnviz.fixedpoints import fixed_points
from rnnviz.flow import flow
from rnnviz.observe import observe
from rnnviz.onestep import module_of
from rnnviz.prose import written
from rnnviz.registry import CELLS
from rnnviz.ui.states import words
from rnnviz.ui.states.held import Held, of_experiment

LATCH = {"cell": "rnn", "hidden": "2", "init": "gaussian", "scale": "2", "length": "20", "portrait": "flow"}


def section(**query: str) -> Visitor:
    return Visitor("states", **({"portrait": "flow", "length": "12"} | query))


def points(visitor: Visitor) -> list[tuple[float, float]]:
    """The fixed points that are drawn, in the order of their numbers."""
    found = {
        trace["meta"]["point"]: (float(trace["x"][0]), float(trace["y"][0]))
        for trace in visitor.chart("flow_plane")["data"]
        if "point" in (trace.get("meta") or {})
    }
    return [found[k] for k in range(len(found))]


def said(visitor: Visitor) -> str:
    return "".join(re.findall(r"<section class='rv-see'>.*?</section>", visitor.html, re.S))


@pytest.mark.parametrize(
    ("cell", "scale", "says", "never"),
    [
        # tanh(h) comes to 0, slowly: no line of memories, though 0 is marginal.
        ("rnn", "1", "<b>1</b> marginal", "a whole line"),
        ("rnn_relu", "1", "a whole line", "forgets"),
        # At 0 ReLU bends: what is pushed to the positive side grows.
        ("rnn_relu", "1.5", "<b>1</b> unstable", "stable point:"),
        ("rnn", "0.5", "If all states end there, the network forgets", "It forgets"),
    ],
)
def test_what_is_said_of_a_point_at_the_origin(cell: str, scale: str, says: str, never: str) -> None:
    text = said(section(cell=cell, scale=scale, init="identity", hidden="1"))
    assert says in text
    assert never not in text


def test_one_stable_point_and_states_that_do_not_end_there() -> None:
    ring = replace(Experiment(length=40, hidden=4, seed=0, init="pytorch"), cells=("lstm_layernorm",))
    layer = observe(ring, "lstm_layernorm").trace.layers[0]
    x = torch.zeros(1, dtype=torch.float64)
    found = portrait.search(layer, x)
    drawn = portrait.portrait(layer, x, found, free=True)
    assert found.points.kinds == ("stable",)
    assert drawn.arrived == 0
    text = " ".join(words.sentences(drawn, "0"))
    assert "forgets" not in text
    assert "not all states end there" in text


def test_of_an_exploding_run_the_plane_holds_what_is_near() -> None:
    text = said(section(cell="rnn_linear", hidden="4", scale="3", length="40"))
    assert "of the variance of the run as far as |s| is 30 at most" in text
    assert "of the variance of the run. " in said(section(cell="rnn", hidden="4"))


def test_two_units_are_drawn_as_they_are() -> None:
    visitor = Visitor("states", **LATCH)
    module = module_of(observe(visitor.experiment, "rnn").trace.layers[0])
    chart = visitor.chart("flow_plane")
    drawn = flow(module, torch.zeros(1), torch.zeros(2), torch.eye(2), 1.05, 61)
    (heat,) = [trace for trace in chart["data"] if trace["type"] == "heatmap"]
    top = math.ceil(2 * math.log10(float(np.quantile(drawn.speed.numpy(), 0.98)))) / 2
    expected = np.maximum(np.log10(drawn.speed.numpy()) - top, -2.5)
    np.testing.assert_allclose(heat["z"], expected, atol=0.01)
    # Filled, open and crossed at the places where a step of the module changes nothing.
    found = points(visitor)
    assert len(found) == 3
    for place in found:
        h = torch.tensor(place, dtype=torch.float32).view(1, 2)
        with torch.no_grad():
            after = module(torch.zeros(1, 1, 1), (h,))[1][0]
        torch.testing.assert_close(after, h, atol=1e-5, rtol=0)
    assert found[2] == pytest.approx((0, 0), abs=1e-6)  # W h with no bias
    run = observe(visitor.experiment, "rnn").trace.layers[0].h[:, 0]
    (line,) = [trace for trace in chart["data"] if "path" in (trace.get("meta") or {})]
    np.testing.assert_allclose(line["x"][1:], run[:, 0], atol=1e-3)
    assert chart["time"]["trails"][0]["start"] == 1
    assert "<b>2</b> stable and <b>1</b> saddle, found from 84 starts; there may be others" in said(visitor)
    largest = torch.linalg.eigvals(module.weight_hh.double()).abs().max()
    assert f"<td>{written(float(largest))}</td><td>doubles within a step</td>" in visitor.html


def test_a_point_is_chosen_by_a_click_and_by_the_slider() -> None:
    visitor = Visitor("states", **LATCH)
    assert visitor.slider("point")["max"] == 3
    x, y = points(visitor)[1]
    visitor.send("flow_plane", {"pick": {"trace": 0, "x": x + 0.05, "y": y, "z": None}})
    assert visitor.view.point == 2
    assert visitor.address["point"] == "2"
    visitor.drag("point", 3)
    ring = next(t for t in visitor.chart("flow_plane")["data"] if t["name"] == "chosen")
    assert (float(ring["x"][0]), float(ring["y"][0])) == pytest.approx(points(visitor)[2], abs=1e-6)
    shown = [t for t in visitor.chart("flow_eigenvalues")["data"] if t["name"] in ("grows", "shrinks")]
    values = sorted(float(x) for trace in shown for x in trace["x"])
    W = observe(visitor.experiment, "rnn").trace.layers[0].params["weight_hh"].double()
    assert values == pytest.approx(sorted(torch.linalg.eigvals(W).real.tolist()), abs=1e-4)
    visitor.send("flow_plane", {"pick": {"trace": "x", "x": None, "y": 1e999, "z": None}})
    assert visitor.view.point == 3


def test_the_held_input_moves_what_is_drawn() -> None:
    visitor = Visitor("states", **LATCH)
    before = points(visitor)
    for value in (-1.0, 1.0):
        visitor.drag("held", value)
        assert visitor.view.held == value
        layer = observe(visitor.experiment, "rnn").trace.layers[0]
        wanted = portrait.search(layer, torch.tensor([value])).points.points
        np.testing.assert_allclose(points(visitor), wanted, atol=1e-6)
        assert points(visitor) != before
        assert f"held at {written(value)}" in said(visitor)


def test_states_left_to_themselves() -> None:
    visitor = Visitor("states", **LATCH).press("ride", "free")
    chart = visitor.chart("flow_plane")
    paths = [trace for trace in chart["data"] if "path" in (trace.get("meta") or {})]
    assert len(paths) == len(chart["time"]["trails"]) == 25
    layer = observe(visitor.experiment, "rnn").trace.layers[0]
    W = layer.params["weight_hh"].double()
    bias = (layer.params["bias_ih"] + layer.params["bias_hh"]).double()
    for path in paths[::6]:
        h = torch.tensor([float(path["x"][0]), float(path["y"][0])], dtype=torch.float64)
        after = torch.tanh(W @ h + bias)
        assert (float(path["x"][1]), float(path["y"][1])) == pytest.approx(after.tolist(), abs=1e-3)
    assert "Of <b>25</b> states left to themselves for 20 steps, <b>25</b> end" in said(visitor)


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell(cell: str) -> None:
    visitor = section(cell=cell, hidden="1", length="2", scale="4", ride="free")
    assert CELLS[cell].label in visitor.chart("flow_plane")["alt"]
    visitor.drag("scale", 0)
    assert CELLS[cell].label in visitor.chart("flow_plane")["alt"]
    assert "What you see" in visitor.html


def test_one_unit_has_a_graph() -> None:
    """h' = tanh(2 h): the closed form of Strogatz's chapter 10 pictures."""
    visitor = section(cell="rnn", hidden="1", init="identity", scale="2")
    found = points(visitor)
    h = 0.9575040240772687
    assert sorted(x for x, _ in found) == pytest.approx([-h, 0, h], abs=1e-6)
    (curve,) = [t for t in visitor.chart("flow_plane")["data"] if t["name"] == "F"]
    np.testing.assert_allclose(curve["y"], np.tanh(2 * np.asarray(curve["x"])), atol=1e-3)
    assert "<b>2</b> stable and <b>1</b> unstable" in said(visitor)


def test_larger_states_are_cut_through_and_it_is_said() -> None:
    visitor = section(cell="lstm", hidden="4", length="30")
    layer = observe(visitor.experiment, "lstm").trace.layers[0]
    plane = portrait.plane_of(layer)
    assert plane.shares is not None
    assert visitor.chart("flow_plane")["layout"]["xaxis"]["title"]["text"].startswith("PC 1 (")
    assert "of the variance of the run" in said(visitor)
    wanted = portrait.search(layer, torch.zeros(1)).points
    np.testing.assert_allclose(points(visitor), plane.within(wanted.points), atol=1e-6)
    assert "off plane" in visitor.html


def test_a_harder_search_is_kept_and_told() -> None:
    visitor = section(cell="gru", hidden="3", scale="3.35")
    layer = observe(visitor.experiment, "gru").trace.layers[0]
    quick, hard = (len(portrait.starts_of(layer, torch.zeros(1), count)) for count in (24, 300))
    assert quick < hard
    assert f"found from {quick} starts" in said(visitor)
    visitor.click("Search harder")
    assert f"found from {hard} starts" in said(visitor)
    visitor.drag("point", 1)
    assert f"found from {hard} starts" in said(visitor)
    assert [button.disabled for button in visitor.app.button if button.label == "Searched"] == [True]


@pytest.mark.parametrize(
    "query",
    [
        {"signal": "text", "text": "a <b>*"},
        {"signal": "numbers", "numbers": "1e30 -1e30 3", "held": "1e30"},
        {"signal": "numbers", "numbers": "0 0"},
        {"signal": "returns", "held": "-10", "length": "20"},
        {"signal": "noise", "cell": "rnn_linear", "init": "identity", "scale": "1"},
        {"signal": "sine", "cell": "rnn_relu", "scale": "4", "length": "500", "hidden": "5"},
    ],
)
def test_any_signal(query: dict[str, str]) -> None:
    visitor = section(**({"hidden": "3", "cell": "rnn"} | query))
    if query["signal"] == "text":
        for letter in ("0", "1", "5"):
            visitor.choose("letter", letter)
            assert visitor.view.letter == int(letter)
        assert "held at *" not in said(visitor)
        assert "<b>*" not in said(visitor)
    else:
        for value in (-1e30, 1e30):
            visitor.drag("held", value)
    assert "What you see" in visitor.html


def test_what_may_be_held() -> None:
    assert of_experiment(Experiment(signal="noise")).reach == 3
    assert of_experiment(Experiment(signal="numbers", numbers="10, 20, 30")).reach == 50
    assert of_experiment(Experiment(signal="numbers", numbers="0 0")).reach == 1
    letters = of_experiment(Experiment(signal="text", text="ba b"))
    assert letters.channels == ("␣", "a", "b")
    both = Held(1.0, ("one", "two"), signed=True)
    assert both.labels == ["Nothing: 0", "one = 1", "two = 1", "one = −1", "two = −1"]


def test_the_examples_are_what_they_are_called() -> None:
    visitor = section(cell="lstm", hidden="16", signal="noise")
    wanted = {"A latch": (2, 1, 0), "A rotation": (0, 0, 1), "Four memories": (4, 4, 1)}
    for name, (stable, saddle, unstable) in wanted.items():
        visitor.click(name)
        assert (visitor.experiment.cell, visitor.experiment.hidden) == ("rnn", 2)
        layer = observe(visitor.experiment, "rnn").trace.layers[0]
        found = portrait.search(layer, torch.zeros(1)).points
        assert [found.count(kind) for kind in ("stable", "saddle", "unstable")] == [stable, saddle, unstable]
        assert len(points(visitor)) == stable + saddle + unstable
    visitor.go("states", portrait="flow", cell="gru", hidden="7")
    visitor.click("This cell with two units (GRU, H = 2)")
    assert (visitor.experiment.cell, visitor.experiment.hidden) == ("gru", 2)


def test_the_memory_is_what_its_sentences_say() -> None:
    visitor = Visitor("states", portrait="flipflop")
    assert "This section has numbers of its own" in visitor.html  # in place of the experiment's settings
    model = flipflop.network()
    assert "<b>100 %</b> of the bits" in said(visitor)
    assert flipflop.accuracy(model) > 0.995
    assert "<b>8</b> stable points were found, with <b>8</b> different patterns" in said(visitor)
    assert "<b>12</b> of 12 join two corners" in said(visitor)
    for number in (0, 31):
        visitor.drag("bits", number)
        _, batch = flipflop.sequences(32, 100, seed=26)
        with torch.no_grad():
            answer = model(batch.x)[:, number]
        lines = [t for t in visitor.chart("memory_bits")["data"] if t["name"].startswith("bit")]
        for bit, line in enumerate(lines):
            np.testing.assert_allclose(line["y"], answer[:, bit], atol=2e-3)
    for dims, kind in (("2", "scatter"), ("3", "scatter3d")):
        visitor.press("cube", dims)
        data = visitor.chart(f"memory_cube_{dims}")["data"]
        assert {trace["type"] for trace in data} == {kind}
        (corners,) = [trace for trace in data if trace["name"] == "stable"]
        assert len(set(corners["text"])) == 8
    (link,) = [e for e in visitor.app.get("page_link") if "Train your own" in e.proto.label]
    assert "task=flipflop" in str(link.proto)


def test_a_trained_network_has_its_own_flow() -> None:
    race = small(task="flipflop", cells=("rnn", "lstm"))
    visitor = open_("states", race, "rnn", portrait="flow")
    from rnnviz import runs
    from rnnviz.training.trained import observe_trained

    for which, saved in (("after", "best"), ("before", "start")):
        visitor.press("weights", which)
        weights = runs.default().weights(visitor.view.model, f"{saved}:rnn")
        if weights is None:
            continue
        layer = observe_trained(race, "rnn", weights).trace.layers[0]
        wanted = portrait.search(layer, torch.zeros(3)).points.points
        plane = portrait.plane_of(layer)
        np.testing.assert_allclose(points(visitor), plane.within(wanted), atol=1e-5)
    visitor.choose("letter", "4")
    assert "pulse 1 = −1" in said(visitor)
    visitor.press("weights", "both")
    assert "Drawn is the network after training" in said(visitor)
    visitor.choose("cell", "lstm")
    assert "LSTM" in visitor.chart("flow_plane")["alt"]
    visitor.drag("example", 31)
    visitor.press("portrait", "path")
    assert visitor.chart("states_lines")["data"]


def test_a_network_of_other_changes_too() -> None:
    for race, cell in (
        (small(task="parity", cells=("gru", "rnn"), residual=True), "gru"),
        (small(task="flipflop", cells=("lstm", "gru"), layernorm=True), "lstm"),
    ):
        visitor = open_("states", race, cell, portrait="flow", weights="both", ride="free")
        assert "there may be others" in said(visitor)


def test_the_module_of_a_trace_is_the_module_that_was_traced() -> None:
    for cell in CELLS:
        experiment = Experiment(cells=(cell,), hidden=3, length=5)
        run = observe(experiment, cell)
        module = module_of(run.trace.layers[0])
        with torch.no_grad():
            torch.testing.assert_close(module(run.x)[0], run.trace.output, atol=1e-6, rtol=1e-5)
        assert fixed_points(module, torch.zeros(1), torch.zeros(1, 3 * len(module.states))).lost <= 1

"""The page inside a cell: the numbers that the browser gets, the weights, and what is said of both."""

import csv
import io
import json
import math
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from test_numbers import close
from visitor import Visitor, strings

from rnnviz import build
from rnnviz.experiment import Experiment
from rnnviz.inside import Inside, inside
from rnnviz.observe import Observation, observe
from rnnviz.registry import CELLS
from rnnviz.ui import compute
from rnnviz.ui.cell import download
from rnnviz.ui.findings import number, share

SETTING = {"length": "23", "hidden": "5", "scale": "1.7", "seed": "5", "signal": "noise", "loss": "20"}
EXPERIMENT = Experiment(length=23, hidden=5, scale=1.7, seed=5, signal="noise", loss=20)


def told(visitor: Visitor, key: str = "cell") -> dict[str, Any]:
    """What the browser is told of a run, with nodes, parameters and gradients by name."""
    (message,) = visitor.chart(key)["data"]
    named = ("nodes", "params", "gradients", "readout", "norms")
    return message | {kind: {one["name"]: one for one in message[kind]} for kind in named}


def seen_of(experiment: Experiment, cell: str) -> tuple[Observation, Inside]:
    run = observe(experiment, cell)
    return run, inside(run.trace.layers[0], run.x, run.gradients.layers[0], scored=(experiment.loss_index,))


def said(visitor: Visitor) -> str:
    return "".join(re.findall(r"<section class='rv-see'>.*?</section>", visitor.html, re.S))


def plain(html: str) -> str:
    return re.sub("<[^>]+>", "", html)


def links(visitor: Visitor) -> dict[str, dict[str, str]]:
    found = [link.proto for link in visitor.app.get("page_link")]
    return {link.page: dict(parse_qsl(link.query_string, keep_blank_values=True)) for link in found}


# At work


@pytest.mark.parametrize("cell", CELLS)
def test_the_browser_gets_every_number_of_the_run(cell: str) -> None:
    visitor = Visitor("cell", cell=cell, **SETTING)
    message, (run, seen) = told(visitor), seen_of(EXPERIMENT, cell)
    layer = run.trace.layers[0]
    expected = dict(layer.gates) | {"h": layer.h} | ({"c": layer.c} if layer.c is not None else {})
    for name, values in expected.items():
        np.testing.assert_array_equal(message["nodes"][name]["array"], values[:, 0])
    assert list(message["nodes"]) == list(seen.values) == [node.name for node in seen.nodes]
    for name, values in seen.values.items():
        sent = np.asarray(message["nodes"][name]["array"])
        np.testing.assert_array_equal(sent, values[: len(sent)])
        assert len(sent) == (1 if name.endswith("_before") else 23)
    module = build.build_module(EXPERIMENT, cell)
    parameters = {name.removesuffix("_l0"): value for name, value in module.named_parameters()}
    assert set(message["params"]) == set(parameters)
    for name, value in parameters.items():
        np.testing.assert_array_equal(message["params"][name]["array"], value.detach())
    np.testing.assert_allclose(message["gradients"]["h"]["array"], run.gradients.layers[0].h[:, 0])
    assert message["scored"] == [19]
    assert message["readout"] == {}
    assert "labels" not in message


def test_what_is_read_is_named() -> None:
    visitor = Visitor("cell", signal="text", text="abba", hidden="2")
    assert told(visitor)["labels"] == list("abba")
    np.testing.assert_array_equal(told(visitor)["nodes"]["x"]["array"], [[1, 0], [0, 1], [0, 1], [1, 0]])


def test_a_drag_moves_the_picture_and_computes_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    import rnnviz.inside

    made: list[Observation] = []
    real = rnnviz.inside.inside

    def counted(*args: Any, **more: Any) -> Any:
        made.append(args[0])
        return real(*args, **more)

    monkeypatch.setattr(rnnviz.inside, "inside", counted)
    visitor = Visitor("cell", cell="gru", hidden="3", length="9", seed="4711")
    visitor.drag("scale", 2.5).press("within", "weights").press("within", "live").run()
    assert len(made) == 2
    _, seen = seen_of(Experiment(cells=("gru",), hidden=3, length=9, seed=4711, scale=2.5), "gru")
    np.testing.assert_array_equal(told(visitor)["nodes"]["h"]["array"], seen.values["h"])
    run = compute.observation(visitor.experiment, "gru")
    assert compute.inside(run) is compute.inside(run)


@pytest.mark.parametrize("cell", ["lstm", "gru", "gru_reset_before", "mingru"])
def test_the_sentences_quote_what_was_measured(cell: str) -> None:
    visitor = Visitor("cell", cell=cell, **SETTING)
    run, seen = seen_of(EXPERIMENT, cell)
    gates = {name: gate[:, 0].double().numpy() for name, gate in run.trace.layers[0].gates.items()}
    keeps = {"lstm": gates.get("f"), "gru": gates.get("z")}.get(cell)
    means = np.exp(np.log(1 - gates["z"] if keeps is None else keeps).mean(0))
    longest, shortest = int(means.argmax()), int(means.argmin())
    words = said(visitor)
    assert f"Unit <b>{longest}</b> keeps longest" in words
    assert f"is <b>{number(means[longest])}</b> on (geometric) average" in words
    assert f"is gone after <b>{number(math.log(0.5) / math.log(means[longest]))}</b> steps" in words
    assert f"Unit <b>{shortest}</b> forgets fastest, with <b>{number(means[shortest])}</b>" in words
    old = float(seen.values["kept"].double().abs().mean())
    new = float(seen.values["written" if cell == "lstm" else "taken"].double().abs().mean())
    assert f"<b>{share(old / (old + new))}</b> is kept" in words
    assert f"<b>{share(new / (old + new))}</b> is new" in words
    gradients = run.gradients.layers[0]
    through = gradients.h if gradients.c is None else gradients.c
    norms = through.double().flatten(1).norm(dim=1)[:20]
    back = next((k for k in range(20) if norms[19 - k] < 0.1 * norms[19]), None)
    assert f"Backwards from the loss at step 20, ‖∂L/∂{'h' if cell != 'lstm' else 'c'}‖" in words
    if back is None:
        assert f"is still <b>{number(float(norms[0] / norms[19]))}</b> of itself" in words
    else:
        assert f"below a tenth after <b>{back}</b> step" in words


def test_a_cell_without_gates_rewrites_its_state() -> None:
    words = said(Visitor("cell", cell="rnn", **SETTING))
    _, seen = seen_of(EXPERIMENT, "rnn")
    moved = (seen.values["h"] - seen.values["h_before"]).double().square().mean().sqrt()
    assert f"It moves by <b>{number(float(moved))}</b> a step" in words
    assert "keeps longest" not in words
    one = Visitor("cell", cell="lstm", hidden="1", length="9")
    assert "keeps longest" not in said(one)
    assert "on (geometric) average" in said(one)


def test_units_that_keep_alike_are_not_told_apart() -> None:
    alike = {"signal": "numbers", "numbers": "0, 0, 0", "init": "identity", "scale": "0", "forget": "1"}
    words = said(Visitor("cell", cell="lstm", hidden="4", **alike))
    assert f"as much as any other: its <i>f</i> is <b>{number(1 / (1 + math.exp(-1)))}</b>" in words
    assert "forgets fastest" not in words


def test_a_state_beyond_float32_is_said() -> None:
    extreme = {"cell": "rnn_linear", "scale": "4", "length": "500", "init": "orthogonal", "hidden": "4"}
    words = said(Visitor("cell", **extreme))
    assert "leaves float32's range at step" in words
    assert "nan" not in plain(words)


@pytest.mark.parametrize("cell", ["rnn", "lstm_layernorm", "gru"])
def test_the_table_to_take_away_has_every_number(cell: str) -> None:
    run, seen = seen_of(replace(EXPERIMENT, signal="text", text="abcab", loss=None), cell)
    rows = list(csv.DictReader(io.StringIO(download.table(seen, run.signal.labels))))
    assert [(row["step"], row["label"], row["unit"]) for row in rows[:6]] == [
        *(("1", "a", str(unit)) for unit in range(5)),
        ("2", "b", "0"),
    ]
    columns = {name: seen.values[name] for name in seen.values if name != "x"}
    columns |= {f"dL/d{name}": values for name, values in seen.gradients.items()}
    for name, values in columns.items():
        read = np.array([row[name] for row in rows], np.float32).reshape(5, 5)
        np.testing.assert_array_equal(read, values)
    read = np.array([[row[f"x[{k}]"] for k in range(3)] for row in rows], np.float32)
    np.testing.assert_array_equal(read[::5], seen.values["x"])


# U, W, V


def blocks_of(chart: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [trace for trace in chart["data"] if trace["name"].split()[0] == name]


@pytest.mark.parametrize("cell", CELLS)
def test_the_heat_maps_are_the_weights_block_by_block(cell: str) -> None:
    visitor = Visitor("cell", within="weights", cell=cell, **(SETTING | {"signal": "text", "text": "a<b>c"}))
    chart = visitor.chart("cell_weights")
    experiment = replace(EXPERIMENT, signal="text", text="a<b>c")
    module = build.build_module(experiment, cell)
    blocks = CELLS[cell].blocks
    drawn = 0
    for name, value in module.named_parameters():
        traces = blocks_of(chart, name)
        drawn += len(traces)
        whole = np.concatenate([trace["customdata"].reshape(trace["z"].shape) for trace in traces])
        expected = value.detach().numpy()
        np.testing.assert_array_equal(whole.reshape(expected.shape), expected)
        for trace in traces:
            close(trace["z"], torch.as_tensor(trace["customdata"].copy()))
            assert trace["zmin"] == -trace["zmax"]
            assert trace["zmax"] >= np.abs(trace["z"]).max()
        if value.ndim == 2:
            assert [trace["name"].split()[1] for trace in traces] == list(blocks)
            offsets = [f"{name}[{k * 5} + " if k else f"{name}[%" for k in range(len(blocks))]
            assert all(o in t["hovertemplate"] for o, t in zip(offsets, traces, strict=True))
            titles = "".join(note["text"] for note in chart["layout"]["annotations"])
            assert f"{tuple(expected.shape)}<br>{name}" in titles
    assert drawn == len(chart["data"])
    ticks = {
        text
        for axis in chart["layout"].values()
        if isinstance(axis, dict)
        for text in axis.get("ticktext", [])
    }
    assert {"a", "&lt;", "&gt;"} <= ticks
    assert "a<b>c" not in set(strings(chart["layout"]))


def test_the_scale_multiplies_w_alone() -> None:
    visitor = Visitor("cell", within="weights", cell="gru", hidden="4", length="9")
    before = visitor.chart("cell_weights")
    after = visitor.drag("scale", 2.0).chart("cell_weights")
    for name, factor in (("weight_ih_l0", 1), ("weight_hh_l0", 2), ("bias_ih_l0", 1), ("bias_hh_l0", 1)):
        for one, other in zip(blocks_of(before, name), blocks_of(after, name), strict=True):
            np.testing.assert_allclose(other["customdata"], factor * np.asarray(one["customdata"]))
    assert "by <b>2</b> now" in said(visitor)
    assert "is <b>0</b>: W is 0" in said(visitor.drag("scale", 0))


@pytest.mark.parametrize("cell", ["rnn", "lstm_peephole", "gru"])
def test_what_is_measured_of_the_blocks_stands_in_the_table(cell: str) -> None:
    visitor = Visitor("cell", within="weights", cell=cell, **SETTING)
    (table,) = re.findall(r"<table class='rv-blocks'>.*?</table>", visitor.html)
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>.*?</tr>", table)]
    W = dict(build.build_module(EXPERIMENT, cell).named_parameters())
    W = {name.removesuffix("_l0"): value.detach().double().numpy() for name, value in W.items()}
    for k, block in enumerate(CELLS[cell].blocks):
        square = W["weight_hh"][5 * k : 5 * k + 5]
        assert rows[1 + k] == [
            block,
            number(float(np.linalg.norm(W["weight_ih"][5 * k : 5 * k + 5]))),
            number(float(np.linalg.norm(square))),
            number(float(np.abs(np.linalg.eigvals(square)).max())),
            number(float(np.linalg.norm(square, 2))),
            number(float((W["bias_ih"] + W["bias_hh"])[5 * k : 5 * k + 5].mean())),
        ]


def test_a_cell_without_w_and_an_experiment_without_v_say_so() -> None:
    visitor = Visitor("cell", within="weights", cell="mingru", hidden="4", length="9")
    assert {trace["name"].split()[0] for trace in visitor.chart("cell_weights")["data"]} == {
        "weight_ih",
        "bias_ih",
    }
    assert "There is no W" in said(visitor)
    assert "The untrained experiment has no V" in visitor.html
    assert "the sum of h" in visitor.html


@pytest.mark.parametrize("cell", ["rnn_relu", "lstm_layernorm", "lstm_peephole", "mingru"])
def test_the_weights_at_both_ends(cell: str) -> None:
    visitor = Visitor("cell", within="weights", cell=cell, length="12", hidden="3")
    for name in ("scale", "forget", "hidden"):
        sent = visitor.slider(name)
        for value in () if sent["disabled"] else (sent["max"], sent["min"], sent["value"]):
            chart = visitor.drag(name, value).chart("cell_weights")
            assert chart["data"]
            assert chart["alt"].strip()
            assert "nan" not in plain(said(visitor)).lower().split()


@pytest.mark.parametrize("within", ["live", "weights"])
def test_many_letters_and_many_units(within: str) -> None:
    text = "".join(map(chr, range(0x4E00, 0x4EC8)))
    visitor = Visitor("cell", within=within, cell="lstm", signal="text", text=text, hidden="128")
    if within == "live":
        assert len(told(visitor)["nodes"]["x"]["array"][0]) == 200
    else:
        chart = visitor.chart("cell_weights")
        assert not any("texttemplate" in trace for trace in chart["data"])
        assert (
            max(len(axis.get("tickvals", [])) for axis in chart["layout"].values() if isinstance(axis, dict))
            <= 24
        )


def test_numbers_stand_in_the_cells_where_they_fit() -> None:
    visitor = Visitor("cell", within="weights", cell="lstm", hidden="8")
    assert all("texttemplate" in trace for trace in visitor.chart("cell_weights")["data"])
    present = Visitor("cell", within="weights", cell="lstm", hidden="8", present="1").chart("cell_weights")
    assert not any("texttemplate" in trace for trace in present["data"])
    assert present["present"]
    assert not any("texttemplate" in t for t in visitor.drag("hidden", 9).chart("cell_weights")["data"])


# Ways


def test_the_way_in_and_out_keeps_all_that_is_set() -> None:
    visitor = Visitor("gates", cell="gru,lstm", unit="3", show="unit", **SETTING)
    query = links(visitor)["cell"]
    assert query == visitor.address
    visitor.go("cell", **query)
    assert (visitor.experiment, visitor.view.show) == (replace(EXPERIMENT, cells=("gru", "lstm")), "unit")
    assert links(visitor)["gates"] == visitor.address == query
    visitor.press("within", "weights")
    assert visitor.address == query | {"within": "weights"}


def test_a_wrong_link_gives_the_nearest_and_says_so() -> None:
    visitor = Visitor("cell", within="nothing", cell="lstn", hidden="4", length="9")
    assert visitor.view.within == "live"
    assert visitor.app.toast
    assert told(visitor)["cell"] in CELLS
    for wrong in ("nothing", "", "<b>"):
        visitor.forge("w_within", "string_array_value", [wrong])
        assert visitor.view.within in ("live", "weights", "hand")


def test_the_way_in_from_the_first_page_shows_the_cell_of_the_run() -> None:
    visitor = Visitor(cell="gru", hidden="3", length="9")
    first = json.loads(visitor.component("door_cell").json)["svg"]
    texts = [node.text for node in ElementTree.fromstring(first).iter() if node.tag.endswith("text")]
    assert {"x", "r", "z", "n", "h"} <= set(texts)
    after = json.loads(visitor.drag("scale", 3.0).component("door_cell").json)["svg"]
    assert after != first
    assert "cell" in links(visitor)
    _, seen = seen_of(Experiment(cells=("gru",), hidden=3, length=9, scale=3.0), "gru")
    for gate in "rz":
        assert f'fill-opacity="{0.15 + 0.8 * float(seen.values[gate][-1].mean()):.3f}"' in after


def test_projector_mode() -> None:
    visitor = Visitor("cell", hidden="3", length="9", present="1")
    assert visitor.chart("cell")["present"]
    assert not visitor.app.sidebar.selectbox
    visitor.press("within", "weights")
    assert visitor.view.present

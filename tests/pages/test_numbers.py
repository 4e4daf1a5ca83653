"""What is drawn is what the model computed: the charts on the pages against runs of their own."""

from typing import Any

import numpy as np
import pytest
import torch
from visitor import Visitor

from rnnviz import build, dynamics, statistics
from rnnviz.experiment import Experiment
from rnnviz.observe import observe
from rnnviz.registry import CELLS
from rnnviz.snippet import snippet

SETTING = {"length": "37", "hidden": "9", "scale": "1.7", "seed": "5", "signal": "noise", "loss": "30"}
EXPERIMENT = Experiment(length=37, hidden=9, scale=1.7, seed=5, signal="noise", loss=30)


def named(chart: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [trace for trace in chart["data"] if trace.get("name") == name]
    return found


def close(drawn: Any, computed: torch.Tensor) -> None:
    """Equal to within what the wire loses: half a level of uint16, or float32."""
    values = computed.numpy().astype("f8")
    drawn = np.asarray(drawn, "f8")
    assert drawn.shape == values.shape
    bound = (values.max() - values.min()) / 131068 + 1e-6 * np.abs(values).max()
    assert np.abs(drawn - values).max() <= bound


@pytest.mark.parametrize("cell", CELLS)
def test_the_heat_maps_are_the_gates_and_states(cell: str) -> None:
    chart = Visitor("gates", cell=cell, **SETTING).chart("gates_0")
    layer = observe(EXPERIMENT, cell).trace.layers[0]
    expected = {**layer.gates, "h": layer.h} | ({"c": layer.c} if layer.c is not None else {})
    assert {trace["name"] for trace in chart["data"]} == set(expected)
    for name, values in expected.items():
        close(named(chart, name)["z"], values[:, 0].T)
    assert chart["time"]["steps"] == 37
    assert len(chart["time"]["axes"]) == len(expected)


def test_the_second_cell_and_one_unit() -> None:
    visitor = Visitor("gates", cell="gru", beside="rnn", **SETTING)
    close(named(visitor.chart("gates_1"), "h")["z"], observe(EXPERIMENT, "rnn").trace.layers[0].h[:, 0].T)
    visitor.press("show", "unit").drag("unit", 4)
    run = observe(EXPERIMENT, "gru")
    for name in "rzn":
        close(named(visitor.chart("gates_0"), name)["y"], run.trace.layers[0].gates[name][:, 0, 4])
    close(named(visitor.chart("gates_0"), "x")["y"], run.x[:, 0, 0])


def test_a_fused_cell_on_the_page_is_torch_s_own() -> None:
    visitor = Visitor("gates", cell="lstm", length="20", hidden="4")
    torch.manual_seed(0)
    module = torch.nn.LSTM(1, 4)
    x = build.build_input(Experiment(length=20))
    with torch.no_grad():
        close(named(visitor.chart("gates_0"), "h")["z"], module(x)[0][:, 0].T)


@pytest.mark.parametrize("cell", ["lstm", "mingru", "rnn_relu"])
def test_distribution_and_saturation(cell: str) -> None:
    visitor = Visitor("gates", cell=cell, show="spread", **SETTING)
    layer = observe(EXPERIMENT, cell).trace.layers[0]
    kinds = {gate.name: gate.kind for gate in CELLS[cell].gates} | {"h": statistics.state_kind(cell)}
    for name, kind in kinds.items():
        values = layer.h if name == "h" else layer.gates[name]
        found, drawn = statistics.distribution(values, kind), named(visitor.chart("gates_0"), name)
        # Rows beyond the bins fill the axis.
        first = int(np.abs(drawn["y"] - float(found.edges[0])).argmin())
        close(drawn["z"][first : first + found.density.shape[1]], found.density.T)
    bars = visitor.chart("saturation_0")["data"]
    text = str(bars)
    for name, kind in kinds.items():
        if kind != "linear":
            assert name in text
    shown = np.concatenate([np.ravel(bar["x"]).astype("f8") for bar in bars])
    for name, kind in kinds.items():
        found = statistics.saturation(layer.h if name == "h" else layer.gates[name], kind)
        for share in [found.low_share, found.high_share] if kind == "sigmoid" else []:
            assert (
                np.isclose(np.abs(shown), share, atol=1e-6).any()
                or np.isclose(np.abs(shown), 100 * share, atol=1e-4).any()
            )


@pytest.mark.parametrize("dims", ["2", "3"])
@pytest.mark.parametrize("many", ["one", "starts", "strengths"])
def test_the_path_is_the_projection_of_the_states(many: str, dims: str) -> None:
    visitor = Visitor("states", cell="gru", many=many, dims=dims, unit="2", **SETTING)
    chart = visitor.chart(f"states_path_{dims}")
    repeated = {} if many == "one" else {many: 6}
    layer = observe(EXPERIMENT, "gru", **repeated).trace.layers[0]
    states = torch.cat([layer.h0[None], layer.h])
    projection = dynamics.project(states, int(dims))
    paths = [trace for trace in chart["data"] if "path" in (trace.get("meta") or {})]
    assert len(paths) == (1 if many == "one" else 6)
    for k, path in enumerate(paths):
        assert path["meta"]["path"] == k
        for c, letter in enumerate("xyz"[: int(dims)]):
            close(path[letter], projection.points[:, k, c])
    assert [trail["start"] for trail in chart["time"]["trails"]] == [1] * len(paths)
    lines = visitor.chart("states_lines")["data"]
    bright = [trace for trace in lines if trace["name"] != "all units"]
    for k, line in enumerate(bright):
        close(line["y"], states[:, k, 2])
    close(named({"data": lines}, "all units")["y"].reshape(9, 39)[:, :38], states[:, 0].T)


def test_the_curves_are_the_norms_of_the_gradients() -> None:
    visitor = Visitor("gradients", cell=",".join(list(CELLS)[:6]), **SETTING)
    runs = {cell: observe(EXPERIMENT, cell) for cell in CELLS}
    for cell in list(CELLS)[:6]:
        norms = runs[cell].gradients.layers[0].h_norm[:30]
        np.testing.assert_allclose(
            named(visitor.chart("gradients"), CELLS[cell].label)["y"], norms, rtol=1e-5
        )
    visitor.press("quantity", "x")
    norms = runs["lstm"].gradients.x_norm[:30]
    np.testing.assert_allclose(named(visitor.chart("gradients"), "LSTM")["y"], norms, rtol=1e-5)
    visitor.press("quantity", "c").toggle("relative")
    norms = runs["lstm"].gradients.layers[0].c_norm[:30]
    np.testing.assert_allclose(named(visitor.chart("gradients"), "LSTM")["y"], norms / norms[-1], rtol=1e-5)
    assert "GRU has no memory c besides h." in visitor.html


def test_the_miniatures_are_drawn_from_the_same_runs() -> None:
    visitor = Visitor("home", cell="gru,lstm", **SETTING)
    run = observe(EXPERIMENT, "gru")
    layer = run.trace.layers[0]
    close(named(visitor.chart("door_gates"), "z")["z"], layer.gates["z"][:, 0].T)
    points = dynamics.project(torch.cat([layer.h0[None], layer.h]), 2).points
    path = visitor.chart("door_states")["data"][0]
    close(path["x"], points[:, 0, 0])
    close(path["y"], points[:, 0, 1])
    norms = run.gradients.layers[0].h_norm[:30]
    np.testing.assert_allclose(named(visitor.chart("door_gradients"), "GRU")["y"], norms, rtol=1e-5)


def test_a_vanished_gradient_is_never_drawn_as_a_number() -> None:
    visitor = Visitor("gradients", cell="rnn", length="500", hidden="4", scale="0.05")
    norms = observe(visitor.experiment, "rnn").gradients.layers[0]
    curve = np.asarray(named(visitor.chart("gradients"), CELLS["rnn"].label)["y"], "f8")
    lost = norms.underflow.numpy()
    assert 0 < lost.sum() < 500
    assert np.array_equal(np.isnan(curve), lost)
    assert f"At <b>{lost.sum()}</b> of 500 steps it is too small for float32" in visitor.html


@pytest.mark.parametrize("signal", ["text", "numbers", "returns"])
def test_typed_and_real_input_reaches_the_model(signal: str) -> None:
    typed = {"text": {"text": "abca"}, "numbers": {"numbers": "1, -2, 30"}, "returns": {"length": "9"}}[
        signal
    ]
    visitor = Visitor("gates", cell="rnn", show="unit", hidden="3", signal=signal, **typed)
    chart = visitor.chart("gates_0")
    x = observe(visitor.experiment, "rnn").x[:, 0]
    close(named(chart, "x")["y" if x.shape[1] == 1 else "z"], x[:, 0] if x.shape[1] == 1 else x.T)
    labels = chart["time"]["labels"]
    assert (labels is None) if signal == "numbers" else len(labels) == len(x)
    if signal == "text":
        assert labels == list("abca")


def test_the_code_to_copy_is_the_snippet_of_the_cell_picked() -> None:
    visitor = Visitor("gradients", cell="gru,lstm", **SETTING)
    assert not visitor.app.get("code")
    visitor.app.session_state["code_open"] = True
    visitor.run()
    assert visitor.app.get("code")[0].value == snippet(visitor.experiment, "gru").strip()


def test_a_state_that_overflows_is_said_on_both_pages() -> None:
    setting = {"cell": "rnn_linear", "length": "200", "hidden": "8", "scale": "4", "seed": "1"}
    visitor = Visitor("states", **setting)
    h = observe(visitor.experiment, "rnn_linear").trace.layers[0].h
    first = next(t for t in range(200) if not h[t].isfinite().all())
    assert 0 < first < 199
    words = f"leaves float32's range at step <b>{first + 1}</b>"
    assert words in visitor.html
    assert words in Visitor("gates", **setting).html


def test_the_preview_says_how_many_steps_it_draws() -> None:
    assert "Drawn for 100 steps." in Visitor("gates", length="7").html
    assert "Drawn for" not in Visitor("gates", signal="numbers").html

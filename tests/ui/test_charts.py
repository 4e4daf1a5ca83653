"""Which figures are drawn from a run: how many, how high, named how, and on what time."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from rnnviz.experiment import Experiment
from rnnviz.observe import observe
from rnnviz.registry import CELLS
from rnnviz.ui import charts
from rnnviz.ui.view import View

EXPERIMENT = Experiment(cells=("gru", "lstm"), length=9, hidden=3, signal="text", text="<a>&b ab")


@pytest.fixture
def mounted(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[go.Figure, dict[str, Any]]]:
    """The charts drawn in the test by key: the figure, and what it was mounted with."""
    found: dict[str, tuple[go.Figure, dict[str, Any]]] = {}

    def note(fig: dict[str, Any], *, key: str, **more: Any) -> None:
        assert key not in found, "two charts with one key"
        found[key] = (go.Figure(fig), more)

    monkeypatch.setattr(charts, "live_chart", note)
    return found


def test_the_second_cell_is_there_only_when_it_is_another() -> None:
    assert charts.cells_shown(EXPERIMENT, View()) == ("gru",)
    assert charts.cells_shown(EXPERIMENT, View(beside="gru")) == ("gru",)
    assert charts.cells_shown(EXPERIMENT, View(beside="rnn")) == ("gru", "rnn")


@pytest.mark.parametrize("many", ["starts", "strengths"])
def test_several_runs_and_their_names_go_together(many: str) -> None:
    view = View(many=many)
    run = observe(EXPERIMENT, "gru", **charts.several(view))
    names = charts.path_names(view)
    assert names is not None
    assert len(names) == len(set(names)) == run.trace.output.shape[1] == charts.SEVERAL
    if many == "strengths":
        x = run.x.numpy()
        for k, name in enumerate(names):
            share = float(name.removeprefix("× "))
            np.testing.assert_allclose(x[:, k], share * x[:, 0], atol=0.006 * np.abs(x).max())
    else:
        h0 = run.trace.layers[0].h0.numpy()
        assert not h0[0].any()
        assert h0[1:].any(1).all()


def test_one_run_has_no_names() -> None:
    assert charts.several(View()) == {}
    assert charts.path_names(View()) is None


@pytest.mark.parametrize("show", ["all", "unit", "spread"])
@pytest.mark.parametrize("beside", ["none", "mingru"])
def test_gates_are_drawn_for_each_cell_on_one_scale(mounted: dict[str, Any], show: str, beside: str) -> None:
    view = View(show=show, beside=beside, unit=99)
    cells = charts.cells_shown(EXPERIMENT, view)
    runs = [observe(EXPERIMENT, name) for name in cells]
    charts.gates(view, runs)
    assert list(mounted) == [f"gates_{k}" for k in range(len(cells))]
    heights = set()
    for k, cell in enumerate(cells):
        fig, more = mounted[f"gates_{k}"]
        assert CELLS[cell].label in more["alt"]
        assert more["filename"] == f"rnnviz-gates-{cell}"
        time = more["time"]
        assert time.steps == EXPERIMENT.steps
        assert time.first == 1
        assert time.labels == tuple("<a>&b ab")
        axes = [name for name in fig.layout.to_plotly_json() if name.startswith("xaxis")]
        assert sorted(time.axes) == sorted(name.replace("axis", "") for name in axes)
        heights.add(more["height"])
        if show == "unit":
            # The unit beyond the last is the last.
            assert "unit 2" in more["alt"]
    assert len(heights) == 1
    if show == "all" and beside == "mingru":
        limits = {
            (trace.zmin, trace.zmax)
            for fig, _ in mounted.values()
            for trace in fig.data
            if trace.name in ("n", "h") and fig is mounted["gates_1"][0]
        }
        assert len(limits) == 1


def test_projector_mode_makes_charts_taller(mounted: dict[str, Any]) -> None:
    run = observe(EXPERIMENT, "gru")
    charts.states(View(), run)
    plain = {key: more["height"] for key, (_, more) in mounted.items()}
    mounted.clear()
    charts.states(View(present=True), run)
    for key, (_, more) in mounted.items():
        assert more["present"]
        assert more["height"] == round(1.15 * plain[key])


@pytest.mark.parametrize("dims", ["2", "3"])
def test_lines_and_path_move_on_one_time(mounted: dict[str, Any], dims: str) -> None:
    view = View(dims=dims, many="starts", unit=1)
    run = observe(EXPERIMENT, "lstm", **charts.several(view))
    projection = charts.states(view, run)
    assert projection.points.shape == (EXPERIMENT.steps + 1, charts.SEVERAL, int(dims))
    _, lines = mounted["states_lines"]
    path, more = mounted[f"states_path_{dims}"]
    assert lines["time"].bar
    assert not more["time"].bar
    assert lines["time"].steps == more["time"].steps == EXPERIMENT.steps
    assert [trail.trace for trail in more["time"].trails] == [
        k for k, trace in enumerate(path.data) if trace.meta
    ]
    # Step 1 is the point after the start state.
    assert {trail.start for trail in more["time"].trails} == {1}
    assert all(len(path.data[trail.trace].x) == EXPERIMENT.steps + 1 for trail in more["time"].trails)


@pytest.mark.parametrize("quantity", ["h", "c", "x"])
def test_a_curve_and_a_sentence_for_each_cell(mounted: dict[str, Any], quantity: str) -> None:
    experiment = replace(EXPERIMENT, cells=("gru", "lstm", "lstm_peephole"), loss=5)
    runs = [observe(experiment, name) for name in experiment.cells]
    sentences = charts.gradients(experiment, View(quantity=quantity), runs)
    assert len(sentences) == 3
    fig, _ = mounted["gradients"]
    curves = {trace.name: trace for trace in fig.data if trace.name in {CELLS[n].label for n in CELLS}}
    with_c = {"LSTM", "Peephole LSTM"}
    assert set(curves) == (with_c if quantity == "c" else with_c | {"GRU"})
    assert ("GRU has no memory c besides h." in sentences) == (quantity == "c")
    # Nothing is drawn after the loss.
    assert {len(curve.y) for curve in curves.values()} == {5}


def test_the_saturation_charts_have_a_bar_for_each_bounded_letter(mounted: dict[str, Any]) -> None:
    runs = [observe(EXPERIMENT, name) for name in CELLS if CELLS[name].gates]
    charts.saturation(runs, View())
    assert len(mounted) == len(runs)
    for k, run in enumerate(runs):
        fig, more = mounted[f"saturation_{k}"]
        expected = [gate.name for gate in CELLS[run.cell].gates if gate.kind != "linear"]
        expected += ["h"] if run.cell != "mingru" else []
        assert sorted(fig.layout.yaxis.ticktext) == sorted(expected)
        total = sum(np.asarray(bar.x, dtype=float) for bar in fig.data)
        np.testing.assert_allclose(total, np.full(len(expected), total[0]), rtol=1e-6)
        assert more["height"] > 56


@pytest.mark.parametrize("draw", [charts.gates, partial(charts.gradients, EXPERIMENT)])
def test_typed_characters_are_no_markup_in_any_figure(
    mounted: dict[str, Any], draw: Callable[..., Any]
) -> None:
    runs = [observe(EXPERIMENT, name) for name in EXPERIMENT.cells]
    draw(View(show="unit"), runs)
    for fig, _ in mounted.values():
        for words in strings(json.loads(fig.to_json(validate=False))):
            assert "<" not in re.sub(r"</?(?:b|br|sub|sup|extra)>", "", words), words


def strings(value: Any) -> Iterator[str]:
    """Every string anywhere in a figure."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)

"""The pages' pictures: which figures are drawn from a run, and how they are mounted.

Figures are imported when the first one is drawn: plotly takes a moment to load, and the controls need not wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.registry import CELLS
from rnnviz.ui import findings
from rnnviz.ui.live_chart import TimeScrub, Trail, live_chart

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from rnnviz.dynamics import Projection
    from rnnviz.experiment import Experiment
    from rnnviz.observe import Observation
    from rnnviz.ui.view import View

SEVERAL = 6
"""How many start states, or input strengths, run side by side."""


def cells_shown(experiment: Experiment, view: View) -> tuple[str, ...]:
    """The main cell, and the one beside it."""
    beside = view.beside if view.beside not in ("none", experiment.cell) else None
    return (experiment.cell,) if beside is None else (experiment.cell, beside)


def several(view: View) -> dict[str, int]:
    """How :func:`rnnviz.ui.compute.observation` is to repeat the run."""
    return {} if view.many == "one" else {view.many: SEVERAL}


def gates(experiment: Experiment, view: View, runs: list[Observation]) -> None:
    """The heat maps, the lines of one unit, or the distributions; two runs stand side by side."""
    from rnnviz.figures import gates as figures

    reach = figures.c_range(*(run.trace.layers[0] for run in runs))
    places = st.columns(len(runs), gap="medium") if len(runs) > 1 else [st.container()]
    for place, run in zip(places, runs, strict=True):
        cell, layer = CELLS[run.cell], run.trace.layers[0]
        labels = run.signal.labels
        scrub = None
        if view.show == "all":
            fig = figures.heatmaps(
                layer, cell, unit=_unit(experiment, view), c_range=reach, labels=labels, columns=_columns(runs, cell)
            )
            alt = f"Heat maps of every gate and state of the {cell.label}, unit by time step"
            scrub = _over_time(run, fig)
        elif view.show == "unit":
            fig = figures.unit_lines(layer, cell, _unit(experiment, view), run.signal, c_range=reach)
            alt = f"Gates and states of one unit of the {cell.label} over time, above the input it reads"
            scrub = _over_time(run, fig)
        else:
            fig = figures.spread(layer, cell)
            alt = f"How the values of each gate of the {cell.label} are distributed at each time step"
            scrub = _over_time(run, fig)
        with place:
            if len(runs) > 1:
                st.html(f"<h2 class='rv-h2'>{cell.label}</h2>")
            live_chart(
                fig,
                key=f"gates_{'second' if run is not runs[0] else 'first'}",
                alt=alt,
                height=_height(view, 470),
                filename=f"rnnviz-gates-{run.cell}",
                time=scrub,
                present=view.present,
            )


def _unit(experiment: Experiment, view: View) -> int:
    return min(view.unit, experiment.hidden - 1)


def _columns(runs: list[Observation], cell: Any) -> int | None:
    return None if len(runs) == 1 else 2 if len(cell.gates) > 1 else 1


def _height(view: View, pixels: int) -> int:
    return round(pixels * 1.2) if view.present else pixels


def _over_time(run: Observation, fig: go.Figure, bar: bool = True, trails: tuple[Trail, ...] = ()) -> TimeScrub:
    """The time of a chart all of whose x axes count steps from 1."""
    axes = tuple(name.replace("axis", "") for name in fig.layout.to_plotly_json() if name.startswith("xaxis"))
    return TimeScrub(
        steps=len(run.trace.x), axes=axes, labels=run.signal.labels, first=1, bar=bar, trails=trails
    )

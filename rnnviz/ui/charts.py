"""The pages' pictures: which figures are drawn from a run, and how they are mounted.

Figures are imported when the first one is drawn: plotly takes a moment to load, and the controls need not wait.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.registry import CELLS
from rnnviz.ui import compute, findings
from rnnviz.ui.live_chart import Pick, TimeScrub, Trail, live_chart

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.dynamics import Projection
    from rnnviz.experiment import Experiment
    from rnnviz.figures.drawing import Spec
    from rnnviz.observe import Observation
    from rnnviz.ui.view import View

PAGES = Path(__file__).parents[2] / "pages"
"""Where the pages lie."""

PREVIEW = 100
"""Time steps of the input that the preview shows."""

SEVERAL = 6
"""How many start states, or input strengths, run side by side."""


def cells_shown(experiment: Experiment, view: View) -> tuple[str, ...]:
    """The main cell, and the one beside it."""
    beside = view.beside if view.beside not in ("none", experiment.cell) else None
    return (experiment.cell,) if beside is None else (experiment.cell, beside)


def several(view: View) -> dict[str, int]:
    """How :func:`rnnviz.ui.compute.observation` is to repeat the run."""
    return {} if view.many == "one" else {view.many: SEVERAL}


def unit_shown(view: View, run: Observation) -> int:
    """The unit that is followed; one beyond the last is the last."""
    return min(view.unit, run.trace.layers[0].h.shape[2] - 1)


def gates(view: View, runs: list[Observation], names: Sequence[str] | None = None) -> None:
    """The heat maps, the lines of one unit, or the distributions; two runs stand side by side.

    ``names`` stand over the runs, by default those of their cells.
    """
    from rnnviz.figures import gates as figures

    reach = figures.c_range(*(run.trace.layers[0] for run in runs))
    unit = unit_shown(view, runs[0])
    called = [CELLS[run.cell].label for run in runs] if names is None else names
    places = st.columns(len(runs), gap="medium") if len(runs) > 1 else [st.container()]
    for k, (place, run) in enumerate(zip(places, runs, strict=True)):
        cell, layer, labels = CELLS[run.cell], run.trace.layers[0], run.signal.labels
        if view.show == "unit":
            fig = figures.unit_lines.spec(layer, cell, unit, run.signal, c_range=reach)
            alt = f"Gates and states of unit {unit} of the {cell.label} over time, and the input it reads"
        elif view.show == "spread":
            fig = figures.spread.spec(layer, cell, labels=labels, columns=2 if len(runs) > 1 else None)
            alt = f"How the values of each gate and state of the {cell.label} are spread at each time step"
        else:
            columns = 2 if len(runs) > 1 and len(cell.gates) > 1 else None
            fig = figures.heatmaps.spec(layer, cell, unit=unit, c_range=reach, labels=labels, columns=columns)
            alt = f"Heat maps of every gate and state of the {cell.label}, unit by time step"
        with place:
            if len(runs) > 1:
                st.html(f"<h2 class='rv-h2'>{called[k]}</h2>")
                alt += f", {called[k]}" if names is not None else ""
            mount(
                f"gates_{k}",
                fig,
                alt,
                view,
                470 - 24 * (len(runs) > 1),
                f"gates-{run.cell}",
                over_time(run, fig),
            )


def preview(experiment: Experiment, view: View) -> None:
    """The input in small, and what it is in a sentence.

    Its length is always the same (but for typed signals), so that it stays true while the length is dragged.
    """
    from rnnviz.figures.signals import preview as figure

    signal = compute.signal(replace(experiment, length=PREVIEW))
    alt = "The input signal over the time steps"
    mount("signal_preview", figure.spec(signal), alt, view, 56, "signal")
    shown = "" if len(signal.x) != PREVIEW else f" <span>Drawn for {PREVIEW} steps.</span>"
    st.html(f"<p class='rv-note'>{escape(signal.description)}{shown}</p>")


def saturation(runs: list[Observation], view: View, names: Sequence[str] | None = None) -> None:
    """The share of saturated values of each gate, a chart a run; ``names`` as in :func:`gates`."""
    from rnnviz.figures import gates as figures

    for k, run in enumerate(runs):
        cell = CELLS[run.cell]
        called = cell.label if names is None else names[k]
        shares, kinds = findings.saturations(run.trace.layers[0])
        alt = f"Share of values of each gate of the {cell.label} that are saturated low and high"
        st.html(f"<h2 class='rv-h2'>Saturation · {called}</h2>")
        height = 56 + 30 * len(shares)
        mount(
            f"saturation_{k}",
            figures.saturation.spec(shares, kinds=kinds),
            alt,
            view,
            height,
            f"saturation-{run.cell}",
        )


def states(view: View, run: Observation) -> Projection:
    """The states as lines and as a path in the plane or space of their principal components, on one time."""
    import torch

    from rnnviz import dynamics
    from rnnviz.figures import states as figures

    cell, layer, labels = CELLS[run.cell], run.trace.layers[0], run.signal.labels
    dims = int(view.dims)
    projection = dynamics.project(torch.cat([layer.h0[None], layer.h]), components=dims)
    names = path_names(view)
    unit = unit_shown(view, run)
    lines = figures.lines.spec(
        layer, cell, unit=unit, every_batch=view.many != "one", names=names, labels=labels
    )
    path = figures.trajectory.spec(projection, dims, names=names, labels=labels, first=0)
    left, right = st.columns([1.15, 1], gap="medium")
    with left:
        alt = f"Hidden states of the {cell.label} over time, unit {unit} brought out"
        mount("states_lines", lines, alt, view, 450, f"states-{run.cell}", over_time(run, lines))
    with right:
        alt = f"Path of the hidden state of the {cell.label} in its first {dims} principal components"
        mount_path(path, alt, view, run)
    return projection


def mount_path(path: Spec, alt: str, view: View, run: Observation) -> None:
    """Draw paths through state space that follow the time of the chart beside them."""
    trails = tuple(Trail(trace=k, start=1) for k, trace in enumerate(path["data"]) if "meta" in trace)
    time = TimeScrub(steps=len(run.trace.x), axes=(), labels=run.signal.labels, trails=trails, bar=False)
    mount(f"states_path_{view.dims}", path, alt, view, 450, f"trajectory-{run.cell}", time)


def gradients(experiment: Experiment, view: View, runs: list[Observation]) -> list[str]:
    """The norms of one gradient for all cells on one chart; gives the sentences that go with it."""
    from rnnviz.figures.gradients import Curve, norms
    from rnnviz.gradients import fit_decay

    at = experiment.loss_index
    curves, sentences = [], []
    for run in runs:
        label, found = CELLS[run.cell].label, norms_of(run, view.quantity)
        if found is None:
            sentences.append(f"{label} has no memory c besides h.")
            continue
        values, lost = found
        fit = fit_decay(values, at, lost)
        curves.append(Curve(run.cell, label, values, fit, lost))
        sizes, count = values[: at + 1], int(lost[: at + 1].sum())
        sentences.append(
            findings.unknown(label, sizes, run.trace.layers[0], view.quantity)
            or findings.gradient(label, fit, sizes, count, view.quantity)
        )
    fig = norms.spec(curves, at, view.quantity, relative=view.relative, labels=runs[0].signal.labels)
    mount_norms(fig, view, runs[0])
    return sentences


def norms_of(run: Observation, quantity: str) -> tuple[Tensor, Tensor] | None:
    """The norms of dL/dh_t, dL/dc_t or dL/dx_t and which of them underflowed; None for a cell without c."""
    layer = run.gradients.layers[0]
    match quantity:
        case "x":
            return run.gradients.x_norm, run.gradients.x_underflow
        case "c":
            if layer.c_norm is None or layer.c_underflow is None:
                return None
            return layer.c_norm, layer.c_underflow
    return layer.h_norm, layer.underflow


def mount_norms(fig: Spec, view: View, run: Observation) -> None:
    """Draw the norms of a gradient over the time of a run."""
    alt = (
        f"Norm of the gradient of the loss by {view.quantity} at each time step, on a log axis, for each cell"
    )
    mount("gradients", fig, alt, view, 400, "gradients", over_time(run, fig))


def path_names(view: View) -> list[str] | None:
    """The names of the runs that are drawn together."""
    if view.many == "starts":
        return ["zero", *(f"start {k}" for k in range(1, SEVERAL))]
    if view.many == "strengths":
        return [f"× {1 - k / SEVERAL:.2g}" for k in range(SEVERAL)]
    return None


def mount(
    key: str,
    fig: Spec,
    alt: str,
    view: View,
    height: int,
    name: str,
    time: TimeScrub | None = None,
    on_pick: Callable[[Pick], None] | None = None,
) -> None:
    """Draw a figure in a live chart, taller in projector mode; ``on_pick`` is called when a mark is clicked."""
    tall = round(height * 1.15) if view.present else height
    live_chart(
        fig,
        key=key,
        alt=alt,
        height=tall,
        filename=f"rnnviz-{name}",
        time=time,
        present=view.present,
        on_pick=on_pick,
    )


def over_time(run: Observation, fig: Spec) -> TimeScrub:
    """The time of a chart all of whose x axes count steps from 1."""
    axes = tuple(name.replace("axis", "") for name in fig["layout"] if name.startswith("xaxis"))
    return TimeScrub(steps=len(run.trace.x), axes=axes, labels=run.signal.labels, first=1)

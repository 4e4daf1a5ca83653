"""The pictures of a trained network, beside the untrained one where both are wanted, and what stands under them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.registry import CELLS
from rnnviz.ui import charts, opened_words, run_files, shell
from rnnviz.ui.opened_kind import AFTER, BEFORE, NAMES, Opened

if TYPE_CHECKING:
    from rnnviz.dynamics import Projection
    from rnnviz.ui.opened_kind import Seen
    from rnnviz.ui.view import View

UPPER, LOWER = 178, 206
"""Heights of two charts, one over the other, of which the lower one names the axis."""


def observed(found: Opened, view: View, cell: str | None = None) -> dict[str, Seen]:
    """What the networks that are shown do on the chosen test sequence, by "after" and "before"."""
    return {which: found.look(cell or found.cell, which, view.example) for which in found.which(view.weights)}


def compared(found: Opened, view: View, cell: str | None = None) -> dict[str, Seen]:
    """The same for the sentences, where after training goes with before."""
    wanted = found.which(BEFORE if view.weights == BEFORE else "both")
    return {which: found.look(cell or found.cell, which, view.example) for which in wanted}


def names(runs: dict[str, Seen]) -> list[str]:
    """What stands over each of them."""
    return [NAMES[which] for which in runs]


def states(found: Opened, view: View) -> Projection:
    """The states as lines and as paths; before and after one over the other, their paths in one plane."""
    runs = observed(found, view)
    if len(runs) == 1:
        return charts.states(replace(view, many="one"), next(iter(runs.values())))
    import torch

    from rnnviz import dynamics
    from rnnviz.figures import base
    from rnnviz.figures import states as figures
    from rnnviz.statistics import state_kind

    cell, one = CELLS[found.cell], runs[AFTER]
    layers = {which: run.trace.layers[0] for which, run in runs.items()}
    both = torch.cat([torch.cat([layer.h0[None], layer.h]) for layer in layers.values()], dim=1)
    dims = int(view.dims)
    projection = dynamics.project(both, components=dims)
    unit = charts.unit_shown(view, one)
    bounded = state_kind(one.cell, residual=layers[AFTER].residual) == "tanh"
    reach = base.reach(base.array(both), least=1.0 if bounded else 0.0)
    left, right = st.columns([1.15, 1], gap="medium")
    with left:
        for which, layer in reversed(layers.items()):  # before stands over after
            fig = figures.lines.spec(layer, cell, unit=unit, labels=one.signal.labels, limit=reach)
            alt = f"Hidden states of the {cell.label} over time, unit {unit} brought out, {NAMES[which].lower()}"
            st.html(f"<h2 class='rv-h2'>{NAMES[which]}</h2>")
            last = which == AFTER
            fig["layout"] |= {"margin": {"t": 6} if last else {"t": 6, "b": 24}}
            if not last:
                del fig["layout"]["xaxis"]["title"]
            time = replace(charts.over_time(runs[which], fig), bar=last)
            key = "states_lines" if last else "states_lines_before"
            charts.mount(key, fig, alt, view, LOWER if last else UPPER, f"states-{one.cell}-{which}", time)
    with right:
        path = figures.trajectory.spec(projection, dims, names=names(runs), labels=one.signal.labels, first=0)
        path["layout"].setdefault("legend", {})["traceorder"] = "reversed"  # as the lines at its side
        alt = (
            f"Paths of the hidden state of the {cell.label} before and after training in the first {dims} principal "
            "components of both"
        )
        charts.mount_path(path, alt, view, one)
    return projection


def gradients(found: Opened, view: View) -> list[str]:
    """The norms of one gradient for all cells that are shown, a line a network; gives the sentences."""
    from rnnviz.figures.gradients import Curve, norms
    from rnnviz.gradients import fit_decay

    curves, sentences = [], []
    for cell in found.cells:
        label = CELLS[cell].label
        runs = compared(found, view, cell)
        measured = {
            which: pair for which, run in runs.items() if (pair := charts.norms_of(run, view.quantity))
        }
        one = next(iter(runs.values()))
        scored = one.scored
        if not measured:
            sentences.append(f"{label} has no memory c besides h.")
            continue
        drawn = [which for which in found.which(view.weights) if which in measured]
        for which in drawn:
            values, lost = measured[which]
            quiet = "before training" if len(drawn) > 1 and which == BEFORE else ""
            fit = fit_decay(values, scored[0], lost) if scored[0] > 1 and len(drawn) == 1 else None
            curves.append(Curve(cell, label + ", before" * bool(quiet), values, fit, lost, quiet))
        sentences.append(opened_words.gradient(label, measured, scored[-1], view.quantity))
    fig = norms.spec(
        curves, scored[-1], view.quantity, relative=view.relative, labels=one.signal.labels, scored=scored
    )
    charts.mount_norms(fig, view, one)
    return sentences


def equation(found: Opened) -> None:
    """The equations of the cell that is shown, and what the run changes in them."""
    shell.equation(found.cell)
    for note in found.notes():
        st.html(f"<p class='rv-note'>{note}</p>")


def backpropagation(found: Opened) -> None:
    """How the gradient of a loss at several steps travels back, and the way to the rest of the laboratory."""
    st.html("<h2 class='rv-h2'>Backpropagation through time</h2>")
    st.latex(
        r"\frac{\partial L}{\partial h_k} = \sum_{t \ge k} \frac{\partial L_t}{\partial h_t} "
        r"\prod_{j=k+1}^{t} \frac{\partial h_j}{\partial h_{j-1}}"
    )
    st.html(
        f"<p class='rv-note'>{found.loss} Of an LSTM the products run through c as well. Where the "
        "answers are right the error is small, and the gradients with it: “Relative” compares shapes. The other "
        "sections of the laboratory take a network apart at other lengths and scales, and work on the untrained "
        "experiment: press “Leave” to go there.<br>"
        "<span>Werbos 1990, doi:10.1109/5.58337</span></p>"
    )


def take_away(found: Opened, view: View) -> None:
    """The weights as a file, and the script that prints the numbers of the page from it; made when it is opened."""
    run_files.weights_and_code(lambda: found.file(found.which(view.weights)[0], view.example), "weights")

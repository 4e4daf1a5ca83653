"""How strongly each step still depends on each earlier one: the triangle of ||dh_t/dh_k||, and one row of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.registry import CELLS, Cell
from rnnviz.ui import charts, compute, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.findings import number
from rnnviz.ui.once import Report, Results
from rnnviz.ui.session import Session
from rnnviz.ui.view import FIELD

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from rnnviz.experiment import Experiment
    from rnnviz.theory import Triangle
    from rnnviz.ui.live_chart import Pick

HEIGHT = 492

LIVE = 3e9
"""Multiply-adds that come within about 0.1 s on one thread: up to here the picture moves with the slider."""

WAIT = 8e10
"""Multiply-adds that come within about 2.5 s: what a larger one may take, behind a bar."""

ENOUGH = 100
"""Steps that a grid must keep to be shown while a slider moves, if the run has as many."""

MOST = 250
"""Steps of a grid at most: one is then about two pixels."""

KEPT = 32
"""Results kept, 0.25 MB each at most."""

ROUNDING = 1e-4
"""log10 of what float32 may add to a norm in a few hundred products, and more."""


def draw(controls: Controls) -> None:
    """The triangle, the chosen row beside it, and what is measured on both."""
    look, norm, per_step = st.columns([1.9, 1.0, 0.75], gap="medium", vertical_alignment="center")
    with look:
        shell.look(
            "Look how soon the past turns orange (lost) or blue (blown up) below the diagonal. Click to follow a row."
        )
    with norm:
        controls.segment("norm")
    with per_step:
        controls.toggle("per_step")
    shell.settings(controls, "cell", "length", "scale", "forget", "row")

    experiment, view = controls.experiment, controls.view
    known = CELLS[experiment.cell]
    picture, slot = st.container(), st.empty()
    found = triangle(experiment, view.norm, slot)
    labels, T = compute.signal(experiment).labels, experiment.steps
    index = nearest(found, view.row, T)
    from rnnviz.figures.triangle import heat_map
    from rnnviz.figures.triangle_row import row_curve

    with picture:
        left, right = st.columns([1.12, 1], gap="small")
        with left:
            fig = heat_map.spec(found, known, index, T, relative=view.per_step, labels=labels)
            alt = f"Norm of the derivative of each state by each earlier one, {known.label}, as a heat map"
            name = f"triangle-{known.name}"
            pick = choose(controls.session, T)
            charts.mount("triangle_map", fig, alt, view, HEIGHT, name, on_pick=pick)
        with right:
            fig = row_curve.spec(found, known, index, T, relative=view.per_step, labels=labels)
            alt = f"Row {found.steps[index] + 1} by the earlier step, with its bound and its rate in the long run"
            charts.mount("triangle_row", fig, alt, view, HEIGHT, f"{name}-row")

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(sentences(found, known, index))
    with formula:
        _equation(known)


def choose(session: Session, steps: int) -> Callable[[Pick], None]:
    """What a click on the map does: its row becomes the one that is followed."""

    def pick(mark: Pick) -> None:
        # The browser may send anything. The end stays the end when the length changes.
        row = round(min(max(mark.y, 1), steps))
        session.view = replace(session.view, row=FIELD["row"].default if row == steps else row)
        session.version += 1

    return pick


def nearest(found: Triangle, row: int, steps: int) -> int:
    """The index in the grid of the step that the row (from 1) is on, or the last before it."""
    at = min(row, steps) - 1
    return max((k for k, step in enumerate(found.steps) if step <= at), default=0)


def triangle(experiment: Experiment, norm: str, slot: DeltaGenerator) -> Triangle:
    """The triangle of the main cell: at once where it is quick, else behind a bar, and coarser where it is long."""
    from rnnviz.ui import preload

    preload.ensure()
    from rnnviz.triangle import grid, stride_for

    key = replace(experiment, cells=(experiment.cell,), loss=None)
    T, S = key.steps, key.hidden * len(CELLS[key.cell].states)
    stride = stride_for(T, S, norm, LIVE, most=MOST)
    if len(grid(T, stride)) >= min(T, ENOUGH):
        return _results.get((key, norm, stride), slot, None)
    stride = stride_for(T, S, norm, WAIT, most=MOST)
    words = f"Multiplying the Jacobians of {T} steps, {S} × {S} numbers each"
    return _results.get((key, norm, stride), slot, words)


def _compute(key: tuple[Experiment, str, int], report: Report | None) -> Triangle:
    from rnnviz import build, theory

    experiment, norm, stride = key
    module = build.build_module(experiment, experiment.cell)
    return theory.measure(module, build.build_input(experiment), norm, stride=stride, report=report)


_results: Results[tuple[Experiment, str, int], Triangle] = Results(_compute, quick=KEPT, slow=KEPT)


def sentences(found: Triangle, cell: Cell, row: int) -> list[str]:
    """What the row and the triangle show, in measured numbers; ``row`` is an index of the grid."""
    from rnnviz.figures.triangle import values

    seen = values(found)
    t, k = found.steps[row] + 1, found.steps[0] + 1
    if row == 0:
        return [f"Nothing lies before step {t}, the first one here: choose a later row."]
    letter = "s" if len(cell.states) > 1 else "h"
    symbol = f"‖∂{letter}<sub>{t}</sub>/∂{letter}<sub>{k}</sub>‖"
    whole = f"With <i>s</i> = (h, c), the whole state: {symbol}" if letter == "s" else symbol
    said = []
    factor = seen.factor[row, 0]
    if seen.zero[row, 0]:
        said.append(
            f"{whole} is exactly <b>0</b>: no way back is open, through ReLUs that are off or W<sub>hh</sub> = 0."
        )
    elif seen.lost[row, 0]:
        first = int(seen.lost[row].nonzero()[0].max()) + 1
        too = f", as for every k up to {found.steps[first - 1] + 1}" if seen.lost[row, :first].all() else ""
        said.append(
            f"{whole} is below 10<sup>−{-seen.floor}</sup>, <b>lost to underflow</b> in float32{too}."
        )
    elif seen.beyond[row, 0]:
        said.append(f"{whole} is <b>not finite</b> in float32: it has exploded, or the states have.")
    else:
        of_one = "" if found.identity == 1 else f" (no change would be {number(found.identity)})"
        said.append(
            f"{whole} is <b>{number(float(found.norms[row, 0]))}</b>{of_one}: a factor of <b>{factor:.4g}</b> per step "
            f"over {t - k} {'step' if t - k == 1 else 'steps'}."
        )
    said.append(_bound(found, seen.decades[row, 0], row))
    if math.isfinite(found.rate):
        said.append(
            "Averaged over the last four fifths of the run, a direction drawn at random is stretched by a factor of "
            f"<b>{10**found.rate:.4g}</b> per step, the leading Lyapunov exponent by this estimate "
            f"<b>{found.rate * math.log(10):.3f}</b>.".replace("-", "−")
        )
    lost, pairs = int(seen.lost.sum()), len(found.steps) * (len(found.steps) - 1) // 2
    if lost:
        said.append(f"<b>{lost:,}</b> of {pairs:,} pairs are lost to underflow in float32.")
    return said


def _bound(found: Triangle, decade: float, row: int) -> str:
    """What bounds the row at its far end, how far above the measured that is, and what may be concluded."""
    bound = float(found.bound(row)[0])
    if found.weight is None:
        stride = found.steps.step
        what = "steps'" if stride == 1 else f"{stride}-step factors'"
        text = f"W<sub>hh</sub> alone bounds no gated cell. The product of the measured {what} spectral norms"
        verdict = ""
    else:
        sigma = 10**found.weight
        text = f"σ<sub>max</sub>(W<sub>hh</sub>) = <b>{sigma:.4g}</b>, γ = 1: the bound"
        if abs(sigma - 1) < 1e-5:
            verdict = " At 1 nothing can explode."
        elif sigma < 1:
            verdict = " Below 1 is <b>sufficient</b> to vanish."
        else:
            verdict = " Above 1 is <b>necessary</b> to explode, but not sufficient"
            verdict += ": here it shrinks." if decade < math.log10(found.identity) else "."
    if found.identity != 1:
        text += ", × √S for Frobenius,"
    if math.isnan(bound):
        return f"{text} is no number here: a Jacobian is not finite."
    text += f" permits up to <b>{_power(bound)}</b>"
    if math.isfinite(decade):
        text += f", <b>{_power(bound - decade)}</b> times what is measured"
    every = "every pair" if bool(found.norms.isfinite().all()) else "every pair with a finite norm"
    held = found.excess() < ROUNDING
    return f"{text}{f'; it holds for {every}' if held else '; rounding alone exceeds it'}.{verdict}"


def _power(decade: float) -> str:
    """10 to that power, in words, also where no float64 holds it."""
    if abs(decade) < 300 or math.isinf(decade):
        return number(10**decade)
    return f"10<sup>{decade:.0f}</sup>".replace("-", "−")


def _equation(cell: Cell) -> None:
    state = "s" if len(cell.states) > 1 else "h"
    st.html("<h2 class='rv-h2'>From step k to step t</h2>")
    st.latex(
        rf"\frac{{\partial {state}_t}}{{\partial {state}_k}} = \prod_{{j=k+1}}^{{t}} J_j = J_t \cdots J_{{k+1}}, "
        rf"\quad J_j = \frac{{\partial {state}_j}}{{\partial {state}_{{j-1}}}}"
    )
    memory = (
        "s<sub>t</sub> = (h<sub>t</sub>, c<sub>t</sub>) is the whole state"
        if state == "s"
        else "h<sub>t</sub> is the state"
    )
    st.html(
        f"<p class='rv-note'>{memory} after input t; each J is the derivative of the model's own step. Spectral: the "
        "most that any direction is stretched. Frobenius: the root of the sum of all squared entries, √S where nothing "
        "changes, and never below the spectral norm. <i>Per step</i> takes the root: (norm ÷ norm of the "
        "identity)<sup>1/(t−k)</sup>, so that a run which loses at one rate has one colour. Norms multiply at most: a "
        "plain RNN never exceeds (σ<sub>max</sub>(W<sub>hh</sub>) γ)<sup>t−k</sup>, γ = 1 for tanh, ReLU and none.<br>"
        "<span>Pascanu, Mikolov &amp; Bengio 2013, arXiv:1211.5063; exponents: Engelken, Wolf &amp; Abbott 2023, "
        "doi:10.1103/PhysRevResearch.5.043044</span></p>"
    )

"""Which steps a weight's gradient comes from: every pair of a loss and an earlier use of the weight."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.registry import CELLS
from rnnviz.ui import charts, compute, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.findings import number, share
from rnnviz.ui.once import Report, Results

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from rnnviz.blame import Blame
    from rnnviz.experiment import Experiment

KEPT = 16
"""Results kept of runs of up to ``QUICK``: at most 0.5 MB each."""

QUICK = (120, 32)
"""Steps and units up to which a result comes within about 0.1 s, and needs no bar."""

SHORT = 10
"""Steps of the truncated backpropagation that is quoted."""


def draw(controls: Controls) -> None:
    """The triangle of contributions of the main cell, and how far back they reach."""
    look, measure = st.columns([3.4, 1], gap="medium", vertical_alignment="center")
    with look:
        shell.look(
            "Look at the band along the diagonal: training sees little more of the past than it is wide. "
            "Raise the forget bias of an LSTM, and it widens."
        )
    with measure:
        controls.segment("blame")
    shell.settings(controls, "cell", "length", "scale", "forget")

    experiment, view = controls.experiment, controls.view
    picture, slot = st.container(), st.empty()
    found = _blame(experiment, slot)
    from rnnviz.figures import blame as figures

    cell, name = experiment.cell, CELLS[experiment.cell].label
    with picture:
        left, right = st.columns([1.15, 1], gap="medium")
        with left:
            alt = (
                f"Heat map of the {'size' if view.blame == 'size' else 'signed share'} of every contribution to "
                f"the {name}'s weight gradient, by the step that used the weight and the step of the loss"
            )
            fig = figures.pairs.spec(found, view.blame, labels=compute.signal(experiment).labels)
            charts.mount("blame_pairs", fig, alt, view, 430, f"blame-{cell}")
        with right:
            alt = "The same contributions summed by the number of steps between the use and the loss"
            fig = figures.distances.spec(found, cell, view.blame)
            charts.mount("blame_distances", fig, alt, view, 430, f"blame-distances-{cell}")

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(sentences(cell, found))
    with formula:
        _equation(cell)


def sentences(cell: str, found: Blame) -> list[str]:
    """What the picture shows, with the numbers that were measured, and the check of the sum."""
    T = len(found.size)
    label, W = CELLS[cell].label, _letter(cell)
    pairs = f"{T * (T + 1) // 2:,}"
    total = float(found.total.double().norm())
    if not math.isfinite(total) or not bool(found.size.isfinite().all()):
        return [f"{label}: some of the {pairs} contributions lie beyond float64, and with them their sum."]
    if not bool((found.size > 0).any()):
        return [f"{label}: all {pairs} contributions are 0, as {W} multiplies nothing but zeros."]
    from rnnviz.figures.blame_parts import reach

    by_size = (found.size_by_distance / found.size.sum()).numpy()
    near = reach(by_size) or T
    lines = [
        f"{label}: <b>90 %</b> of the size of all {pairs} contributions comes from uses of {W} in the last "
        f"<b>{near}</b> of {T} steps before a loss"
        + (
            f", and <b>{number(100 * float(by_size[SHORT:].sum()))} %</b> from {SHORT} or more steps back."
            if T > SHORT
            else "."
        )
    ]
    along = found.share_by_distance
    if T > SHORT and bool(along.isfinite().all()):
        kept = float(along[:SHORT].sum())
        lines.append(
            f"Backpropagation truncated to {SHORT} steps would keep <b>{100 * kept:.4g} %</b> of the "
            "gradient, measured along its own direction."
        )
    against = found.share < 0
    if bool(against.any()):
        lines.append(
            f"<b>{share(float(against.sum()) / float((found.size > 0).sum()))}</b> of the contributions pull "
            f"against the whole, by <b>{number(-100 * float(found.share[against].sum()))} %</b> of it together: "
            "the others make up for that."
        )
    apart = float((found.total - found.gradient).norm()) / float(found.gradient.norm())
    lines.append(
        f"Check: all contributions add up to a matrix of norm <b>{total:.10g}</b>; autograd's ∂L/∂{W} has "
        f"<b>{float(found.gradient.norm()):.10g}</b>, and the two differ by {number(apart)} of that (float64)."
    )
    return lines


def _letter(cell: str) -> str:
    return "W<sub>hh</sub>" if CELLS[cell].recurrent else "W<sub>ih</sub>"


def _equation(cell: str) -> None:
    W = "W_{hh}" if CELLS[cell].recurrent else "W_{ih}"
    st.html("<h2 class='rv-h2'>The gradient, itemised</h2>")
    st.latex(
        r"\frac{\partial L}{\partial W} = \sum_{t=1}^{T} \sum_{k=1}^{t} "
        r"\frac{\partial L_t}{\partial s_t} \Bigg( \prod_{j=k+1}^{t} \frac{\partial s_j}{\partial s_{j-1}} \Bigg) "
        r"\frac{\partial^{+} s_k}{\partial W}, \quad W = " + W
    )
    other = f"The {CELLS[cell].label} has no W<sub>hh</sub>: here W is W<sub>ih</sub>. "
    if CELLS[cell].recurrent:
        other = "Blank is exactly 0, as at k = 1, where W<sub>hh</sub> multiplies h<sub>0</sub> = 0. "
    st.html(
        "<p class='rv-note'>A loss at every step: L = Σ L<sub>t</sub>, L<sub>t</sub> the sum of h<sub>t</sub>. s is "
        "all that a step hands on, and ∂<sup>+</sup> the derivative through step k's own use of W. Each term is a "
        f"matrix; its size is the Frobenius norm. {other}Computed in float64 from the model's float32 weights."
        "<br><span>Pascanu, Mikolov &amp; Bengio 2013, arXiv:1211.5063, eq. 3–5; itemised as in RNNbow, Cashman et al. "
        "2019, arXiv:1907.12545</span></p>"
    )


def _blame(experiment: Experiment, slot: DeltaGenerator) -> Blame:
    from rnnviz.ui import preload

    preload.ensure()
    key = replace(experiment, cells=(experiment.cell,), loss=None)
    quick = key.steps <= QUICK[0] and key.hidden <= QUICK[1]
    words = f"Itemising {key.steps * (key.steps + 1) // 2:,} contributions"
    return _results.get(key, slot, None if quick else words)


def _compute(experiment: Experiment, report: Report | None) -> Blame:
    from rnnviz import blame, build

    module = build.build_module(experiment, experiment.cell)
    return blame.blame(module, build.build_input(experiment), report=report)


_results: Results[Experiment, Blame] = Results(_compute, quick=KEPT, slow=6)  # a slow one has at most 5 MB

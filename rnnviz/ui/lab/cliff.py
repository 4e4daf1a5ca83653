"""The cliff in the error surface of one unit, and what gradient clipping does there."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.ui import charts, shell
from rnnviz.ui import view as views
from rnnviz.ui.controls import Controls
from rnnviz.ui.findings import number
from rnnviz.ui.live_chart import Pick

if TYPE_CHECKING:
    from rnnviz.cliff import Descent, Surface
    from rnnviz.ui.session import Session

GRID = (241, 241)
"""Columns and rows of the surface: a cell of the heat map is about two pixels."""

FLAT = 0.01
"""A gradient shorter than this is said to have vanished: at the fastest rate a step then moves less than 0.01."""

COARSE = 2
"""In space every second one is enough."""


def draw(controls: Controls) -> None:
    """The surface with both descents, and the error and the gradient they met."""
    look, dims = st.columns([3.4, 1], gap="medium", vertical_alignment="center")
    with look:
        shell.look(
            "Look at the one long step: at the cliff the gradient is so steep that a single step undoes all others. "
            "Clipped, the descent stays and gets down. Click to start elsewhere."
        )
    with dims:
        controls.segment("dims")
    shell.settings(controls, "start_w", "start_b", "rate", "threshold")

    view = controls.view
    ground = _surface()
    plain, clipped = _descents(view.start_w, view.start_b, view.rate, view.threshold)
    from rnnviz.figures import cliff as figures

    left, right = st.columns([1.25, 1], gap="medium")
    with left:
        alt = (
            "Error of one recurrent unit over its weight w and bias b, with the paths of gradient descent without "
            "and with clipping"
        )
        if view.dims == "3":
            fig = figures.relief.spec(_thinned(ground), plain, clipped)
        else:
            fig = figures.plane.spec(ground, plain, clipped)
        session = controls.session
        key = f"cliff_{view.dims}"
        charts.mount(key, fig, alt, view, 440, "cliff", on_pick=lambda pick: start_at(session, pick))
    with right:
        alt = "Error and norm of the gradient at each step of both descents, on log axes"
        fig = figures.progress.spec(plain, clipped, view.threshold)
        charts.mount("cliff_progress", fig, alt, view, 440, "cliff-progress")

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(sentences(plain, clipped, view.rate, view.threshold))
    with formula:
        _equation()


def start_at(session: Session, pick: Pick) -> None:
    """Start the descents at the place that was clicked, to a step of the sliders, if it is on the surface."""
    w, b = round(pick.x * 20) / 20, round(pick.y * 20) / 20
    if _within("start_w", w) and _within("start_b", b):
        session.view = replace(session.view, start_w=w, start_b=b)
        session.version += 1


def _within(name: str, value: float) -> bool:
    low, high = _range(name)
    return low <= value <= high


def _range(name: str) -> tuple[float, float]:
    field = views.FIELD[name]
    return float(field.minimum or 0), float(field.maximum or 0)


def sentences(plain: Descent, clipped: Descent, rate: int | float, threshold: int | float) -> list[str]:
    """What the two descents did, with the numbers that were measured, and what clipping cannot do."""
    from rnnviz.cliff import longest_step, slope

    steps, start = len(plain.norm) - 1, float(plain.error[0])
    done = int(plain.norm.isfinite().sum())
    found = []
    leap = longest_step(plain)
    if leap is not None:
        found.append(
            f"Without clipping the longest gradient on the way is <b>{number(float(plain.norm[leap.step - 1]))}</b>: "
            f"step {leap.step} is <b>{number(leap.length)}</b> long, to w = {number(leap.w)}, b = {number(leap.b)}. "
            + _outcome(plain, start)
            + ("" if done > steps else " Then the gradient is beyond float64.")
        )
    acted = int((clipped.norm[:-1] >= threshold).sum())
    if acted:
        found.append(
            f"Clipped at {number(threshold)}, no step is longer than <b>{number(rate * threshold)}</b>; clipping "
            f"acted on <b>{acted}</b> of {steps} steps. {_outcome(clipped, start)}"
        )
    else:
        found.append(
            f"No gradient on the way is as long as {number(threshold)}: clipping changes nothing, and both paths "
            "are one."
        )
    w, b = (float(part[done - 1]) for part in (plain.w, plain.b))
    here = slope(w, b)
    if here.norm < min(threshold, FLAT) and here.error > 1e-3:
        found.append(
            f"Clipping never repairs vanishing: where the first descent ends, E is still <b>{number(here.error)}</b>, "
            f"but the gradient is only <b>{number(here.norm)}</b> long, and clipping leaves it so. ∂x<sub>50</sub>/"
            f"∂x<sub>0</sub> is {_tiny(here.kept)} there."
        )
    else:
        found.append(
            "Clipping never repairs vanishing: start on the plateau, at w = 6.5, b = 0.5, and both descents all but "
            "stand still."
        )
    return found


def _outcome(path: Descent, start: float) -> str:
    done = int(path.error.isfinite().sum())
    end = float(path.error[done - 1])
    return f"E goes from {number(start)} to <b>{number(end)}</b> in {done - 1} steps."


def _tiny(value: float) -> str:
    return number(value) if value else "0 even in float64"


def _equation() -> None:
    st.html("<h2 class='rv-h2'>One unit, fifty steps</h2>")
    st.latex(
        r"\begin{aligned} x_t &= w\,\sigma(x_{t-1}) + b, \quad x_0 = 0.5, \quad "
        r"E = (\sigma(x_{50}) - 0.7)^2 \\ "
        r"g &\leftarrow \theta\, g / \lVert g \rVert \quad \text{if } \lVert g \rVert \ge \theta \end{aligned}"
    )
    st.html(
        "<p class='rv-note'>A model of its own, from the paper: no setting of the side bar counts here. Where w &gt; 4 "
        "the unit can have two stable states, and a small change of w or b decides to which of them it goes: that is "
        "the cliff. Exact gradients in float64; a step goes against g, by the learning rate times its length.<br>"
        "<span>Pascanu, Mikolov &amp; Bengio 2013, arXiv:1211.5063, section 2.3, figure 6, algorithm 1</span></p>"
    )


@lru_cache(maxsize=1)
def _surface() -> Surface:
    from rnnviz.ui import preload

    preload.ensure()
    from rnnviz.cliff import surface

    return surface(_range("start_w"), _range("start_b"), *GRID)


@lru_cache(maxsize=1)
def _thinned(ground: Surface) -> Surface:
    from rnnviz.cliff import Surface

    return Surface(ground.w[::COARSE], ground.b[::COARSE], ground.error[::COARSE, ::COARSE])


@lru_cache(maxsize=64)
def _descents(w: float, b: float, rate: float, threshold: float) -> tuple[Descent, Descent]:
    from rnnviz.cliff import descend

    return descend(w, b, rate), descend(w, b, rate, threshold)

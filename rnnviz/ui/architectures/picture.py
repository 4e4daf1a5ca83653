"""The chosen architecture at work: its diagram, its shapes, its answer, its states and gradients."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.architectures.config import FIELD, Shape
from rnnviz.ui import charts, shell
from rnnviz.ui.architectures import beside, pictures, shapes, take_away
from rnnviz.ui.architectures import words as sentences
from rnnviz.ui.architectures.choice import Shown
from rnnviz.ui.controls import Controls
from rnnviz.ui.drawing import drawing
from rnnviz.ui.live_chart import BAR, TimeScrub
from rnnviz.ui.view import View

if TYPE_CHECKING:
    from rnnviz.architectures.seen import Seen

HEIGHT = 300
"""Of the diagram with its bar, and of what stands beside it, in pixels."""

TALL, MANY = 430, 620
"""The height of a diagram of many rows, and from where on in its own units it is one."""

WIDTHS = {"contexts": (1.8, 0.82, 0.8)}
"""Of diagram, shapes and answer, where they are not the usual ones."""

ROW, SINGLE, GRADIENT = 62, 96, 178
"""Height of a row of states, of the only one, and of the gradients under them."""


def draw(controls: Controls, shown: Shown | None) -> None:
    """All that is drawn of the architecture that is chosen."""
    session, view = controls.session, controls.view
    shape = session.shape
    run = pictures.run_of(session, shape)

    from rnnviz.architectures.wording import words

    told, asked = words(shape.kind, shape.cell), pictures.problem(shape)
    label = FIELD["kind"].label_of(shape.kind)
    st.html(
        f"<p class='rva-about'><b>{escape(label)}.</b> {shapes.name(told.use)} <span>Learned here: "
        f"{shapes.name(asked.asks[0].lower() + asked.asks[1:])}</span> {shapes.name(told.look)}</p>"
    )
    seen = pictures.seen(shape, run)
    steps = _steps(seen)
    which = "after training" if run else "untrained"
    left, middle, right = st.columns(WIDTHS.get(shape.kind, (1.5, 0.78, 0.95)), gap="medium")
    with left:
        picture = pictures.diagram(shape)
        drawing(picture, key="architecture_diagram", height=height_of(picture, view), steps=steps, bar=True)
    with middle:
        st.html(shapes.table(seen.stages))
    with right:
        charts.mount(
            "architecture_answer",
            pictures.answer(shape, run),
            f"What the network ({label}, {which}) says to one input, against the truth",
            view,
            HEIGHT,
            f"{shape.kind}-answer",
            TimeScrub(steps=steps, first=1, bar=False),
        )
    rows = len(pictures.strips(shape, run)["layout"]["annotations"]) - 1
    charts.mount(
        "architecture_strips",
        pictures.strips(shape, run),
        f"Hidden states of every clock of the network ({label}, {which}) over the time of the input, and under "
        "them the norm of the gradient at each step",
        view,
        strips_height(rows),
        f"{shape.kind}-states",
        TimeScrub(steps=steps, first=1, bar=False),
    )
    beside.draw(session, seen, run)
    _below(shape, seen, shown, run)


def _below(shape: Shape, seen: Seen, shown: Shown | None, run: str) -> None:
    """What is measured in the pictures, the equation, and what can be taken away."""
    from rnnviz.architectures.wording import words

    told = words(shape.kind, shape.cell)
    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        before = pictures.seen(shape) if run else seen
        shell.findings(
            sentences.sentences(
                shape, pictures.problem(shape), seen, before, shown, pictures.parameters(shape)
            )
        )
        take_away.draw(shape, seen, trained=bool(run))
    with formula:
        st.html(f"<h2 class='rv-h2'>{escape(FIELD['kind'].label_of(shape.kind))}</h2>")
        st.latex(equation(told.equation))
        st.html(f"<p class='rv-note'><span>{escape(told.source)}<br>{escape(told.address)}</span></p>")


def height_of(picture: str, view: View) -> int:
    """How high a diagram may be: one of many rows is to be read as well."""
    from rnnviz.figures.architecture_diagram import size

    most = TALL if size(picture)[1] > MANY else HEIGHT - BAR
    return round(most * (1.15 if view.present else 1))


def strips_height(rows: int) -> int:
    """The height of so many rows of states with the gradients under them."""
    return GRADIENT + (SINGLE if rows == 1 else rows * (ROW + 18)) + 44


def equation(parts: str) -> str:
    """Equations that stand beside each other, one under the other: half of a page is not wide."""
    lines = [part.strip().rstrip(",") for part in parts.split(r"\qquad")]
    return r"\begin{gathered}" + r" \\[0.4em] ".join(lines) + r"\end{gathered}"


def _steps(seen: Seen) -> int:
    """The last step of the input, or of the answer where that goes on."""
    return max(len(seen.x), *seen.answered)

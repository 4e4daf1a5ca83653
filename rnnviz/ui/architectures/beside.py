"""Architectures that are to be compared, side by side: the two ways from 1 to N, and the three contexts."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.architectures.config import FIELD, Shape
from rnnviz.prose import written
from rnnviz.ui import charts
from rnnviz.ui.architectures import choice, pictures, shapes
from rnnviz.ui.drawing import drawing
from rnnviz.ui.live_chart import TimeScrub
from rnnviz.ui.session import Session
from rnnviz.ui.view import View

if TYPE_CHECKING:
    from rnnviz.architectures.seen import Seen

DIAGRAM, HEIGHT, STRIPS = 170, 200, 290
"""Of a diagram, an answer, and states with their gradients, in pixels."""


def draw(session: Session, seen: Seen, run: str) -> None:
    """What there is to compare with, if anything. ``run`` has the weights of what is chosen, "" for those as drawn."""
    if session.shape.kind in choice.PAIRS:
        _pair(session)
    elif seen.contexts:
        _contexts(session.shape, seen, run, session.view)


def _pair(session: Session) -> None:
    """Both ways from 1 to N: the diagram, the answer, and the gradients on one axis."""
    shape, view = session.shape, session.view
    both = [replace(shape, kind=kind) for kind in ("one_to_n", "one_to_n_each")]
    runs = [pictures.run_of(session, one) for one in both]
    st.html("<h2 class='rv-h2'>Side by side, on the same input</h2>")
    for k, place in enumerate(st.columns(2, gap="medium")):
        one, run = both[k], runs[k]
        found, label = pictures.seen(one, run), FIELD["kind"].label_of(one.kind)
        steps = TimeScrub(steps=shape.length, first=1, bar=False)
        with place:
            st.html(
                f"<p class='rva-one'><b>{escape(label)}</b> <span>loss on this input {written(found.loss)}"
                f"{'' if run else ', untrained'}</span></p>"
            )
            drawing(
                pictures.diagram(one), key=f"beside_diagram_{one.kind}", height=DIAGRAM, steps=shape.length
            )
            charts.mount(
                f"beside_answer_{one.kind}",
                pictures.answer(one, run),
                f"What the network {label} says, against the truth",
                view,
                HEIGHT,
                f"{one.kind}-answer",
                steps,
            )
            charts.mount(
                f"beside_strips_{one.kind}",
                pictures.compared(one, run, both[1 - k], runs[1 - k]),
                f"Hidden states of the network {label}, and the norm of the gradient at each step",
                view,
                STRIPS,
                f"{one.kind}-states",
                steps,
            )


def _contexts(shape: Shape, seen: Seen, run: str, view: View) -> None:
    """The three contexts: what each of them holds, and what came of it."""
    st.html("<h2 class='rv-h2'>Side by side</h2>")
    for k, (place, one) in enumerate(zip(st.columns(3, gap="medium"), seen.contexts, strict=True)):
        with place:
            st.html(
                f"<p class='rva-one'><b>{shapes.name(one.label)}</b> <span>loss on this input {written(one.loss)} · "
                f"‖∂L/∂c‖ {written(one.dcontext)}</span></p>"
            )
            charts.mount(
                f"told_{one.name}",
                pictures.told(shape, k, run),
                f"What the network with {one.label} says, against the truth",
                view,
                HEIGHT + 60,
                f"contexts-{one.name}",
            )

"""By hand: an RNN written in numpy beside the same in PyTorch, as code and as numbers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import streamlit as st

from rnnviz.ui import preload, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.findings import number
from rnnviz.ui.training import hand_choice as choice
from rnnviz.ui.training import hand_tables as tables
from rnnviz.ui.training.hand_numbers import LOSS, Lesson, Setup, checked, lesson, listing
from rnnviz.ui.training.widgets import segment

PARTS = {
    "forward": "Forward",
    "loss": "Loss",
    "backward": "Backward",
    "step": "One step",
    "check": "Check",
}
"""The pieces of the program, in the order in which they run."""

ROUNDING = 1e-12
"""A smaller difference is that of sums in another order; a larger one has grown since."""

HEIGHT = 350
"""Of the code, in pixels."""

_CSS = (Path(__file__).parent / "hand.css").read_text("utf-8")


def draw(controls: Controls, shown: Any) -> None:
    """The code and its numbers beside PyTorch's, and under them every gradient, entry by entry."""
    chosen = choice.current()
    st.html(f"<style>{_CSS}</style>")
    shell.look(
        "Compare the two columns of numbers, from a program written by hand and from PyTorch: same weights, same input."
    )
    setup = choice.settings(chosen, controls.session.version)
    controls.keep()
    parts, buttons = st.columns([1.1, 1.3], gap="medium", vertical_alignment="center")
    with parts:
        chosen.part = segment("hand_part", "Part of the program", PARTS, chosen.part, hidden=True)
    with buttons:
        after = choice.buttons(chosen)
    preload.ensure()
    found = lesson(setup, chosen.taken)
    after.html(tables.after(found))
    code, values = st.columns([1.03, 1], gap="small")
    with code, st.container(key="hand_code"):
        st.code(
            _by_hand(chosen),
            language="python",
            height=round(1.3 * HEIGHT) if controls.view.present else HEIGHT,
            wrap_lines=True,
        )
    with values:
        if beside := _in_pytorch(chosen):
            with st.container(key="hand_code_torch"):
                st.code(beside, language="python", wrap_lines=True)
        large = " rv-large" if controls.view.present else ""
        st.html(f"<div class='rv-hand{large}'>{_table(chosen, setup, found)}</div>")
    _entries(chosen, found)


def _by_hand(chosen: choice.Chosen) -> str:
    """The part of the program, as it stands in :mod:`rnnviz.scratch`."""
    from rnnviz import scratch

    shown = {
        "forward": [scratch.start, scratch.forward],
        "loss": [getattr(scratch, LOSS[chosen.kind])],
        "backward": [scratch.backward],
        "step": [scratch.step, scratch.sgd],
        "check": [scratch.numerical],
    }[chosen.part]
    return "\n".join(map(listing, shown))


def _in_pytorch(chosen: choice.Chosen) -> str:
    """The same part in PyTorch, or "" where it has none of its own."""
    from rnnviz.ui.training import hand_torch as twin

    shown = {
        "forward": [twin.forward],
        "loss": [getattr(twin, LOSS[chosen.kind])],
        "backward": [twin.backward, twin.by_state],
        "step": [twin.step],
        "check": [],
    }[chosen.part]
    return "\n".join(map(listing, shown))


def _table(chosen: choice.Chosen, setup: Setup, found: Lesson) -> str:
    match chosen.part:
        case "forward":
            return tables.forward(found)
        case "loss":
            return tables.loss(found)
        case "backward":
            return tables.backward(found)
        case "step":
            return tables.learning(found)
        case _:
            return tables.check(found, checked(setup, chosen.taken))


def _entries(chosen: choice.Chosen, found: Lesson) -> None:
    """Every entry of a parameter, the sum over the steps, and what all of it says."""
    st.html(
        "<h2 class='rv-part'>∂L/∂W<sub>hh</sub> is a sum over the steps "
        "<span>of ∂L/∂a<sub>t</sub> h<sub>t−1</sub>ᵀ, where h<sub>t</sub> = tanh a<sub>t</sub></span></h2>"
    )
    st.html(f"{tables.itemised(found)}<p class='rv-note rv-adds'>{tables.entry(found)}</p>")
    st.html("<h2 class='rv-part'>Every entry</h2>")
    names = {name: name for name in tables.NAMES}
    chosen.parameter = segment("hand_parameter", "Parameter", names, chosen.parameter, hidden=True)
    st.html(tables.parameter(found, chosen.parameter))
    see, formula = st.columns([1.2, 1], gap="large")
    with see:
        shell.findings(sentences(found))
    with formula:
        st.html("<h2 class='rv-h2'>Backpropagation through time</h2>")
        st.latex(
            r"\begin{aligned} a_t &= W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}, \quad h_t = \tanh a_t \\ "
            r"\frac{\partial L}{\partial h_t} &= W_{hy}^\top \frac{\partial L}{\partial y_t} + W_{hh}^\top "
            r"\frac{\partial L}{\partial a_{t+1}}, \quad \frac{\partial L}{\partial a_t} = (1 - h_t^2) \odot "
            r"\frac{\partial L}{\partial h_t} \\ \frac{\partial L}{\partial W_{hh}} &= \sum_{t=1}^{T} "
            r"\frac{\partial L}{\partial a_t} \, h_{t-1}^\top \end{aligned}"
        )
        st.html(
            "<p class='rv-note'>All in float64. A loss is the mean over the steps. Point at a number to see all its "
            "digits.<br><span>Werbos 1990, Backpropagation through time</span></p>"
        )


def sentences(found: Lesson) -> list[str]:
    """What the numbers show."""
    one = found.hand
    first, last = tables.norm(one.dh[0]), tables.norm(one.dh[-1])
    said = [
        f"The largest difference between any two numbers of the two sides is <b>{tables.apart(found.apart)}</b>: "
        f"{_why(found.apart)}.",
        f"‖∂L/∂h<sub>t</sub>‖ is <b>{number(last)}</b> at the last step and <b>{number(first)}</b> at step 1: every "
        "step adds what its own output says.",
    ]
    if found.taken:
        before, now = found.losses[0][0], one.loss
        both = ", on both sides" if number(now) == number(found.torch.loss) else ""
        said.append(
            f"<b>{found.taken}</b> {'step' if found.taken == 1 else 'steps'} of gradient descent changed the loss from "
            f"<b>{number(before)}</b> to <b>{number(now)}</b>{both}."
        )
    return said


def _why(apart: float) -> str:
    """Where a difference between the two sides comes from."""
    if apart < ROUNDING:
        return "the order of the sums, in the last of 16 digits"
    if apart < math.inf:
        return "the order of the sums, in the last of 16 digits; the steps of learning have enlarged it"
    return "one side has left the range of float64"

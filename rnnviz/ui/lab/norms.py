"""The norm of the gradient by time step, for several cells on one chart."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import charts, compute, shell
from rnnviz.ui.controls import Controls


def draw(controls: Controls) -> None:
    """The chart of the norms, with what is measured on it."""
    look, quantity, relative = st.columns([1.9, 1.25, 0.95], gap="medium", vertical_alignment="center")
    with look:
        shell.look(
            "Look at the slope: a straight line falling to the left is a gradient that shrinks by one factor a step."
        )
    with quantity:
        controls.segment("quantity")
    with relative:
        controls.toggle("relative")
    controls.cells()
    shown = shell.settings(controls, "length", "loss", "scale", "forget")

    experiment, view = controls.experiment, controls.view
    runs = [compute.observation(experiment, name) for name in shown]
    sentences = charts.gradients(experiment, view, runs)

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(sentences)
        shell.as_pytorch(experiment, shown)
    with formula:
        shell.backpropagation(shown)

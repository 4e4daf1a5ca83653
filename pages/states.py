"""The hidden state over time, and its path through the space of its principal components."""

import streamlit as st

from rnnviz.ui import charts, compute, findings, shell
from rnnviz.ui.controls import Controls


def body(controls: Controls) -> None:
    title, unit, dims = st.columns([2.5, 0.9, 0.6], gap="medium", vertical_alignment="bottom")
    with title:
        shell.head(
            "States",
            "Look for the shape of the path: a loop follows the input; paths that meet have forgotten their start.",
        )
    with unit:
        controls.slider("unit", maximum=controls.experiment.hidden - 1)
    with dims:
        controls.segment("dims")
    (name,) = shell.settings(controls, "cell", "many", "length", "scale", "forget")

    experiment, view = controls.experiment, controls.view
    run = compute.observation(experiment, name, **charts.several(view))
    projection = charts.states(view, run)

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(findings.overflow(run.trace.layers[0]) + findings.states(projection, view.many))
        shell.as_pytorch(experiment, (name,))
    with formula:
        shell.equation(name)


shell.page(body)

"""Every gate and state of a cell, unit by time step."""

import streamlit as st

from rnnviz.registry import CELLS
from rnnviz.ui import charts, compute, findings, shell
from rnnviz.ui.controls import Controls


def body(controls: Controls) -> None:
    title, unit, show = st.columns([2, 0.8, 1.25], gap="medium", vertical_alignment="bottom")
    with title:
        shell.head(
            "Gates",
            "Look for gates that stick at 0 or 1, and for units that hold a value over many steps: that is memory.",
        )
    with unit:
        controls.slider("unit", maximum=controls.experiment.hidden - 1)
    with show:
        controls.segment("show")
    shown = shell.settings(controls, "cell", "beside", "length", "scale", "forget")

    experiment, view = controls.experiment, controls.view
    runs = [compute.observation(experiment, name) for name in shown]
    charts.gates(view, runs)

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(
            [sentence for run in runs for sentence in findings.gates(CELLS[run.cell], run.trace.layers[0])]
        )
        shell.as_pytorch(experiment, shown)
        if view.show == "spread":
            charts.saturation(runs, view)
    with formula:
        for name in shown:
            shell.equation(name)


shell.page(body)

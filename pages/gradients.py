"""How the gradient of the loss changes on its way back through time: the chart, and the laboratory behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.ui import opened, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.lab import blame, chaos, cliff, cures, norms, paths, phase, spectrum, triangle

if TYPE_CHECKING:
    from rnnviz.ui.opened_kind import Opened

SECTIONS = {
    "norms": norms,
    "triangle": triangle,
    "paths": paths,
    "spectrum": spectrum,
    "blame": blame,
    "phase": phase,
    "cliff": cliff,
    "cures": cures,
    "chaos": chaos,
}


def body(controls: Controls) -> None:
    title, sections = st.columns([0.16, 0.84], gap="medium", vertical_alignment="center")
    with title:
        shell.title("Gradients")
    with sections:
        controls.segment("lab", options=list(SECTIONS))
    SECTIONS.get(controls.view.lab, norms).draw(controls)


def trained(controls: Controls, found: Opened) -> None:
    from rnnviz.ui import opened_charts

    widths = [1.75, 0.75, 1.25, 0.7]
    title, example, quantity, relative = st.columns(widths, gap="medium", vertical_alignment="bottom")
    with title:
        shell.head(
            "Gradients",
            "Look how much of the gradient of the network's own loss reaches step 1, now and before training.",
        )
    with example:
        controls.slider("example")
    with quantity:
        controls.segment("quantity")
    with relative:
        controls.toggle("relative")
    found, view = opened.settings(controls, found, several=True), controls.view
    sentences = opened_charts.gradients(found, view)

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(sentences)
        opened_charts.take_away(found, view)
    with formula:
        opened_charts.backpropagation(found)


opened.page(body, trained)

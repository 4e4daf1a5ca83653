"""How the gradient of the loss changes on its way back through time: the chart, and the laboratory behind it."""

import streamlit as st

from rnnviz.ui import shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.lab import blame, chaos, cliff, cures, norms, paths, phase, spectrum, triangle

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


shell.page(body)

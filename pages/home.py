"""What this is, and four doors, each with a live miniature."""

import streamlit as st

from rnnviz.ui import compute, doors, shell
from rnnviz.ui.controls import Controls


def body(controls: Controls) -> None:
    shell.hero()
    cell, scale, length, seed = st.columns([1, 1.3, 1.3, 1], gap="large", vertical_alignment="bottom")
    with cell:
        controls.cell()
    with scale:
        shell.scale_slider(controls, (controls.experiment.cell,))
    with length:
        shell.length_slider(controls)
    with seed:
        controls.new_seed()
    controls.keep()

    experiment, view = controls.experiment, controls.view
    doors.draw(experiment, view, [compute.observation(experiment, name) for name in experiment.cells])
    doors.foot()


shell.page(body, side_bar=False)

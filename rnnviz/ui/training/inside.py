"""Inside the networks while they learn: gradients, gates, the way back through time, weights."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import charts, preload, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.training import equations, inside_words, pictures
from rnnviz.ui.training.shown import Shown

HEIGHT = 412

_PICTURES = {
    "norms": "Norm of the whole gradient of each cell over the training, before and after clipping",
    "profile": "Norm of the gradient by the hidden state at each time step and epoch, a heat map a cell",
    "saturation": "Share of values of each gate that are saturated, over the training",
    "weights": "Norm of each parameter of each cell over the training",
}

_LOOK = {
    "norms": "Look for spikes, the case for clipping. Where the norm falls to nothing, nothing is left to learn from.",
    "profile": "Look at the bottom, the first time steps: how much of the gradient arrives there, and from when on.",
    "saturation": "Look for gates that open or shut as the network learns to keep something.",
    "weights": "Look for a recurrent matrix that grows. Dashed is its spectral radius, where it is one square block.",
}


def draw(controls: Controls, shown: Shown) -> None:
    """One of four pictures over the training, and what is measured in all of them."""
    segment, sentence = st.columns([1.3, 1], gap="medium", vertical_alignment="center")
    with segment:
        controls.segment("inside")
    controls.keep()
    race, view = shown.race, controls.view
    name = view.inside
    preload.ensure()
    from rnnviz.figures import training_inside

    with sentence:
        shell.look(_LOOK[name])
    drawing = getattr(training_inside, name)
    spec = pictures.specs.get((name, shown.stamp), lambda: drawing.spec(shown.epochs, race))
    tall = 90 if len(race.cells) > 3 and name != "norms" else 0
    with st.container(key="inside_panels" if name != "norms" else "inside_lines"):
        charts.mount(
            f"train_{name}", spec, _PICTURES[name], view, HEIGHT + tall, f"training-{name}-{race.task}"
        )

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(
            pictures.sentences.get(
                ("inside", name, shown.stamp), lambda: inside_words.inside(race, shown.epochs, name)
            )
        )
    with formula:
        equations.inside(name, race)

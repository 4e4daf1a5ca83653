"""The hidden state over time, and its path through the space of its principal components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.ui import charts, compute, findings, opened, shell
from rnnviz.ui.controls import Controls

if TYPE_CHECKING:
    from rnnviz.ui.opened_kind import Opened


def draw(controls: Controls) -> None:
    """The path of the experiment."""
    _head(controls, controls.experiment.hidden)
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


def trained(controls: Controls, found: Opened) -> None:
    """The path of a trained network, beside that before training."""
    from rnnviz.ui import opened_charts, opened_words

    _head(controls, found.hidden, trained=True)
    found, view = opened.settings(controls, found), controls.view
    projection = opened_charts.states(found, view)
    runs: Any = opened_charts.compared(found, view)

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        common = len(found.which(view.weights)) > 1
        shell.findings(opened_words.states(found, runs, projection, common=common))
        opened_charts.take_away(found, view)
    with formula:
        opened_charts.equation(found)


def _head(controls: Controls, units: int, *, trained: bool = False) -> None:
    widths = [1.8, 0.8, 0.8, 0.6] if trained else [2.5, 0.9, 0.6]
    look, *examples, unit, dims = st.columns(widths, gap="medium", vertical_alignment="bottom")
    with look:
        shell.look(
            "Look where the path jumps, and what the network has read there."
            if trained
            else "Look for the shape of the path: a loop follows the input; paths that meet have forgotten their start."
        )
    for example in examples:
        with example:
            controls.slider("example")
    with unit:
        controls.slider("unit", maximum=units - 1)
    with dims:
        controls.segment("dims")

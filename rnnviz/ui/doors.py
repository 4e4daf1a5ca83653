"""The first page's doors: miniatures of four pages, drawn from real runs, and the ways into all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.registry import CELLS
from rnnviz.ui import compute
from rnnviz.ui.charts import PAGES, mount
from rnnviz.ui.drawing import drawing

if TYPE_CHECKING:
    from rnnviz.experiment import Experiment
    from rnnviz.figures.drawing import Spec
    from rnnviz.observe import Observation
    from rnnviz.ui.view import View

DOORS = (
    ("gates", "Gates", "Which units write, keep and forget: every gate of every unit, step by step."),
    ("cell", "Cell", "What flows through a cell at each step, and the sum behind every number."),
    ("states", "States", "The path of the hidden state, and whether it forgets where it started."),
    ("gradients", "Gradients", "How much of the loss reaches the past: true gradients at every step."),
)

HEIGHT = 210
"""Of a miniature in pixels."""

OTHERS = (
    (
        (
            "attention",
            "**Attention**: train a network to look back, and see where it looks",
            "center_focus_strong",
        ),
        (
            "architectures",
            "**Architectures**: every shape of sequence model, unrolled and running",
            "account_tree",
        ),
    ),
    (
        (
            "training",
            "**Training**: watch several cells learn one task, live, and open what they have learned",
            "model_training",
        ),
        ("claims", "**Claims**: what tutorials say, beside what is measured", "fact_check"),
    ),
    (
        (
            "forecast",
            "**Forecast**: drop a file of prices, train on it, and see whether the forecast beats yesterday's price",
            "query_stats",
        ),
    ),
)
"""All other pages, in rows: the page, what it is for, its icon."""


def draw(experiment: Experiment, view: View, runs: list[Observation]) -> None:
    """A miniature of each page, drawn from the same runs, and the way in."""
    import torch

    from rnnviz import dynamics
    from rnnviz.figures import cell_miniature, small
    from rnnviz.figures.gradients import Curve

    first = runs[0]
    cell, layer = CELLS[first.cell], first.trace.layers[0]
    projection = dynamics.project(torch.cat([layer.h0[None], layer.h]), components=2)
    curves = [
        Curve(run.cell, CELLS[run.cell].label, (g := run.gradients.layers[0]).h_norm, lost=g.underflow)
        for run in runs
    ]
    strips = [*(gate.name for gate in cell.gates if gate.kind == "sigmoid"), "h"]
    figures: tuple[Spec | str, ...] = (
        small.miniature_gates.spec(layer, cell, names=strips),
        cell_miniature.svg(
            compute.inside(first), f"Miniature of the {cell.label}, its gates filled as far as they open"
        ),
        small.miniature_trajectory.spec(projection),
        small.miniature_gradients.spec(curves, experiment.loss_index),
    )
    alts = (
        f"Miniature heat map of the {cell.label}'s gates",
        "",
        f"Miniature path of the {cell.label}'s hidden state",
        "Miniature of gradient norms by time step",
    )
    for place, (page, title, sentence), fig, alt in zip(
        st.columns(len(DOORS), gap="medium"), DOORS, figures, alts, strict=True
    ):
        with place.container(border=True, key=f"card_{page}"):
            if isinstance(fig, str):
                height = round(HEIGHT * 1.15) if view.present else HEIGHT
                st.html(f"<style>.st-key-door_{page} svg {{ width: 100%; height: {height}px }}</style>")
                drawing(fig, key=f"door_{page}", height=height)
            else:
                mount(f"door_{page}", fig, alt, view, HEIGHT, page)
            st.page_link(PAGES / f"{page}.py", label=f"**{title}**", icon=":material/arrow_forward:")
            st.html(f"<p class='rv-note'>{sentence}</p>")


def foot() -> None:
    """The ways to the other pages, and what sets the app apart, in a line."""
    for row in OTHERS:
        with st.container(horizontal=True, gap="small"):
            for page, label, icon in row:
                st.page_link(PAGES / f"{page}.py", label=label, icon=f":material/{icon}:")
    st.html(
        "<p class='rv-foot'>Runs on this machine alone, without any connection. Each setting is in the address: "
        "copy the link, and others see the same picture.</p>"
    )

"""Every gate and state of a cell, unit by time step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.registry import CELLS
from rnnviz.ui import charts, compute, findings, opened, shell
from rnnviz.ui.controls import Controls

if TYPE_CHECKING:
    from rnnviz.ui.opened_kind import Opened


def head(controls: Controls, units: int, *, trained: bool = False) -> None:
    widths = [1.55, 0.7, 0.7, 1.4] if trained else [2, 0.8, 1.25]
    title, *examples, unit, show = st.columns(widths, gap="medium", vertical_alignment="bottom")
    look = "Look for gates that stick at 0 or 1, and for units that hold a value over many steps: that is memory."
    with title:
        shell.head(
            "Gates",
            "Look which gates open and shut with what is read, and whether they did before."
            if trained
            else look,
        )
    for example in examples:
        with example:
            controls.slider("example")
    with unit:
        controls.slider("unit", maximum=units - 1)
    with show:
        controls.segment("show")


@contextmanager
def onward(controls: Controls) -> Iterator[None]:
    """A row under the sentences that ends with the way into the cell, all that is set included."""
    with st.container(horizontal=True, vertical_alignment="center", key="gates_onward"):
        yield
        st.page_link(
            charts.PAGES / "cell.py",
            label="Look inside the cell",
            icon=":material/arrow_forward:",
            query_params=controls.session.query(),
        )


def body(controls: Controls) -> None:
    head(controls, controls.experiment.hidden)
    shown = shell.settings(controls, "cell", "beside", "length", "scale", "forget")

    experiment, view = controls.experiment, controls.view
    runs = [compute.observation(experiment, name) for name in shown]
    charts.gates(view, runs)

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(
            [sentence for run in runs for sentence in findings.gates(CELLS[run.cell], run.trace.layers[0])]
        )
        with onward(controls):
            shell.as_pytorch(experiment, shown)
        if view.show == "spread":
            charts.saturation(runs, view)
    with formula:
        for name in shown:
            shell.equation(name)


def trained(controls: Controls, found: Opened) -> None:
    from rnnviz.ui import opened_charts, opened_words

    head(controls, found.hidden, trained=True)
    found, view = opened.settings(controls, found), controls.view
    runs = dict(reversed(opened_charts.observed(found, view).items()))  # before stands left of after
    charts.gates(view, list(runs.values()), opened_charts.names(runs))

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(opened_words.gates(found, opened_charts.compared(found, view)))
        with onward(controls):
            opened_charts.take_away(found, view)
        if view.show == "spread":
            charts.saturation(list(runs.values()), view, opened_charts.names(runs))
    with formula:
        opened_charts.equation(found)


opened.page(body, trained)

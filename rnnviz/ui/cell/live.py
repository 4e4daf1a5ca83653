"""The cell of the experiment at work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.registry import CELLS
from rnnviz.ui import charts, run_files, shell
from rnnviz.ui.cell import component, words
from rnnviz.ui.cell.section import begin
from rnnviz.ui.controls import Controls

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.inside import Inside
    from rnnviz.observe import Observation
    from rnnviz.ui.view import View

HEIGHT = 560
"""Of the picture in pixels, all its parts and the time bar together."""

ABOVE = 206
"""Height in pixels of what stands above it."""


def draw(controls: Controls) -> None:
    """Settings, the picture, and what stands under it."""
    run, seen = begin(controls, "length", "scale", "forget")
    picture(run, seen, controls.view)

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(
            words.cell(seen, run.trace.layers[0]) + words.fading(seen, controls.experiment.loss_index)
        )
        with st.container(horizontal=True, vertical_alignment="center", key="cell_take_away"):
            shell.as_pytorch(controls.experiment, (run.cell,))
            download(seen, run.signal.labels)
            onward(controls)
    with formula:
        shell.equation(run.cell)


def onward(controls: Controls) -> None:
    """The way to all units at once, with all that is set."""
    st.page_link(
        charts.PAGES / "gates.py",
        label="All units at once",
        icon=":material/arrow_forward:",
        query_params=controls.session.query(),
    )


def picture(
    run: Observation,
    seen: Inside,
    view: View,
    *,
    key: str = "cell",
    told: str = "",
    above: int = ABOVE,
    readout: Mapping[str, Tensor] | None = None,
    names: Mapping[str, str] | None = None,
) -> None:
    """The cell at work; ``told`` is added to what is said of it to those who do not see it."""
    component.cell(
        seen,
        key=key,
        alt=f"The {CELLS[run.cell].label} at work: what flows through it at each step{told}",
        height=HEIGHT,
        labels=run.signal.labels,
        present=view.present,
        readout=readout,
        names=names,
        above=above,
    )


def download(seen: Inside, labels: Sequence[str] | None, key: str = "cell_csv", name: str = "") -> None:
    """A button that downloads every number of the picture, made when it is pressed."""

    def made() -> str:
        from rnnviz.ui.cell.download import table

        return table(seen, labels)

    run_files.numbers(made, f"rnnviz-inside-{seen.cell}{name}.csv", key)

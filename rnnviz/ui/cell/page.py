"""The page that looks inside a cell: a section under its head line, for the experiment or a trained network."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.ui import shell
from rnnviz.ui.cell import live
from rnnviz.ui.controls import Controls

if TYPE_CHECKING:
    from rnnviz.ui.opened_kind import Opened

SECTIONS: dict[str, Callable[[Controls], None]] = {"live": live.draw}
"""The sections of the experiment, each ``draw(controls)``."""


def body(controls: Controls) -> None:
    """The page of an experiment."""
    title, sections = st.columns([2.2, 1], gap="medium", vertical_alignment="bottom")
    with title:
        shell.head(
            "Inside the cell", "Press play, then click a box: its equation, and this step's numbers in it."
        )
    with sections:
        controls.segment("within")
    SECTIONS.get(controls.view.within, live.draw)(controls)


def trained(controls: Controls, found: Opened) -> None:
    """The page of a trained network."""
    body(controls)

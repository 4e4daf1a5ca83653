"""The page of the states: a section under its head line, for the experiment or a trained network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.ui import shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.states import flow, memory, path

if TYPE_CHECKING:
    from rnnviz.ui.opened_kind import Opened

SECTIONS = {"path": path, "flow": flow, "flipflop": memory}
TRAINED = {"path": path, "flow": flow}
"""The sections of a trained network; the memory is one itself."""


def body(controls: Controls) -> None:
    """The page of an experiment."""
    _head(controls, list(SECTIONS))
    SECTIONS[controls.view.portrait].draw(controls)


def trained(controls: Controls, found: Opened) -> None:
    """The page of a trained network."""
    _head(controls, list(TRAINED))
    TRAINED.get(controls.view.portrait, path).trained(controls, found)


def _head(controls: Controls, sections: list[str]) -> None:
    title, buttons = st.columns([0.14, 0.86], gap="medium", vertical_alignment="center")
    with title:
        shell.title("States")
    with buttons:
        controls.segment("portrait", options=sections)

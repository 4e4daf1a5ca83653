"""The forecast page as a whole: the settings at the side, the buttons, and a section under them."""

from __future__ import annotations

from html import escape

import streamlit as st

from rnnviz.runs import RunsError
from rnnviz.ui import session as sessions
from rnnviz.ui import shell, watchers
from rnnviz.ui.controls import Controls
from rnnviz.ui.forecast import choice, parts, result

SECTIONS = {
    "forecast": result.draw,
    "compare": parts.draw_compare,
    "backtest": parts.draw_backtest,
    "leaks": parts.draw_leaks,
}
"""The sections that need a forecast, each ``draw(controls, shown)``."""


def arrive() -> None:
    """Before the page is drawn: the settings of the run that the link names."""
    choice.follow(sessions.current())


def side_bar(controls: Controls) -> None:
    """What is chosen for a forecast."""


def every() -> float | None:
    """Seconds until the body is to be drawn again: a number while what it shows changes by itself."""
    known = choice.memory()
    if choice.active(sessions.current()):
        known.pause = watchers.pause(watchers.count(id(known)), known.pause)
    else:
        known.pause = None
    return known.pause


def draw(controls: Controls) -> None:
    """The page."""
    if choice.memory().followed != controls.session.view.forecast:
        st.rerun()  # another run was chosen in this part of the page: its settings belong into the side bar
    title, sections = st.columns([0.16, 0.84], gap="medium", vertical_alignment="center")
    with title:
        shell.title("Forecast")
    with sections:
        controls.segment("part")
    controls.keep()
    shown, gone = None, ""
    try:
        shown = choice.find(controls.session)
        if shown is None:
            gone = "The forecast in this link is no longer here."
    except RunsError as error:
        gone = str(error)
    part = controls.view.part
    if part not in SECTIONS:
        return
    if shown is None:
        st.html(f"<p class='rv-gone'>{escape(gone)}</p>")
        return
    SECTIONS[part](controls, shown)

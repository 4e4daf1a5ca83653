"""The forecast page as a whole: the series and the settings at the side, the buttons, and a section under them."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from pathlib import Path

import streamlit as st

from rnnviz.runs import RunsError
from rnnviz.ui import run_buttons, run_choice, shell
from rnnviz.ui import session as sessions
from rnnviz.ui.controls import Controls
from rnnviz.ui.forecast import (
    choice,
    data,
    parts,
    result,
    runs,
    settings,
    source,
    transport,
    upload,
)

SECTIONS = {
    "forecast": result.draw,
    "compare": parts.draw_compare,
    "backtest": parts.draw_backtest,
    "leaks": parts.draw_leaks,
}
"""The sections that need a forecast, each ``draw(controls, shown)``."""

WAITS = (
    "CSV or text, as it came from a broker, an exchange, a bank or a spreadsheet: what it holds is shown before "
    "anything is trained."
)
"""What stands in the place of a forecast while a file is still to come."""

_CSS = (Path(__file__).parent / "forecast.css").read_text("utf-8")


def arrive() -> None:
    """Before the page is drawn: its style, the file that was dropped, the settings of the run that the link names."""
    session = sessions.current()
    st.html(f"<style>{run_buttons.STYLE}{_CSS}</style>")
    source.settle(session, st.empty())
    choice.follow(session)


def side_bar(controls: Controls) -> None:
    """What is chosen for a forecast."""
    upload.draw(controls.session)
    settings.draw(controls.session)


def every() -> float | None:
    """Seconds until the body is to be drawn again: a number while what it shows changes by itself."""
    return run_choice.pause(choice.memory(), choice.active(sessions.current()))


def draw(controls: Controls) -> None:
    """The page."""
    session = controls.session
    if source.settle(session, st.empty()) or choice.memory().followed != session.view.forecast:
        st.rerun()  # another run, or another table, was chosen in this part of the page: its side follows
    title, sections = st.columns([0.16, 0.84], gap="medium", vertical_alignment="center")
    with title:
        shell.title("Forecast")
    with sections:
        _sections(controls)
    shown, gone = None, ""
    try:
        shown = choice.find(session)
    except RunsError as error:
        gone = str(error)
    split, missing = source.split(session, session.forecast)
    transport.draw(controls, shown, missing)
    part = controls.view.part
    if part == "data":
        data.draw(controls, split)
    elif part == "yours":
        runs.draw(controls, shown)
    elif shown is not None:
        SECTIONS[part](controls, shown)
    else:
        _nothing(session, gone, missing)


def _sections(controls: Controls) -> None:
    """The buttons of the sections."""
    known = choice.memory()
    if known.part != controls.view.part:
        known.turn += 1
    controls.segment("part", turn=known.turn)
    controls.keep()
    known.part = controls.view.part


def _nothing(session: sessions.Session, gone: str, missing: str) -> None:
    """Why there is no forecast, and the way on."""
    lost = bool(session.view.forecast)
    if source.table(session) is None:
        missing = WAITS  # that there is no file stands beside the buttons
    words = gone or missing or "Press Train: what the forecast is worth stands here a few seconds later."
    if lost and not gone:
        words = (
            "The forecast in this link is no longer here: runs are kept for some weeks, and can be deleted. Drop your "
            "file again, or look into “Your runs”."
        )
    st.html(f"<p class='rv-gone'>{escape(words)}</p>")
    if lost:
        st.button("Show the example", key="show_example", on_click=_to_example, args=(session,))


def _to_example(session: sessions.Session) -> None:
    if session.view.sample == "own":
        session.view = replace(session.view, sample="aapl")
    choice.show(session, "")

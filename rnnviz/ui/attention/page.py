"""The page of attention as a whole: the settings at the side, the buttons, and a section under them."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from rnnviz.runs import RunsError
from rnnviz.ui import run_buttons, run_choice, shell
from rnnviz.ui import session as sessions
from rnnviz.ui.attention import choice, pairs, pooling, runs, settings, transport
from rnnviz.ui.controls import Controls

SECTIONS: dict[str, Callable[[Controls, Any], None]] = {
    "pooling": pooling.draw,
    "pairs": pairs.draw,
    "yours": runs.draw,
}
"""The sections, each ``draw(controls, shown)``; the last one also draws without a run."""

GONE = (
    "The run in this link is no longer here: runs are kept for some weeks, and can be deleted. "
    "Press Train to train with the chosen settings, or look into “Your runs”."
)

_CSS = (Path(__file__).parent / "attention.css").read_text("utf-8")


def arrive() -> None:
    """Before the page is drawn: its style, and the settings of the runs that the link names."""
    st.html(f"<style>{run_buttons.STYLE}{_CSS}</style>")
    session = sessions.current()
    choice.follow(session)
    choice.page_memory().beside = choice.part_of(session).name


def side_bar(controls: Controls) -> None:
    """What is chosen for the part that is worked on."""
    settings.draw(controls.session, choice.part_of(controls.session).name)


def every() -> float | None:
    """Seconds until the body is to be drawn again: a number while what it shows changes by itself."""
    return run_choice.pause(choice.page_memory(), choice.active(sessions.current()))


def draw(controls: Controls) -> None:
    """The page."""
    session = controls.session
    title, sections = st.columns([0.16, 0.84], gap="medium", vertical_alignment="center")
    with title:
        shell.title("Attention")
    with sections:
        _sections(controls)
    part = choice.part_of(session)
    if not choice.followed(session) or choice.page_memory().beside != part.name:
        st.rerun()  # another run, or another part, was chosen here: the side bar follows
    shown, gone = None, GONE
    try:
        shown = choice.find(session, part)
    except RunsError as error:
        gone = str(error)
    transport.draw(session, part, shown)
    name = controls.view.attend
    if shown is None and name in choice.PARTS:
        st.html(f"<p class='rv-gone'>{escape(gone)}</p>")
        if choice.run_of(session, part):
            st.button("Show the example", key="show_example", on_click=choice.show, args=(session, part, ""))
        return
    SECTIONS[name](controls, shown)


def _sections(controls: Controls) -> None:
    """The buttons of the sections."""
    known = choice.page_memory()
    if known.section != controls.view.attend:
        known.turn += 1
    controls.segment("attend", turn=known.turn)
    controls.keep()
    known.section = controls.view.attend

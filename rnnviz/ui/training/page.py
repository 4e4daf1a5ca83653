"""The training page as a whole: the settings at the side, the buttons, and a section under them."""

from __future__ import annotations

from html import escape
from pathlib import Path

import streamlit as st

from rnnviz.race import Race
from rnnviz.registry import CELLS
from rnnviz.runs import RunsError
from rnnviz.ui import run_buttons, run_choice, shell
from rnnviz.ui import session as sessions
from rnnviz.ui.controls import Controls
from rnnviz.ui.training import choice, hand, inside, race, runs, text, transport
from rnnviz.ui.training.controls import RaceControls

SECTIONS = {"race": race, "inside": inside, "text": text, "hand": hand, "runs": runs}
"""The sections, each with ``draw(controls, shown)``; the last two also draw without a run."""

_CSS = (Path(__file__).parent / "training.css").read_text("utf-8")


def arrive() -> None:
    """Before the page is drawn: its style, and the settings of the run that the link names."""
    st.html(f"<style>{run_buttons.STYLE}{_CSS}</style>")
    choice.follow(sessions.current())


def side_bar(controls: Controls) -> None:
    """What is chosen for a race."""
    session = controls.session
    with st.container(key="race_settings"):
        drawn = RaceControls(session)
        drawn.choose("task")
        if drawn.chosen.task == "text":
            drawn.choose("corpus")
            if drawn.chosen.reads_own_text:
                drawn.text()
        drawn.cells()
        for pair in (("length", "hidden"), ("batch", "steps")):
            for place, name in zip(st.columns(2, gap="small"), pair, strict=True):
                with place:
                    drawn.number(name)
        drawn.choose("optimiser")
        left, right = st.columns(2, gap="small")
        with left:
            drawn.ladder("rate")
        with right:
            drawn.ladder("clip")
        drawn.flag("layernorm")
        drawn.flag("residual")
        idle = not any(CELLS[cell].forget for cell in drawn.chosen.cells)
        drawn.ladder("forget", disabled="None of the chosen cells has a forget gate." if idle else "")
        drawn.seed()
        drawn.keep()
        st.button(
            "Reset settings",
            key="race_reset",
            icon=":material/settings_backup_restore:",
            type="tertiary",
            disabled=session.race == Race(),
            on_click=_reset,
            args=(controls,),
        )


def every() -> float | None:
    """Seconds until the body is to be drawn again: a number while what it shows changes by itself."""
    session = sessions.current()
    return run_choice.pause(choice.memory(), session.view.train != "hand" and choice.active(session))


def draw(controls: Controls) -> None:
    """The page."""
    if choice.memory().followed != controls.session.view.run:
        st.rerun()  # another run was chosen in this part of the page: its settings belong into the side bar
    title, sections = st.columns([0.16, 0.84], gap="medium", vertical_alignment="center")
    with title:
        shell.title("Training")
    with sections:
        controls.segment("train", options=list(SECTIONS))
    controls.keep()
    name = controls.view.train if controls.view.train in SECTIONS else "race"
    shown, gone = None, ""
    try:
        shown = choice.find(controls.session)
        if shown is None:
            gone = (
                "The run in this link is no longer here: runs are kept for some weeks, and can be deleted. "
                "Press Start to train with the chosen settings, or look into “Your runs”."
            )
    except RunsError as error:
        gone = str(error)
    if name != "hand":
        transport.draw(controls, shown)
    if shown is None and name not in ("hand", "runs"):
        st.html(f"<p class='rv-gone'>{escape(gone)}</p>")
        if controls.view.run:
            st.button(
                "Show the example", key="show_example", on_click=choice.show, args=(controls.session, "")
            )
        return
    SECTIONS[name].draw(controls, shown)


def _reset(controls: Controls) -> None:
    controls.session.race = Race()
    controls.session.version += 1

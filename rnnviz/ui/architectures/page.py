"""The gallery as a whole: the cards, the settings, and the chosen architecture at work."""

from __future__ import annotations

from html import escape
from pathlib import Path

import streamlit as st

from rnnviz.runs import RunsError
from rnnviz.ui import run_buttons, run_choice, shell
from rnnviz.ui import session as sessions
from rnnviz.ui.architectures import choice, gallery, status
from rnnviz.ui.architectures.choice import Shown
from rnnviz.ui.architectures.controls import ShapeControls
from rnnviz.ui.controls import Controls
from rnnviz.ui.session import Session

_CSS = (Path(__file__).parent / "architectures.css").read_text("utf-8")


def arrive() -> None:
    """Before the page is drawn: its style, and the settings of the run that the link names."""
    st.html(f"<style>{run_buttons.STYLE}{_CSS}</style>")
    choice.follow(sessions.current())


def every() -> float | None:
    """Seconds until the body is to be drawn again: a number while what it shows is being trained."""
    return run_choice.pause(choice.memory(), choice.active(sessions.current()))


def draw(controls: Controls) -> None:
    """The page."""
    session = controls.session
    head = st.container(key="architecture_head")  # what it says depends on what is chosen under it
    with st.container(key="architecture_cards"):
        drawn = ShapeControls(session)
        drawn.pick(gallery.draw(session))
        drawn.keep()
    with st.container(key="architecture_settings"):
        drawn = ShapeControls(session)
        drawn.row()
        drawn.keep()
    trouble, shown = "", None
    with head:
        shown, trouble = _head(controls)

    from rnnviz.ui.architectures import picture

    picture.draw(controls, shown)
    if trouble:
        st.html(f"<p class='rv-trouble' role='alert'>{escape(trouble)}</p>")


def _head(controls: Controls) -> tuple[Shown | None, str]:
    """The title, the choice of weights, and how far their training is."""
    session, present = controls.session, controls.view.present
    widths = (1.3, 1.5, 0.85, 3.4, *(() if present else (1.25,)))
    title, stage, button, words, *rest = st.columns(widths, gap="small", vertical_alignment="center")
    with title:
        shell.title("Architectures")
    with stage:
        controls.segment("stage")
    controls.keep()
    shown, trouble = _found(session)
    shape = session.shape
    enabled, help = status.offered(shown, shape)
    with button:
        pressed = st.button(
            "Train",
            key="architecture_train",
            type="primary" if enabled else "secondary",
            disabled=not enabled,
            help=help,
            width="stretch",
        )
    if pressed and enabled:
        run_buttons.act(choice.memory(), lambda: choice.train(session))
    with words:
        gone = shown is None and choice.gone(session)
        st.html(status.html(*status.words(shown, shape, controls.view.stage, gone=gone)))
        run_buttons.troubles(choice.memory())
    for place in rest:
        with place:
            st.button(
                "Projector mode",
                key="architecture_present",
                icon=":material/slideshow:",
                type="tertiary",
                on_click=session.present,
                args=(True,),
            )
    return shown, trouble


def _found(session: Session) -> tuple[Shown | None, str]:
    """The run whose weights fit, and why there is none."""
    try:
        return choice.find(session), ""
    except RunsError as error:
        return None, str(error)

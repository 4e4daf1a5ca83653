"""Start, Pause, Step and Stop, and what the run is doing."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from rnnviz.runs import RunsError
from rnnviz.ui import engine
from rnnviz.ui.controls import Controls
from rnnviz.ui.session import Session
from rnnviz.ui.training import choice, status
from rnnviz.ui.training.shown import KIND, Shown

_ICONS = {"start": "play_arrow", "pause": "pause", "Continue": "resume", "step": "skip_next", "stop": "stop"}
_ASKED = {"pause": "Pausing after this epoch …", "stop": "Stopping …", "step": "One more epoch …"}


def draw(controls: Controls, shown: Shown | None) -> None:
    """The buttons in a row, and the state of the run beside them. A press draws the whole page anew."""
    session = controls.session
    offered = status.buttons(shown, session.race)
    row = st.container(key="transport")
    places = row.columns([1.4, 1.1, 0.8, 0.8, 3.5], gap="small", vertical_alignment="top")
    for place, (name, button) in zip(places, offered.items(), strict=False):
        icon = _ICONS.get(button.label, _ICONS[name])
        pressed = place.button(
            button.label,
            key=f"run_{name}",
            type="primary" if name == "start" else "secondary",
            icon=f":material/{icon}:",
            disabled=not button.enabled,
            help=button.help,
            width="stretch",
        )
        # What a browser sends for a button that is disabled counts for nothing.
        if pressed and button.enabled:
            _act(session, _action(session, shown, name, button.label))
    with places[-1]:
        _status(session, shown)


def _action(session: Session, shown: Shown | None, name: str, label: str) -> Callable[[], None]:
    """What pressing a button does."""
    runs, owner = engine.runs(), engine.owner()

    def begin(*, step: bool = False) -> None:
        id = runs.submit(KIND, session.race.to_spec(), owner, status.name_of(session.race), step=step)
        choice.show(session, id)
        choice.memory().followed = id

    def ask() -> None:
        assert shown is not None
        call = {"pause": runs.resume if label == "Continue" else runs.pause, "step": runs.step}.get(
            name, runs.stop
        )
        call(shown.run.id, owner)
        choice.memory().asked = (shown.run.id, "" if label == "Continue" else name)

    if name == "start":
        return begin
    if name == "step" and (shown is None or not shown.own or shown.run.state == "done"):
        return lambda: begin(step=True)
    return ask


def _act(session: Session, action: Callable[[], None]) -> None:
    known = choice.memory()
    known.error = ""
    try:
        action()
    except RunsError as error:
        known.error = str(error)
    st.rerun()


def _status(session: Session, shown: Shown | None) -> None:
    known = choice.memory()
    if shown is None:
        st.html("<div class='rv-status'></div>")
    else:
        asked = known.asked[0] == shown.run.id and shown.run.active
        first = (_ASKED.get(known.asked[1], "") if asked else "") or status.onward(shown)
        missing = session.race.missing
        if shown.example:  # beside it every setting is new
            more = missing or first
        else:
            more = f"{first} {missing or status.differing(shown.race, session.race)}".strip()
        st.html(status.html(shown, more))
    for words in (known.error, engine.runs().trouble):
        if words:
            st.html(f"<p class='rv-trouble' role='alert'>{escape(words)}</p>")

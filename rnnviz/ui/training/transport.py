"""Start, Pause, Step and Stop, and what the run is doing."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from rnnviz.ui import engine, run_buttons, run_status
from rnnviz.ui.controls import Controls
from rnnviz.ui.session import Session
from rnnviz.ui.training import choice, status
from rnnviz.ui.training.shown import KIND, Shown

_ASKED = {"pause": "Pausing after this epoch …", "stop": "Stopping …", "step": "One more epoch …"}


def draw(controls: Controls, shown: Shown | None) -> None:
    """The buttons in a row, and the state of the run beside them. A press draws the whole page anew."""
    session = controls.session
    offered = status.buttons(shown, session.race)
    pressed, beside = run_buttons.row(offered, (1.4, 1.1, 0.8, 0.8, 3.5))
    if pressed:
        run_buttons.act(choice.memory(), _action(session, shown, pressed, offered[pressed].label))
    with beside:
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


def _status(session: Session, shown: Shown | None) -> None:
    known = choice.memory()
    if shown is None:
        st.html("<div class='rv-status'></div>")
    else:
        first = run_status.asked(known, shown, _ASKED) or status.onward(shown)
        missing = session.race.missing
        if shown.example:  # beside it every setting is new
            more = missing or first
        else:
            more = f"{first} {missing or status.differing(shown.race, session.race)}".strip()
        st.html(status.html(shown, more))
    run_buttons.troubles(known)

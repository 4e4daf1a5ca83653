"""Which run the page shows: the one in the link, else the example that the server trains for everybody."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz import race as races
from rnnviz.race import Race
from rnnviz.runs import RunsError
from rnnviz.ui import engine
from rnnviz.ui.run_buttons import Memory
from rnnviz.ui.session import Session
from rnnviz.ui.training import shown
from rnnviz.ui.training.shown import KIND, Shown

if TYPE_CHECKING:
    from rnnviz.runs import Runs

EXAMPLE = Race()
"""What the server trains once, for whoever has not started a run."""

TEXT_EXAMPLE = Race(task="text", cells=("lstm", "rnn"), length=50, hidden=128, steps=1000)
"""The same for the section on text."""

_SETTINGS = {field.query for field in races.FIELDS}


def memory() -> Memory:
    """This visitor's memory, made at the first call."""
    if "training" not in st.session_state:
        st.session_state["training"] = Memory()
    found: Memory = st.session_state["training"]
    return found


def find(session: Session) -> Shown | None:
    """The run that is shown, as it is now; None where the link names one that is gone, or none can be had."""
    runs, owner = engine.runs(), engine.owner()
    if session.view.run:
        return shown.load(runs, session.view.run, owner)
    return shown.load(runs, _example(session, runs, owner), owner, example=True)


def follow(session: Session) -> None:
    """Bring the settings of a run into the side bar, once, when the page comes to show it.

    A link that has settings of its own keeps them: they were set after the run was started. A text of one's own stands
    in no link and comes from the run.
    """
    known = memory()
    if session.view.run == known.followed:
        return
    known.followed, known.error = session.view.run, ""
    run = engine.runs().get(session.view.run) if session.view.run else None
    if run is None or run.kind != KIND:
        return
    try:
        race = Race.from_spec(run.spec)
    except (ValueError, TypeError, KeyError):
        return
    set_apart = session.adopted.get("run") == run.id and _SETTINGS & set(session.adopted)
    if not set_apart or replace(session.race, text="") == replace(race, text=""):
        session.race = race
        session.version += 1


def show(session: Session, id: str) -> None:
    """Show another run from now on. The whole page is then to be drawn, for the settings at its side to follow."""
    session.view = replace(session.view, run=id, epoch=None)
    session.version += 1


_known: dict[tuple[Runs, Race], str] = {}
_lock = threading.Lock()


def _example(session: Session, runs: Runs, owner: str) -> str:
    """The id of the section's example. It is submitted when the first visitor comes, and again when it is gone.

    Raises :class:`rnnviz.runs.RunsError` where it cannot be had.
    """
    race = TEXT_EXAMPLE if session.view.train == "text" else EXAMPLE
    with _lock:
        run = runs.get(_known[runs, race]) if (runs, race) in _known else None
        if run is None or run.state == "failed":
            _known.pop((runs, race), None)
            _known[runs, race] = runs.submit(KIND, race.to_spec(), owner, title="Example", shared=True)
        return _known[runs, race]


def active(session: Session) -> bool:
    """Whether what the page shows will change by itself."""
    try:
        runs, owner = engine.runs(), engine.owner()
        run = runs.get(session.view.run or _example(session, runs, owner))
        if run is not None and run.active:
            return True
        return session.view.train == "runs" and any(one.active for one in runs.mine(owner))
    except RunsError:
        return False

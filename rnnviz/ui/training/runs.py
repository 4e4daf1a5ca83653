"""The visitor's own runs, newest first: look at one again, or delete it."""

from __future__ import annotations

import time
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.race import Race
from rnnviz.runs import RunsError
from rnnviz.ui import engine, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.session import Session
from rnnviz.ui.training import choice, status
from rnnviz.ui.training.shown import KIND, Shown

if TYPE_CHECKING:
    from rnnviz.runs.model import Run

MOST = 30
"""Runs that are listed."""

_STATES = {
    "queued": "waiting",
    "running": "training",
    "paused": "paused",
    "stopped": "stopped",
    "done": "finished",
    "failed": "interrupted",
}


def draw(controls: Controls, shown: Shown | None) -> None:
    """The list, a line a run."""
    shell.look(
        "Your runs are kept on this server; a link to one works for everybody, and only you can change it."
    )
    try:
        mine = [run for run in engine.runs().mine(engine.owner()) if run.kind == KIND]
    except RunsError as error:
        st.html(f"<p class='rv-trouble' role='alert'>{escape(str(error))}</p>")
        return
    if not mine:
        st.html("<p class='rv-gone'>None yet. Choose settings on the left and press Start.</p>")
    for run in mine[:MOST]:
        with st.container(key=f"own_{run.id}"):
            _line(controls.session, run, here=shown is not None and run.id == shown.run.id)
    if len(mine) > MOST:
        st.caption(f"The newest {MOST} of {len(mine):,} are listed.")


def _line(session: Session, run: Run, *, here: bool) -> None:
    words, show, delete = st.columns([5, 1, 1], vertical_alignment="center", gap="small")
    words.html(line(run, here=here))
    show.button(
        "Show", key=f"show_{run.id}", disabled=here, width="stretch", on_click=_show, args=(session, run.id)
    )
    with delete.popover("Delete", key=f"ask_{run.id}", width="stretch"):
        st.markdown("The run, its curves and its networks are gone then, for everybody who has the link.")
        st.button(
            "Delete for good",
            key=f"delete_{run.id}",
            type="primary",
            icon=":material/delete:",
            on_click=_delete,
            args=(session, run.id),
        )


def line(run: Run, *, here: bool = False, now: float | None = None) -> str:
    """A run in a line of HTML: what, in which state, how far, when."""
    try:
        race = Race.from_spec(run.spec)
        what = f"{status.name_of(race)}"
        sizes = f"T {race.length} · H {race.hidden} · {race.steps:,} steps · seed {race.seed}"
    except (ValueError, TypeError, KeyError):
        what, sizes = run.title or "A run of another version", ""
    share = "" if run.state in ("done", "queued") else f" at {100 * run.done:.0f} %"
    mark = " <i>shown</i>" if here else ""
    return (
        f"<div class='rv-run rv-{run.state}'><b>{escape(what)}</b>{mark}<br>"
        f"<span>{_STATES[run.state]}{share} · {escape(sizes)} · {status.duration(run.seconds)} of training · "
        f"{ago((time.time() if now is None else now) - run.created)}</span></div>"
    )


def ago(seconds: float) -> str:
    """How long ago, as people say it."""
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min ago"
    if seconds < 86400:
        return f"{seconds / 3600:.0f} h ago"
    days = round(seconds / 86400)
    return f"{days} day{'s' if days != 1 else ''} ago"


def _show(session: Session, id: str) -> None:
    choice.show(session, id)
    session.view = replace(session.view, train="race")


def _delete(session: Session, id: str) -> None:
    known = choice.memory()
    known.error = ""
    try:
        engine.runs().delete(id, engine.owner())
    except RunsError as error:
        known.error = str(error)
        return
    if session.view.run == id:
        choice.show(session, "")

"""The visitor's own runs of a kind, newest first: look at one again, or delete it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from html import escape

import streamlit as st

from rnnviz.runs import RunsError
from rnnviz.runs.model import Run
from rnnviz.ui import engine, run_words, shell

MOST = 30
"""Runs that are listed."""


def draw(
    kind: str,
    here: Collection[str],
    describe: Callable[[Run], tuple[str, str]],
    show: Callable[[Run], None],
    delete: Callable[[Run], None],
    *,
    none: str,
    goes: str,
) -> None:
    """The list, a line a run; ``here`` are those that are shown.

    ``describe`` gives what a run is and its sizes, ``none`` is said where there is no run, ``goes`` what is deleted.
    """
    shell.look(
        "Your runs are kept on this server; a link to one works for everybody, and only you can change it."
    )
    try:
        mine = [run for run in engine.runs().mine(engine.owner()) if run.kind == kind]
    except RunsError as error:
        st.html(f"<p class='rv-trouble' role='alert'>{escape(str(error))}</p>")
        return
    if not mine:
        st.html(f"<p class='rv-gone'>{escape(none)}</p>")
    for run in mine[:MOST]:
        with st.container(key=f"own_{run.id}"):
            words, open_, ask = st.columns([5, 1, 1], vertical_alignment="center", gap="small")
            words.html(line(run, *describe(run), here=run.id in here))
            open_.button(
                "Show",
                key=f"show_{run.id}",
                disabled=run.id in here,
                width="stretch",
                on_click=show,
                args=(run,),
            )
            with ask.popover("Delete", key=f"ask_{run.id}", width="stretch"):
                st.markdown(goes)
                st.button(
                    "Delete for good",
                    key=f"delete_{run.id}",
                    type="primary",
                    icon=":material/delete:",
                    on_click=delete,
                    args=(run,),
                )
    if len(mine) > MOST:
        st.caption(f"The newest {MOST} of {len(mine):,} are listed.")


def line(run: Run, what: str, sizes: str, *, here: bool = False, now: float | None = None) -> str:
    """A run in a line of HTML: what, in which state, how far, when."""
    share = "" if run.state in ("done", "queued") else f" at {100 * run.done:.0f} %"
    mark = " <i>shown</i>" if here else ""
    return (
        f"<div class='rv-run rv-{run.state}'><b>{escape(what)}</b>{mark}<br>"
        f"<span>{run_words.STATES[run.state]}{share} · {escape(sizes)} · {run_words.duration(run.seconds)} of training "
        f"· {run_words.ago((time.time() if now is None else now) - run.created)}</span></div>"
    )

"""The run of another part: the buttons that start and stop it, and how far it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.forecast.config import FIELDS, ForecastConfig
from rnnviz.ui import engine, preload, run_buttons, run_words
from rnnviz.ui.forecast import choice
from rnnviz.ui.forecast import shown as shows
from rnnviz.ui.forecast.shown import Part, Shown
from rnnviz.ui.run_buttons import Button

if TYPE_CHECKING:
    from rnnviz.ui.session import Session

VIEW = {"compare": "compared", "backtest": "backtest", "leaks": "leaks"}
"""The field of the view that holds the run of each part."""


def find(session: Session, shown: Shown, name: str) -> Part | None:
    """The run of the part that belongs to the forecast's prices, or None where there is none yet."""
    found = shows.found(engine.runs(), getattr(session.view, VIEW[name]), engine.owner(), name)
    if found is None:
        return None
    mine, theirs = shown.run.spec["data"], found.run.spec["data"]
    same = mine["prices"] == theirs["prices"] and mine["dates"] == theirs["dates"]
    return found if same else None


def draw(
    session: Session,
    shown: Shown,
    name: str,
    part: Part | None,
    config: ForecastConfig,
    *,
    label: str,
    total: int,
) -> None:
    """Start and Stop, and the state of the run beside them. ``label`` is what Start says, ``config`` what it starts.

    ``total``: how many results there will be.
    """
    state = part.run.state if part is not None and part.own else ""
    moves = state in ("queued", "running")
    offered = {
        "start": Button(label, not moves, "Trains in the background.", "play_arrow", primary=True),
        "stop": Button("Stop", moves or state == "paused", "End it; what it has found is kept.", "stop"),
    }
    if state in ("stopped", "failed", "paused"):
        offered["go"] = Button("Continue", True, "Go on from where it is.", "resume")
    widths = (1.6, 0.8, 3.4) if len(offered) == 2 else (1.6, 0.8, 1.1, 2.3)
    pressed, beside = run_buttons.row(offered, widths, "transport_part", f"{name}_")
    known = choice.memory()
    if pressed == "start":
        run_buttons.act(known, lambda: _begin(session, shown, name, config))
    elif pressed and part is not None:
        call = engine.runs().stop if pressed == "stop" else engine.runs().resume
        run_buttons.act(known, lambda: call(part.run.id, engine.owner()))
    with beside:
        if part is None:
            st.html("<div class='rv-status'></div>")
        else:
            st.html(
                run_words.html(
                    part.run,
                    run_words.headline(part.run, part.place),
                    _detail(part, total),
                    _onward(part, config),
                )
            )
        run_buttons.troubles(known)


def _begin(session: Session, shown: Shown, name: str, config: ForecastConfig) -> None:
    preload.ensure()
    from rnnviz.forecast import stored

    spec = stored.spec(name, config, shown.table) | {"sample": shown.sample}
    title = f"{shown.name} · {name}"
    id = engine.runs().submit(shows.KIND, spec, engine.owner(), title)
    changes: dict[str, Any] = {VIEW[name]: id}
    session.view = replace(session.view, **changes)
    session.version += 1


def _detail(part: Part, total: int) -> str:
    run = part.run
    if not part.found and not run.words:
        return run_words.waiting(run)
    words = [f"{len(part.found)} of {total}"]
    if run.state == "running":
        words += [run.words] if run.words else []
        words += [f"{run_words.duration(run.left)} left"] if run.left is not None else []
    elif run.seconds > 0:
        words.append(f"{run_words.duration(run.seconds)} of training")
    return " · ".join(words)


def _onward(part: Part, config: ForecastConfig) -> str:
    if part.run.state == "failed":
        return part.run.message
    found = run_words.changes(FIELDS, part.config, config)
    return run_words.differing("Pressed again it runs with other settings", found)

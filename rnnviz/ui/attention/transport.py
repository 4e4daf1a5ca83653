"""Train, Stop or Continue, Other seed, and what the run is doing."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from rnnviz.ui import engine, run_buttons, run_status, run_words
from rnnviz.ui.attention import choice, status
from rnnviz.ui.attention.choice import Part
from rnnviz.ui.attention.shown import KIND, Shown
from rnnviz.ui.session import Session

_ASKED = {"stop": "Stopping …"}


def draw(session: Session, part: Part, shown: Shown[Any, Any] | None) -> None:
    """The buttons in a row, and the state of the run beside them. A press draws the whole page anew."""
    config = getattr(session, part.where)
    offered = status.buttons(shown, config)
    pressed, beside = run_buttons.row(offered, (1.35, 1.0, 1.2, 3.3))
    if pressed:
        action = _action(session, part, shown, pressed, offered[pressed].label)
        run_buttons.act(choice.memory(part.name), action)
    with beside:
        _status(part, shown, status.differing(shown, config) if shown is not None else "")


def _action(
    session: Session, part: Part, shown: Shown[Any, Any] | None, name: str, label: str
) -> Callable[[], None]:
    """What pressing a button does."""
    runs, owner, known = engine.runs(), engine.owner(), choice.memory(part.name)

    def begin() -> None:
        config = getattr(session, part.where)
        if name == "seed":
            config = replace(config, seed=other_seed(config.seed))
        id = runs.submit(KIND, choice.spec_of(part, config), owner, status.name_of(config))
        setattr(session, part.where, config)
        known.followed = id
        choice.show(session, part, id)
        session.view = replace(session.view, attend=part.name)

    def ask() -> None:
        assert shown is not None
        (runs.resume if label == "Continue" else runs.stop)(shown.run.id, owner)
        known.asked = (shown.run.id, "" if label == "Continue" else name)

    return ask if name == "stop" else begin


def other_seed(seed: int) -> int:
    """Any legal seed but this one."""
    return (seed + 1 + secrets.randbelow(9_999)) % 10_000


def _status(part: Part, shown: Shown[Any, Any] | None, new: str) -> None:
    known = choice.memory(part.name)
    if shown is None:
        st.html("<div class='rv-status'></div>")
    else:
        first = run_status.asked(known, shown, _ASKED) or status.onward(shown)
        more = new if shown.example and new else f"{first} {new}".strip()
        head = run_words.headline(shown.run, shown.place)
        st.html(run_words.html(shown.run, head, status.detail(shown), more))
    run_buttons.troubles(known)

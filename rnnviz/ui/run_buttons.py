"""A row of buttons that do something to a run, with room for its state beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.runs import RunsError
from rnnviz.ui import engine

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


STYLE = (Path(__file__).parent / "runs.css").read_text("utf-8")
"""What the buttons, the state and the lists of runs look like."""


@dataclass(frozen=True)
class Button:
    """What a button says, whether it can be pressed, and what pointing at it tells."""

    label: str
    enabled: bool
    help: str
    icon: str = ""
    primary: bool = False


@dataclass
class Memory:
    """What a page of runs remembers of a visitor besides the session.

    ``followed`` is the run whose settings were taken over last, ``error`` why what was pressed could not be done,
    ``asked`` the run and the button that was pressed for it, ``pause`` the seconds between two looks at a run.
    """

    followed: str = ""
    error: str = ""
    asked: tuple[str, str] = ("", "")
    pause: float | None = None


def row(
    offered: Mapping[str, Button], widths: Sequence[int | float], key: str = "transport", prefix: str = "run_"
) -> tuple[str, DeltaGenerator]:
    """Draw the buttons; the name of the one that was pressed, or "", and the place beside them.

    ``widths``: one for each button and one for that place, in proportion.
    """
    places = st.container(key=key).columns(list(widths), gap="small", vertical_alignment="top")
    chosen = ""
    for place, (name, button) in zip(places, offered.items(), strict=False):
        pressed = place.button(
            button.label,
            key=f"{prefix}{name}",
            type="primary" if button.primary else "secondary",
            icon=f":material/{button.icon}:",
            disabled=not button.enabled,
            help=button.help,
            width="stretch",
        )
        # What a browser sends for a button that is disabled counts for nothing.
        if pressed and button.enabled:
            chosen = name
    return chosen, places[-1]


def act(known: Memory, action: Callable[[], None]) -> None:
    """Do what was pressed, remember why it could not be done, and draw the whole page anew."""
    known.error = ""
    try:
        action()
    except RunsError as error:
        known.error = str(error)
    st.rerun()


def troubles(known: Memory) -> None:
    """What went wrong, with what was pressed and with the store."""
    for words in (known.error, engine.runs().trouble):
        if words:
            st.html(f"<p class='rv-trouble' role='alert'>{escape(words)}</p>")

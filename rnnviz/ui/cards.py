"""Cards to choose one of, each with a miniature in SVG."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from rnnviz.ui import assets
from rnnviz.ui.live_slider import read_state

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

RESERVE = 90
"""Pixels that are kept free until the cards are there."""


class Card(NamedTuple):
    """What choosing it means, what stands on it, what pointing at it tells, and its picture."""

    value: str
    label: str
    help: str
    svg: str


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "rnnviz_cards", js=assets.shim("cards.js", str(RESERVE)), isolate_styles=False
    )


def cards(label: str, offered: Sequence[Card], *, key: str, value: str, version: int = 0) -> str:
    """Draw the cards and return the value of the chosen one.

    ``value`` is what they show at first, and again whenever ``version`` has changed, as with a live slider; between two
    versions the visitor's hand decides. What the browser sends and none of the cards has counts for nothing.
    """
    state = read_state(st.session_state.get(key))
    current, sequence = value, 0
    if state is not None:
        sequence = state["seq"]
        if state["version"] == version and state["v"] in [card.value for card in offered]:
            current = state["v"]
    data = {
        "label": label,
        "cards": [card._asdict() for card in offered],
        "value": current,
        "version": version,
        "seq": sequence,
    }
    _component()(key=key, data=data, on_value_change=_ignore)
    return current


def _ignore() -> None:
    """Streamlit only keeps a component's state under names for which a callback is given."""

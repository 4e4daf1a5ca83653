"""The colour bar of one scale among several, at the right of a picture of panels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def beside(place: Sequence[float], letters: Sequence[str], low: float, top: float) -> dict[str, Any]:
    """A bar over ``place`` (from, to, as shares of the paper), headed by the letters that use it; three ticks."""
    return {
        "x": 1.01,
        "xanchor": "left",
        "y": place[0],
        "yanchor": "bottom",
        "lenmode": "fraction",
        "len": place[1] - place[0],
        "title": {"text": " ".join(letters), "side": "top"},
        "tickvals": [low, (low + top) / 2, top],
        "tickformat": ".3~g",
    }

"""Arcs: one step of decoding after the other, the weights drawn as lines from what is said to what was read.

The whole sequence is sent once; stepping through it, with the slider, the buttons, the arrow keys or by playing, asks
nothing of the server.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.attention.config import ATTENDING
from rnnviz.ui import assets

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

    from rnnviz.attention.observed import PairSeen

BAR = 74
"""Height in pixels of the sentence and the time bar under the picture."""

DIGITS = 6
"""Digits after the point of the weights that are sent."""


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "rnnviz_arcs", js=assets.shim("arcs.js", f"c.data.height + {BAR}"), isolate_styles=False
    )


def arcs(seen: PairSeen, *, key: str, alt: str, height: int, present: bool = False, chart: str = "") -> None:
    """Draw the steps of a sequence, or update those that stand at this key; the step that is shown stays.

    ``alt`` describes the picture to those who do not see it. ``height`` is that of the picture in pixels, without the
    bar. ``chart`` is the key of a live chart with a row for each step from 0 on its first y axis: the row of the step
    is framed there, and a click on a row leads to its step. Raises ``ValueError`` for an empty ``alt``.
    """
    if not alt.strip():
        raise ValueError("expected a description of the picture, got an empty alt; say what it shows")
    _component()(
        key=key,
        data={"alt": alt, "height": height, "present": present, "chart": chart, **steps(seen)},
    )


def steps(seen: PairSeen) -> dict[str, Any]:
    """What the browser is told of a sequence: symbols, weights, and what stands for what."""
    count = len(seen.said)
    index = {symbol: k for k, symbol in enumerate(seen.alphabet)}
    sure = [float(row[index[symbol]]) for row, symbol in zip(seen.probabilities, seen.said, strict=True)]
    return {
        "source": list(seen.source),
        "said": list(seen.said),
        "stop": seen.alphabet[-1],
        "wanted": len(
            seen.truth
        ),  # room for all of them, so that nothing moves while a network learns how much to say
        # Of each symbol that was said what it should have been: null after the end of the truth.
        "truth": [seen.truth[k] if k < len(seen.truth) else None for k in range(count)],
        "right": list(seen.right),
        "at": [seen.at[k] if k < len(seen.at) else None for k in range(count)],
        "sure": _sent(sure),
        "weights": None if seen.weights is None else [_sent(row) for row in seen.weights.tolist()],
        # Without attention: which states the one context is made of.
        "made": _made(seen),
    }


def _made(seen: PairSeen) -> list[int]:
    """The places whose states the one context is made of; a layer that reads backwards ends at the first."""
    last = len(seen.source) - 1
    if seen.context in ATTENDING:
        return []
    if seen.context == "all":
        return list(range(last + 1))
    return [0, last] if seen.config.both and seen.config.encoder != "positions" and last else [last]


def _sent(values: Sequence[float]) -> list[float | None]:
    """Numbers as JSON knows them; null is no number."""
    return [round(value, DIGITS) if math.isfinite(value) else None for value in values]

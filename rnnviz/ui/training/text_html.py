"""Texts as HTML: what a network wrote, and a passage whose letters are coloured by a number each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

SIGNS = {"\n": "<i>⏎</i>\n", "\t": "<i>⇥</i>\t"}
"""What is not to be seen by itself, with a sign before it."""


def written(prompt: str, text: str, typed: bool = True) -> str:
    """A prompt and what was drawn after it; one that nobody typed is shown as the sign that it is."""
    before = escape(prompt) if typed else "".join(map(visible, prompt))
    return f"<p class='rv-written' tabindex='0'><b>{before}</b>{escape(text)}</p>"


def coloured(text: str, values: Sequence[float], reach: float, name: str, kind: str = "") -> str:
    """Each character on a ground that tells its number: blue up to ``reach``, orange down to minus it, none at 0.

    There are as many characters as numbers. One that is none is struck through. ``name`` says in the tip what the
    number is; ``kind`` "u" or "d" gives all of them blue, or orange, grounds.
    """
    signs = "".join(_sign(sign, value, reach, name, kind) for sign, value in zip(text, values, strict=False))
    return f"<p class='rv-passage'>{signs}</p>"


def _sign(sign: str, value: float, reach: float, name: str, kind: str) -> str:
    shown, name = SIGNS.get(sign) or escape(sign), escape(name)
    if not math.isfinite(value):
        return f"<span class='x' style='--p:30%' title='{name}: no number'>{shown}</span>"
    share = round(100 * min(abs(value) / reach, 1))
    ground = kind or ("d" if value < 0 else "u")
    return f"<span class='{ground}' style='--p:{share}%' title='{name} = {value:.3f}'>{shown}</span>"


def visible(sign: str) -> str:
    """A character in a line of words: blanks can be seen."""
    return escape({" ": "␣", "\n": "⏎", "\t": "⇥"}.get(sign, sign))

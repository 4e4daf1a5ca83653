"""What the pictures of an architecture share: the steps that a name stands for, colours, and the words over a panel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rnnviz.architectures.seen import Strip
from rnnviz.figures import base
from rnnviz.figures.theme import NEUTRAL

ROWS: tuple[str, ...] = ("#0072b2", "#d069a6", "#cf5200", "#7a63d0")
"""A colour for each row of states: the first two are those of the two directions in the diagram."""

DASHES: tuple[str, ...] = ("solid", "dash", "dot", "dashdot")
"""A line style for each row, so that colour is not needed to tell them apart."""

SAID = "#00996f"
"""The colour of an answer, that of the output in the diagram."""

TRUTH = {"color": NEUTRAL, "width": 6}
"""The truth: wide and grey, with the answers over it."""

_SPAN = re.compile(r"(\d+) to (\d+)\Z")


def span(name: str) -> tuple[int, int]:
    """The first and last step of what a clock calls one of its steps: "3", or "4 to 6". ``ValueError`` for others."""
    if name.isdecimal():
        return int(name), int(name)
    found = _SPAN.match(name)
    if found is None:
        raise ValueError(
            f'expected a step such as "3" or "4 to 6", got {name!r}; name steps by their numbers'
        )
    return int(found[1]), int(found[2])


def rows_of(strips: Sequence[Strip]) -> list[list[int]]:
    """Which strips stand in one row, by number: those that go on in time where the one before ends."""
    rows: list[list[int]] = []
    end = 0
    for k, strip in enumerate(strips):
        start = span(strip.t[0])[0]
        if rows and start > end:
            rows[-1].append(k)
        else:
            rows.append([k])
        end = span(strip.t[-1])[1]
    return rows


def last_step(strips: Sequence[Strip]) -> int:
    """The last step of any clock."""
    return max(span(strip.t[-1])[1] for strip in strips)


def steps_axis(steps: int, *, most: int = 14, title: str = "time step t") -> dict[str, Any]:
    """The axis of time steps that all rows share."""
    return {**base.time_axis(steps, most=most), "title": {"text": title}}


def legend(*words: tuple[str, str]) -> str:
    """Words in colours, one beside the other: pairs of text and colour."""
    return "   ".join(f"<span style='color:{colour}'>{text}</span>" for text, colour in words)

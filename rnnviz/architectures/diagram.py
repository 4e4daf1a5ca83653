"""The diagram of an unrolled architecture as a description: boxes at places, and arrows between them. Draws nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["input", "cell", "cell_back", "head", "output", "context", "attention", "sum", "norm", "token"]
"""What a box is; it decides its colour and form."""


@dataclass(frozen=True)
class Box:
    """One box: a name that arrows use, what stands in it, where it stands, and what it is.

    ``x`` counts columns from the left, ``y`` rows from the bottom, both in units of one box with its gap. ``words`` say
    what it is to who points at it; ``t`` is the time step it belongs to (from 1), or None.
    """

    name: str
    label: str
    x: float
    y: float
    role: Role
    words: str = ""
    t: int | None = None


@dataclass(frozen=True)
class Arrow:
    """From one box to another; ``kind`` "state" goes along time, "skip" past something, "feed" is what was said."""

    start: str
    end: str
    kind: Literal["value", "state", "back", "skip", "feed", "weight"] = "value"
    label: str = ""


@dataclass(frozen=True)
class Diagram:
    """All boxes and arrows, with a sentence that says the same to who cannot see it."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    alt: str

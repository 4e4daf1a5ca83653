"""What the two pictures of chaos share: the curves, and how each is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rnnviz.chaos import Parting
from rnnviz.figures import base
from rnnviz.figures.theme import PATH_COLOURS

COLOURS = PATH_COLOURS[:2]
"""Without input, and with it."""

SYMBOLS = ("circle", "triangle-up")


@dataclass(frozen=True)
class Curve:
    """Leading exponents (G, S) of S networks at G gains, with or without input, and their limit (G,) for large N.

    ``name`` says which. ``at`` holds the exponents (S,) at the chosen gain, ``parting`` the two runs there.
    """

    name: str
    gains: Sequence[float]
    exponents: base.Numbers
    limit: base.Numbers
    at: base.Numbers
    parting: Parting

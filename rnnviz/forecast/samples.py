"""Samples: real series that come with the app, and two made ones whose truth is known. Imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.forecast.table import Table

SAMPLES: tuple[tuple[str, str], ...] = (
    ("aapl", "Apple 2000–2013"),
    ("goog", "Google 2004–2013"),
    ("ibm", "IBM 2000–2013"),
    ("msft", "Microsoft 2000–2013"),
    ("wti", "Crude oil WTI 1986–2019"),
    ("ar1", "Made: returns that remember"),
    ("walk", "Made: a random walk"),
    ("own", "Your own file"),
)
"""The series to choose from; "own" stands for a file that the visitor brought."""


def sample(name: str) -> Table:
    """The table of a sample. ``ValueError`` for an unknown name, or "own"."""
    raise NotImplementedError

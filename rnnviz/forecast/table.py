"""Table: what was read from a file of prices, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Guess:
    """Something that the file does not say and the reader had to tell by evidence; the user may overrule it.

    ``value`` is what was taken, ``choices`` the values that may be set instead, each with its label. ``sure`` is False
    where the evidence allows another one (03/04/2020 throughout): the page then asks.
    """

    name: str
    label: str
    value: str
    choices: tuple[tuple[str, str], ...]
    sure: bool = True


@dataclass(frozen=True, eq=False)
class Table:
    """A table of prices, tidy: one row a date, ascending, no date twice.

    ``frame``: column ``date_column`` (datetime64, without time zone) and float64 columns. A row may miss a value of
    some column, never of the date. ``roles`` says which columns are "open", "high", "low", "close", "adj_close",
    "volume", by role; ``labels`` how each column was called in the file (raw text of the user: escape it wherever it
    is shown). ``target`` is the column that is forecast; ``targets`` those that may be chosen.

    ``report``: sentences on what was detected, changed and left out; ``warnings``: what the reader of the forecast
    should know (a jump like a split, stale prices, gaps, intraday rows). Both may quote the file and are plain text.
    ``left_out``: the first rows that were not used, at most :data:`~rnnviz.forecast.limits.LEFT_OUT`: line (number in
    the file, from 1), text, reason. ``left_counts``: how many there are of each reason, all of them counted.
    ``guesses``: what may be overruled, by the name of the argument of :func:`rnnviz.forecast.read_table`.
    """

    frame: pd.DataFrame
    date_column: str
    target: str
    targets: tuple[str, ...]
    roles: Mapping[str, str]
    labels: Mapping[str, str]
    report: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    left_out: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["line", "text", "reason"]))
    guesses: Mapping[str, Guess] = field(default_factory=dict)
    name: str = ""
    left_counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def prices(self) -> pd.Series:
        """The target by date, rows without a value left out; named as the column is."""
        return self.frame.set_index(self.date_column)[self.target].dropna()

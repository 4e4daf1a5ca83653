"""Point or comma? Told by all columns together, since 115.592 alone says nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rnnviz.forecast.reading.columns.numbers import Numerals, numbers

CLEARER = 2.0
"""A reading is taken for its smoothness when the other one is so many times as rough."""

LEAST = 0.5
"""And rougher than this at all: a step of 65 % from one value to the next, on average."""


@dataclass(frozen=True)
class Marks:
    """The decimal mark of each column by its number, and ``main``, that of the file. ``why`` ends a sentence."""

    by_column: Mapping[int, str]
    main: str
    sure: bool
    why: str
    mixed: bool = False


def marks_of(
    columns: Mapping[int, Numerals],
    prices: Sequence[int],
    *,
    forced: str | None,
    comma_language: bool,
    semicolon: bool,
) -> Marks:
    """Decide. ``prices`` are the columns that seem to be prices of one thing; ``forced`` overrules everything."""
    if forced is not None:
        return Marks(dict.fromkeys(columns, forced), forced, True, "as you set it")
    votes = [column.proven for column in columns.values() if column.proven]
    proven = {mark: votes.count(mark) for mark in ".,"}
    cells = {".": sum(c.point for c in columns.values()), ",": sum(c.comma for c in columns.values())}
    if votes:
        main = max(".,", key=lambda mark: (proven[mark], cells[mark]))
        chosen = {number: column.proven or main for number, column in columns.items()}
        doubtful = all(proven.values()) and any(c.open and not c.proven for c in columns.values())
        return Marks(chosen, main, not doubtful, "as its digits show", all(proven.values()))
    if not any(column.open for column in columns.values()):
        return Marks(dict.fromkeys(columns, "."), ".", True, "")
    main, sure, why = _open([columns[number] for number in prices], comma_language, semicolon)
    return Marks(dict.fromkeys(columns, main), main, sure, why)


def _open(prices: Sequence[Numerals], comma_language: bool, semicolon: bool) -> tuple[str, bool, str]:
    """The mark where no cell proves one: the smoother reading, else what is usual."""
    asked = [column for column in prices if column.open]
    if asked:
        rough = {mark: _roughness([numbers(column, mark).values for column in prices]) for mark in ".,"}
        smooth, other = sorted(rough, key=lambda mark: rough[mark])
        if rough[other] > LEAST and rough[other] > CLEARER * rough[smooth]:
            return smooth, True, "as the smoother course shows"
    commas = sum(c.open_comma for c in asked) > sum(c.open_point for c in asked)
    if comma_language or (semicolon and commas):
        return ",", False, "by the language or the delimiter alone"
    return ".", False, "by custom alone"


def _roughness(columns: Sequence[np.ndarray]) -> float:
    """The mean size of the log ratio from value to value, down the rows and across the columns."""
    table = np.log(np.where(np.stack(columns) > 0, np.stack(columns), np.nan))
    steps = np.concatenate([np.abs(np.diff(table, axis=axis)).ravel() for axis in (0, 1)])
    steps = steps[np.isfinite(steps)]
    return float(steps.mean()) if len(steps) else 0.0

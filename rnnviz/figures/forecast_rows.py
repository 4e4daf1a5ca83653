"""Rows of a table as an axis: they are counted, and dates are words.

No axis knows a calendar: trading days follow one another, without gaps on weekends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rnnviz.figures import base

Places = NDArray[np.int64]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Rows:
    """Rows of a table, counted from ``first``, and what each is called: its date, or the label that it has."""

    def __init__(self, index: pd.Index, first: int = 0) -> None:
        self.index, self.first = index, first
        self.dated = isinstance(index, pd.DatetimeIndex) and not index.hasnans
        self.timed = self.dated and bool((index != index.normalize()).any())

    def __len__(self) -> int:
        return len(self.index)

    def names(self, rows: Sequence[int] | Places, *, weekday: bool = True) -> list[str]:
        """The labels of rows, ready for Plotly: "Fri 1 Mar 2013", with the time where rows have one."""
        found = self.index[np.asarray(rows, dtype=np.int64) - self.first]
        if not self.dated:
            return [label(one) for one in found]
        days = zip(found.day_of_week, found.day, found.month, found.year, strict=True)
        words = [
            f"{_DAYS[w] + ' ' if weekday else ''}{d} {_MONTHS[m - 1]} {y}"
            for w, d, m, y in (map(int, one) for one in days)
        ]
        if not self.timed:
            return words
        clock = zip(words, found.hour, found.minute, strict=True)
        return [f"{day}, {int(h):02}:{int(m):02}" for day, h, m in clock]

    def axis(self, low: int, high: int, *, most: int = 6, flat: bool = False) -> dict[str, Any]:
        """An axis over the rows ``low`` to ``high``, with a tick where a year, a month, a day ... begins.

        ``most`` is how many there is room for; ``flat`` keeps their words in one line.
        """
        room = 0.015 * max(high - low, 1)
        rows, words = self._ticks(low, high, most)
        words = [word.replace("<br>", " ") for word in words] if flat else words
        return {
            "range": [low - room, high + room],
            "tickvals": rows,
            "ticktext": words,
            "tickangle": 0,
        }

    def _ticks(self, low: int, high: int, most: int) -> tuple[list[int], list[str]]:
        index = self.index[low - self.first : high + 1 - self.first]
        if not len(index):
            return [], []
        if self.dated:
            starts, words = _calendar(index, most)
        else:
            every = max(1, math.ceil(len(index) / max(2, most - 2)))
            starts = np.arange(0, len(index), every)
            words = [label(one, 10) for one in index[starts]]
        return [int(k) + low for k in starts], words


def _calendar(index: pd.DatetimeIndex, most: int) -> tuple[Places, list[str]]:
    """Where a new unit of the calendar begins, for the least unit that gives at most so many ticks, and its name."""
    dates = index.to_numpy()
    clock, days, months = (dates.astype(f"datetime64[{one}]").astype(np.int64) for one in "mDM")
    months += 1970 * 12
    units: list[tuple[str, NDArray[Any]]] = []
    if (clock % 1440).any():
        units += [("clock", clock // step) for step in (1, 5, 15, 60, 180, 360)]
    units += [("day", days), ("day", (days + 3) // 7), ("day", (days + 3) // 14)]
    units += [("month", months // step) for step in (1, 3, 6)]
    units += [("year", months // (12 * step)) for step in (1, 2, 5, 10, 20, 50, 100, 200)]
    found = [(name, np.flatnonzero(np.diff(unit, prepend=unit[0]) != 0)) for name, unit in units]
    name, starts = next((one for one in found if len(one[1]) <= most), found[-1])
    if len(starts) < 2:  # too few rows for a unit to begin twice
        name = "day" if name != "clock" else name
        starts = np.unique(np.linspace(0, len(index) - 1, min(len(index), 3)).astype(np.int64))
    return starts, _tick_words(index[starts], name)


def _tick_words(index: pd.DatetimeIndex, unit: str) -> list[str]:
    """What stands at the ticks; a larger unit stands under the first and where it changes."""
    words, above = [], ""
    for one in index:
        day = f"{one.day} {_MONTHS[one.month - 1]}"
        match unit:
            case "year":
                word, larger = f"{one.year}", ""
            case "month":
                word, larger = _MONTHS[one.month - 1], f"{one.year}"
            case "day":
                word, larger = day, f"{one.year}"
            case _:
                word, larger = f"{one.hour:02}:{one.minute:02}", f"{day} {one.year}"
        words.append(f"{word}<br>{larger}" if larger and larger != above else word)
        above = larger
    return words


def label(value: object, most: int = 24) -> str:
    """A user's word, as long as a picture has room for, and never read as markup."""
    text = str(value)
    return base.visible(text if len(text) <= most else text[: most - 1] + "…")

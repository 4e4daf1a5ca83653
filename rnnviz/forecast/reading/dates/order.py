"""Which number is the day? The reading that looks most like days on which prices are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

DAY = "datetime64[D]"
TURNS = 2
"""So many more steps back in time make a reading surely the wrong one."""

WEEKENDS = 5
"""So many more Saturdays and Sundays, likewise: five by chance are one in five hundred."""

IRREGULAR = 3
"""So many steps unlike the others, likewise, where the best reading has none."""


@dataclass(frozen=True)
class Likeness:
    """How little a reading looks like days of trade, worst first: cells that are no date in it, steps against the
    direction of most, Saturdays and Sundays, and steps unlike the commonest: days, weeks, months or more.
    """

    unread: int
    turns: int
    weekends: int
    irregular: int

    @property
    def weight(self) -> tuple[int, bool, int]:
        """What is compared: unread cells decide alone, and then whether the file is in order."""
        return self.unread, self.turns >= TURNS, self.turns + self.weekends + self.irregular


def likeness(days: np.ndarray) -> Likeness:
    """Measure a reading: ``days`` (n,) datetime64[D] in the order of the file, NaT where a cell is no date in it."""
    read = days[~np.isnat(days)]
    steps = np.diff(read).astype(np.int64)
    steps = steps[steps != 0]
    turns = int(min((steps > 0).sum(), (steps < 0).sum()))
    # 1970-01-01 was a Thursday: 0 is Monday after the shift.
    weekends = int(((read.astype(np.int64) + 3) % 7 >= 5).sum())
    irregular = 0
    if len(steps):
        sizes = np.select([np.abs(steps) <= 5, np.abs(steps) <= 15, np.abs(steps) <= 31], [0, 1, 2], 3)
        irregular = len(steps) - int(np.bincount(sizes).max())
    return Likeness(len(days) - len(read), turns, weekends, irregular)


def choose(readings: Mapping[str, np.ndarray]) -> tuple[str, bool]:
    """The most likely reading, and whether the evidence is clear. The first of two that are alike.

    ``readings``: by name, (n,) datetime64[D] of the same cells.
    """
    found = {name: likeness(days) for name, days in readings.items()}
    best, *others = sorted(found, key=lambda name: found[name].weight)
    return best, all(_beats(found[best], found[other], readings[best], readings[other]) for other in others)


def _beats(best: Likeness, other: Likeness, days: np.ndarray, others: np.ndarray) -> bool:
    """Whether one reading is right beyond doubt, the other being wrong or the same."""
    if np.array_equal(days, others, equal_nan=True):
        return True
    if best.unread < other.unread:
        # A cell that only the other can read means mixed orders.
        return not bool((np.isnat(days) & ~np.isnat(others)).any())
    if other.turns - best.turns >= TURNS or other.weekends - best.weekends >= WEEKENDS:
        return True
    return best.irregular == best.turns == 0 and other.irregular >= IRREGULAR

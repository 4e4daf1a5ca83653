"""Candles: which of four columns is the open, high, low and close, where no header says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

import numpy as np

LEAST = 0.99
"""The share of rows in which the low must be the lowest and the high the highest."""

BOTH = 0.02
"""So many of the rows of a long file close above their open, and so many below."""

ALIKE = 3.0
"""Prices of one thing differ by less than this factor, in the middle of the file."""

_USUAL = (
    ("open", "high", "low", "close"),
    ("open", "close", "high", "low"),
    ("close", "open", "high", "low"),
    ("close", "high", "low", "open"),
)
"""Orders in use: most sources, Eastmoney, Investing.com, NetEase."""


def candle(columns: Mapping[int, np.ndarray]) -> dict[int, str]:
    """Roles by column, from the values alone: low <= open, close <= high, and opens near the close of the day before.

    ``columns``: values (n,) by column number, rows by date. Empty where no four neighbouring columns are a candle; the
    first column of counts behind them is the volume.
    """
    numbers = list(columns)
    for start in range(len(numbers) - 3):
        four = numbers[start : start + 4]
        table = np.stack([columns[number] for number in four])
        if roles := _roles(table[:, np.isfinite(table).all(axis=0)]):
            found = dict(zip(four, roles, strict=True))
            volume = next((n for n in numbers[start + 4 :] if _counts(columns[n])), None)
            return found if volume is None else found | {volume: "volume"}
    return {}


def _roles(table: np.ndarray) -> Sequence[str]:
    """The names of four columns (4, n), or nothing."""
    if table.shape[1] < 3 or (table <= 0).mean() > 0.01:
        return ()
    middles = np.median(table, axis=1)
    if middles.max() >= ALIKE * middles.min() or (np.ptp(table, axis=0) == 0).all():
        return ()
    lowest, highest = table.min(axis=0), table.max(axis=0)
    legal = [
        order
        for order in (*_USUAL, *(o for o in permutations(_USUAL[0]) if o not in _USUAL))
        if (table[order.index("low")] == lowest).mean() >= LEAST
        and (table[order.index("high")] == highest).mean() >= LEAST
    ]
    if table.shape[1] >= 30:
        legal = [
            order for order in legal if _both_ways(*(table[order.index(end)] for end in ("open", "close")))
        ]
    if not legal:
        return ()
    breaks = [np.abs(table[o.index("open")][1:] - table[o.index("close")][:-1]).mean() for o in legal]
    best = int(np.argmin(breaks))
    # The usual order stays unless another one joins the days clearly better.
    return legal[best] if breaks[best] < 0.8 * breaks[0] else legal[0]


def _both_ways(opens: np.ndarray, closes: np.ndarray) -> bool:
    """Whether days end higher and lower: four currencies of one price keep their order."""
    return bool(min((closes > opens).mean(), (closes < opens).mean()) >= BOTH)


def _counts(values: np.ndarray) -> bool:
    """Whether the values may be a volume: none is negative, and not all are alike."""
    read = values[np.isfinite(values)]
    return bool(len(read) and (read >= 0).all())

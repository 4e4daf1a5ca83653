"""Dates: cells taken apart become moments, by the order of day and month that the whole column speaks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from rnnviz.forecast.reading import text
from rnnviz.forecast.reading.dates import clock, datetext, order
from rnnviz.forecast.reading.dates.calendars import full
from rnnviz.forecast.reading.dates.datetext import (
    DIGITS,
    FIRST,
    LAST,
    MONTHLY,
    NAMED,
    SHORT,
    WEEKLY,
    Parts,
)

LABELS: dict[str, str] = {
    "ymd": "year, month, day",
    "dmy": "day, month, year",
    "mdy": "month, day, year",
    "ydm": "year, day, month",
    "words": "months in words",
    "ym": "year and month",
    "yw": "year and week",
    "y": "years",
    "excel": "days as Excel counts them",
    "seconds": "seconds since 1970",
    "milliseconds": "milliseconds since 1970",
    "microseconds": "microseconds since 1970",
    "nanoseconds": "nanoseconds since 1970",
}
"""The ways to read a date, and what they are called."""

_UNITS = {"seconds": 1, "milliseconds": 1_000, "microseconds": 1_000_000, "nanoseconds": 1_000_000_000}
_ORDERS = {FIRST: ("ymd", "ydm"), LAST: ("dmy", "mdy"), SHORT: ("dmy", "mdy", "ymd")}
_MICRO = "datetime64[us]"
_NEVER = np.datetime64("NaT", "us")
_EARLIEST, _LATEST = np.datetime64("1600-01-01", "us"), np.datetime64("2200-01-01", "us")
EXCEL_DAYS = (7_306, 73_051)
"""1920 to 2100 as Excel counts days."""


@dataclass(frozen=True, eq=False)
class Dates:
    """A column of moments: ``values`` (n,) datetime64[us], NaT where a cell could not be read.

    ``how`` is the key of :data:`LABELS` that most cells were read by, ``ways`` all with their counts. ``sure`` is
    False where day and month might be swapped; ``choices`` are the keys that would do. ``short``: years of two digits;
    ``beyond``: dates that are none, such as 9999-12-31. ``calendar``: whose years they were, "" for those of most.
    """

    values: np.ndarray
    how: str
    ways: tuple[tuple[str, int], ...]
    sure: bool
    choices: tuple[str, ...]
    timed: np.ndarray
    offset: np.ndarray
    zones: tuple[str, ...]
    short: bool
    beyond: np.ndarray
    calendar: str = ""

    @property
    def read(self) -> int:
        """The number of cells that are dates."""
        return int((~np.isnat(self.values)).sum())


def dates_of(cells: pa.Array, how: str | None = None, *, day_first: bool = False) -> Dates:
    """Read a column, each cell as it is written; ``how`` overrules the evidence where it can apply.

    ``day_first``: the file is in a language that writes the day before the month, which counts where days do not tell.
    """
    parts = datetext.apart(cells)
    values = np.full(len(cells), _NEVER)
    ways: dict[str, int] = {}
    sure, choices = True, dict[str, None]()
    short = bool(parts.at(SHORT).any() or ((parts.at(NAMED) | parts.at(MONTHLY)) & (parts.digits == 2)).any())
    for kind in (FIRST, LAST, SHORT, NAMED, DIGITS, MONTHLY, WEEKLY):
        rows = np.flatnonzero(parts.at(kind))
        if not len(rows):
            continue
        readings = _readings(parts, kind, rows, how)
        chosen, clear = how if how in readings else None, True
        if chosen is None:
            chosen, clear = order.choose({name: read.astype(order.DAY) for name, read in readings.items()})
            if not clear and "dmy" in readings and not np.isnat(readings["dmy"]).any():
                dotted = bool(text.matches(cells.take(pa.array(rows)), r"^\d{1,2}\. ?\d{1,2}\.").all())
                chosen, clear = ("dmy" if dotted or day_first else chosen), dotted
            # How many digits a count has tells what it counts.
            sure = sure and (clear or kind == DIGITS)
        elif how in LABELS and kind in (FIRST, LAST, SHORT):
            readings = {how: readings[how]}  # what was asked for, and nothing else
        found = readings[chosen]
        ways[chosen] = ways.get(chosen, 0) + int((~np.isnat(found)).sum())
        # Cells that only another order can read are read in it: a file of mixed orders. It is said, as not sure.
        for name, other in readings.items():
            swapped = np.isnat(found) & ~np.isnat(other)
            if swapped.any():
                found = np.where(swapped, other, found)
                ways[name] = ways.get(name, 0) + int(swapped.sum())
        short |= kind == DIGITS and chosen == "ymd" and bool((parts.digits[rows] == 6).any())
        values[rows] = found
        choices |= dict.fromkeys(n for n, r in readings.items() if 2 * (~np.isnat(r)).sum() >= len(rows))
        choices |= dict.fromkeys(_ORDERS[kind] if kind in (LAST, SHORT) else ())
    values = values + parts.clock.astype("timedelta64[us]")
    beyond = (values < _EARLIEST) | (values >= _LATEST)
    values[beyond] = _NEVER
    ordered = tuple(sorted(((n, c) for n, c in ways.items() if c), key=lambda one: -one[1]))
    main = ordered[0][0] if ordered else how or "ymd"
    return Dates(
        values,
        main,
        ordered,
        sure,
        tuple(choices),
        parts.timed,
        parts.offset,
        parts.zones,
        short,
        beyond,
        parts.calendar,
    )


def _readings(parts: Parts, kind: int, rows: np.ndarray, how: str | None) -> dict[str, np.ndarray]:
    """Every way to read the cells of one kind, as datetime64[us]."""
    a, b, c = parts.a[rows], parts.b[rows], parts.c[rows]
    if kind == NAMED:
        return {"words": civil(np.where(parts.digits[rows] == 2, full(a), a), b, c)}
    if kind == MONTHLY:
        return {"ym": civil(a, b, c)}
    if kind == WEEKLY:
        return {"yw": civil(a, b, c)}
    if kind == DIGITS:
        return _counted(a, parts.digits[rows], parts.fraction[rows])
    spelled: dict[str, Callable[[], np.ndarray]] = {
        "ymd": lambda: civil(full(a) if kind == SHORT else a, b, c),
        "ydm": lambda: civil(a, c, b),
        "dmy": lambda: civil(full(c) if kind == SHORT else c, b, a),
        "mdy": lambda: civil(full(c) if kind == SHORT else c, a, b),
    }
    readings = {name: spelled[name]() for name in _ORDERS[kind]}
    if kind == FIRST and how != "ydm" and not np.isnat(readings["ymd"]).any():
        del readings["ydm"]  # nobody writes that without need
    return readings


def _counted(value: np.ndarray, digits: np.ndarray, fraction: np.ndarray) -> dict[str, np.ndarray]:
    """Digits alone: a date run together, or a count from some day. How many there are tells which."""
    never = np.full(len(value), _NEVER)
    found: dict[str, np.ndarray] = {}
    for name, apart in (
        ("ymd", (value // 10_000, value // 100 % 100, value % 100)),
        ("dmy", (value % 10_000, value // 10_000 % 100, value // 1_000_000)),
        ("mdy", (value % 10_000, value // 1_000_000, value // 10_000 % 100)),
    ):
        if (digits == 8).any():
            days = np.where((digits == 8) & (apart[0] >= 1600), civil(*apart), never)
            if 2 * (~np.isnat(days)).sum() >= (digits == 8).sum():
                found[name] = days
                break
    six = digits == 6
    if six.any():
        found["ymd"] = np.where(
            six, civil(full(value // 10_000), value // 100 % 100, value % 100), found.get("ymd", never)
        )
    for name, per in _UNITS.items():
        right = {
            "seconds": (9, 10),
            "milliseconds": (12, 13),
            "microseconds": (15, 16),
            "nanoseconds": (18, 19),
        }
        here = np.isin(digits, right[name])
        if here.any():
            part = (fraction * 1e6 / per).astype(np.int64)
            since = (value * (1_000_000 // per) if per <= 1_000_000 else value // 1_000) + part
            found[name] = np.where(here, since.astype(_MICRO), never)
    packed = np.isin(digits, (12, 14))
    if packed.any():
        long = np.where(digits == 12, value * 100, value)
        packed_clock = (long // 10_000 % 100 * 3600 + long // 100 % 100 * 60 + long % 100) * clock.SECOND
        day = long // 1_000_000
        days = civil(day // 10_000, day // 100 % 100, day % 100) + packed_clock.astype("timedelta64[us]")
        if (packed & ~np.isnat(days)).any():
            found.pop("milliseconds", None)
            found["ymd"] = np.where(packed, days, found.get("ymd", never))
    serial = (digits <= 5) & (value >= EXCEL_DAYS[0]) & (value <= EXCEL_DAYS[1])
    if serial.any():
        moment = (value - 25_569) * 86_400_000_000 + np.round(fraction * 86_400).astype(np.int64) * 1_000_000
        found["excel"] = np.where(serial, moment.astype(_MICRO), never)
    month = (
        (digits == 6) & (value % 100 >= 1) & (value % 100 <= 12) & (value // 100 >= 1600) & (value < 220_000)
    )
    if month.any():
        found["ym"] = np.where(month, civil(value // 100, value % 100, np.ones_like(value)), never)
    year = (digits == 4) & (value >= 1600) & (value < 2200)
    if year.any():
        found["y"] = np.where(year, civil(value, np.ones_like(value), np.ones_like(value)), never)
    return found or {"ymd": never}


def civil(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """The moments at which these days begin, NaT for days that are none: (n,) datetime64[us]."""
    legal = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (year >= 1) & (year <= 9999)
    year, month, day = (np.where(legal, part, 1) for part in (year, month, day))
    first = (12 * (year - 1970) + month - 1).astype("datetime64[M]")
    days = first.astype("datetime64[D]") + (day - 1)
    legal &= days.astype("datetime64[M]") == first
    return np.where(legal, days.astype(_MICRO), _NEVER)

"""Rows in order of date, no date twice, no time where a day has one row."""

from __future__ import annotations

import numpy as np

from rnnviz.forecast.reading.columns.notes import Notes, be, count, listed
from rnnviz.forecast.reading.dates.column import Dates
from rnnviz.typed import quoted

DAY = "datetime64[D]"


def without_zone(found: Dates, used: np.ndarray, notes: Notes) -> np.ndarray:
    """The moments of the rows as the file writes them, or in UTC where that alone tells rows apart."""
    moments: np.ndarray = found.values[used]
    if not found.zones:
        return moments
    offsets = found.offset[used]
    known = offsets[~np.isnan(offsets)]
    names = listed([quoted(zone) for zone in found.zones], 3)
    if len(np.unique(known)) > 1 and len(np.unique(moments)) < len(moments):
        shift = np.nan_to_num(offsets * 60e6).astype(np.int64).astype("timedelta64[us]")
        if len(np.unique(moments - shift)) > len(np.unique(moments)):
            notes.report.append(
                f"Times have several zones ({names}) and are given in UTC, since clocks were changed in between."
            )
            return np.asarray(moments - shift)
    notes.report.append(f"The time zone ({names}) is left out; times stay as the file writes them.")
    return moments


def by_date(
    moments: np.ndarray, used: np.ndarray, table: np.ndarray, rows: np.ndarray, notes: Notes
) -> tuple[np.ndarray, np.ndarray]:
    """Sort and keep one row a moment: the last one in the file.

    ``moments`` (m,) of the rows ``used`` (m,); ``table`` (columns, n) all values; ``rows`` (n,) rows of the grid.
    Returns the rows that are kept, by date, and their moments.
    """
    _say_order(np.diff(moments).astype(np.int64), notes)
    order = np.lexsort((np.arange(len(moments)), moments))
    moments, used = moments[order], used[order]
    last = np.append(moments[1:] != moments[:-1], True)
    if not last.all():
        # For each row the one of the same moment that is kept.
        keeper = np.flatnonzero(last)[np.cumsum(last) - last]
        gone = np.flatnonzero(~last)
        one, other = table[:, used[gone]], table[:, used[keeper[gone]]]
        same = ((one == other) | (np.isnan(one) & np.isnan(other))).all(axis=0)
        _leave_twice(gone[same], gone[~same], moments, used, rows, notes)
    return used[last], moments[last]


def _say_order(steps: np.ndarray, notes: Notes) -> None:
    down, up = int((steps < 0).sum()), int((steps > 0).sum())
    if not down:
        return
    if not up:
        notes.report.append("The newest row came first; the order is turned.")
    else:
        turned = " The newest rows came first." if down > up else ""
        notes.report.append(
            f"The rows were not in order of date ({count(min(down, up), 'step')} against it) and are sorted.{turned}"
        )


def _leave_twice(
    same: np.ndarray, other: np.ndarray, moments: np.ndarray, used: np.ndarray, rows: np.ndarray, notes: Notes
) -> None:
    """Say and keep account of the rows whose moment comes again."""
    if len(same):
        notes.leave(rows[used[same]], "the same row again")
        verb = be(len(same), "repeats", "repeat")
        notes.report.append(
            f"{count(len(same), 'row')} {verb} another without a difference and {be(len(same))} left out."
        )
    if not len(other):
        return
    notes.leave(rows[used[other]], "another row of the same date comes later in the file")
    dates = np.unique(moments[other])
    shown = listed([written(moment) for moment in dates[:3]] + [""] * (len(dates) - 3), 3)
    notes.report.append(
        f"{count(len(dates), 'date')} ({shown}) came more than once with different values; the last row of each is "
        f"kept, {count(len(other), 'row')} {be(len(other))} left out."
    )
    if _clocks(moments[other]):
        notes.warnings.append(
            "All rows that came twice lie in a night from Saturday to Sunday, as when clocks are set back; without a "
            "time zone in the file one of the two hours is lost."
        )
    elif len(other) > len(moments) / 2:
        notes.warnings.append(
            "Most dates came more than once; the file may hold several series one below the other."
        )


def _clocks(moments: np.ndarray) -> bool:
    """Whether all lie in the small hours of Sundays of months in which clocks go back."""
    days = moments.astype(DAY)
    clock = (moments - days).astype(np.int64)
    month = moments.astype("datetime64[M]").astype(np.int64) % 12 + 1
    sunday = (days.astype(np.int64) + 3) % 7 == 6
    return bool(
        (sunday & (clock < 4 * 3600e6) & np.isin(month, (3, 4, 9, 10, 11))).all() and (clock > 0).any()
    )


def without_time(moments: np.ndarray, notes: Notes) -> np.ndarray:
    """The days alone, where no day has two rows."""
    days = moments.astype(DAY)
    if (days == moments).all() or (days[1:] == days[:-1]).any():
        return moments
    notes.report.append("The time of the day is left out, since every day has one row.")
    return days.astype(moments.dtype)


def written(moment: np.datetime64) -> str:
    """A moment in a sentence: 2020-02-19, or 2020-02-19 16:30."""
    text = str(moment.astype("datetime64[s]")).replace("T", " ")
    return text.removesuffix(" 00:00:00").removesuffix(":00") if text.endswith(":00") else text

"""Where the dates are: by name, and where names say nothing, by what the cells hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rnnviz.forecast.errors import TableError
from rnnviz.forecast.limits import LOOKED_AT
from rnnviz.forecast.reading import text
from rnnviz.forecast.reading.columns.cells import Cells
from rnnviz.forecast.reading.columns.roles import key
from rnnviz.forecast.reading.dates import order
from rnnviz.forecast.reading.dates.column import Dates, dates_of
from rnnviz.forecast.reading.vocabulary import words
from rnnviz.typed import quoted

SAMPLE = 400
"""Cells of a column that are looked at to tell whether it holds dates."""

LEAST = 0.6
"""The share of them that must be dates."""

_PARTS = (
    words("year yyyy jahr annee ano anno rok jaar ar yil год 年 년 연도"),
    words("month mm monat mois mes mese miesiac maand manad ay месяц 月 월"),
    words("day dd tag jour dia giorno dzien dag gun день 日 일"),
)
"""Year, month and day as the names of columns."""

_COUNTED = frozenset({"ymd", "dmy", "mdy", "seconds", "milliseconds", "microseconds", "nanoseconds"})


@dataclass(frozen=True)
class Place:
    """The column of dates, the one of times beside it or None, and all columns that could be the dates.

    ``parts``: the columns of year, month and day where each has its own; ``date`` is then that of the years.
    """

    date: int
    time: int | None
    others: tuple[int, ...]
    parts: tuple[int, ...] = ()


def place(cells: Cells, roles: Sequence[str | None], asked: int | None) -> Place:
    """Find the dates. Raises :class:`TableError` where no column has any."""
    found: list[tuple[int, int]] = []
    for number in range(cells.width):
        if number >= LOOKED_AT and roles[number] not in ("date", "time"):
            continue
        if (rank := _rank(cells, number, roles[number])) is not None:
            found.append((rank, number))
    found.sort()
    if asked is None and (parts := _apart(cells)) and (not found or found[0][1] in parts):
        return Place(parts[0], None, parts, parts)
    if asked is None and not found:
        raise TableError(_none(cells, roles))
    date = found[0][1] if asked is None else asked
    others = tuple(dict.fromkeys([date, *(number for _, number in found)]))
    return Place(date, _time(cells, roles, date), others)


def with_time(cells: Cells, where: Place) -> pa.Array:
    """The text of the dates, with the time of the day behind where it has a column of its own."""
    dates = cells[where.date]
    if where.parts:
        return pc.binary_join_element_wise(*(cells[n] for n in where.parts), pa.scalar("-", dates.type))
    if where.time is None:
        return dates
    times = pc.fill_null(cells[where.time], "")
    times = text.replaced(times, r"\.0+$", "")
    longest = int(pc.max(pc.utf8_length(times)).as_py() or 0)
    width = next((width for width in (2, 4, 6) if longest <= width), 0)

    def padded(time: str) -> str:
        """930 as 0930 where others are 1600; hours alone as 0900."""
        return time.zfill(width).ljust(4, "0") if time.isdigit() else time

    times = text.each(times, padded)
    return pc.binary_join_element_wise(dates, times, pa.scalar(" ", dates.type))


def _rank(cells: Cells, number: int, role: str | None) -> int | None:
    """How likely a column is the dates, 0 the most; None for one that is not."""
    sample = cells.sample(number, SAMPLE)
    if role in ("ticker", "open", "high", "low", "close", "adj_close", "volume", "other") or not len(sample):
        return None
    if role is None and text.matches(sample, r"^[-+]?\d{1,3}(?:[.,]\d+)?$|^[-+]?\d+[.,]\d{3,}$").mean() > 0.5:
        return None
    dates = dates_of(sample)
    if dates.read < LEAST * len(sample):
        return None
    last = 10 if len(sample) > 1 and len(np.unique(dates.values)) < 2 else 0  # the day of the download
    if role in ("date", "time"):
        return last + (role == "time")
    if _only_digits(sample) and (role == "price" or not _regular(dates)):
        return None
    return last + 2 + _only_digits(sample)


def _apart(cells: Cells) -> tuple[int, ...]:
    """Columns called year, month and day, the last one perhaps not there."""
    names = [key(name) for name in cells.names]
    found = [next((n for n, name in enumerate(names) if name in words), None) for words in _PARTS]
    year, month, _ = found
    return tuple(n for n in found if n is not None) if year is not None and month is not None else ()


def _only_digits(sample: pa.Array) -> bool:
    return bool(text.matches(sample, r"^\d+(\.\d*)?$").mean() > 0.5)


def _regular(dates: Dates) -> bool:
    """Whether counts rise or fall as dates do: whole numbers that only look like dates do not."""
    read = dates.values[~np.isnat(dates.values)]
    if dates.how not in _COUNTED or len(read) < 3:
        return False
    steps = np.diff(read.astype(np.int64))
    return (
        order.likeness(read.astype(order.DAY)).turns <= 0.02 * len(read) and float((steps != 0).mean()) > 0.9
    )


def _time(cells: Cells, roles: Sequence[str | None], date: int) -> int | None:
    """The column of the time of the day, where the dates have none."""
    if text.matches(cells.sample(date, SAMPLE), r"\d[ T]+\d{1,2}:?\d{2}|^\d{9,}$").mean() > 0.5:
        return None
    near = [number for number in range(cells.width) if roles[number] == "time" and number != date]
    near += [number for number in (date + 1, date - 1) if 0 <= number < cells.width and roles[number] is None]
    for number in near:
        sample = cells.sample(number, SAMPLE)
        pattern = (
            r"^(?:\d{1,2}:\d{2}(?::\d{2})?.*|\d{1,6}(?:\.0+)?)$"
            if roles[number] == "time"
            else r"^\d{1,2}:\d{2}"
        )
        if len(sample) and text.matches(sample, pattern).mean() > 0.8:
            return number
    return None


def _none(cells: Cells, roles: Sequence[str | None]) -> str:
    """The sentence for a file without dates."""
    for number, role in enumerate(roles):
        if role == "date" and len(cells.sample(number, 3)):
            first = quoted(cells.sample(number, 3)[0].as_py())
            return (
                f"expected dates in the column {quoted(cells.names[number])}, got {first}; "
                "write them as 2024-01-31, or choose another column"
            )
    top = [next(iter(cells.sample(number, 1).to_pylist()), None) for number in range(cells.width)]
    for across in (list(cells.names), top):
        if 2 * dates_of(pa.array(across, pa.large_string())).read > cells.width > 2:
            return "expected dates one below the other, got them side by side; swap rows and columns"
    return (
        f"expected a column of dates, got {len(cells.names):,} column{'s' if len(cells.names) != 1 else ''} without "
        "any; add one, as in 2024-01-31,101.5"
    )

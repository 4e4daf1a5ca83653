"""Dates taken apart into their numbers, in whatever way they are written; which number is the day comes later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rnnviz.forecast.reading import text
from rnnviz.forecast.reading.dates import calendars, clock
from rnnviz.forecast.reading.dates.months import month

NONE, FIRST, LAST, SHORT, NAMED, DIGITS, MONTHLY, WEEKLY = range(8)
"""How a date is written: not at all, year first, year last, year of two digits, with a month in words, as digits
alone, without a day, as the week of a year."""

_SEPARATED = (
    r"^(?P<a>\d{1,4})\s*(?:[-/.년年]|\s)\s*(?P<b>\d{1,2})\s*(?:[-/.월月]|\s)\s*(?P<c>\d{4}|\d{1,2})[일日.]?"
    r"(?P<rest>(?:[^\d].*)?)$"
)
_ERA = (
    r"^(?P<era>民國|民国|令和|平成|昭和|R|H|S)?\s?(?P<y>\d{1,3})(?:(?P<mark>[-/.])|年)\s?(?P<m>\d{1,2})(?:[-/.]|月)\s?"
    r"(?P<d>\d{1,2})日?$"
)
_DIGITS = r"^(?P<a>\d{4,19})(?:\.(?P<b>\d*))?$"
_COMPACT = r"^(?P<a>\d{8})[\sT_,-]+(?P<rest>\d.*)$"
_WORD = r"[\pL\pM]+"
_NAMED = (
    rf"^(?:{_WORD}\.?,?\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º|ª|o)?[\s\-/.,]*(?:de\s+|of\s+)?(?P<m>{_WORD})"
    rf"[\s\-/.,']*(?:de\s+|del\s+)?(?P<y>\d{{4}}|\d{{2}})(?P<rest>(?:[^\d].*)?)$",
    rf"^(?:{_WORD}\.?,?\s+)?(?P<m>{_WORD})[\s\-/.,]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s\-/,.']+(?P<y>\d{{4}}|\d{{2}})"
    r"(?P<rest>(?:[^\d].*)?)$",
    rf"^(?P<y>\d{{4}})[\s\-/.,]*(?P<m>{_WORD})[\s\-/.,]*(?P<d>\d{{1,2}})(?P<rest>(?:[^\d].*)?)$",
    rf"^(?:{_WORD}\.?,?\s+)?(?P<m>{_WORD})\.?\s+(?P<d>\d{{1,2}}),?\s+(?P<rest>\d{{1,2}}:.*)\s(?P<y>\d{{4}})$",
)
_MONTHLY = (
    (r"^(?P<y>\d{4})\.(?P<m>1)$", "tenth"),  # 1871.1 as a spreadsheet shortens 1871.10
    (r"^(?P<y>\d{4})\s*[-/.년年]\s*(?P<m>\d{1,2})[월月]?$", ""),
    (r"^(?P<m>\d{1,2})[-/.](?P<y>\d{4})$", ""),
    (r"^(?P<y>\d{4})\s*[Mm](?P<m>\d{1,2})$", ""),
    (r"^(?P<y>\d{4})\s*[-/.]?\s*[Qq](?P<m>[1-4])$", "quarter"),
    (r"^[Qq](?P<m>[1-4])[-/.\s]*(?P<y>\d{4})$", "quarter"),
    (rf"^(?P<m>{_WORD})[-/.\s]*(?P<y>\d{{4}})$", "word"),
    (rf"^(?P<y>\d{{4}})[-/.\s]*(?P<m>{_WORD})$", "word"),
    (rf"^(?P<m>{_WORD})[-/.'\s]*(?P<y>\d{{2}})$", "short"),
)
_WEEKLY = r"^(?P<y>\d{4})\s*-?\s*[Ww](?P<w>\d{1,2})(?:-[1-7])?$"


@dataclass(eq=False)
class Parts:
    """What stands in each of n cells. ``a``, ``b``, ``c`` are its numbers in the order written, or year, month and day
    where that is no question. ``clock`` is the time of the day in microseconds, ``timed`` whether there is one.
    """

    kind: np.ndarray
    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    digits: np.ndarray
    fraction: np.ndarray
    clock: np.ndarray
    timed: np.ndarray
    offset: np.ndarray
    zones: tuple[str, ...] = ()
    calendar: str = ""

    @classmethod
    def empty(cls, n: int) -> Parts:
        """Nothing read yet."""
        a, b, c, clock = (np.zeros(n, np.int64) for _ in range(4))
        kind, digits = (np.zeros(n, np.int8) for _ in range(2))
        return cls(kind, a, b, c, digits, np.zeros(n), clock, np.zeros(n, bool), np.full(n, np.nan))

    def at(self, kind: int) -> np.ndarray:
        """Where a date is written so."""
        return np.asarray(self.kind == kind)


def apart(cells: pa.Array) -> Parts:
    """Take every cell apart; ``kind`` is NONE where there is no date."""
    parts = Parts.empty(len(cells))
    zones: dict[str, None] = {}
    for read in (_separated, _digits, _compact, _named, _monthly, _weekly, _in_eras):
        left = np.flatnonzero((parts.kind == NONE) & text.present(cells))
        if not len(left):
            break
        read(cells if len(left) == len(cells) else cells.take(pa.array(left)), left, parts, zones)
    parts.zones = tuple(zones)
    _buddhist(parts)
    return parts


def _groups(cells: pa.Array, pattern: str) -> tuple[np.ndarray, dict[str, pa.Array]]:
    """Where the pattern matches, and its groups there."""
    found = pc.extract_regex(cells, pattern=pattern)
    where = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))
    if len(where) < len(cells):
        found = found.take(pa.array(where))
    return where, {field.name: pc.struct_field(found, field.name) for field in found.type}


def _separated(cells: pa.Array, rows: np.ndarray, parts: Parts, zones: dict[str, None]) -> None:
    where, group = _groups(cells, _SEPARATED)
    if not len(where):
        return
    a, b, c = (text.whole(group[name]) for name in "abc")
    wide, late = (pc.utf8_length(group[name]).to_numpy(zero_copy_only=False) for name in "ac")
    kind = np.select(
        [(wide == 4) & (late < 4), (wide < 3) & (late == 4), (wide < 3) & (late == 2)],
        [FIRST, LAST, SHORT],
        NONE,
    )
    kind[~_clock(group["rest"], rows[where], parts, zones)] = NONE
    _set(parts, rows[where], kind, a, b, c)


def _digits(cells: pa.Array, rows: np.ndarray, parts: Parts, zones: dict[str, None]) -> None:
    where, group = _groups(cells, _DIGITS)
    if not len(where):
        return
    # 19 digits that int64 cannot hold are no date of ours.
    large = pc.greater(group["a"], pa.scalar(str(np.iinfo(np.int64).max), group["a"].type))
    fits = np.flatnonzero(~text.truth(large) | (_length(group["a"]) < 19))
    where, group = where[fits], {name: array.take(pa.array(fits)) for name, array in group.items()}
    value = text.whole(group["a"])
    zeros = np.zeros_like(value)
    # 1871.01 is a month, 2020.0 a year.
    part = (_length(group["a"]) == 4) & text.matches(group["b"], "[1-9]")
    _set(parts, rows[where], np.where(part, NONE, DIGITS), value, zeros, zeros)
    parts.digits[rows[where]] = _length(group["a"])
    share = text.replaced(pc.fill_null(group["b"], ""), "^", "0.")
    parts.fraction[rows[where]] = pc.cast(share, pa.float64()).to_numpy(zero_copy_only=False)


def _compact(cells: pa.Array, rows: np.ndarray, parts: Parts, zones: dict[str, None]) -> None:
    where, group = _groups(cells, _COMPACT)
    if not len(where):
        return
    value = text.whole(group["a"])
    kind = np.where(_clock(group["rest"], rows[where], parts, zones), DIGITS, NONE)
    _set(parts, rows[where], kind, value, np.zeros_like(value), np.zeros_like(value))
    parts.digits[rows[where]] = 8


def _named(cells: pa.Array, rows: np.ndarray, parts: Parts, zones: dict[str, None]) -> None:
    for pattern in _NAMED:
        left = np.flatnonzero(parts.kind[rows] == NONE)
        if not len(left):
            return
        where, group = _groups(cells.take(pa.array(left)), pattern)
        if not len(where):
            continue
        there = rows[left[where]]
        months = _numbered(group["m"])
        year = text.whole(group["y"])
        kind = np.where(months > 0, NAMED, NONE)
        kind[~_clock(group["rest"], there, parts, zones)] = NONE
        # A year of two digits is told from 0001 by its place in `digits`.
        _set(parts, there, kind, year, months, text.whole(group["d"]))
        parts.digits[there] = _length(group["y"])


def _monthly(cells: pa.Array, rows: np.ndarray, parts: Parts, zones: dict[str, None]) -> None:
    for pattern, how in _MONTHLY:
        left = np.flatnonzero(parts.kind[rows] == NONE)
        if not len(left):
            return
        where, group = _groups(cells.take(pa.array(left)), pattern)
        if not len(where):
            continue
        months = _numbered(group["m"]) if how in ("word", "short") else text.whole(group["m"])
        year = text.whole(group["y"])
        if how == "short":
            # In Jan-95, Feb-95 the number is the year; in Jan-02, Jan-03 the day of a year that is not there.
            if len(months) < 3 or (np.diff(months) == 0).mean() > 0.1:
                continue
            year = np.where(year >= 0, calendars.full(year), year)
            parts.digits[rows[left[where]]] = 2
        months = 3 * months - 2 if how == "quarter" else 10 * months if how == "tenth" else months
        kind = np.where((months >= 1) & (months <= 12), MONTHLY, NONE)
        _set(parts, rows[left[where]], kind, year, months, np.ones_like(months))


def _weekly(cells: pa.Array, rows: np.ndarray, parts: Parts, zones: dict[str, None]) -> None:
    """Weeks of ISO 8601, as their Mondays: the first is the one with 4 January in it."""
    where, group = _groups(cells, _WEEKLY)
    if not len(where):
        return
    years, weeks = text.whole(group["y"]), text.whole(group["w"])
    legal = (weeks >= 1) & (weeks <= 53) & (years >= 1)
    kind = np.where(legal, WEEKLY, NONE)
    _set(
        parts, rows[where], kind, *calendars.mondays(np.where(legal, years, 1970), np.where(legal, weeks, 1))
    )


def _in_eras(cells: pa.Array, rows: np.ndarray, parts: Parts, zones: dict[str, None]) -> None:
    """Years of Taiwan, 109/01/02, and of Japan, R2.1.6. Without a word before it, a year of Taiwan has three digits."""
    where, group = _groups(cells, _ERA)
    if not len(where):
        return
    eras = np.array([era or "" for era in group["era"].to_pylist()])
    years = text.whole(group["y"])
    since = np.array([calendars.ERAS.get(era, calendars.TAIWAN) for era in eras])
    legal = (eras != "") | (years >= 100)
    kind = np.where(legal, FIRST, NONE)
    _set(parts, rows[where], kind, years + since, text.whole(group["m"]), text.whole(group["d"]))
    if legal.any():
        parts.calendar = "Taiwan" if (since[legal] == calendars.TAIWAN).all() else "Japan's eras"


def _buddhist(parts: Parts) -> None:
    """Years of Thailand become those of most, in place."""
    for at, years in ((parts.at(FIRST), parts.a), (parts.at(LAST), parts.c)):
        if at.any() and ((mended := calendars.of_thailand(years[at])) != years[at]).any():
            years[at] = mended
            parts.calendar = "Thailand"


def _set(
    parts: Parts, rows: np.ndarray, kind: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray
) -> None:
    parts.kind[rows], parts.a[rows], parts.b[rows], parts.c[rows] = kind, a, b, c


def _length(array: pa.Array) -> np.ndarray:
    return np.asarray(pc.utf8_length(array).to_numpy(zero_copy_only=False))


def _numbered(words: pa.Array) -> np.ndarray:
    """Months in words as 1 to 12, 0 for other words."""
    coded = words.dictionary_encode()
    numbers = np.array([month(word) or 0 for word in coded.dictionary.to_pylist()], np.int64)
    return np.asarray(numbers[coded.indices.to_numpy(zero_copy_only=False)])


def _clock(rest: pa.Array, rows: np.ndarray, parts: Parts, zones: dict[str, None]) -> np.ndarray:
    """Read what follows a date into ``parts``; False where that is neither a time, a zone nor a day of the week."""
    coded = rest.dictionary_encode()
    read = [clock.time_of(word) for word in coded.dictionary.to_pylist()]
    index = coded.indices.to_numpy(zero_copy_only=False)
    parts.clock[rows] = np.array([0 if one is None else one[0] or 0 for one in read], np.int64)[index]
    parts.timed[rows] = np.array([one is not None and one[0] is not None for one in read])[index]
    parts.offset[rows] = np.array([np.nan if one is None else one[1] for one in read])[index]
    zones.update(dict.fromkeys(one[2] for one in read if one is not None and one[2]))
    return np.asarray(np.array([one is not None for one in read], bool)[index])

"""Dates taken apart into their numbers, in whatever way they are written; which number is the day comes later."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rnnviz.forecast.reading import text
from rnnviz.forecast.reading.months import month, weekday

NONE, FIRST, LAST, SHORT, NAMED, DIGITS, MONTHLY = range(7)
"""How a date is written: not at all, year first, year last, year of two digits, with a month in words, as digits
alone, without a day."""

SECOND = 1_000_000
"""Microseconds."""

_SEPARATED = (
    r"^(?P<a>\d{1,4})\s*(?:[-/.년年]|\s)\s*(?P<b>\d{1,2})\s*(?:[-/.월月]|\s)\s*(?P<c>\d{4}|\d{1,2})[일日.]?"
    r"(?P<rest>(?:[^\d].*)?)$"
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
    (r"^(?P<y>\d{4})\s*[-/.년年]\s*(?P<m>\d{1,2})[월月]?$", ""),
    (r"^(?P<m>\d{1,2})[-/.](?P<y>\d{4})$", ""),
    (r"^(?P<y>\d{4})\s*[-/.]?\s*[Qq](?P<m>[1-4])$", "quarter"),
    (r"^[Qq](?P<m>[1-4])[-/.\s]*(?P<y>\d{4})$", "quarter"),
    (rf"^(?P<m>{_WORD})[-/.\s]*(?P<y>\d{{4}})$", "word"),
    (rf"^(?P<y>\d{{4}})[-/.\s]*(?P<m>{_WORD})$", "word"),
)
_CLOCK = re.compile(
    r"(?<!\d)(?:(?P<h>\d{1,2})(?:[:.h]|시\s*)(?P<m>\d{2})(?:(?:[:.]|분\s*)(?P<s>\d{2})초?(?:[.,:](?P<f>\d{1,9}))?)?"
    r"|(?P<p>\d{6})|(?P<q>\d{4})|(?P<o>\d{1,2})(?=\s*[ap]\.?m))(?!\d)"
)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d{2})?$")
_HALF = re.compile(r"(?:\b|(?<=\d))([ap])\.?\s?m\b\.?|(午前|上午|오전)|(午後|下午|오후)", re.IGNORECASE)
_FILLER = frozenset({"t", "at", "um", "uhr", "г", "часов", "year"})


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
    for read in (_separated, _digits, _compact, _named, _monthly):
        left = np.flatnonzero((parts.kind == NONE) & text.present(cells))
        if not len(left):
            break
        read(cells if len(left) == len(cells) else cells.take(pa.array(left)), left, parts, zones)
    parts.zones = tuple(zones)
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
    _set(parts, rows[where], np.full(len(where), DIGITS), value, zeros, zeros)
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
        months = _numbered(group["m"]) if how == "word" else text.whole(group["m"])
        months = 3 * months - 2 if how == "quarter" else months
        kind = np.where((months >= 1) & (months <= 12), MONTHLY, NONE)
        _set(parts, rows[left[where]], kind, text.whole(group["y"]), months, np.ones_like(months))


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
    read = [time_of(word) for word in coded.dictionary.to_pylist()]
    index = coded.indices.to_numpy(zero_copy_only=False)
    parts.clock[rows] = np.array([0 if one is None else one[0] or 0 for one in read], np.int64)[index]
    parts.timed[rows] = np.array([one is not None and one[0] is not None for one in read])[index]
    parts.offset[rows] = np.array([np.nan if one is None else one[1] for one in read])[index]
    zones.update(dict.fromkeys(one[2] for one in read if one is not None and one[2]))
    return np.asarray(np.array([one is not None for one in read], bool)[index])


def time_of(rest: str) -> tuple[int | None, float, str] | None:
    """Microseconds since midnight, minutes ahead of UTC (NaN: not said) and the zone; None where it is no time.

    >>> time_of(" 16:00:00 UTC")
    (57600000000, nan, 'UTC')
    """
    if not rest.strip():
        return None, np.nan, ""
    rest = re.sub(r"\([^()]*[ ()][^()]*\)", " ", rest)
    found = _CLOCK.search(rest)
    moment: int | None = None
    ahead, zone = np.nan, ""
    if found:
        half = _HALF.search(rest)
        if (moment := _moment(found, half)) is None:
            return None
        rest = f"{rest[: found.start()]} {rest[found.end() :]}"
        rest = _HALF.sub(" ", rest)
        rest = rest.strip(" T,;-") if rest.strip() == "-" else rest
        if sign := _OFFSET.search(rest.strip()):
            hours, minutes = int(sign[2]), int(sign[3] or 0)
            ahead = (60.0 * hours + minutes) * (-1 if sign[1] == "-" else 1)
            zone, rest = sign[0].strip(), rest.strip()[: sign.start()]
    for word in re.findall(r"[^\s,;()_.\-]+", rest):
        if weekday(word) or word.casefold() in _FILLER:
            continue
        if not (found and re.fullmatch(r"[A-Z]{1,5}", word)) and word not in ("UTC", "GMT", "Z"):
            return None
        zone = zone or word
    return moment, ahead, zone


def _moment(found: re.Match[str], half: re.Match[str] | None) -> int | None:
    """The microseconds of a time of the day, None where there is no such time."""
    packed = found["p"] or found["q"]
    if packed:
        hour, minute, second = int(packed[:2]), int(packed[2:4]), int(packed[4:6] or 0)
    elif found["o"]:
        hour, minute, second = int(found["o"]), 0, 0
    else:
        hour, minute, second = int(found["h"]), int(found["m"]), int(found["s"] or 0)
    if half:
        late = bool(half[3]) or (half[1] or "").casefold() == "p"
        if hour > 12:
            return None if not late else _total(hour, minute, second, found["f"])
        hour = hour % 12 + 12 * late
    return _total(hour, minute, second, found["f"])


def _total(hour: int, minute: int, second: int, fraction: str | None) -> int | None:
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute + second):
        return None
    return (3600 * hour + 60 * minute + second) * SECOND + int((fraction or "0")[:6].ljust(6, "0"))

"""The time of the day, its zone, and other words that stand behind a date."""

from __future__ import annotations

import re

import numpy as np

from rnnviz.forecast.reading.dates.months import weekday

SECOND = 1_000_000
"""Microseconds."""

_CLOCK = re.compile(
    r"(?<!\d)(?:(?P<h>\d{1,2})(?:[:.h]|시\s*)(?P<m>\d{2})(?:(?:[:.]|분\s*)(?P<s>\d{2})초?(?:[.,:](?P<f>\d{1,9}))?)?"
    r"|(?P<p>\d{6})|(?P<q>\d{4})|(?P<o>\d{1,2})(?=\s*[ap]\.?m))(?!\d)"
)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d{2})?$")
_HALF = re.compile(r"(?:\b|(?<=\d))([ap])\.?\s?m\b\.?|(午前|上午|오전)|(午後|下午|오후)", re.IGNORECASE)
_FILLER = frozenset({"t", "at", "um", "uhr", "г", "часов", "year"})


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

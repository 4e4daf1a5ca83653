"""Dates as people write them, and as ISO 8601 does."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

from rnnviz.typed import quoted

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
"""The months, whose first three letters are their short forms."""

YEARS = range(1950, 2050)
"""The years that a network learns with."""


def days_in(month: int, year: int) -> int:
    """The number of days of a month, January being 1."""
    after = datetime.date(year + month // 12, month % 12 + 1, 1)
    return (after - datetime.date(year, month, 1)).days


STYLES: dict[str, Callable[[datetime.date], str]] = {
    "3 May 2021": lambda day: f"{day.day} {MONTHS[day.month - 1]} {day.year:04}",
    "May 3, 2021": lambda day: f"{MONTHS[day.month - 1]} {day.day}, {day.year:04}",
    "3 Jan 2021": lambda day: f"{day.day} {MONTHS[day.month - 1][:3]} {day.year:04}",
    "Jan 3, 2021": lambda day: f"{MONTHS[day.month - 1][:3]} {day.day}, {day.year:04}",
    "3.5.2021": lambda day: f"{day.day}.{day.month}.{day.year:04}",
}
"""How a date is written, by an example; none can be read in two ways (of the last one, the day comes first)."""

_FORMS = (
    re.compile("(?P<day>[0-9]{1,2}) (?P<month>[a-z]+) (?P<year>[0-9]{4})"),
    re.compile("(?P<month>[a-z]+) (?P<day>[0-9]{1,2}), (?P<year>[0-9]{4})"),
    re.compile(r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})"),
)


def read_date(text: str) -> tuple[datetime.date, str]:
    """The date, and its text as :data:`STYLES` write it: months with a capital, days without a zero in front.

    Raises ``ValueError``, one sentence, for what is written in none of the styles, or is no day of the calendar.
    """
    plain = " ".join(text.lower().split())
    found = next((match for form in _FORMS if (match := form.fullmatch(plain))), None)
    month = _month(found["month"]) if found else None
    if found is None or month is None:
        raise ValueError(
            f"expected a date such as {_listed()}, got {quoted(text)}; write it like one of them"
        )
    try:
        date = datetime.date(int(found["year"]), month, int(found["day"]))
    except ValueError:
        raise ValueError(
            f"expected a day of the calendar, got {quoted(text)}; choose another day, month or year"
        ) from None
    exact = re.sub(r"\b0+", "", plain.removesuffix(found["year"])) + found["year"]
    return date, next(written for style in STYLES.values() if (written := style(date)).lower() == exact)


def _month(name: str) -> int | None:
    """The number of a month, from its name, its first three letters, or a number; None for what is none of these."""
    if name.isdigit():
        return int(name)
    return next((k for k, month in enumerate(MONTHS, 1) if name in (month.lower(), month[:3].lower())), None)


def _listed() -> str:
    *first, last = (f'"{style}"' for style in STYLES)
    return f"{', '.join(first)} or {last}"

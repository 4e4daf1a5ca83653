"""Years that are counted otherwise: in two digits, by weeks, from another year than most."""

from __future__ import annotations

from datetime import date

import numpy as np

ERAS = {"民國": 1911, "民国": 1911, "令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}
"""What is added to a year behind this word: of Taiwan, and of the emperors of Japan."""

TAIWAN = 1911
"""What is added to a year of three digits without a word before it."""

_BUDDHIST = 543
_BUDDHIST_YEARS = (2443, 2643)


def newest() -> int:
    """The last year that two digits are read as: this one."""
    return date.today().year


def full(short: np.ndarray) -> np.ndarray:
    """Years of two digits as those of the hundred that end with this year: prices are of the past."""
    last = newest()
    return last - (last - short) % 100


def mondays(years: np.ndarray, weeks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Year, month and day on which weeks of ISO 8601 begin: (n,) each. The first week has 4 January in it."""
    fourth = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]") + 3
    # 1970-01-01 was a Thursday: 0 is Monday after the shift.
    monday = fourth - (fourth.astype(np.int64) + 3) % 7 + 7 * (weeks - 1)
    month = monday.astype("datetime64[M]")
    day = (monday - month.astype("datetime64[D]")).astype(np.int64) + 1
    months = month.astype(np.int64)
    return 1970 + months // 12, months % 12 + 1, day


def of_thailand(years: np.ndarray) -> np.ndarray:
    """Years (n,) in the way of most: 2563 is 2020 where nearly all are so far ahead."""
    ahead = (years > _BUDDHIST_YEARS[0]) & (years < _BUDDHIST_YEARS[1])
    return np.where(ahead, years - _BUDDHIST, years) if ahead.mean() > 0.9 else years

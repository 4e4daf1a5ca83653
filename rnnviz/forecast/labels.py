"""Labels of the rows that come: dates that go on as those of the series do, or row numbers."""

from __future__ import annotations

import pandas as pd

DAY = pd.Timedelta(days=1)
MONTH = pd.Timedelta(days=30.44)
MONTHS = (1, 2, 3, 6, 12)
"""Steps that are counted in months."""


def spacing(labels: pd.Index) -> str:
    """How far rows lie apart where that is no day, in words: "1 week", "5 minutes"; "" for days and for no dates.

    The typical step, the median: holidays and nights do not count.
    """
    if not isinstance(labels, pd.DatetimeIndex) or len(labels) < 2:
        return ""
    step = pd.Series(labels).diff().median()
    if step == DAY or step <= pd.Timedelta(0):
        return ""
    if months := next((m for m in MONTHS if abs(step - m * MONTH) <= m * 2 * DAY), 0):
        return f"{months} month{'s' * (months != 1)}"
    for unit in ("week", "day", "hour", "minute", "second"):
        count, rest = divmod(step, pd.Timedelta(**{f"{unit}s": 1}))
        if count and not rest:
            return f"{count} {unit}{'s' * (count != 1)}"
    return f"{step.total_seconds():.3g} seconds"


def labels_after(labels: pd.Index, count: int) -> pd.Index:
    """The labels of ``count`` rows after the last one; row numbers, going on, where the labels are no dates.

    The typical step of the series goes on: the median. A daily series without weekends goes on with business days, of
    holidays it knows nothing; months keep their day, or their end where the series has those.
    """
    if not isinstance(labels, pd.DatetimeIndex) or len(labels) < 2:
        return pd.RangeIndex(len(labels), len(labels) + count)
    last, step = labels[-1], pd.Series(labels).diff().median()
    steps = range(1, count + 1)
    if step == DAY and not (labels.day_of_week >= 5).any():
        found = pd.bdate_range(last + DAY, periods=count)
    elif months := next((m for m in MONTHS if abs(step - m * MONTH) <= m * 2 * DAY), 0):
        found = pd.DatetimeIndex([last + pd.DateOffset(months=months * k) for k in steps])
        if labels[-12:].is_month_end.all():
            found = found + pd.offsets.MonthEnd(0)
    else:
        found = pd.DatetimeIndex([last + k * step for k in steps])
    return found.as_unit(labels.unit)

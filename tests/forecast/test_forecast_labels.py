"""Labels of the rows that come."""

import pandas as pd
import pytest

from rnnviz.forecast.labels import labels_after, spacing


def after(labels, count=3):
    found = labels_after(pd.DatetimeIndex(labels), count)
    assert len(found) == count
    assert (found > labels[-1]).all()
    return [str(label) for label in found.astype(str)]


def test_a_daily_series_without_weekends_goes_on_with_business_days():
    days = pd.bdate_range("2013-01-01", "2013-03-01").delete([3, 17])  # holidays
    assert after(days) == ["2013-03-04", "2013-03-05", "2013-03-06"]


def test_one_that_has_weekends_goes_on_with_days():
    assert after(pd.date_range("2013-01-01", "2013-03-01")) == ["2013-03-02", "2013-03-03", "2013-03-04"]


def test_weeks():
    weeks = pd.date_range("2020-01-03", periods=40, freq="W-FRI")
    assert after(weeks, 2) == ["2020-10-09", "2020-10-16"]


@pytest.mark.parametrize(
    ("freq", "expected"),
    [
        ("MS", ["2021-05-01", "2021-06-01"]),
        ("ME", ["2021-05-31", "2021-06-30"]),
        ("QS", ["2024-10-01", "2025-01-01"]),
        ("YE", ["2040-12-31", "2041-12-31"]),
    ],
)
def test_months_quarters_and_years_keep_their_day_or_their_end(freq, expected):
    labels = pd.date_range("2020-01-01", periods={"M": 16, "Q": 19, "Y": 20}[freq[0]], freq=freq)
    assert after(labels, 2) == expected


def test_the_31st_goes_on_from_itself():
    labels = pd.DatetimeIndex(["2020-01-31", "2020-02-28", "2020-03-31", "2020-04-30", "2020-05-30"])
    assert after(labels, 2) == ["2020-06-30", "2020-07-30"]


def test_minutes_hours_and_odd_steps():
    minutes = pd.date_range("2021-03-01 09:30", periods=60, freq="5min")
    assert after(minutes, 2) == ["2021-03-01 14:30:00", "2021-03-01 14:35:00"]
    days = pd.date_range("2021-01-01", periods=20, freq="3D")
    assert after(days, 1) == ["2021-03-02"]


def test_the_unit_stays():
    labels = pd.date_range("2013-01-01", periods=30, unit="s")
    assert labels_after(labels, 2).dtype == labels.dtype


def test_rows_without_dates_are_counted_on():
    assert labels_after(pd.RangeIndex(10), 3).tolist() == [10, 11, 12]
    assert labels_after(pd.Index(["a", "b"]), 2).tolist() == [2, 3]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("D", ""),
        ("B", ""),
        ("W", "1 week"),
        ("ME", "1 month"),
        ("QS", "3 months"),
        ("5min", "5 minutes"),
        ("36h", "36 hours"),
        ("2D", "2 days"),
        ("250ms", "0.25 seconds"),
    ],
)
def test_rows_that_are_no_days_say_how_far_apart_they_are(step: str, words: str) -> None:
    assert spacing(pd.date_range("2020-01-01", periods=40, freq=step)) == words


def test_where_there_are_no_dates_nothing_is_said_of_days() -> None:
    assert spacing(pd.RangeIndex(9)) == spacing(pd.DatetimeIndex(["2020-01-01"] * 4)) == ""

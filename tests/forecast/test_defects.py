"""Each defect of rows and dates gives its sentence, and what is left out is counted and shown."""

import numpy as np
import pandas as pd
import pytest
from written import DAYS, ISO, PRICES, changed, left, reading

from rnnviz.forecast import read_table
from rnnviz.forecast.limits import LEFT_OUT


def test_a_clean_file_has_nothing_to_be_warned_of():
    table = reading()
    assert table.warnings == ()
    assert left(table) == []
    assert table.report[0] == "40 rows from 2020-01-01 to 2020-02-25."
    assert 'Dates are read as year, month, day: "2020-01-01" is 2020-01-01.' in table.report
    assert table.prices.tolist() == PRICES
    assert all(guess.sure for guess in table.guesses.values())


def test_rows_that_come_again_are_left_out_once():
    table = reading([*ISO, *ISO[3:5]], [*PRICES, *PRICES[3:5]])
    assert table.prices.tolist() == PRICES
    assert "2 rows repeat another without a difference and are left out." in table.report
    assert [line for line, _, _ in left(table)] == [5, 6]
    assert left(table)[0] == (5, "2020-01-06, 101.11", "the same row again")


@pytest.mark.parametrize("turn", [1, -1])
def test_of_a_date_with_several_values_the_last_row_of_the_file_is_kept(turn):
    dates, prices = [*ISO, ISO[3]][::turn], [*PRICES, 101.5][::turn]
    table = reading(dates, prices)
    kept = 101.5 if turn == 1 else PRICES[3]
    assert table.prices.tolist() == [*PRICES[:3], kept, *PRICES[4:]]
    assert any(
        line.startswith(
            "1 date (2020-01-06) came more than once with different values; the last row of each is kept"
        )
        for line in table.report
    )
    assert left(table)[0][2] == "another row of the same date comes later in the file"


def test_newest_first_is_turned():
    table = reading(ISO[::-1], PRICES[::-1])
    assert table.prices.tolist() == PRICES
    assert "The newest row came first; the order is turned." in table.report


def test_rows_out_of_order_are_sorted():
    table = reading([*ISO[20:], *ISO[:20]], [*PRICES[20:], *PRICES[:20]])
    assert table.prices.tolist() == PRICES
    assert "The rows were not in order of date (1 step against it) and are sorted." in table.report


def test_dates_written_in_two_ways():
    mixed = [f"{day:%d/%m/%Y}" for day in DAYS[:30]] + ISO[30:]
    table = reading(mixed)
    assert table.frame["date"].tolist() == DAYS.tolist()
    assert "Dates are written in 2 ways: day, month, year (30) and year, month, day (10)." in table.report


def test_days_and_months_in_both_orders_are_not_sure():
    mixed = [f"{day:%d/%m/%Y}" for day in DAYS[:30]] + [f"{day:%m/%d/%Y}" for day in DAYS[30:]]
    table = reading(mixed)
    assert not table.guesses["dates"].sure
    assert any("The file does not settle the order of day and month" in line for line in table.report)


def test_an_open_order_is_asked_for_and_can_be_set():
    dates = ["03/02/2020", "04/02/2020", "05/02/2020"]
    table = reading(dates, PRICES[:3])
    assert not table.guesses["dates"].sure
    assert dict(table.guesses["dates"].choices).keys() == {"dmy", "mdy"}
    for order, form in (("dmy", "%d/%m/%Y"), ("mdy", "%m/%d/%Y")):
        table = reading(dates, PRICES[:3], dates=order)
        assert table.frame["date"].tolist() == pd.to_datetime(dates, format=form).tolist()
        assert table.guesses["dates"].sure


def test_weekends_tell_the_order_of_day_and_month():
    # Monday 1 to Friday 12 June 2020, no day above 12: as months first, many would be Saturdays and Sundays.
    days = [
        day for month in range(1, 7) for day in pd.bdate_range(f"2020-{month:02}-01", f"2020-{month:02}-12")
    ]
    table = reading([f"{day:%m/%d/%Y}" for day in days], np.arange(1.0, 1 + len(days)))
    assert table.frame["date"].tolist() == days
    assert table.guesses["dates"].sure


def test_years_of_two_digits_say_their_hundred(monkeypatch):
    monkeypatch.setattr("rnnviz.forecast.reading.dates.calendars.newest", lambda: 2026)
    monkeypatch.setattr("rnnviz.forecast.reading.columns.telling.newest", lambda: 2026)
    days = pd.bdate_range("1999-12-01", periods=40)
    table = reading([f"{day:%d.%m.%y}" for day in days], delimiter=";", header="Datum;Kurs")
    assert table.frame["date"].tolist() == days.tolist()
    assert "Years of two digits are read as 1927 to 2026, since prices are of the past." in table.report


def test_dates_that_stand_for_none_are_left_out():
    table = reading([*ISO, "9999-12-31", "0001-01-01"], [*PRICES, 1, 2])
    assert table.prices.tolist() == PRICES
    assert (
        '2 rows with a date that stands for none are left out (first "9999-12-31" on line 42).'
        in table.report
    )
    assert [reason for _, _, reason in left(table)] == ["a date that stands for none"] * 2


def test_rows_without_a_date_are_left_out():
    table = reading([*ISO[:20], "", "soon", *ISO[20:]], [*PRICES[:20], 1, 2, *PRICES[20:]])
    assert table.prices.tolist() == PRICES
    assert left(table) == [(22, ", 1", "no date"), (23, "soon, 2", "no date that can be read")]
    assert "1 row without a date is left out (first line 22)." in table.report
    assert '1 row whose date cannot be read is left out (first "soon" on line 23).' in table.report


def test_what_is_no_number_is_counted_and_shown():
    opens = changed(7, "n.b.")
    table = reading(ISO, opens, PRICES, header="Date,Open,Close")
    assert np.isnan(table.frame["open"][7])
    assert table.prices.tolist() == PRICES
    assert '1 cell of "Open" is no number and counts as missing (first "n.b." on line 9).' in table.report


def test_a_row_without_numbers_is_left_out():
    table = reading(ISO, changed(7, "null"))
    assert len(table.frame) == 39
    assert left(table) == [(9, "2020-01-10, null", "no number in any column")]
    assert "1 row without any number is left out." in table.report


def test_a_missing_price_beside_others_is_said():
    table = reading(ISO, changed(7, "-"), PRICES, header="Date,Close,Open")
    assert len(table.frame) == 40
    assert len(table.prices) == 39
    assert '1 row without a value of "Close" is not used for its forecast.' in table.report


HOURS = pd.date_range("2020-10-24", periods=60, freq="h", tz="Europe/Berlin")


def test_an_hour_that_comes_twice_is_said():
    table = reading([f"{hour:%Y-%m-%d %H:%M}" for hour in HOURS], range(100, 160))
    assert len(table.frame) == 59
    assert any("as when clocks are set back" in line for line in table.warnings)
    assert (
        "Rows come more often than daily, some 20 a day; a step of the forecast is one row, not one day."
        in (table.warnings)
    )


def test_offsets_tell_the_two_hours_apart():
    table = reading([hour.isoformat() for hour in HOURS], range(100, 160))
    assert table.frame["date"].tolist() == HOURS.tz_convert("UTC").tz_localize(None).tolist()
    assert any(line.startswith("Times have several zones") for line in table.report)


def test_a_time_zone_is_left_out_with_a_word():
    table = reading([f"{day} 00:00:00 UTC" for day in ISO])
    assert table.frame["date"].tolist() == DAYS.tolist()
    assert 'The time zone ("UTC") is left out; times stay as the file writes them.' in table.report


def test_the_time_of_daily_rows_is_left_out():
    table = reading([f"{day} 16:00:00" for day in ISO])
    assert table.frame["date"].tolist() == DAYS.tolist()
    assert "The time of the day is left out, since every day has one row." in table.report


def test_times_in_a_column_of_their_own():
    clocks = [f"{9 + i // 4:02}:{15 * (i % 4):02}" for i in range(20)]
    table = reading(["2020-01-02"] * 20 + ["2020-01-03"] * 20, clocks * 2, PRICES, header="Date,Time,Close")
    assert table.frame["date"].tolist() == [
        pd.Timestamp(f"{day} {clock}") for day in ("2020-01-02", "2020-01-03") for clock in clocks
    ]


def test_year_month_and_day_in_columns_of_their_own():
    table = reading(
        *zip(*((d.year, d.month, d.day) for d in DAYS), strict=True), PRICES, header="Year,Month,Day,Close"
    )
    assert table.frame["date"].tolist() == DAYS.tolist()
    assert table.targets == ("close",)


def test_months_as_numbers_with_a_point():
    table = reading(["1871.01", "1871.02", "1871.1", "1871.11"], [4.44, 4.5, 4.61, 4.74], header="Date,P")
    assert [day.month for day in table.frame["date"]] == [1, 2, 10, 11]


def test_of_many_rows_left_out_the_first_are_kept_and_all_are_counted():
    lines = [f"{day},{price}" for day, price in zip(ISO, PRICES, strict=True)]
    again, ragged = [lines[0]] * 1500, ["2020-01-01,1,2"] * 7
    table = read_table("\n".join(["Date,Close", *lines[:20], *again, *ragged, *lines[20:], ""]).encode())
    assert table.prices.tolist() == PRICES
    assert table.left_counts == {"the same row again": 1500, "3 values where 2 are expected": 7}
    assert [line for line, _, _ in left(table)] == [2, *range(22, 21 + LEFT_OUT)]
    assert {reason for _, _, reason in left(table)} == {"the same row again"}
    assert any("1,500" in said for said in table.report)

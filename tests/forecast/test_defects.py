"""Each defect of a file gives its sentence, and what is left out is counted and shown."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.forecast import Table, TableError, read_table

DAYS = pd.bdate_range("2020-01-01", periods=40)
ISO = [f"{day:%Y-%m-%d}" for day in DAYS]
PRICES = [round(100 + 0.37 * i, 2) for i in range(40)]


def file(dates, *columns, header="Date,Close", delimiter=","):
    rows = [delimiter.join(map(str, row)) for row in zip(dates, *columns, strict=True)]
    return "\n".join([header, *rows, ""]).encode()


def reading(when=ISO, *columns, header="Date,Close", delimiter=",", **asked) -> Table:
    return read_table(file(when, *(columns or [PRICES]), header=header, delimiter=delimiter), **asked)


def changed(row, value):
    return [*PRICES[:row], value, *PRICES[row + 1 :]]


def left(table):
    return [tuple(row) for row in table.left_out.itertuples(index=False)]


def refused(data, **asked):
    with pytest.raises(TableError) as error:
        read_table(data, **asked)
    return str(error.value)


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
    monkeypatch.setattr("rnnviz.forecast.reading.dates.newest", lambda: 2026)
    monkeypatch.setattr("rnnviz.forecast.reading.telling.newest", lambda: 2026)
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


@pytest.mark.parametrize("value", ["inf", "-Infinity", "∞"])
def test_infinite_prices_are_missing(value):
    table = reading(ISO, changed(7, value), PRICES, header="Date,Close,Open")
    assert np.isnan(table.frame["close"][7])
    assert f'1 cell of "Close" is infinite and counts as missing (first "{value}" on line 9).' in table.report


@pytest.mark.parametrize("value", [0, -999, 9999, 99999.99])
def test_a_value_that_stands_for_none_is_missing(value):
    table = reading(ISO, changed(7, value))
    assert np.isnan(table.frame["close"][7])
    assert (
        f'1 value of "Close" ({value}) cannot be a price amid the others and counts as missing (first on 2020-01-10).'
        in table.report
    )


def test_a_real_negative_price_stays():
    # WTI on 20 April 2020.
    table = reading(ISO, changed(7, -36.98))
    assert table.frame["close"][7] == -36.98
    assert '"Close" has 1 negative value; differences are modelled instead of returns.' in table.warnings


def test_rates_around_zero_stay():
    rates = [round(0.1 * ((i % 9) - 4), 1) for i in range(40)]
    table = reading(ISO, rates, header="Date,Rate")
    assert table.prices.tolist() == rates


def test_a_split_is_spoken_of_and_never_rescaled():
    prices = [price if i < 20 else round(price / 4, 2) for i, price in enumerate(PRICES)]
    table = reading(ISO, prices)
    assert table.prices.tolist() == prices
    assert table.warnings == (
        "On 2020-01-29 the price falls from 107.03 to 26.85 (-75%), as with a 4-for-1 split that was not adjusted for. "
        "It may as well be real; nothing is rescaled.",
    )


def test_a_reverse_split_is_one_for_many():
    prices = [price if i < 20 else round(price * 10, 2) for i, price in enumerate(PRICES)]
    assert "as with a reverse split, 1-for-10" in reading(ISO, prices).warnings[0]


def test_a_large_change_is_spoken_of():
    prices = [price if i < 20 else round(price * 0.4, 2) for i, price in enumerate(PRICES)]
    assert reading(ISO, prices).warnings == (
        "1 change of more than 30% from one row to the next, the largest -60% on 2020-01-29; check whether they are "
        "real.",
    )


def test_prices_that_never_change():
    assert reading(ISO, [5] * 40).warnings == ('All values of "Close" are 5; there is nothing to forecast.',)


def test_a_run_of_one_price():
    prices = [*PRICES[:20], *[110.5] * 15, *PRICES[35:]]
    assert reading(ISO, prices).warnings == (
        "The price stays at 110.5 for 15 rows from 2020-01-29; these may be no trades at all.",
    )


def test_a_gap():
    dates = [*ISO[:20], *(f"{day + pd.Timedelta(days=91):%Y-%m-%d}" for day in DAYS[20:])]
    assert reading(dates).warnings == (
        "1 gap in the dates, the widest of 92 days after 2020-01-28; rows are taken one after another, nothing is "
        "filled in.",
    )


def test_a_row_on_a_weekend():
    table = reading([*ISO[:3], "2020-01-04", *ISO[3:]], [*PRICES[:3], 101.0, *PRICES[3:]])
    assert any("1 row on a Saturday or Sunday (first 2020-01-04)" in line for line in table.warnings)


def test_a_market_without_weekends_is_none_of_our_business():
    days = pd.date_range("2020-01-01", periods=40)
    assert reading([f"{day:%Y-%m-%d}" for day in days]).warnings == ()


def test_dates_to_come():
    dates = [f"{day + pd.Timedelta(days=36524):%Y-%m-%d}" for day in DAYS]
    assert any("40 dates lie in the future" in line for line in reading(dates).warnings)


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


def test_several_securities_are_a_choice():
    data = file(
        ISO[:3] * 2 + ISO[3:5],
        ["AAA"] * 3 + ["<b>B</b>"] * 5,
        [1, 2, 3, 10, 20, 30, 40, 50],
        header="date,Name,close",
    )
    table = read_table(data)
    assert table.prices.tolist() == [10, 20, 30, 40, 50]
    assert not table.guesses["ticker"].sure
    assert table.guesses["ticker"].choices == (("<b>B</b>", "<b>B</b> (5 rows)"), ("AAA", "AAA (3 rows)"))
    assert 'The file holds 2 securities; "<b>B</b>" is used, and 3 rows of others are not.' in table.report
    assert read_table(data, ticker="AAA").prices.tolist() == [1, 2, 3]
    assert "expected one of the 2 securities in the file" in refused(data, ticker="CCC")


def test_securities_without_a_known_header_are_told_by_their_dates():
    table = reading(ISO[:4] * 2, ["x"] * 4 + ["y"] * 4, [1, 2, 3, 4, 5, 6, 7, 8], header="date,what,close")
    assert table.guesses["ticker"].value == "x"
    assert table.prices.tolist() == [1, 2, 3, 4]


def test_securities_side_by_side_are_targets():
    table = reading(ISO, PRICES, PRICES[::-1], header="Date,AAPL,MSFT")
    assert table.targets == ("aapl", "msft")
    assert not table.guesses["target"].sure
    assert (
        reading(ISO, PRICES, PRICES[::-1], header="Date,AAPL,MSFT", target="msft").prices.tolist()
        == PRICES[::-1]
    )
    assert reading(ISO, PRICES, PRICES[::-1], header="Date,AAPL,MSFT", target="MSFT").target == "msft"


def test_candles_of_securities_side_by_side():
    data = file(ISO, PRICES, PRICES, PRICES, PRICES[::-1], header="Date,A.Open,A.Close,B.Open,B.Close")
    assert read_table(data).prices.tolist() == PRICES
    assert read_table(data, ticker="B").prices.tolist() == PRICES[::-1]


def test_one_number_of_three_decimals_is_open():
    data = file(["2020-01-02", "2020-01-03"], ["115.592", "116.001"], header="Date;Close", delimiter=";")
    table = read_table(data)
    assert table.prices.tolist() == [115.592, 116.001]
    assert not table.guesses["decimal"].sure
    assert read_table(data, decimal=",").prices.tolist() == [115592, 116001]


def test_other_columns_settle_what_the_price_leaves_open():
    table = reading(
        ISO[:2], ['"115.592"', '"116.001"'], ['"0,35%"', '"0,25%"'], header="Data,Último,Var%", delimiter=","
    )
    assert table.prices.tolist() == [115592, 116001]
    assert table.guesses["decimal"].sure


def test_a_smooth_course_settles_it_too():
    table = reading(ISO[:4], ["998", "999", "1.001", "1.003"], header="Date;Close", delimiter=";")
    assert table.prices.tolist() == [998, 999, 1001, 1003]
    assert "The decimal mark is a comma, as the smoother course shows." in table.report


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,23,456.78", 123456.78),
        ("1’234.5", 1234.5),
        ("1\u202f234.5", 1234.5),
        ("(1.25)", -1.25),
        ("1.25-", -1.25),
        ("−3.5", -3.5),
        ("$1.5", 1.5),
        ("5.5 €", 5.5),
        ("USD 7.25", 7.25),
        ("R$ 3.5", 3.5),
        ("3.5B", 3.5e9),
        ("1.2 Mio.", 1.2e6),
        ("12.5K", 12500),
        ("2.5万", 25000),
        ("12.5%", 12.5),
        ("１２３．５", 123.5),
        ("1.5e-05", 1.5e-05),
        (".5", 0.5),
        ("'600000.5", 600000.5),
    ],
)
def test_numbers_in_every_dress(text, value):
    table = reading(ISO[:4], ["1.5", "2.25", f'"{text}"', "3.75"], header="Date,Something")
    assert table.frame.iloc[2, 1] == value


@pytest.mark.parametrize("text", ["N/A", "null", "-", ".", "—", "#N/A", "NaN", ""])
def test_signs_for_nothing_are_missing_without_a_word(text):
    table = reading(ISO[:4], [1.5, 2.5, text, 3.5], [1, 2, 3, 4], header="Date,Open,Close")
    assert np.isnan(table.frame["open"][2])
    assert not any("no number" in line for line in table.report)


@pytest.mark.parametrize("text", ["1.5.5x", "1,2,3", "abc", "12:30", "1-2"])
def test_what_is_no_number_is_never_made_one(text):
    table = reading(ISO[:4], [1.5, 2.5, f'"{text}"', 3.5], [1, 2, 3, 4], header="Date,Open,Close")
    assert np.isnan(table.frame["open"][2])
    assert any(
        f'1 cell of "Open" is no number and counts as missing (first "{text}"' in s for s in table.report
    )


def test_markup_in_a_header_stays_text():
    table = reading(header="Date,<script>alert(1)</script>")
    assert table.labels[table.target] == "<script>alert(1)</script>"
    assert table.target == "price"
    table = reading(ISO, PRICES, PRICES, header="Date,<b>x</b>,<i>y</i>")
    assert table.targets == ("b_x_b", "i_y_i")


def test_no_dates_no_numbers_no_rows():
    assert refused(b"a,b\n1,2\n3,4\n") == (
        "expected a column of dates, got 2 columns without any; add one, as in 2024-01-31,101.5"
    )
    assert refused(b"Date,Name\n2020-01-01,x\n2020-01-02,y\n") == (
        "expected a column of numbers beside the dates, got none"
    )
    assert refused(b"Date,Close\n").startswith("expected rows")


def test_choices_that_do_not_fit():
    assert refused(file(ISO, PRICES), target="x") == (
        'expected the column to forecast to be one of "close", got "x"'
    )
    assert (
        refused(file(ISO, PRICES), date_column="x") == 'expected one of the columns "Date", "Close", got "x"'
    )
    assert "expected dates as seconds since 1970" in refused(file(ISO, PRICES), dates="seconds")
    assert "expected dates to be one of ymd, dmy" in refused(file(ISO, PRICES), dates="x")
    assert refused(file(ISO, PRICES), decimal=";") == 'expected the decimal mark to be "." or ",", got ";"'
    assert "expected a file with several securities" in refused(file(ISO, PRICES), ticker="x")


def test_the_column_of_dates_can_be_chosen():
    traded = [f"{day + pd.Timedelta(days=2):%Y-%m-%d}" for day in DAYS]
    data = file(ISO, traded, PRICES, header="Trade Date,Settle Date,Close")
    assert read_table(data).date_column == "date"
    assert (
        read_table(data, date_column="Settle Date").frame["date"].tolist() == pd.to_datetime(traded).tolist()
    )


@given(st.permutations(["open", "high", "low", "close"]))
def test_candles_without_names_are_told_by_their_values(order):
    rng = np.random.default_rng(3)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, 80)))
    opened = np.append(100, close[:-1])
    values = {"open": opened, "close": close}
    values["high"] = np.maximum(opened, close) * 1.01
    values["low"] = np.minimum(opened, close) * 0.99
    days = [f"{day:%Y%m%d}" for day in pd.bdate_range("2020-01-01", periods=80)]
    rows = [
        ",".join([day, *(repr(float(values[c][i])) for c in order), str(1000 + i)])
        for i, day in enumerate(days)
    ]
    table = read_table("\n".join(rows).encode())
    for role in order:
        assert table.frame[table.roles[role]].tolist() == values[role].tolist()
    assert table.roles["volume"] == "volume"

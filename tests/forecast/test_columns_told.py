"""What columns mean is told by names and values, and every guess can be overruled."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from written import DAYS, ISO, PRICES, file, reading, refused

from rnnviz.forecast import read_table


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
        ",".join([day, *(repr(float(values[c][i])) for c in order), str(1000 + i * i % 97)])
        for i, day in enumerate(days)
    ]
    table = read_table("\n".join(rows).encode())
    for role in order:
        assert table.frame[table.roles[role]].tolist() == values[role].tolist()
    assert table.roles["volume"] == "volume"


def test_a_count_of_the_rows_is_no_price():
    table = reading(range(40), ISO, PRICES, header=",when,what")
    assert table.targets == ("price",)
    assert any("since it counts the rows" in line for line in table.report)


def test_dates_side_by_side_are_refused_with_advice():
    assert refused(b"Ticker,2020-01-02,2020-01-03\nAAPL,1,2\nMSFT,3,4\n") == (
        "expected dates one below the other, got them side by side; swap rows and columns"
    )


def test_counts_of_milliseconds_and_microseconds_in_one_file():
    # Binance went over to microseconds in 2025.
    since = [1735603200000, 1735689600000000, 1735776000000000]
    table = reading(since, [1, 2, 4], header="open_time,close")
    assert table.frame["date"].tolist() == pd.date_range("2024-12-31", periods=3).tolist()
    assert table.guesses["dates"].sure
    assert (
        "Dates are written in 2 ways: microseconds since 1970 (2) and milliseconds since 1970 (1)."
        in table.report
    )


def test_of_very_many_columns_the_first_of_numbers_are_read():
    names = [f"S{i}" for i in range(600)]
    rows = [",".join([day, *(f"{100 + i}.5" for i in range(600))]) for day in ISO[:5]]
    table = read_table("\n".join([",".join(["Date", *names]), *rows]).encode())
    assert len(table.targets) == 40
    assert "Of 601 columns the first 40 of numbers are read." in table.report


def test_columns_with_different_decimal_marks():
    table = reading(ISO[:2], ["1,5", "2,5"], ["1.5", "2.5"], header="Date;A;B", delimiter=";")
    assert table.frame["a"].tolist() == table.frame["b"].tolist() == [1.5, 2.5]
    assert 'Columns differ in their decimal mark: it is a comma in "A".' in table.report

"""What is unusual about prices is said, and nothing is rescaled."""

import numpy as np
import pandas as pd
import pytest
from written import DAYS, ISO, PRICES, changed, reading


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
        "On 2020-01-29 the price falls from 107.03 to 26.85 (−75 %), as with a 4-for-1 split that was not adjusted "
        "for. It may as well be real; nothing is rescaled.",
    )


def test_a_reverse_split_is_one_for_many():
    prices = [price if i < 20 else round(price * 10, 2) for i, price in enumerate(PRICES)]
    assert "as with a reverse split, 1-for-10" in reading(ISO, prices).warnings[0]


def test_a_large_change_is_spoken_of():
    prices = [price if i < 20 else round(price * 0.4, 2) for i, price in enumerate(PRICES)]
    assert reading(ISO, prices).warnings == (
        "1 change of more than 30 % from one row to the next, the largest −60 % on 2020-01-29; check whether they are "
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


def test_a_jump_of_an_adjusted_price_is_more_likely_real():
    # Apple fell by 52 % on 29 September 2000.
    prices = [price if i < 20 else round(price * 0.48, 2) for i, price in enumerate(PRICES)]
    (warning,) = reading(ISO, PRICES, prices, header="Date,Close,Adj Close").warnings
    assert (
        "It may as well be real, the more since this column is called adjusted; nothing is rescaled."
        in warning
    )

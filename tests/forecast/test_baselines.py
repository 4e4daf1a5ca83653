"""The baselines, by hand, and the season that is told from a series."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from series import made

from rnnviz.forecast import baselines
from rnnviz.forecast.samples import sample

PRICES = np.array([1.0, 2.0, 4.0, 3.0, 8.0, 9.0, 20.0, 16.0])
ROWS = np.array([1, 3, 7, 8])


def test_by_hand():
    assert baselines.naive(PRICES, ROWS).tolist() == [1, 4, 20, 16]
    assert baselines.drift(PRICES, ROWS).tolist() == [1, 4 + 3 / 2, 20 + 19 / 6, 16 + 15 / 7]
    assert baselines.average(PRICES, ROWS).tolist() == [1, 7 / 3, 44 / 5, 56 / 5]
    assert baselines.seasonal(PRICES, ROWS[1:], 3).tolist() == [1, 8, 9]


@given(st.integers(1, 8))
def test_none_of_them_knows_its_own_row_or_a_later_one(row):
    rows = np.array([row])
    changed = PRICES.copy()
    changed[row:] = 1e6
    for forecast in (baselines.naive, baselines.drift, baselines.average):
        assert forecast(PRICES, rows) == forecast(changed, rows)


def test_a_straight_line_is_what_drift_is_for():
    line = 3 + 0.5 * np.arange(50)
    rows = np.arange(2, 50)
    np.testing.assert_allclose(baselines.drift(line, rows), line[rows], rtol=1e-12)


@pytest.mark.parametrize("period", [4, 5, 7, 12, 24])
def test_a_season_is_found_with_its_period(period):
    noise = np.random.default_rng(period).standard_normal(40 * period)
    wave = np.sin(2 * np.pi * np.arange(len(noise)) / period)
    for trend in (0.0, 0.05):
        prices = 100 + trend * np.arange(len(noise)) + 5 * wave + 0.2 * noise
        assert baselines.season(prices) == period


def test_weekdays_and_weekends():
    week = np.array([5, 5, 5, 5, 5, 0, 0.0])
    prices = 50 + np.tile(week, 60) + np.random.default_rng(0).standard_normal(420)
    assert baselines.season(prices) == 7


@pytest.mark.parametrize("name", ["aapl", "goog", "ibm", "msft", "wti", "ar1", "walk"])
def test_no_sample_has_one(name):
    assert baselines.season(sample(name).prices.to_numpy()) is None


@given(st.integers(0, 30), st.sampled_from([-0.4, 0.0, 0.5, 0.95]), st.sampled_from([60, 200, 2000]))
def test_what_merely_remembers_has_none(seed, phi, rows):
    assert baselines.season(made(rows, phi, seed).to_numpy()) is None


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0], [5.0] * 100, list(range(100))])
def test_where_there_is_nothing_to_tell_it_from(values):
    assert baselines.season(np.array(values, dtype=float)) is None


def test_autocorrelation_is_the_sum_that_defines_it():
    x = np.random.default_rng(1).standard_normal(57)
    centred = x - x.mean()
    expected = [(centred[: 57 - k] * centred[k:]).sum() / (centred**2).sum() for k in range(9)]
    np.testing.assert_allclose(baselines.autocorrelation(x, 8), expected, rtol=1e-10, atol=1e-12)
    assert pd.Series(baselines.autocorrelation(x, 8)).iloc[0] == pytest.approx(1)


@pytest.mark.parametrize("unit", [1e-250, 1e-8, 1e12, 1e250])
def test_a_season_is_the_same_in_any_unit(unit):
    prices = np.tile([1.0, 2.0, 4.0, 3.0, 1.5, 2.5], 50) + 0.1 * np.random.default_rng(2).normal(size=300)
    assert baselines.season(prices * unit) == baselines.season(prices) == 6

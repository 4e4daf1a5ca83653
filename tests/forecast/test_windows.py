"""Windows: which rows are read and forecast, what the scaler knows, and the way back to prices."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.forecast import ForecastConfig, TableError
from rnnviz.forecast.result import Split
from rnnviz.forecast.windows import LEAST, Series, checked, split_of

WINDOWS = st.integers(2, 40)


def walk(rows, seed=0, start=100.0, size=0.02):
    steps = size * np.random.default_rng(seed).standard_normal(rows - 1)
    return pd.Series(start * np.exp(np.concatenate([[0.0], steps]).cumsum()))


def config(**settings):
    return ForecastConfig(**{"window": 7, "horizon": 3, **settings})


@pytest.mark.parametrize("mode", ["returns", "levels"])
def test_a_window_is_what_stands_before_its_row(mode):
    prices = walk(120)
    series = Series(prices, config(mode=mode))
    p = prices.to_numpy()
    values = np.diff(np.log(p), prepend=np.nan) if mode == "returns" else p
    for row in (series.training[0], 50, 119, 120):  # 120 is the row after the last
        expected = (values[row - 7 : row] - series.centre) / series.scale
        found = series.windows(np.array([row]))
        assert found.shape == (1, 7, 1)
        np.testing.assert_allclose(found[0, :, 0].numpy(), expected, rtol=1e-5, atol=1e-6)
        if row < 120:
            target = (values[row] - series.centre) / series.scale
            assert series.targets(np.array([row])).item() == pytest.approx(target, rel=1e-5, abs=1e-6)


@given(st.integers(100, 400), WINDOWS, st.sampled_from(["returns", "levels"]))
def test_every_window_is_used_once_and_the_newest_is_among_them(rows, window, mode):
    chosen = config(window=window, mode=mode)
    series = Series(walk(rows), chosen)
    values = rows - series.offset
    used = np.concatenate([series.training, series.validation, series.test])
    assert len(used) == values - window  # range(len - window)
    assert used[0] == window + series.offset
    assert used[-1] == rows - 1
    assert (np.diff(used) == 1).all()
    split = series.split
    assert (series.training < split.validation).all()
    assert (series.validation >= split.validation).all()
    assert (series.validation < split.test).all()
    assert (series.test >= split.test).all()
    assert len(series.test) == rows - split.test == rows - round(0.8 * rows)


def test_the_scaler_knows_the_training_part_alone():
    prices = walk(200)
    early, late = prices.copy(), prices.copy()
    late.iloc[split_of(200).validation :] *= 7
    for mode in ("returns", "levels"):
        one, other = Series(early, config(mode=mode)), Series(late, config(mode=mode))
        assert (one.centre, one.scale) == (other.centre, other.scale)
    end = split_of(200, 7, 3).validation
    changes = np.diff(np.log(prices.to_numpy()[:end]))
    series = Series(prices, config())
    assert series.centre == pytest.approx(changes.mean(), rel=1e-12)
    assert series.scale == pytest.approx(changes.std(), rel=1e-12)
    levels = Series(prices, config(mode="levels"))
    part = levels.scaled[:end]
    assert part.min() == 0
    assert part.max() == pytest.approx(1)


@pytest.mark.parametrize("mode", ["returns", "levels"])
@pytest.mark.parametrize("lowest", [5.0, 0.0, -30.0])
def test_the_truth_scaled_comes_back_as_the_price(mode, lowest):
    prices = walk(150, size=0.05)
    prices = prices - prices.min() + lowest
    series = Series(prices, config(mode=mode))
    assert series.kind == ("levels" if mode == "levels" else "returns" if lowest > 0 else "differences")
    rows = np.concatenate([series.training, series.test])
    scaled = series.targets(rows).double().numpy()
    found = series.to_prices(scaled, series.prices[rows - 1])
    np.testing.assert_allclose(found, series.prices[rows], rtol=1e-5, atol=1e-4)


def test_the_unit_of_the_price_does_not_matter():
    dollars = Series(walk(150), config())
    cents = Series(100 * walk(150), config())
    torch.testing.assert_close(dollars.scaled, cents.scaled, rtol=1e-4, atol=1e-5)


@given(st.integers(0, 160), WINDOWS, st.integers(1, 30))
def test_too_few_rows_are_refused_with_the_number_that_would_do(rows, window, horizon):
    try:
        split = split_of(rows, window, horizon)
    except TableError as error:
        words = str(error)
        assert f"got {rows}" in words
        needed = int(words.split("at least ")[1].split(" prices")[0].replace(",", ""))
        assert needed > rows
        split_of(needed, window, horizon)
        with pytest.raises(TableError):
            split_of(needed - 1, window, horizon)
        if "window of at most" in words:
            split_of(rows, int(words.rsplit(" ", 1)[1]), horizon)
        elif "horizon of at most" in words:
            split_of(rows, window, int(words.rsplit(" ", 1)[1]))
    else:
        assert split.validation - window - 1 >= 2 * LEAST
        assert min(split.test - split.validation, split.rows - split.test) >= LEAST


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([5.0] * 200, "expected prices that move, got 200 times the same"),
        ([1.0, 2.0] * 90 + [math.inf], "finite numbers, got 1 that are infinite or missing"),
        ([1.0, math.nan] * 90, "got 90 that are infinite or missing"),
        ([], "got 0"),
        ([3.0], "got 1"),
    ],
)
def test_prices_that_cannot_be_forecast_are_refused(values, words):
    with pytest.raises(TableError, match=words):
        Series(pd.Series(values, dtype=float), config())


def test_whole_numbers_and_missing_values_of_pandas_are_taken_as_they_are_meant():
    assert checked(pd.Series([1, 2, 3])).dtype == np.float64
    with pytest.raises(TableError, match="expected prices that are numbers"):
        checked(pd.Series(["1,5", "2,5"]))
    with pytest.raises(TableError, match="1 that are infinite or missing"):
        checked(pd.Series([1, None, 3], dtype="Int64"))


def test_a_training_part_that_rests_is_no_division_by_zero():
    prices = pd.Series([10.0] * 170 + list(walk(80)))
    for mode in ("returns", "levels"):
        series = Series(prices, config(mode=mode))
        assert series.scale == 1
        assert series.scaled.isfinite().all()


def test_the_traps():
    prices, honest = walk(200), Series(walk(200), config())
    split = honest.split

    scaler = Series(prices, config(leaks=("scaler",)))
    assert scaler.scale == pytest.approx(np.diff(np.log(prices.to_numpy())).std(), rel=1e-12)
    assert scaler.scale != honest.scale

    shuffled = Series(prices, config(leaks=("shuffle",)))
    parts = [shuffled.training, shuffled.validation, shuffled.test]
    assert sorted(np.concatenate(parts)) == sorted(
        np.concatenate([honest.training, honest.validation, honest.test])
    )
    assert [len(part) for part in parts] == [len(honest.training), len(honest.validation), len(honest.test)]
    assert shuffled.test.min() < split.validation < shuffled.training.max()
    again = Series(prices, config(leaks=("shuffle",)))
    assert (again.test == shuffled.test).all()

    window = Series(prices, config(leaks=("window",)))
    assert (window.test == honest.test[:-1]).all()

    peek = Series(prices, config(leaks=("peek",)))
    assert (peek.validation == honest.test).all()
    assert (peek.calibration == honest.validation).all()


def test_parts_of_ones_own_may_end_before_the_prices_do():
    split = Split(100, 130, 160)
    series = Series(walk(200), config(), split)
    assert (series.training[-1], series.validation[-1], series.test[-1]) == (99, 129, 159)
    rows = np.arange(160, 200)
    assert series.windows(rows).shape == (40, 7, 1)
    shuffled = Series(walk(200), config(leaks=("shuffle", "scaler")), split)
    assert max(map(max, (shuffled.training, shuffled.validation, shuffled.test))) == 159
    other = walk(200)
    other.iloc[160:] *= 3
    assert Series(other, config(leaks=("shuffle", "scaler")), split).scale == shuffled.scale


def test_the_tutorials_hold_nothing_back():
    series = Series(walk(200), config(mode="levels", epochs=5, patience=5))
    assert series.training[-1] == series.split.test - 1
    assert series.scaled[: series.split.test].max() == pytest.approx(1)
    stopped = Series(walk(200), config(mode="levels", epochs=5, patience=4))
    assert stopped.training[-1] == stopped.split.validation - 1
    assert not Series(walk(200), config(epochs=5, patience=5)).to_the_end

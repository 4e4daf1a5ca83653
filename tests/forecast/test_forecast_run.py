"""A forecast from beginning to end: ties with naive where there is nothing to find, beats it where there is."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from series import made

from rnnviz import forecast
from rnnviz.forecast import ForecastConfig, Result, TableError, forecasting, intervals, metrics
from rnnviz.forecast.config import LEAKS, NETWORKS
from rnnviz.forecast.fitting import Fit
from rnnviz.forecast.samples import sample
from rnnviz.forecast.windows import split_of

SMALL = ForecastConfig(hidden=4, window=6, horizon=5, epochs=3)
REAL = ("aapl", "goog", "ibm", "msft", "wti")


def ratio(result: Result) -> float:
    return result.metrics.loc["model", "RMSE"] / result.metrics.loc["naive", "RMSE"]


@pytest.mark.parametrize("name", REAL)
def test_on_real_prices_it_ties_with_yesterdays_and_says_so(name):
    result = forecast.run(sample(name).prices, ForecastConfig())
    assert 0.98 < ratio(result) <= 1.005
    assert 0.87 <= result.interval.coverage <= 0.93
    assert "does not beat yesterday's price" in result.verdict


def test_what_can_be_found_is_found():
    for seed in (0, 1):
        result = forecast.run(made(3000, phi=0.5, seed=seed), ForecastConfig(seed=seed))
        assert ratio(result) == pytest.approx(math.sqrt(1 - 0.5**2), abs=0.04)  # no forecast can be better
        assert result.metrics.loc["model", "dm_p"] < 0.01
        assert "beats yesterday's price" in result.verdict
        assert result.metrics.loc["model", "direction"] > result.up + 0.08
        assert 0.87 <= result.interval.coverage <= 0.93


def test_no_false_hope_from_a_random_walk():
    found = [forecast.run(made(3000, seed=10 + seed), ForecastConfig(seed=seed)) for seed in range(4)]
    assert all(0.995 < ratio(result) < 1.01 for result in found)
    assert sum("beats yesterday's price" in result.verdict for result in found) == 0


def test_levels_as_the_tutorials_model_them_lose():
    """The whole tutorial, 100 epochs of it, is in bench/forecast.py; a smaller one loses as well."""
    chosen = ForecastConfig(mode="levels", epochs=10, patience=10, batch=64, clip=None)
    result = forecast.run(sample("aapl").prices, chosen)
    assert ratio(result) > 2
    assert "is worse than yesterday's price" in result.verdict
    assert any("As the tutorials do it" in note for note in result.notes)
    assert result.kept == 10


@pytest.fixture(scope="module")
def result() -> Result:
    return forecast.run(made(400, seed=3), SMALL)


def test_the_tables_hold_together(result):
    prices, split = result.prices, result.split
    p = prices.to_numpy()
    test = result.test
    assert test.index.equals(prices.index[split.test :])
    np.testing.assert_array_equal(test["actual"], p[split.test :])
    np.testing.assert_array_equal(test["naive"], p[split.test - 1 : -1])
    assert list(test) == ["actual", "model", "naive", "drift", "average", "lower", "upper"]
    assert (test["lower"] < test["model"]).all()
    assert (test["model"] < test["upper"]).all()
    held = ((test["lower"] <= test["actual"]) & (test["actual"] <= test["upper"])).mean()
    assert result.interval.coverage == held
    assert result.interval.width == pytest.approx((test["upper"] - test["lower"]).mean())

    many = result.recursive
    np.testing.assert_array_equal(many["actual"], p[many["origin"] + many["step"]])
    np.testing.assert_array_equal(many["naive"], p[many["origin"]])
    assert many["origin"].min() == split.test - 1
    assert set(many["step"]) == set(range(1, 6))
    first = many[many["step"] == 1]
    at = prices.index[first["origin"] + 1]
    np.testing.assert_allclose(first["model"], test.loc[at, "model"], rtol=1e-6)
    off = (many["model"] - many["actual"]).abs().groupby(many["step"]).mean()
    np.testing.assert_allclose(result.errors_by_step["model"], off)

    future = result.future
    assert future["step"].tolist() == [1, 2, 3, 4, 5]
    assert future.index.equals(pd.bdate_range(prices.index[-1] + pd.Timedelta(days=1), periods=5))
    assert (future["lower"] < future["forecast"]).all()
    assert (future["forecast"] < future["upper"]).all()
    assert (np.diff(future["upper"] - future["lower"]) >= 0).all()
    assert future["held"].between(0.6, 1).all()

    rmse = np.sqrt(((test["model"] - test["actual"]) ** 2).mean())
    assert result.metrics.loc["model", "RMSE"] == pytest.approx(rmse)
    assert list(result.metrics.columns) == list(metrics.COLUMNS)
    assert result.up == pytest.approx((np.diff(p[split.test - 1 :]) > 0).mean())
    assert len(result.epochs) == 4
    assert result.seconds == result.epochs[-1].seconds


def test_what_intervals_of_several_steps_hold_is_measured_on_the_test_part_alone():
    """Computed here step by step: quantiles of origins whose truth lies before the test, shares of those in it."""
    prices, chosen = made(400, seed=3), replace(SMALL, level=0.8)
    fit = Fit(prices, chosen)
    *_, _last = fit
    p, split = prices.to_numpy(), fit.split
    fresh = np.arange(split.validation, split.rows)
    scale = intervals.scales(np.abs(np.log(p[fresh] / fit.one_step(fresh))))
    origins = np.arange(split.validation - 1, split.rows - 5)
    said = fit.recursive(origins, 5)
    widest, expected = 0.0, []
    for step in range(1, 6):
        off = np.abs(np.log(p[origins + step] / said[:, step - 1])) / scale[origins + 1 - split.validation]
        before = np.sort(off[origins + step < split.test])
        widest = max(widest, before[math.ceil((len(before) + 1) * 0.8) - 1])
        expected.append((off[origins >= split.test - 1] <= widest).mean())
    assert len(origins) <= forecasting.ORIGINS
    np.testing.assert_allclose(forecasting.finish(fit, []).future["held"], expected)


def test_the_same_call_gives_the_same_numbers_and_leaves_the_global_ones_alone(result):
    torch.manual_seed(5)
    np.random.seed(5)
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    again = forecast.run(made(400, seed=3), SMALL)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads
    for name in ("test", "recursive", "future", "metrics"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(result, name))
    other = forecast.run(made(400, seed=3), replace(SMALL, seed=1))
    assert not other.test["model"].equals(result.test["model"])


def test_the_test_part_decides_nothing():
    """Prices of the test part may be anything: the network stays the same, and so does what it says before them."""
    prices = made(400, seed=3)
    changed = prices.copy()
    split = split_of(400, 6, 5)
    changed.iloc[split.test + 1 :] *= 1.7
    one, other = forecast.run(prices, SMALL), forecast.run(changed, SMALL)
    assert one.model is not None
    assert other.model is not None
    for mine, theirs in zip(one.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(mine, theirs)
    # The first two test rows have the same past: forecast and interval are the same.
    for name in ("model", "lower", "upper"):
        np.testing.assert_array_equal(one.test[name].iloc[:2], other.test[name].iloc[:2])


def test_epochs_are_told_as_they_end():
    seen = []
    result = forecast.run(made(200), SMALL, on_epoch=seen.append)
    assert tuple(seen) == result.epochs

    class StopError(Exception):
        pass

    def stop(epoch):
        raise StopError

    threads = torch.get_num_threads()
    with pytest.raises(StopError):
        forecast.run(made(200), SMALL, on_epoch=stop)
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("network", [name for name, _ in NETWORKS])
@pytest.mark.parametrize("mode", ["returns", "levels"])
def test_every_network_forecasts(network, mode):
    result = forecast.run(made(200), replace(SMALL, network=network, mode=mode, layers=2))
    assert np.isfinite(result.test.to_numpy()).all()
    assert np.isfinite(result.future.to_numpy()).all()


def test_prices_below_zero_are_modelled_by_differences():
    prices = made(300) - 101
    result = forecast.run(prices, SMALL)
    assert any("differences are modelled" in note for note in result.notes)
    assert np.isfinite(result.test.to_numpy()).all()
    moved = forecast.run(prices + 7000, SMALL)
    assert not any("differences" in note for note in moved.notes)


def test_a_season_is_said_and_becomes_a_baseline():
    wave = 10 * np.sin(2 * np.pi * np.arange(400) / 12)
    prices = made(400) + wave
    result = forecast.run(prices, SMALL)
    assert any("season of 12 rows" in note for note in result.notes)
    np.testing.assert_array_equal(result.test["seasonal"], prices.to_numpy()[result.split.test - 12 : -12])
    assert "seasonal" in result.metrics.index


def test_only_the_last_rows_are_modelled(monkeypatch):
    monkeypatch.setattr("rnnviz.forecast.forecasting.MODELLED", 150)
    result = forecast.run(made(400), SMALL)
    assert len(result.prices) == result.split.rows == 150
    assert result.notes[0] == "Only the last 150 of 400 rows are modelled."


def test_labels_need_not_be_dates():
    result = forecast.run(pd.Series(made(150).to_numpy()), SMALL)
    assert result.test.index.tolist() == list(range(120, 150))
    assert result.future.index.tolist() == list(range(150, 155))


@settings(max_examples=12)
@given(
    st.integers(0, 260),
    st.sampled_from(["walk", "rests", "line", "jump", "tiny", "huge", "whole"]),
    st.sampled_from(["returns", "levels"]),
    st.lists(st.sampled_from([name for name, _ in LEAKS]), max_size=2),
)
def test_any_series_is_forecast_or_refused_in_words(rows, kind, mode, leaks):
    walk = made(max(rows, 2), size=0.03).iloc[:rows]
    prices = {
        "walk": walk,
        "rests": walk.where(np.arange(rows) > 0.9 * rows, 5.0),
        "line": pd.Series(np.linspace(1, 2, rows), walk.index),
        "jump": walk.where(np.arange(rows) < rows // 2, walk / 7),
        "tiny": walk * 1e-9,
        "huge": walk * 1e12,
        "whole": walk.round(),
    }[kind]
    chosen = replace(SMALL, mode=mode, leaks=tuple(leaks), epochs=2)
    if rows < 60 or prices.nunique() < 2:
        with pytest.raises(TableError, match=r"^expected "):
            forecast.run(prices, chosen)
        return
    result = forecast.run(prices, chosen)
    assert np.isfinite(result.test["model"].to_numpy()).all()
    assert result.verdict.endswith(".")
    assert len(result.future) == 5


def test_yesterday_is_the_row_before_where_rows_are_no_days():
    prices = made(200, seed=3)
    daily = forecast.run(prices, SMALL)
    prices.index = pd.date_range("2024-01-02 09:30", periods=200, freq="5min")
    minutes = forecast.run(prices, SMALL)
    assert not any("apart" in note for note in daily.notes)
    assert "Rows are 5 minutes apart" in minutes.notes[0]
    assert minutes.metrics.equals(daily.metrics)

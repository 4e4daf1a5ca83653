"""What the parts have in common: one network scored on its test part."""

import numpy as np
import pandas as pd
import pytest

from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.fitting import Fit
from rnnviz.forecast.leaks import leaks
from rnnviz.forecast.scoring import epochs, is_relative, label, scored


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (pd.Timestamp("2013-03-01"), "2013-03-01"),
        (pd.Timestamp("2013-03-01 15:30"), "2013-03-01 15:30"),
        (17, "17"),
    ],
)
def test_labels(value: object, text: str) -> None:
    assert label(value) == text


def test_errors_are_shares_of_the_price_where_all_is_positive() -> None:
    assert is_relative(np.array([1.0, 2.0]), np.array([0.5]))
    assert not is_relative(np.array([1.0, 0.0]), np.array([0.5]))
    assert not is_relative(np.array([1.0, 2.0]), np.array([-0.5]))


def test_prices_below_zero() -> None:
    prices = pd.Series(np.random.default_rng(0).normal(size=300).cumsum())
    config = ForecastConfig(hidden=4, window=5, epochs=2, horizon=3)
    fit = Fit(prices, config)
    assert [epoch.number for epoch in epochs(fit)] == [0, 1, 2]
    found = scored(fit)
    assert found.test.index.tolist() == list(range(240, 300))
    assert found.test["actual"].tolist() == prices[240:].tolist()
    assert found.test["naive"].tolist() == prices[239:-1].tolist()
    assert found.of("RMSE", "naive") == pytest.approx(np.sqrt(np.mean(np.diff(prices[239:]) ** 2)))
    assert 0.8 < found.coverage <= 1
    assert found.width == pytest.approx(np.mean(found.band.upper - found.band.lower))
    assert "later changes" in list(leaks(prices, config, ("scaler",)))[1].words

"""The backtest: folds that follow each other, each blind for what comes after it."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.forecast import TableError
from rnnviz.forecast.backtest import NOTHING, backtest, splits, words
from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.parts import Fold

CONFIG = ForecastConfig(hidden=4, window=5, epochs=2, horizon=3)


@pytest.fixture(scope="module")
def prices() -> pd.Series:
    rng = np.random.default_rng(0)
    dates = pd.bdate_range("2020-01-01", periods=400)
    return pd.Series(50 * np.exp(np.cumsum(rng.normal(size=400) * 0.01)), index=dates)


@pytest.fixture(scope="module")
def found(prices: pd.Series) -> tuple[Fold, ...]:
    return tuple(backtest(prices, CONFIG))


def one(skill: float, p: float, coverage: float = 0.9) -> Fold:
    return Fold(0, 1, 2, "a", "b", 1 - skill, 1.0, 1.0, skill, p, coverage, 1.0, 0.1)


@given(st.integers(200, 20_000), st.integers(1, 6))
def test_folds_cover_the_last_two_fifths_once(rows: int, folds: int) -> None:
    parts = splits(rows, 5, folds)
    assert len(parts) == folds
    assert parts[0].test == round(0.6 * rows)
    assert parts[-1].rows == rows
    assert all(first.rows == second.test for first, second in pairwise(parts))
    sizes = [part.rows - part.test for part in parts]
    assert max(sizes) - min(sizes) <= 1
    assert all(part.validation == round(part.test * 0.8) for part in parts)


def test_too_short_a_series_is_told_how_long_it_must_be() -> None:
    with pytest.raises(
        TableError, match=r"expected at least \d+ prices for 5 folds with windows of 30 rows, got 60"
    ):
        splits(60, 30)
    with pytest.raises(TableError) as caught:
        splits(60, 30)
    needed = int(str(caught.value).split("at least ")[1].split()[0])
    assert splits(needed, 30)
    with pytest.raises(TableError):
        splits(needed - 1, 30)
    with pytest.raises(ValueError, match="at least one fold"):
        splits(1000, 30, 0)


def test_numbers_of_each_fold(prices: pd.Series, found: tuple[Fold, ...]) -> None:
    values = prices.to_numpy()
    assert [one.number for one in found] == [0, 1, 2, 3, 4]
    assert found[-1].ends == f"{prices.index[-1]:%Y-%m-%d}"
    for fold in found:
        changes = np.diff(values[fold.first - 1 : fold.last + 1])
        assert fold.naive == pytest.approx(np.sqrt(np.mean(changes**2)))
        assert fold.skill == pytest.approx(1 - fold.RMSE / fold.naive)
        assert fold.begins == f"{prices.index[fold.first]:%Y-%m-%d}"
        assert 0 <= fold.dm_p <= 1
    assert Fold.from_row(found[0].to_row()) == found[0]


def test_a_fold_is_blind_for_what_comes_after(prices: pd.Series, found: tuple[Fold, ...]) -> None:
    changed = prices.copy()
    changed.iloc[found[1].last + 1 :] *= 3
    folds = [replace(fold, seconds=0.0) for fold in backtest(changed, CONFIG)]
    plain = [replace(fold, seconds=0.0) for fold in found]
    assert folds[:2] == plain[:2]
    assert folds[2] != plain[2]


def test_going_on_from_a_fold(prices: pd.Series, found: tuple[Fold, ...]) -> None:
    (last,) = backtest(prices, replace(CONFIG, leaks=("shuffle",)), first=4)
    assert replace(last, seconds=0.0) == replace(found[4], seconds=0.0)


def test_words() -> None:
    assert words([]) == ()
    said = words([one(0.1, 0.3, 0.88), one(-0.2, 0.9, 0.93), one(0.0, 0.5), one(np.nan, np.nan)])
    assert said == (
        "The network was closer than yesterday's price in 1 of 3 folds; its RMSE was 0.900 to 1.200 times that of "
        "yesterday's price.",
        "By no more than chance, in any of them (Diebold-Mariano, Holm's correction for 3 folds).",
        "The intervals held 88.0 % to 93.0 % of the true prices.",
        "1 fold cannot be judged: the price rests there, or a forecast is no finite number.",
    )
    assert "better in 1, worse in 1" in words([one(0.1, 1e-4), one(-0.2, 1e-5), one(0.1, 0.3)])[1]
    assert "in 0 of 1 fold; its RMSE was 1.200 times" in words([one(-0.2, 0.5)])[0]
    assert words([one(np.nan, np.nan)]) == (NOTHING,)

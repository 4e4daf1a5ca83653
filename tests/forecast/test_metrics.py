"""Metrics: closed forms, what no unit may change, and what cannot be said."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.forecast import metrics
from rnnviz.forecast.comparing import diebold_mariano


def part(actual: list[float], model: list[float], first: float) -> pd.DataFrame:
    naive = [first, *actual[:-1]]
    return pd.DataFrame({"actual": actual, "model": model, "naive": naive, "lower": 0.0, "upper": 9.0})


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_numbers_by_hand() -> None:
    test = part([11.0, 10.0, 10.0, 13.0], [12.0, 12.0, 10.0, 11.0], 10.0)
    found = metrics.table(test, pd.Series([1.0, 2.0, 4.0, 3.0]))
    assert list(found.index) == ["model", "naive"]
    assert tuple(found.columns) == metrics.COLUMNS
    model, naive = found.loc["model"], found.loc["naive"]
    # Errors of the model -1, -2, 0, 2; of naive 1, -1, 0, 3; changes in training 1, 2, -1.
    assert model["RMSE"] == pytest.approx(np.sqrt(9 / 4))
    assert naive["RMSE"] == pytest.approx(np.sqrt(11 / 4))
    assert model["MAE"] == pytest.approx(5 / 4)
    assert model["MASE"] == pytest.approx(5 / 4 / (4 / 3))
    assert model["skill"] == pytest.approx(1 - np.sqrt(9 / 11))
    assert naive["skill"] == 0
    # Moves up, down, none, up; called up (12 > 10), up (12 > 11), none, up (11 > 10): two of three.
    assert model["direction"] == pytest.approx(2 / 3)
    assert np.isnan(naive["direction"])
    assert np.isnan(naive["dm_p"])
    assert metrics.always_up(test) == pytest.approx(2 / 3)
    errors, beside = np.array([-1.0, -2, 0, 2]), np.array([1.0, -1, 0, 3])
    assert model["dm_p"] == diebold_mariano(errors, beside).p


def test_a_day_without_change_counts_for_nobody() -> None:
    actual, before = np.array([1.0, 1.0, 2.0]), np.array([1.0, 1.0, 1.0])
    assert metrics.direction(actual, before, np.array([2.0, 0.5, 1.5])) == 1
    assert metrics.direction(actual, before, np.array([2.0, 0.5, 0.5])) == 0
    # A forecast of no change on a row that moved is not right; one that is never anything else says nothing.
    assert metrics.direction(actual, before, np.array([2.0, 0.5, 1.0])) == 0
    assert np.isnan(metrics.direction(actual, before, before))


def test_columns_are_asked_for() -> None:
    with pytest.raises(ValueError, match="naive"):
        metrics.table(pd.DataFrame({"actual": [1.0]}), pd.Series([1.0, 2.0]))


@pytest.mark.parametrize("price", [0.0, 5.0])
def test_a_constant_truth_has_no_skill_to_speak_of(price: float) -> None:
    test = part([price] * 4, [price + 1.0] * 4, price)
    found = metrics.table(test, pd.Series([price] * 9))
    assert found.loc["model", "RMSE"] == 1
    assert found.loc["model", ["MASE", "skill", "direction"]].isna().all()
    assert np.isnan(metrics.always_up(test))
    said = " ".join(metrics.remarks(test, pd.Series([price] * 9)))
    assert "yesterday's price has no error" in said
    assert "MASE has no unit" in said


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_forecasts_that_are_no_numbers(bad: float) -> None:
    test = part([1.0, 2.0, 3.0], [1.0, bad, 3.0], 0.5)
    found = metrics.table(test, pd.Series([1.0, 2.0]))
    assert not np.isfinite(found.loc["model", "RMSE"])
    assert np.isnan(found.loc["model", "dm_p"])
    assert np.isfinite(found.loc["naive", "RMSE"])
    assert "Some forecasts of the network are not finite numbers." in metrics.remarks(
        test, pd.Series([1.0, 2.0])
    )


def test_no_rows() -> None:
    found = metrics.table(part([1.0], [1.0], 1.0).iloc[:0], pd.Series([1.0, 2.0]))
    assert found.isna().all(axis=None)


def test_remarks_count_resting_rows() -> None:
    train = pd.Series([1.0, 2.0])
    assert metrics.remarks(part([1.0, 2.0, 2.0], [1.0, 1.0, 1.0], 0.0), train) == (
        "On 1 row of the test part the price did not change: direction leaves them out.",
    )
    assert metrics.remarks(part([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], 0.0), train) == ()


@given(
    st.lists(st.tuples(st.floats(0.1, 100), st.floats(0.1, 100)), min_size=3, max_size=20),
    st.sampled_from([1e-170, 1e-3, 1e3, 1e170]),
)
def test_units_change_nothing_but_the_unit(rows: list[tuple[float, float]], unit: float) -> None:
    actual, model = (np.array(column) for column in zip(*rows, strict=True))
    train = pd.Series([1.0, 3.0, 2.0])
    plain = metrics.table(part(actual.tolist(), model.tolist(), 1.0), train)
    scaled = metrics.table(part((actual * unit).tolist(), (model * unit).tolist(), unit), train * unit)
    for name in ("RMSE", "MAE"):
        assert scaled[name].to_numpy() == pytest.approx(plain[name].to_numpy() * unit, rel=1e-9)
    for name in ("MASE", "skill", "dm_p"):
        assert scaled[name].to_numpy() == pytest.approx(
            plain[name].to_numpy(), rel=1e-6, abs=1e-9, nan_ok=True
        )

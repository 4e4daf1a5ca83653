"""The Diebold-Mariano test: against a library, by closed forms, and by how often it cries wolf."""

import warnings

import numpy as np
import pytest
from dieboldmariano import dm_test
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.forecast.comparing import diebold_mariano, holm, two_sided


def errors(seed: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    first = rng.normal(size=rows)
    return first, 0.7 * first + rng.normal(size=rows)


@pytest.mark.parametrize(("rows", "h"), [(12, 1), (40, 1), (41, 3), (500, 5), (1500, 1)])
def test_parity_with_a_library(rows: int, h: int) -> None:
    first, second = errors(rows, rows)
    statistic, p = dm_test([0.0] * rows, first.tolist(), second.tolist(), h=h)
    assert diebold_mariano(first, second, h) == pytest.approx((statistic, p), rel=1e-8)


def test_parity_where_the_plain_variance_is_negative() -> None:
    # A loss difference that goes up and down from row to row: variance + 2 autocovariances is below 0.
    second = np.ones(31)
    first = np.sqrt(1 + 0.5 * (-1.0) ** np.arange(31))
    statistic, p = dm_test([0.0] * 31, first.tolist(), second.tolist(), h=2, variance_estimator="bartlett")
    assert diebold_mariano(first, second, 2) == pytest.approx((statistic, p), rel=1e-8)


def test_students_t_in_closed_form() -> None:
    for t in (0.0, 0.5, -2.0, 30.0):
        assert two_sided(t, 1) == pytest.approx(1 - 2 / np.pi * np.arctan(abs(t)), abs=1e-14)
        assert two_sided(t, 2) == pytest.approx(1 - abs(t) / np.sqrt(2 + t * t), abs=1e-14)
    # Tables: the two-sided 5 % point.
    for degrees, point in ((3, 3.182446305), (4, 2.776445105), (10, 2.228138852), (653, 1.963604)):
        assert two_sided(point, degrees) == pytest.approx(0.05, abs=1e-7)


@pytest.mark.parametrize(("h", "least", "most"), [(1, 0.04, 0.06), (3, 0.03, 0.08)])
def test_size_under_the_null(h: int, least: float, most: float) -> None:
    """Two forecasts that are equally good are told apart in about 5 % of 2,000 series."""
    rng = np.random.default_rng(1)
    drawn = rng.normal(size=(2000, 2, 100 + h - 1))
    # Errors of h steps overlap: moving sums of h.
    overlapping = np.lib.stride_tricks.sliding_window_view(drawn, h, axis=2).sum(axis=3)
    rejected = [diebold_mariano(first, second, h).p < 0.05 for first, second in overlapping]
    assert least < np.mean(rejected) < most


def test_power_and_sign() -> None:
    first, second = errors(0, 400)
    better = diebold_mariano(first, second)
    worse = diebold_mariano(second, first)
    assert better.statistic < 0 < worse.statistic
    assert better.p == worse.p < 0.001


def test_edges_without_a_warning() -> None:
    same = np.array([1.0, -2.0, 3.0, 1.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert diebold_mariano(same, same) == (0, 1)
        assert diebold_mariano(same, -same) == (0, 1)
        assert diebold_mariano(0 * same, 0 * same) == (0, 1)
        assert diebold_mariano(np.full(9, 2.0), np.full(9, 1.0)) == (np.inf, 0)
        assert diebold_mariano(np.full(9, 1.0), np.full(9, 2.0)) == (-np.inf, 0)
        for first in (
            np.array([1.0]),
            np.array([]),
            np.array([1.0, np.nan, 2.0]),
            np.array([1.0, np.inf, 2.0]),
        ):
            assert np.isnan(diebold_mariano(first, np.ones(len(first)))).all()
        assert np.isnan(diebold_mariano(same, 2 * same, h=4)).all()
        assert diebold_mariano(same * 1e200, 3e200 * same[::-1]).p == pytest.approx(
            diebold_mariano(same, 3 * same[::-1]).p
        )
    with pytest.raises(ValueError, match="same length"):
        diebold_mariano(same, same[1:])
    with pytest.raises(ValueError, match="h of at least 1"):
        diebold_mariano(same, same, 0)


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=2, max_size=30), st.integers(1, 5))
def test_a_p_value_is_one_and_has_no_side(rows: list[tuple[float, float]], h: int) -> None:
    first, second = (np.array(column) for column in zip(*rows, strict=True))
    found, turned = diebold_mariano(first, second, h), diebold_mariano(second, first, h)
    assert np.isnan(found.p) == (h >= len(rows))
    assert np.isnan(found.p) or 0 <= found.p <= 1
    assert found.p == pytest.approx(turned.p, nan_ok=True)


def test_holm_by_hand() -> None:
    assert holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])
    assert holm(np.array([0.5, np.nan, 0.9])) == pytest.approx([1.0, np.nan, 1.0], nan_ok=True)
    assert holm(np.array([0.02])) == pytest.approx([0.02])
    assert holm(np.array([])).size == 0

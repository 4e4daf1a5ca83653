"""Yesterday's price as the forecast for today, on the last 20 % of a real series."""

import numpy as np

from rnnviz.signals import prices

dates, close = prices()
data = np.array(close)
start = int(0.8 * len(data))
actual, forecast = data[start:], data[start - 1 : -1]


def r2(forecast, actual):
    """The share of the variance that a forecast explains."""
    return float(1 - ((actual - forecast) ** 2).sum() / ((actual - actual.mean()) ** 2).sum())


level = r2(forecast, actual)
correlation = float(np.corrcoef(forecast, actual)[0, 1])
change = actual - forecast  # what there was to foresee; this forecast says 0
moved = r2(np.zeros_like(change), change)
tomorrow = float(np.corrcoef(change[:-1], change[1:])[0, 1])
print(f"{len(actual)} days: R^2 of the price {level:.4f}, correlation {correlation:.4f}")
print(f"R^2 of the change of the price {moved:.4f}")
print(f"correlation of a day's change with the next day's {tomorrow:.4f}")

measured = {
    "days": len(actual),
    "r2": level,
    "correlation": correlation,
    "moved": moved,
    "tomorrow": tomorrow,
    "dates": list(dates[-60:]),
    "actual": actual[-60:].tolist(),
    "forecast": forecast[-60:].tolist(),
}

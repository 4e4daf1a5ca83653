"""A network that has been trained, scored one step ahead on its test part: what the other parts have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor

from rnnviz.forecast import intervals, metrics
from rnnviz.forecast.fitting import Fit
from rnnviz.forecast.forecasting import one_thread
from rnnviz.forecast.intervals import Band
from rnnviz.forecast.result import Epoch
from rnnviz.training.learner import below


@dataclass(frozen=True, eq=False)
class Scored:
    """How one network did on its test part: ``test`` by row actual, model, naive; ``band`` around model, its measured
    ``coverage`` and mean ``width``; ``metrics`` a row each for model and naive."""

    test: pd.DataFrame
    band: Band
    coverage: float
    width: float
    metrics: pd.DataFrame

    def of(self, metric: str, name: str = "model") -> float:
        """One number of the metrics."""
        return float(self.metrics.loc[name, metric])


class Fits:
    """The networks of a part by name: each is made when it is first asked for, from where a checkpoint left it."""

    def __init__(self, checkpoint: Mapping[str, Tensor] | None = None) -> None:
        self._left, self._fits = dict(checkpoint or {}), dict[str, Fit]()

    def of(self, name: str, make: Callable[[Mapping[str, Tensor] | None], Fit]) -> Fit:
        """The network of that name; ``make`` is given the checkpoint to begin from, or None."""
        if name not in self._fits:
            self._fits[name] = make(below(f"{name}/", self._left) or None)
        return self._fits[name]

    def drop(self, name: str) -> None:
        """It is no longer needed."""
        self._fits.pop(name, None)

    def clear(self) -> None:
        """None is needed any more."""
        self._fits.clear()

    def checkpoint(self) -> dict[str, Tensor]:
        """All that is needed to go on with those that are at hand."""
        return {
            f"{name}/{key}": value
            for name, fit in self._fits.items()
            for key, value in fit.checkpoint().items()
        }


def epochs(fit: Fit) -> Iterator[Epoch]:
    """Train to the end, an epoch at a time, on one thread."""
    while not fit.finished:
        with one_thread():
            epoch = next(fit)
        yield epoch


def scored(fit: Fit) -> Scored:
    """Score a fit that has ended, on the rows that its series has for the test."""
    prices, rows = fit.series.prices, fit.series.test
    test = pd.DataFrame(
        {"actual": prices[rows], "model": fit.one_step(rows), "naive": prices[rows - 1]}, index=rows
    )
    before = fit.series.calibration
    calibration = fit.one_step(before)
    actual, forecast = test["actual"].to_numpy(), test["model"].to_numpy()
    relative = is_relative(prices, calibration, forecast)
    sizes = intervals.sizes(prices[before], calibration, relative)
    band = intervals.adaptive(sizes, actual, forecast, fit.config.level, relative)
    found = metrics.table(test, pd.Series(prices[: fit.split.validation]))
    return Scored(test, band, *intervals.measured(actual, band), found)


def is_relative(prices: np.ndarray, *forecasts: np.ndarray) -> bool:
    """Whether errors can be counted as shares of the price: prices and forecasts are all positive."""
    return all(bool((values > 0).all()) for values in (prices, *forecasts))


def label(value: Any) -> str:
    """A label of a row as text: 2013-03-01, 2013-03-01 15:30, or whatever it is."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}" if value == value.normalize() else f"{value:%Y-%m-%d %H:%M}"
    return str(value)

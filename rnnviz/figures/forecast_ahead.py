"""Several steps ahead, each fed with the one before: from origins in the test part, and beyond the last price."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.figures import base
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.forecast.result import Result


@Drawing
def recursive(result: Result) -> Spec:
    """Forecasts of several steps from some origins over the true prices, and the mean error by step."""
    prices = result.prices.to_numpy(np.float64)[result.split.test :]
    data: list[dict[str, Any]] = [{"type": "scatter", "y": prices}]
    return base.spec("forecast-recursive", data, _axes(prices))


@Drawing
def future(result: Result, past: int = 60) -> Spec:
    """The last ``past`` prices, and what is forecast after them, with its interval."""
    prices = np.concatenate([result.prices.to_numpy(np.float64)[-past:], result.future["forecast"]])
    data: list[dict[str, Any]] = [{"type": "scatter", "y": prices}]
    return base.spec("forecast-future", data, _axes(prices))


def _axes(prices: base.Floats) -> dict[str, Any]:
    ends = [float(np.nanmin(prices)), float(np.nanmax(prices))]
    return {"xaxis": {"range": [0, len(prices)]}, "yaxis": {"range": ends}}

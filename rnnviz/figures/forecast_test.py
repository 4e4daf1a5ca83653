"""The test part, one step ahead with true history: the forecast beside yesterday's price, and what it is off by."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.figures import base
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.forecast.result import Result


@Drawing
def test(result: Result, zoom: str = "all") -> Spec:
    """Actual, model and yesterday's price over the rows of the test part, with the interval; "last" shows 60 rows."""
    return _lines(result, "forecast-test", ("actual", "model", "naive"))


@Drawing
def residuals(result: Result, zoom: str = "all") -> Spec:
    """The errors of the model over the same rows, how they are spread, and the interval around 0."""
    return _lines(result, "forecast-residuals", ("actual", "model"))


def _lines(result: Result, kind: str, names: tuple[str, ...]) -> Spec:
    frame = result.test
    data: list[dict[str, Any]] = [
        {"type": "scatter", "x": np.arange(len(frame)), "y": frame[name].to_numpy()} for name in names
    ]
    layout = {
        "xaxis": {"range": [0, len(frame)]},
        "yaxis": {"range": [float(frame["actual"].min()), float(frame["actual"].max())]},
    }
    return base.spec(kind, data, layout)

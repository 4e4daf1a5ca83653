"""The course of a training: the error on the training and on the validation part, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnviz.figures import base
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.result import Epoch


@Drawing
def course(
    epochs: Sequence[Epoch],
    config: ForecastConfig,
    *,
    kept: int | None = None,
    unchanged: int | float | None = None,
) -> Spec:
    """Both errors over the epochs; ``kept`` is the epoch whose weights were kept, while training goes on the best so far.

    ``unchanged`` is the error on the validation part of a forecast of no change, in the same unit.
    """
    data: list[dict[str, Any]] = [
        {"type": "scatter", "x": [e.number for e in epochs], "y": [e.validation for e in epochs]}
    ]
    layout = {"xaxis": {"range": [0, config.epochs]}, "yaxis": {"range": [0, 2]}}
    return base.spec("forecast-course", data, layout)

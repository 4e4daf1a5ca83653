"""Result: what a forecast found, and how good it is. Numbers only; the network itself lies beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from rnnviz.forecast.config import ForecastConfig

if TYPE_CHECKING:
    from rnnviz.forecast.networks import Forecaster


@dataclass(frozen=True)
class Epoch:
    """One pass over the training part; number 0 is the network before training.

    ``loss`` and ``validation`` are mean squared errors of what is modelled, in the scaled unit in which it is modelled.
    ``norm``: mean norm of the gradient before clipping. ``best``: no epoch before had a smaller ``validation``.
    ``seconds`` since training began.
    """

    number: int
    loss: float
    validation: float
    norm: float
    best: bool
    seconds: float

    def to_row(self) -> dict[str, Any]:
        """As JSON values."""
        return dict(vars(self))


@dataclass(frozen=True)
class Split:
    """Row numbers: training is ``[0, validation)``, validation ``[validation, test)``, the test ``[test, rows)``."""

    validation: int
    test: int
    rows: int


@dataclass(frozen=True)
class Interval:
    """How an interval did on the test part: the share of true prices in it, and its mean width on the price scale.

    ``nominal`` is the share it was to hold. The ``static`` ones belong to split conformal intervals: their
    radius is set once, on the validation part alone, for comparison.
    """

    nominal: float
    coverage: float
    width: float
    static_coverage: float
    static_width: float


@dataclass(frozen=True, eq=False)
class Result:
    """What :func:`rnnviz.forecast.run` gives.

    ``prices``: the whole series. ``epochs``: the course of the training; ``kept`` is the number of the one whose
    weights were kept. ``test``: by date actual, model, naive, drift, average (and seasonal where the series has a
    season), all one step ahead with true history, and lower, upper. ``recursive``: forecasts of several steps from
    origins in the test part, each step fed with the one before: origin (row number), step (1..horizon), actual, model,
    naive. ``future``: step, forecast, lower, upper, held, indexed by a label of the day (business days where the
    series has no weekends); held is the share of true prices that such intervals held on the test part, where they
    knew the validation part alone (NaN where that cannot be measured). ``metrics``: a row a forecaster, columns RMSE,
    MAE, MASE, direction (share of moves whose sign is right), skill (1 - RMSE / RMSE naive), dm_p (Diebold-Mariano
    against naive, two-sided; NaN for naive itself).
    ``up``: share of the moves in the test part that went up: what "always up" would score as direction.
    ``errors_by_step``: step, model, naive: mean absolute error of the recursive forecasts. ``verdict``: one sentence,
    plain text. ``seconds``: the training alone. ``notes``: what was done that one would not expect (differences in
    place of returns, the last 20,000 rows alone), plain sentences.
    """

    config: ForecastConfig
    prices: pd.Series
    split: Split
    epochs: tuple[Epoch, ...]
    kept: int
    test: pd.DataFrame
    recursive: pd.DataFrame
    errors_by_step: pd.DataFrame
    future: pd.DataFrame
    metrics: pd.DataFrame
    interval: Interval
    up: float
    verdict: str
    seconds: float
    notes: tuple[str, ...] = ()
    model: Forecaster | None = field(default=None, repr=False)


NAMES: dict[str, str] = {
    "model": "Model",
    "naive": "Yesterday's price",
    "drift": "Drift",
    "average": "Moving average",
    "seasonal": "Seasonal naive",
}
"""The forecasters by the names of their columns."""


def errors_by_step(recursive: pd.DataFrame) -> pd.DataFrame:
    """Mean absolute errors of recursive forecasts by step: step, model, naive."""
    off = recursive[["model", "naive"]].sub(recursive["actual"], axis=0).abs()
    return off.groupby(recursive["step"]).mean().reset_index()

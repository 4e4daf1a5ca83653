"""How far forecasts were from the truth, on the price scale, and beside what the simplest guesses score.

All forecasters are scored on the same rows. What cannot be said (0 / 0, or a forecast that is no number) is NaN, and
:func:`remarks` says why in a sentence.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from rnnviz.forecast.comparing import diebold_mariano

COLUMNS = ("RMSE", "MAE", "MASE", "direction", "skill", "dm_p")
"""The columns of :func:`table`, in order."""

BESIDE = ("actual", "lower", "upper")
"""Columns of the test part that are no forecast."""


def rmse(errors: np.ndarray) -> float:
    """Root of the mean square of (n,) errors; NaN where there is none, or one is NaN. Does not overflow."""
    largest = float(np.max(np.abs(errors), initial=0.0)) if len(errors) else np.nan
    if largest == 0 or not np.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.mean(np.square(errors / largest))))


def mae(errors: np.ndarray) -> float:
    """Mean size of (n,) errors; NaN where there is none, or one is NaN."""
    if not len(errors):
        return np.nan
    largest = float(np.max(np.abs(errors)))
    return (
        largest
        if largest == 0 or not np.isfinite(largest)
        else largest * float(np.mean(abs(errors / largest)))
    )


def naive_step(train: pd.Series) -> float:
    """Mean size of the change from row to row in the training part: the unit of MASE.

    Hyndman & Koehler 2006, International Journal of Forecasting 22, equation 6. NaN with fewer than two prices.
    """
    return mae(np.diff(train.to_numpy(dtype=float)))


def table(test: pd.DataFrame, train: pd.Series) -> pd.DataFrame:
    """The metrics of every forecaster on the test part, one row each, columns :data:`COLUMNS`.

    ``test``: by date ``actual``, ``naive`` (the true price of the row before) and further forecasts, all of them one
    step ahead; ``lower`` and ``upper`` are passed over. ``train``: the prices of the training part.

    - MASE: MAE over the mean absolute change in the training part (:func:`naive_step`);
    - direction: :func:`direction`;
    - skill: 1 - RMSE / RMSE of naive (0 for naive itself);
    - dm_p: two-sided Diebold-Mariano test of the squared errors against naive's; NaN for naive itself.

    ``ValueError`` where ``actual`` or ``naive`` is missing.
    """
    if missing := [name for name in ("actual", "naive") if name not in test.columns]:
        raise ValueError(f"expected the columns actual and naive, got none called {missing[0]}; add it")
    actual, naive = (test[name].to_numpy(dtype=float) for name in ("actual", "naive"))
    unit, beside = naive_step(train), rmse(actual - naive)
    rows = {}
    for name in (str(column) for column in test.columns if column not in BESIDE):
        forecast = test[name].to_numpy(dtype=float)
        errors = actual - forecast
        found, size = rmse(errors), mae(errors)
        rows[name] = (
            found,
            size,
            _ratio(size, unit),
            direction(actual, naive, forecast),
            1 - _ratio(found, beside),
            np.nan if name == "naive" else diebold_mariano(errors, actual - naive).p,
        )
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS), dtype=float)


def direction(actual: np.ndarray, before: np.ndarray, forecast: np.ndarray) -> float:
    """The share of moves whose sign a forecast had right; ``before`` is the true price of the row before each.

    A row on which the price did not change counts for nobody. A forecast of no change on a row that moved is not
    right; a forecaster that never names a direction, as naive, has none to be right about: NaN, as where nothing
    moved at all or a forecast is NaN.
    """
    moved, called = np.sign(actual - before), np.sign(forecast - before)
    counted = moved != 0
    if not counted.any() or np.isnan(called).any() or not called.any():
        return np.nan
    return float(np.mean(called[counted] == moved[counted]))


def always_up(test: pd.DataFrame) -> float:
    """The share of moves that went up: what "always up" would score as direction. NaN where nothing moved."""
    actual, before = (test[name].to_numpy(dtype=float) for name in ("actual", "naive"))
    return direction(actual, before, np.full_like(before, np.inf))


def remarks(test: pd.DataFrame, train: pd.Series) -> tuple[str, ...]:
    """A plain sentence for each thing that the table cannot say, and why."""
    actual, naive = (test[name].to_numpy(dtype=float) for name in ("actual", "naive"))
    said = []
    if len(actual) and (actual == naive).all():
        said.append(
            "The price does not change in the test part: yesterday's price has no error there, so that skill and "
            "direction cannot be said."
        )
    elif resting := int(np.sum(actual == naive)):
        rows = "1 row" if resting == 1 else f"{resting:,} rows"
        said.append(f"On {rows} of the test part the price did not change: direction leaves them out.")
    if not naive_step(train) > 0:
        said.append("The price does not change in the training part, so that MASE has no unit.")
    if "model" in test.columns and not np.isfinite(test["model"].to_numpy(dtype=float)).all():
        said.append("Some forecasts of the network are not finite numbers.")
    return tuple(said)


def _ratio(value: float, unit: float) -> float:
    """``value / unit``, NaN where the unit is 0 or none."""
    return value / unit if unit > 0 and np.isfinite(unit) else np.nan

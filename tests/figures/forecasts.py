"""Forecasts as a run might give them, made by hand, for the tests of their pictures."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.parts import COMPARED, Compared, Fold, Leak
from rnnviz.forecast.result import Epoch, Interval, Result, Split
from rnnviz.forecast.table import Table


def prices(count: int = 400, seed: int = 0) -> pd.Series:
    """A walk over business days."""
    steps = np.random.default_rng(seed).normal(0, 0.5, count)
    index = pd.bdate_range("2010-01-04", periods=count, name="date")
    return pd.Series(100 + np.cumsum(steps), index=index, name="close")


def result(series: pd.Series | None = None, *, apart: float = 0.0, **config: Any) -> Result:
    """A model that says yesterday's price, plus ``apart``; the interval is 1 wide on either side."""
    series = prices() if series is None else series
    chosen = ForecastConfig(**{"horizon": 5, "epochs": 20, **config})
    values, count = series.to_numpy(), len(series)
    split = Split(round(0.64 * count), round(0.8 * count), count)
    rows = np.arange(split.test, count)
    before = values[rows - 1]
    test = pd.DataFrame(
        {"actual": values[rows], "model": before + apart, "naive": before}, series.index[rows]
    )
    test["drift"] = test["average"] = before
    test["lower"], test["upper"] = test["model"] - 1, test["model"] + 1
    steps = np.arange(1, chosen.horizon + 1)
    origins = np.arange(split.test - 1, count - chosen.horizon)
    recursive = pd.DataFrame(
        {
            "origin": np.repeat(origins, len(steps)),
            "step": np.tile(steps, len(origins)),
            "actual": values[origins[:, None] + steps].ravel(),
            "model": (values[origins][:, None] + 0.1 * steps).ravel(),
            "naive": np.repeat(values[origins], len(steps)),
        }
    )
    off = recursive[["model", "naive"]].sub(recursive["actual"], axis=0).abs()
    future = pd.DataFrame({"step": steps, "forecast": values[-1] + 0.1 * steps})
    future["lower"], future["upper"] = future["forecast"] - steps, future["forecast"] + steps
    if isinstance(series.index, pd.DatetimeIndex):
        future.index = pd.bdate_range(series.index[-1] + pd.Timedelta(days=1), periods=len(steps))
    return Result(
        config=chosen,
        prices=series,
        split=split,
        epochs=tuple(epochs(7)),
        kept=3,
        test=test,
        recursive=recursive,
        errors_by_step=off.groupby(recursive["step"]).mean().reset_index(),
        future=future,
        metrics=pd.DataFrame(),
        interval=Interval(0.9, 0.9, 2.0, 0.9, 2.0),
        up=0.5,
        verdict="",
        seconds=1.0,
    )


def epochs(last: int, validation: Sequence[float] | None = None, **more: object) -> list[Epoch]:
    """The epochs 0 to ``last``; the validation error is least after the third."""
    found: list[Epoch] = []
    for k in range(last + 1):
        error = validation[k] if validation is not None else 0.7 + 0.001 * (k - 3) ** 2
        best = all(error < one.validation for one in found)
        found.append(Epoch(**{"number": k, "loss": 1 - 0.01 * k, "validation": error, "norm": 0.5, "best": best,
                              "seconds": 0.1 * k, **more}))  # fmt: skip
    return found


def table(count: int = 400, **more: Any) -> Table:
    """A table with candles, its close the target."""
    close = prices(count)
    opened = close.shift(1, fill_value=100.0)
    frame = pd.DataFrame(
        {
            "date": close.index,
            "open": opened.to_numpy(),
            "high": np.maximum(close, opened).to_numpy() + 0.3,
            "low": np.minimum(close, opened).to_numpy() - 0.2,
            "close": close.to_numpy(),
            "other": 2 * close.to_numpy(),
        }
    )
    roles = {role: role for role in ("open", "high", "low", "close")}
    labels = {name: name.title() for name in frame.columns}
    own = {"roles": roles, "labels": labels, "target": "close", "targets": ("close", "other")}
    return Table(**{"frame": frame, "date_column": "date", **own, **more})


def networks(ratios: Sequence[float], p: float = 0.5) -> list[Compared]:
    """The first networks of the comparison, with these RMSE ratios."""
    return [
        Compared(name, 2 * ratio, 1.5, 1.0, 0.5, 1 - ratio, p, 0.9, 3.0, 4000, 4, 9, 0.5)
        for (name, _), ratio in zip(COMPARED, ratios, strict=False)
    ]


def folds(skills: Sequence[float], p: float = 0.5) -> list[Fold]:
    """Folds of fifty rows after the first hundred."""
    return [
        Fold(k, 100 + 50 * k, 149 + 50 * k, f"begin {k}", f"end {k}", 2 - 2 * skill, 2.0, 1.5, skill, p, 0.9, 3.0, 0.5)
        for k, skill in enumerate(skills)
    ]  # fmt: skip


def leak(name: str, claimed: float, real: float, **more: Any) -> Leak:
    """A trap that claims one ratio of RMSEs and is worth another."""
    return Leak(**{"name": name, "claimed": claimed, "claimed_naive": 1.0, "real": 2 * real, "real_naive": 2.0,
                   "words": "What happened.", "seconds": 1.0, **more})  # fmt: skip


def words(fig: Any) -> list[str]:
    """All that is written on a picture."""
    return [note.text for note in fig.layout.annotations]


def line(fig: Any, name: str) -> Any:
    """The one trace of that name."""
    (found,) = (trace for trace in fig.data if trace.name == name)
    return found


NAN = math.nan

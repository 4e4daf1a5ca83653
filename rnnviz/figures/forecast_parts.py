"""A forecast among others: other networks, other times, and what each trap would pretend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from rnnviz.figures import base
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.forecast.parts import Compared, Fold, Leak


@Drawing
def compared(found: Sequence[Compared], *, level: int | float = 0.05) -> Spec:
    """RMSE / RMSE of yesterday's price of each network; filled where the difference is significant at ``level``."""
    data: list[dict[str, Any]] = [
        {"type": "scatter", "x": [1 - one.skill for one in found], "y": [one.name for one in found]}
    ]
    return base.spec("forecast-compared", data, {"xaxis": {"range": [0, 2]}, "yaxis": {"range": [0, 6]}})


@Drawing
def backtest(found: Sequence[Fold], prices: pd.Series, folds: int = 5) -> Spec:
    """The prices with the folds found so far, and under them the skill of each of the ``folds``."""
    data: list[dict[str, Any]] = [
        {"type": "scatter", "x": [one.first for one in found], "y": [one.skill for one in found]}
    ]
    return base.spec(
        "forecast-backtest", data, {"xaxis": {"range": [0, len(prices)]}, "yaxis": {"range": [-1, 1]}}
    )


@Drawing
def leaks(found: Sequence[Leak], names: Sequence[str] = ()) -> Spec:
    """What each trap claims against what the same network is worth, both in RMSE / RMSE of yesterday's price.

    ``names`` are the rows that will come, so that the axis rests while they do.
    """
    data: list[dict[str, Any]] = [
        {"type": "scatter", "x": [one.claimed / one.claimed_naive for one in found], "y": [1 for _ in found]}
    ]
    return base.spec("forecast-leaks", data, {"xaxis": {"range": [0, 2]}, "yaxis": {"range": [0, 6]}})

"""The verdict: one plain sentence that says what a forecast is worth, with its numbers."""

from __future__ import annotations

import math

import pandas as pd

from rnnviz.prose import written

SURE = 0.05
"""A p-value below this counts as a difference."""

FEWEST = 30
"""Test rows below which nothing is said about a difference."""


def sentence(metrics: pd.DataFrame, rows: int, subject: str = "The network") -> str:
    """The verdict on the forecaster "model" of a table of metrics (:func:`rnnviz.forecast.metrics.table`).

    ``rows`` is the number of test rows, ``subject`` what the sentence speaks of, escaped by nobody: plain text.
    """
    model, naive = metrics.loc["model"], metrics.loc["naive"]
    found, beside, p = float(model["RMSE"]), float(naive["RMSE"]), float(model["dm_p"])
    counted = f"{rows:,} test row{'' if rows == 1 else 's'}"
    if not math.isfinite(found):
        return (
            f"{subject} cannot be judged: not all of its forecasts are finite numbers; "
            "a lower learning rate, or clipping, may help."
        )
    if beside == 0:
        return (
            f"{subject} has nothing to beat: the price does not change in the test part, and yesterday's price is "
            "right on every row."
        )
    if rows < FEWEST or math.isnan(p):
        return (
            f"Too few rows to tell: {subject[:1].lower()}{subject[1:]} has {ratio(found / beside)} times the RMSE of "
            f"yesterday's price over {counted}, and fewer than {FEWEST} cannot tell skill from luck."
        )
    numbers = f"(RMSE {ratio(found / beside, differs=p < SURE)} times its, DM {p_value(p)}, {counted})"
    if p >= SURE:
        return f"{subject} does not beat yesterday's price {numbers}: the difference is within chance."
    if found < beside:
        return f"{subject} beats yesterday's price {numbers}: chance alone seldom brings that about."
    return f"{subject} is worse than yesterday's price {numbers}: repeating the last price would have been closer."


def ratio(value: float, *, differs: bool = False) -> str:
    """A ratio to three decimals around 1, to fewer above; to more where it ``differs`` from 1 and three hide that."""
    if value < 0.01 or value >= 1e6:
        return written(value)
    digits = next((digits for most, digits in ((2, 3), (10, 2), (100, 1)) if value < most), 0)
    while differs and 3 <= digits < 6 and float(f"{value:.{digits}f}") == 1:
        digits += 1
    return f"{value:,.{digits}f}"


def p_value(p: float) -> str:
    """ "p = 0.41", "p = 0.003", "p < 0.001"."""
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"

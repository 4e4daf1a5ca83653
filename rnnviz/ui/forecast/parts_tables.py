"""The tables of the other parts: networks, folds, traps."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rnnviz.forecast.config import LEAKS
from rnnviz.forecast.parts import COMPARED, Compared, Fold, Leak
from rnnviz.ui.forecast.numbers import NONE, legend, p, percent, price, skill, table
from rnnviz.ui.run_words import duration

TRAPS: dict[str, str] = {"honest": "No trap", **dict(LEAKS), "all": "All of them at once"}
"""The rows of the leak lab by name."""


def compared(found: Sequence[Compared]) -> str:
    """A row a network. The p-values are also given as they are when so many networks are looked at."""
    from rnnviz.forecast.compare import adjusted

    fair = adjusted(found)
    rows = [
        [
            dict(COMPARED).get(one.name, one.name),
            price(one.RMSE),
            skill(one.skill),
            p(one.dm_p),
            p(fair[one.name]),
            percent(one.direction),
            percent(one.coverage),
            price(one.width, 4),
            f"{one.parameters:,}",
            f"{one.epoch} of {one.epochs}",
            duration(one.seconds),
        ]
        for one in found
    ]
    head = ["Network", "RMSE", "Skill", "DM p", "Holm's p", "Direction", "Coverage", "Width", "Parameters"]
    return table([*head, "Epoch kept", "Time"], rows) + legend(
        ["RMSE", "Skill", "DM p", "Holm's p", "Direction", "Coverage", "Width"]
    )


def backtest(found: Sequence[Fold]) -> str:
    """A row a fold."""
    rows = [
        [
            f"{one.begins} – {one.ends}",
            price(one.RMSE),
            price(one.naive),
            skill(one.skill),
            p(one.dm_p),
            percent(one.coverage),
            price(one.width, 4),
            duration(one.seconds),
        ]
        for one in found
    ]
    head = ["Tested on", "RMSE", "Yesterday's price", "Skill", "DM p", "Coverage", "Width", "Time"]
    legends = legend(["RMSE", "Skill", "DM p", "Coverage", "Width"])
    return f"<div class='rv-folds'>{table(head, rows)}</div>{legends}"


def leaks(found: Sequence[Leak]) -> str:
    """A row a trap: what would be claimed beside what is real, each as RMSE over that of the last known price.

    That is yesterday's; where forecasts of several steps are claimed it is kept for as many.
    """
    rows = [
        [
            TRAPS.get(one.name, one.name),
            times(one.claimed, one.claimed_naive),
            times(one.real, one.real_naive),
            price(one.claimed),
            price(one.real),
            duration(one.seconds),
        ]
        for one in found
    ]
    return table(
        ["RMSE / that of the last known price", "Claimed", "Real", "Claimed RMSE", "Real RMSE", "Time"],
        rows,
        strong=next((k for k, one in enumerate(found) if one.name == "honest"), None),
    )


def times(value: float, unit: float) -> str:
    """A ratio to three decimals."""
    ratio = value / unit if unit > 0 else math.nan
    return (f"{ratio:,.0f}" if ratio >= 1000 else f"{ratio:.3f}") if math.isfinite(ratio) else NONE

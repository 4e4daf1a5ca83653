"""The tables of a forecast: metrics, what the intervals held, the days to come."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rnnviz.ui.forecast.numbers import NONE, days, p, percent, price, skill, table

if TYPE_CHECKING:
    from rnnviz.forecast.result import Result


def metrics(result: Result) -> str:
    """A row a forecaster, the network first; the always-up rate beside the directions."""
    from rnnviz.forecast.result import NAMES

    rows = [
        [
            NAMES.get(str(name), str(name)),
            price(row["RMSE"]),
            price(row["MAE"]),
            price(row["MASE"], 4),
            percent(row["direction"]),
            skill(row["skill"]),
            p(row["dm_p"]),
        ]
        for name, row in result.metrics.iterrows()
    ]
    rows.append(["Always “up”", NONE, NONE, NONE, percent(result.up), NONE, NONE])
    head = ["One step ahead", "RMSE", "MAE", "MASE", "Direction", "Skill", "DM p"]
    return table(head, rows, strong=0)


def interval(result: Result) -> str:
    """What was promised, what was held and at which width."""
    found = result.interval
    rows = [
        ["Nominal", percent(found.nominal, 0), NONE],
        ["Adaptive, as drawn", percent(found.coverage), price(found.width, 4)],
        ["Static conformal", percent(found.static_coverage), price(found.static_width, 4)],
    ]
    return table(["Interval", "Coverage", "Mean width"], rows, strong=1)


def future(result: Result) -> str:
    """The days to come with their intervals."""
    frame = result.future
    rows = [
        [
            label,
            str(int(row["step"])),
            *(price(row[name]) for name in ("forecast", "lower", "upper")),
            percent(row.get("held", math.nan), 0),
        ]
        for label, row in zip(days(frame.index), frame.to_dict("records"), strict=True)
    ]
    level = percent(result.interval.nominal, 0)
    return table(
        ["Day", "Step", "Forecast", f"Lower, {level}", f"Upper, {level}", "Held in the test part"], rows
    )


def by_step(result: Result) -> str:
    """Mean absolute error of the recursive forecasts at a few steps."""
    frame = result.errors_by_step
    last = len(frame)
    wanted = sorted({1, 2, 5, 10, 20, 40, last} & set(range(1, last + 1)))
    rows = [
        [f"{step}", price(one["model"]), price(one["naive"])]
        for step in wanted
        for one in [frame.iloc[step - 1]]
    ]
    return table(["Steps ahead", "Model", "Last price"], rows, about="Mean absolute error")

"""The numbers of a forecast as CSV, safe to open in a spreadsheet, and the lines of Python that compute them again."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from rnnviz.forecast.config import FIELDS, ForecastConfig
from rnnviz.forecast.result import NAMES, Result
from rnnviz.typed import NUMBER, cleaned

KINDS: dict[str, str] = {
    "one step": "one row ahead, with the true prices up to the row before",
    "recursive": "several rows ahead, each step fed with the one before",
    "future": "rows that have no price yet",
}
"""The rows of :func:`forecasts_csv`, by the word in their first column."""

FORMULA = "=+-@＝＋－＠"
"""Characters that make a formula of a spreadsheet's cell, wide ones too."""

_START = re.compile(rf"(^|[;,|\t])([\s\"']*)(?=[{re.escape(FORMULA)}])")


def safe(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula, however it cuts the line into cells.

    An apostrophe goes before what could begin a formula, at the start and after every mark that could divide cells;
    control characters become blanks. A number is left as it is.
    """
    if NUMBER.match(text):
        return text
    flat = cleaned(re.sub(r"[\t\r\n\v\f\x1c-\x1f\x85\u2028\u2029]", " ", text))
    return _START.sub(r"\1\2'", flat)


def labels(index: Iterable[Any]) -> list[str]:
    """Dates as ISO 8601 has them, without a time of day where there is none; anything else as text."""
    found = list(index)
    stamps = [pd.Timestamp(one) for one in found if isinstance(one, pd.Timestamp)]
    days = all(stamp == stamp.normalize() for stamp in stamps)
    return [
        str(one)
        if not isinstance(one, pd.Timestamp)
        else f"{one:%Y-%m-%d}"
        if days
        else one.isoformat(sep=" ")
        for one in found
    ]


def forecasts_csv(result: Result, series: str = "") -> str:
    """Every forecast in one table: the word out of :data:`KINDS`, the date forecast, origin and step, the numbers.

    ``origin`` is the last date whose price was known, ``step`` how many rows later the forecast one is. ``held`` is 1
    where the true price lies from ``lower`` to ``upper``, ends included, else 0; of a row that is still to come, the
    share of true prices that such intervals held in the test part. Empty where a column has nothing to say. ``series``
    names the prices; a user's own text may stand there.
    """
    dates = labels(result.prices.index)
    columns = [name for name in NAMES if name in result.test]
    head = ["kind", "date", "origin", "step", "actual", *columns, "lower", "upper", "held"]
    rows: list[list[Any]] = []
    first = result.split.test
    for k, row in enumerate(result.test.to_dict("records")):
        rows.append(
            ["one step", dates[first + k], dates[first + k - 1], 1]
            + [row[name] for name in ("actual", *columns, "lower", "upper")]
            + [_held(row)]
        )
    for row in result.recursive.to_dict("records"):
        origin, step = int(row["origin"]), int(row["step"])
        values = {"model": row["model"], "naive": row["naive"]}
        rows.append(
            ["recursive", dates[origin + step], dates[origin], step, row["actual"]]
            + [values.get(name, math.nan) for name in columns]
            + [math.nan, math.nan, math.nan]
        )
    for date, row in zip(labels(result.future.index), result.future.to_dict("records"), strict=True):
        rows.append(
            ["future", date, dates[-1], int(row["step"]), math.nan]
            + [row["forecast"] if name == "model" else math.nan for name in columns]
            + [row["lower"], row["upper"], row.get("held", math.nan)]
        )
    return _written([*head, "series"], ([*row, series] for row in rows))


def metrics_csv(result: Result, series: str = "") -> str:
    """A row a forecaster with its metrics, the always-up rate and, for the model, what its interval did."""
    metrics, interval = result.metrics, result.interval
    head = ["forecaster", *map(str, metrics.columns), "always_up"]
    measured = vars(interval)
    rows = []
    for name, row in zip(metrics.index, metrics.to_dict("records"), strict=True):
        own = measured if name == "model" else dict.fromkeys(measured, math.nan)
        rows.append([NAMES.get(str(name), str(name)), *row.values(), result.up, *own.values(), series])
    return _written([*head, *(f"interval_{name}" for name in measured), "series"], rows)


def code(
    config: ForecastConfig,
    source: str,
    arguments: Sequence[tuple[str, Any]] = (),
    *,
    sample: bool = False,
    column: str = "",
) -> str:
    """The lines of a notebook that give the same numbers.

    ``source`` is the name of the file, or with ``sample`` that of a sample, of which ``column`` is forecast where it is
    not the usual one. ``arguments`` are what the reader of the file was told besides. All of it goes in quoted.
    """
    given = "".join(f", {name}={value!r}" for name, value in arguments)
    chosen = [
        f"{known.name}={getattr(config, known.name)!r}"
        for known in FIELDS
        if getattr(config, known.name) != known.default
    ]
    settings = f"forecast.ForecastConfig({', '.join(chosen)})"
    if len(settings) > 70:
        settings = "forecast.ForecastConfig(\n    " + ",\n    ".join(chosen) + ",\n)"
    read = f"samples.sample({source!r})" if sample else f"forecast.read_table({source!r}{given})"
    prices = f"table.frame.set_index(table.date_column)[{column!r}].dropna()" if column else "table.prices"
    return (
        "from rnnviz import forecast\n"
        + ("from rnnviz.forecast import samples\n" if sample else "")
        + f"\ntable = {read}\n"
        f"config = {settings}\n"
        f"result = forecast.run({prices}, config)\n\n"
        "print(result.verdict)\n"
        "print(result.metrics)\n"
        "print(result.future)\n"
    )


def _held(row: dict[Any, Any]) -> int | float:
    """Whether the true price lies in the interval, 1 or 0; NaN where there is none."""
    if math.isnan(row["lower"]) or math.isnan(row["upper"]):
        return math.nan
    return int(row["lower"] <= row["actual"] <= row["upper"])


def _written(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    """A cell: numbers as they are (nothing for NaN), text made harmless."""
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, float):  # numpy's float64 is one
        return "" if math.isnan(value) else repr(float(value))
    return value

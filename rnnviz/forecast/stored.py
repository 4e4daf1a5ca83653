"""Forecasts in the store of the runs: what is asked as JSON, what was found as JSON and tensors, and both back.

Torch is loaded by what needs tensors alone, so that a page can ask before it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.labels import labels_after
from rnnviz.forecast.limits import MODELLED
from rnnviz.forecast.parts import PARTS
from rnnviz.forecast.result import Epoch, Interval, Result, Split, errors_by_step
from rnnviz.forecast.table import Table

if TYPE_CHECKING:
    from torch import Tensor

ROLES = ("open", "high", "low", "close", "adj_close", "volume")
"""Columns that are kept beside the prices, for the picture of the data."""


def spec(part: str, config: ForecastConfig, table: Table) -> dict[str, Any]:
    """What a run of the kind "forecast" is given: all of it, so that nobody needs the file any more.

    Only rows that have a price, and of those the last :data:`~rnnviz.forecast.limits.MODELLED`. The part "forecast"
    keeps what the page shows of the table beside them. ``ValueError`` for an unknown part.
    """
    if part not in dict(PARTS):
        raise ValueError(f"expected a part out of {', '.join(dict(PARTS))}, got {part!r}; choose one of them")
    frame = table.frame[table.frame[table.target].notna()]
    total, frame = len(frame), frame.iloc[-MODELLED:]
    ticker = table.guesses.get("ticker")
    data: dict[str, Any] = {
        "name": table.name,
        "ticker": ticker.value if ticker else "",
        "label": table.labels.get(table.target, table.target),
        "dates": frame[table.date_column].astype(str).tolist(),
        "prices": frame[table.target].tolist(),
        "rows": total,
    }
    if part == "forecast":
        data["target"] = next((role for role in ROLES if table.roles.get(role) == table.target), "")
        data["columns"] = {
            role: [None if np.isnan(value) else value for value in frame[column].tolist()]
            for role, column in table.roles.items()
            if role in ROLES and column in frame and column != table.target
        }
        data["labels"] = {
            role: table.labels.get(column, column) for role, column in table.roles.items() if role in ROLES
        }
        data["report"], data["warnings"] = list(table.report), list(table.warnings)
        data["left_out"] = dict(table.left_counts)
    return {"part": part, "config": config.to_spec(), "data": data}


def config(spec: Mapping[str, Any]) -> ForecastConfig:
    """What was chosen."""
    return ForecastConfig.from_spec(spec["config"])


def prices(spec: Mapping[str, Any]) -> pd.Series:
    """The series that is forecast, by date."""
    data = spec["data"]
    return pd.Series(data["prices"], _dates(data), dtype="float64", name=data["label"])


def notes(spec: Mapping[str, Any]) -> tuple[str, ...]:
    """What was left away before the run was submitted."""
    total, kept = spec["data"]["rows"], len(spec["data"]["prices"])
    return (f"Only the last {kept:,} of {total:,} rows are modelled.",) if total > kept else ()


def table(spec: Mapping[str, Any]) -> Table:
    """The table of a run of the part "forecast": date, the prices, and the columns with a role.

    Of the rows that were left out only :func:`left_out` is known.
    """
    data = spec["data"]
    target = data["target"] or "price"
    columns = {role: np.array(values, dtype="float64") for role, values in data["columns"].items()}
    columns[target] = np.array(data["prices"], dtype="float64")
    return Table(
        frame=pd.DataFrame({"date": _dates(data), **columns}),
        date_column="date",
        target=target,
        targets=(target,),
        roles={role: role for role in columns if role in ROLES},
        labels={"date": "Date", **data["labels"], target: data["label"]},
        report=tuple(data["report"]),
        warnings=tuple(data["warnings"]),
        name=data["name"],
    )


def left_out(spec: Mapping[str, Any]) -> dict[str, int]:
    """How many rows of the file were not used, by reason."""
    return dict(spec["data"]["left_out"])


def found(result: Result) -> dict[str, Any]:
    """A result as JSON values, but for its tables and the network."""
    return {
        "split": list(vars(result.split).values()),
        "kept": result.kept,
        "columns": [str(name) for name in result.test],
        "metrics": result.metrics.to_dict("index"),
        "interval": dict(vars(result.interval)),
        "up": result.up,
        "verdict": result.verdict,
        "seconds": result.seconds,
        "notes": list(result.notes),
    }


def tables(result: Result) -> dict[str, dict[str, Tensor]]:
    """The tables of a result, by name, as float64 tensors by column; "row" are the row numbers of the test part."""
    import torch

    test = result.test.assign(row=result.prices.index.get_indexer(result.test.index))
    frames = {"test": test, "recursive": result.recursive, "future": result.future}
    return {
        name: {
            str(column): torch.tensor(values.to_numpy(), dtype=torch.float64)
            for column, values in frame.items()
        }
        for name, frame in frames.items()
    }


def result(
    spec: Mapping[str, Any],
    found: Mapping[str, Any],
    weights: Callable[[str], Mapping[str, Tensor] | None],
    epochs: Iterable[Epoch],
) -> Result:
    """The result of a run that is through, from what :func:`found` and :func:`tables` gave.

    ``weights`` gives the tensors that the run keeps by name. ``ValueError`` where they are not to be had, now or any
    more.
    """
    from rnnviz.forecast.networks import forecaster_of

    kept = {name: weights(name) for name in ("test", "recursive", "future", "model")}
    if missing := [name for name, tensors in kept.items() if tensors is None]:
        raise ValueError(
            f"expected the tensors {missing[0]!r} of the run, got none; try again, or run it anew"
        )
    frames = {name: _frame(kept[name] or {}) for name in ("test", "recursive", "future")}
    series, chosen, split = prices(spec), config(spec), Split(*found["split"])
    test, recursive, future = frames["test"], frames["recursive"], frames["future"]
    test.index = series.index[test["row"].astype("int64")]
    future.index = labels_after(series.index[: split.rows], len(future))
    recursive = recursive.astype({"origin": "int64", "step": "int64"})
    return Result(
        config=chosen,
        prices=series,
        split=split,
        epochs=tuple(epochs),
        kept=found["kept"],
        test=test[found["columns"]],
        recursive=recursive[["origin", "step", "actual", "model", "naive"]],
        errors_by_step=errors_by_step(recursive),
        # A run of an earlier version does not know what was held.
        future=future.astype({"step": "int64"}).reindex(
            columns=["step", "forecast", "lower", "upper", "held"]
        ),
        metrics=pd.DataFrame.from_dict(found["metrics"], "index"),
        interval=Interval(**found["interval"]),
        up=found["up"],
        verdict=found["verdict"],
        seconds=found["seconds"],
        notes=tuple(found["notes"]),
        model=forecaster_of(chosen, kept["model"] or {}),
    )


def _frame(tensors: Mapping[str, Tensor]) -> pd.DataFrame:
    return pd.DataFrame({name: values.numpy() for name, values in tensors.items()})


def _dates(data: Mapping[str, Any]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.to_datetime(data["dates"], format="ISO8601"), name="date")

"""A forecast as work for the background: an epoch at a time, and of its other parts what is found one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from rnnviz.forecast import backtest, compare, leaks, stored
from rnnviz.forecast.config import LEAKS as TRAPS
from rnnviz.forecast.fitting import Fit
from rnnviz.forecast.forecasting import finish, modelled
from rnnviz.forecast.parts import COMPARED
from rnnviz.forecast.result import Epoch, Result
from rnnviz.forecast.scoring import Fits
from rnnviz.runs.work import Update
from rnnviz.training.learner import below, kept

FOLDS = 5
"""Folds of the backtest."""

LEAKS = ("honest", *leaks.ALL, "all")
"""What the leak lab computes, in order."""

Rows = list[dict[str, Any]]


def work(
    spec: Mapping[str, Any], checkpoint: Mapping[str, Tensor] | None, on_step: Callable[[], None]
) -> Iterator[Update]:
    """Compute the part that ``spec`` describes (:func:`rnnviz.forecast.stored.spec`); see :mod:`rnnviz.runs.work`.

    ``ValueError`` for an unknown part.
    """
    if spec["part"] == "forecast":
        yield from _forecast(spec, checkpoint, on_step)
    elif spec["part"] in _COUNTS:
        done, fits = _done(checkpoint), Fits(below("fit/", checkpoint or {}))
        if len(done) == _COUNTS[spec["part"]]:
            yield _found(spec, done.pop(), done, fits)  # stopped at the very end: said again
        else:
            yield from _part(spec, done, fits, on_step)
    else:
        raise ValueError(f"expected a part out of forecast, {', '.join(_COUNTS)}, got {spec['part']!r}")


def _forecast(
    spec: Mapping[str, Any], checkpoint: Mapping[str, Tensor] | None, on_step: Callable[[], None]
) -> Iterator[Update]:
    """The forecast itself: rows of the series "model".

    Kept are the ``"checkpoint"``, the best weights so far as ``"model"``, and at the end the tables of the result.
    """
    prices, config = modelled(stored.prices(spec)), stored.config(spec)
    fit = Fit(prices, config, checkpoint=checkpoint, on_step=on_step)
    result: Result | None = None

    def save() -> dict[str, dict[str, Tensor]]:
        found = {"checkpoint": fit.checkpoint(), "model": kept(fit.best)}
        return found if result is None else found | stored.tables(result)

    while result is None:
        # Whoever was stopped at the very end says its last epoch again.
        epoch = fit.last if fit.finished and fit.last else next(fit)
        if fit.finished:
            result = finish(fit, [], stored.notes(spec))
        yield Update(
            series="model",
            number=epoch.number,
            data=epoch.to_row(),
            done=1.0 if fit.finished else epoch.number / config.epochs,
            words=f"epoch {epoch.number} of {config.epochs}"
            if fit.series.to_the_end
            else f"epoch {epoch.number} of at most {config.epochs} · best so far {fit.kept}",
            whole=True,
            save=save,
            result=None if result is None else stored.found(result),
        )


def _part(spec: Mapping[str, Any], done: Rows, fits: Fits, on_step: Callable[[], None]) -> Iterator[Update]:
    """Rows of a series for each network that is trained, its epochs, and of the series "found", what is asked for."""
    prices, config, count = stored.prices(spec), stored.config(spec), len(done)
    through = [row["name"] for row in done] if spec["part"] != "backtest" else []
    found: Iterator[tuple[Any, Any]]
    most = config.epochs
    match spec["part"]:
        case "compare":
            found = compare.steps(prices, config, on_step, [name for name, _ in COMPARED][count:], fits)
        case "backtest":
            found = backtest.steps(prices, config, FOLDS, on_step, count, fits)
        case _:
            found = leaks.steps(
                prices, config, [name for name in LEAKS if name not in through], on_step, fits
            )
            most = leaks.lab_config(config, len(modelled(prices))).epochs
    names = _NAMES[spec["part"]]
    for name, value in found:
        if not isinstance(value, Epoch):
            if value.to_row().get("name") not in through:
                yield _found(spec, value.to_row(), done, fits)
            continue
        words = f"{names[name]}: epoch {value.number} of at most {most}"
        share = value.number / (most + 1)
        yield _update(spec, str(name), value.number, value.to_row(), done, fits, words, share)


_NAMES: Mapping[str, Mapping[Any, str]] = {
    "compare": dict(COMPARED),
    "backtest": {k: f"Fold {k + 1}" for k in range(FOLDS)},
    "leaks": {"honest": "No trap", **dict(TRAPS), "all": "All traps"},
}
"""The networks of each part in words."""

_COUNTS = {"compare": len(COMPARED), "backtest": FOLDS, "leaks": len(LEAKS)}
_THINGS = {"compare": "networks", "backtest": "folds", "leaks": "traps"}


def _found(spec: Mapping[str, Any], row: dict[str, Any], done: Rows, fits: Fits) -> Update:
    """One more is through."""
    done.append(row)
    words = f"{len(done)} of {_COUNTS[spec['part']]} {_THINGS[spec['part']]}"
    return _update(spec, "found", len(done) - 1, row, done, fits, words)


def _update(
    spec: Mapping[str, Any],
    series: str,
    number: int,
    data: dict[str, Any],
    done: Rows,
    fits: Fits,
    words: str,
    share: float = 0.0,
) -> Update:
    """What is kept is what has been found, and the networks under way."""
    through, count = list(done), _COUNTS[spec["part"]]
    return Update(
        series=series,
        number=number,
        data=data,
        done=(len(through) + share) / count,
        words=words,
        whole=series == "found",
        save=lambda: {
            "checkpoint": {"done": _packed(through)}
            | {f"fit/{name}": value for name, value in fits.checkpoint().items()}
        },
        result={"found": len(through)} if len(through) == count else None,
    )


def _packed(rows: Rows) -> Tensor:
    """Rows as a tensor of bytes, for the store keeps tensors alone."""
    return torch.tensor(list(json.dumps(rows).encode()), dtype=torch.uint8)


def _done(checkpoint: Mapping[str, Tensor] | None) -> Rows:
    if checkpoint is None:
        return []
    rows: Rows = json.loads(bytes(checkpoint["done"].tolist()))
    return rows

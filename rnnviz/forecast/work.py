"""A forecast as work for the background: an epoch at a time, and of its other parts what is found one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from rnnviz.forecast import stored
from rnnviz.forecast.backtest import backtest
from rnnviz.forecast.compare import steps
from rnnviz.forecast.fitting import Fit
from rnnviz.forecast.forecasting import finish, modelled
from rnnviz.forecast.leaks import ALL, leaks
from rnnviz.forecast.parts import COMPARED, Compared
from rnnviz.forecast.result import Result
from rnnviz.runs.work import Update
from rnnviz.training.fitting import kept

FOLDS = 5
"""Folds of the backtest."""

LEAKS = ("honest", *ALL, "all")
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
    elif spec["part"] in _PARTS:
        done = _done(checkpoint)
        if len(done) == _COUNTS[spec["part"]]:
            yield _found(spec, done.pop(), done)  # stopped at the very end: said again
        else:
            yield from _PARTS[spec["part"]](spec, done, on_step)
    else:
        raise ValueError(f"expected a part out of forecast, {', '.join(_PARTS)}, got {spec['part']!r}")


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


def _compare(spec: Mapping[str, Any], done: Rows, on_step: Callable[[], None]) -> Iterator[Update]:
    """Rows of a series for each network, its epochs, and of the series "found", what each came to."""
    config = stored.config(spec)
    left = [name for name, _ in COMPARED][len(done) :]
    for name, found in steps(stored.prices(spec), config, on_step, left):
        if isinstance(found, Compared):
            yield _found(spec, found.to_row(), done)
            continue
        words = f"{dict(COMPARED)[name]}: epoch {found.number} of at most {config.epochs}"
        share = found.number / (config.epochs + 1)
        yield _update(spec, name, found.number, found.to_row(), done, words, share)


def _backtest(spec: Mapping[str, Any], done: Rows, on_step: Callable[[], None]) -> Iterator[Update]:
    """Rows of the series "found", one for each fold."""
    for found in backtest(stored.prices(spec), stored.config(spec), FOLDS, on_step, len(done)):
        yield _found(spec, found.to_row(), done)


def _leaks(spec: Mapping[str, Any], done: Rows, on_step: Callable[[], None]) -> Iterator[Update]:
    """Rows of the series "found", one for each trap, "honest" first."""
    known = [row["name"] for row in done]
    left = [name for name in LEAKS if name not in known]
    for found in leaks(stored.prices(spec), stored.config(spec), left, on_step):
        if found.name not in known:
            yield _found(spec, found.to_row(), done)


_PARTS: Mapping[str, Callable[[Mapping[str, Any], Rows, Callable[[], None]], Iterator[Update]]] = {
    "compare": _compare,
    "backtest": _backtest,
    "leaks": _leaks,
}
_COUNTS = {"compare": len(COMPARED), "backtest": FOLDS, "leaks": len(LEAKS)}
_THINGS = {"compare": "networks", "backtest": "folds", "leaks": "traps"}


def _found(spec: Mapping[str, Any], row: dict[str, Any], done: Rows) -> Update:
    """One more is through."""
    done.append(row)
    words = f"{len(done)} of {_COUNTS[spec['part']]} {_THINGS[spec['part']]}"
    return _update(spec, "found", len(done) - 1, row, done, words)


def _update(
    spec: Mapping[str, Any],
    series: str,
    number: int,
    data: dict[str, Any],
    done: Rows,
    words: str,
    share: float = 0.0,
) -> Update:
    """What is kept is what has been found; what is under way is begun anew by whoever goes on."""
    through, count = list(done), _COUNTS[spec["part"]]
    return Update(
        series=series,
        number=number,
        data=data,
        done=(len(through) + share) / count,
        words=words,
        whole=series == "found",
        save=lambda: {"checkpoint": {"done": _packed(through)}},
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

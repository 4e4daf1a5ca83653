"""A forecast as work for the background: an epoch at a time, and of its other parts what is found one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from torch import Tensor

from rnnviz.forecast import stored
from rnnviz.forecast.fitting import Fit
from rnnviz.forecast.forecasting import finish, modelled
from rnnviz.forecast.result import Result
from rnnviz.runs.work import Update
from rnnviz.training.fitting import kept


def work(
    spec: Mapping[str, Any], checkpoint: Mapping[str, Tensor] | None, on_step: Callable[[], None]
) -> Iterator[Update]:
    """Compute the part that ``spec`` describes (:func:`rnnviz.forecast.stored.spec`); see :mod:`rnnviz.runs.work`."""
    yield from _forecast(spec, checkpoint, on_step)


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
            words=f"epoch {epoch.number} of at most {config.epochs} · best so far {fit.kept}",
            whole=True,
            save=save,
            result=None if result is None else stored.found(result),
        )

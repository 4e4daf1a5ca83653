"""Networks with attention as work for the background: an epoch of each in turn, and all that is kept of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from torch import Tensor

from rnnviz.attention.config import PairConfig, PoolConfig
from rnnviz.attention.fitting import PairFit, PoolFit
from rnnviz.runs.work import Update
from rnnviz.tasks import pairs
from rnnviz.training.learner import below, in_turn, kept

PARTS = ("pooling", "pairs")
"""What a run of the kind "attention" trains."""

Fits = dict[str, PoolFit] | dict[str, PairFit]


def work(
    spec: Mapping[str, Any], checkpoint: Mapping[str, Tensor] | None, on_step: Callable[[], None]
) -> Iterator[Update]:
    """Train what ``spec`` describes, a ``part`` out of :data:`PARTS` and its ``config``; see :mod:`rnnviz.runs.work`.

    The rows of the part "pooling" are of the series "model", those of "pairs" of one for each context. Kept are the
    ``"checkpoint"``, and the state dicts ``"before"`` training and ``"after"``, with the lowest loss on validation
    sequences; of pairs ``"before:general"`` and so on for each context. The result says for each series that loss (None
    where it was never finite), after which epoch it was, and whether it diverged. What else stands in ``spec``, such as
    a ``version``, tells trainings apart and does nothing. ``ValueError`` for another part.
    """
    fits = _fits(spec, checkpoint, on_step)
    first = {f"before{_tail(name)}": kept(fit.untrained().state_dict()) for name, fit in fits.items()}
    series = {fit: name for name, fit in fits.items()}
    config = next(iter(series)).config

    def save() -> dict[str, dict[str, Tensor]]:
        everything = {f"{name}/{key}": t for name, fit in fits.items() for key, t in fit.checkpoint().items()}
        after = {f"after{_tail(name)}": kept(fit.best) for name, fit in fits.items()}
        return {"checkpoint": everything, **first, **after}

    for fit, epoch, whole in in_turn(list(series)):
        yield Update(
            series=series[fit],
            number=epoch.number,
            data=epoch.to_row(),
            done=sum(1 if other.finished else other.step / config.updates for other in series) / len(series),
            words=f"epoch {epoch.number} of {config.epochs} · step {epoch.step:,} of {config.updates:,}",
            whole=whole,
            save=save,
            result=_result(fits) if all(other.finished for other in series) else None,
        )


def _fits(
    spec: Mapping[str, Any], checkpoint: Mapping[str, Tensor] | None, on_step: Callable[[], None]
) -> Fits:
    """What learns, by its series."""

    def left(name: str) -> dict[str, Tensor] | None:
        return None if checkpoint is None else below(f"{name}/", checkpoint)

    if spec["part"] == "pooling":
        return {"model": PoolFit(PoolConfig.from_spec(spec["config"]), left("model"), on_step)}
    if spec["part"] == "pairs":
        config = PairConfig.from_spec(spec["config"])
        task = pairs.task_of(config)
        return {name: PairFit(config, name, left(name), on_step, task) for name in config.contexts}
    raise ValueError(f"expected a part out of {', '.join(PARTS)}, got {spec['part']!r}; choose one of them")


def _tail(series: str) -> str:
    return "" if series == "model" else f":{series}"


def _result(fits: Fits) -> dict[str, Any]:
    return {
        name: {
            "best_loss": fit.best_loss if math.isfinite(fit.best_loss) else None,
            "best_epoch": fit.best_number,
            "diverged": fit.diverged,
        }
        for name, fit in fits.items()
    }

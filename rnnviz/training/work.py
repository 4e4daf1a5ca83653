"""A race as work for the background: one epoch of each cell in turn, and all that is kept of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from torch import Tensor

from rnnviz import tasks
from rnnviz.race import Race
from rnnviz.runs.work import Update
from rnnviz.training.fitting import Fit
from rnnviz.training.learner import below, in_turn, kept
from rnnviz.training.model import build_model


def work(
    spec: Mapping[str, Any], checkpoint: Mapping[str, Tensor] | None, on_step: Callable[[], None]
) -> Iterator[Update]:
    """Train the race that ``spec`` describes; see :mod:`rnnviz.runs.work`.

    Kept are the ``"checkpoint"`` of all cells, and for each cell the weights ``"before:lstm"`` training, the
    ``"best:lstm"``, with the lowest loss on validation sequences, and the ``"last:lstm"``: state dicts of its
    :class:`~rnnviz.training.model.SequenceModel`. The result says for each cell that loss (None where it was never
    finite), after which epoch it was, and whether the cell diverged. In runs of the first version the test loss chose.
    """
    race = Race.from_spec(spec)
    task = tasks.make(race)
    fits = [
        Fit(race, cell, None if checkpoint is None else below(f"{cell}/", checkpoint), on_step, task)
        for cell in race.cells
    ]

    def save() -> dict[str, dict[str, Tensor]]:
        everything = {f"{one.cell}/{name}": t for one in fits for name, t in one.checkpoint().items()}
        found = {"checkpoint": everything}
        for one in fits:
            found[f"before:{one.cell}"] = kept(build_model(race, one.cell, task).state_dict())
            found[f"best:{one.cell}"] = kept(one.best)
            found[f"last:{one.cell}"] = kept(one.model.state_dict())
        return found

    for one, epoch, whole in in_turn(fits):
        yield Update(
            series=one.cell,
            number=epoch.number,
            data=epoch.to_row(),
            done=sum(1 if other.finished else other.step / race.steps for other in fits) / len(fits),
            words=f"epoch {epoch.number} of {race.epochs} · step {epoch.step:,} of {race.steps:,}",
            whole=whole,
            save=save,
            result=_result(fits) if all(other.finished for other in fits) else None,
        )


def _result(fits: list[Fit]) -> dict[str, Any]:
    return {
        one.cell: {
            "best_loss": one.best_loss if math.isfinite(one.best_loss) else None,
            "best_epoch": one.best_number,
            "diverged": one.diverged,
        }
        for one in fits
    }

"""An architecture's training as work for the background."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from torch import Tensor

from rnnviz.architectures.config import shape_of
from rnnviz.architectures.fitting import Fit
from rnnviz.architectures.model import build_model
from rnnviz.runs.work import Update
from rnnviz.training.learner import kept


def work(
    spec: Mapping[str, Any], checkpoint: Mapping[str, Tensor] | None, on_step: Callable[[], None]
) -> Iterator[Update]:
    """Let the shape that ``spec`` describes learn its problem; see :mod:`rnnviz.runs.work`.

    Kept are the ``"checkpoint"``, and the weights ``"before"`` training and ``"after"`` it, where its validation loss
    was lowest: state dicts that :func:`rnnviz.architectures.observe` takes. The result says that loss (None where it
    was never finite), after which epoch it was, and whether the training diverged.
    """
    shape = shape_of(spec)
    one = Fit(shape, checkpoint, on_step)

    def save() -> dict[str, dict[str, Tensor]]:
        return {
            "checkpoint": one.checkpoint(),
            "before": kept(build_model(shape).state_dict()),
            "after": kept(one.best),
        }

    for epoch in one:
        yield Update(
            series="model",
            number=epoch.number,
            data=epoch.to_row(),
            done=1.0 if one.finished else one.step / one.steps,
            words=f"step {epoch.step:,} of {one.steps:,}",
            whole=True,
            save=save,
            result=_result(one) if one.finished else None,
        )


def _result(one: Fit) -> dict[str, Any]:
    return {
        "best_loss": one.best_loss if math.isfinite(one.best_loss) else None,
        "best_epoch": one.best_number,
        "diverged": one.diverged,
    }

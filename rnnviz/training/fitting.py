"""The training itself: one cell, epoch by epoch, so that it can rest anywhere and go on as if it had not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import fmean

import torch
from torch import Tensor

from rnnviz import tasks
from rnnviz.race import Race
from rnnviz.tasks import Batch, Task
from rnnviz.training.epoch import Epoch
from rnnviz.training.learner import Learner, Taken, in_turn
from rnnviz.training.measures import measure
from rnnviz.training.model import SequenceModel, build_model

STREAM = 60_000
"""Added to the seed of the batches, so that they are independent of weights, validation and test sequences."""


class Fit(Learner[Epoch]):
    """A cell that learns, an :class:`Epoch` at a time; see :class:`~rnnviz.training.learner.Learner`.

    It is judged by its validation loss, in races of the first version by its test loss. Its batches begin alike for all
    cells of a race, so that all see the same ones.
    """

    model: SequenceModel

    def __init__(
        self,
        race: Race,
        cell: str,
        checkpoint: Mapping[str, Tensor] | None = None,
        on_step: Callable[[], None] | None = None,
        task: Task | None = None,
    ) -> None:
        self.race, self.cell = race, cell
        self.task = task or tasks.make(race)
        with torch.inference_mode(False):
            model = build_model(race, cell, self.task)
            optimiser = optimiser_of(race, list(model.parameters()))
        super().__init__(
            model,
            optimiser,
            seed=STREAM + race.seed,
            steps=race.steps,
            per_epoch=race.per_epoch,
            clip=race.clip,
            on_step=on_step,
        )
        if checkpoint is not None:
            self._go_on_from(checkpoint, f"the {cell!r} of this race")

    def _draw(self, generator: torch.Generator) -> Batch:
        return self.task.batch(self.race.batch, generator)

    def _backward(self, batch: Batch) -> tuple[float, float]:
        output = self.model(batch.x)
        loss = self.task.loss(output, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        accuracy = self.task.accuracy(output.detach(), batch)
        return loss.item(), math.nan if accuracy is None else accuracy

    def _epoch(self, taken: Sequence[Taken]) -> Epoch:
        found = measure(self.model, self.task)
        judge = found.test_loss if found.validation_loss is None else found.validation_loss
        self._close(judge, taken[-1])
        loss, norm, clipped = (fmean(values) for values in list(zip(*taken, strict=True))[:3])
        norms = [one.norm for one in taken]
        # A batch in which there is nothing to be right about has none.
        shares = [one.accuracy for one in taken if not math.isnan(one.accuracy)]
        return Epoch(
            cell=self.cell,
            number=self.number,
            step=self.step,
            loss=loss,
            accuracy=None if found.test_accuracy is None else fmean(shares) if shares else math.nan,
            norm=norm,
            norm_max=math.nan if any(map(math.isnan, norms)) else max(norms),
            clipped=clipped,
            rate=float(self.race.rate),
            diverged=self.diverged,
            **vars(found),
        )


def fit(
    race: Race,
    cell: str,
    checkpoint: Mapping[str, Tensor] | None = None,
    on_step: Callable[[], None] | None = None,
) -> Fit:
    """Train one cell of a race; see :class:`Fit`. ``ValueError`` for an unknown cell, or a checkpoint of another fit.

    From the :meth:`~Fit.checkpoint` of an earlier fit it goes on to the same numbers, bit for bit, as that one would.
    """
    return Fit(race, cell, checkpoint, on_step)


def race(chosen: Race) -> Iterator[Epoch]:
    """Train all cells of a race side by side: an epoch of each in turn, as far as none has diverged."""
    task = tasks.make(chosen)
    for _, epoch, _ in in_turn([Fit(chosen, cell, task=task) for cell in chosen.cells]):
        yield epoch


def optimiser_of(race: Race, parameters: list[torch.nn.Parameter]) -> torch.optim.Optimizer:
    """The race's optimiser, with PyTorch's defaults but for the learning rate."""
    match race.optimiser:
        case "adam":
            return torch.optim.Adam(parameters, lr=race.rate)
        case "rmsprop":
            return torch.optim.RMSprop(parameters, lr=race.rate)
        case "momentum":
            return torch.optim.SGD(parameters, lr=race.rate, momentum=0.9)
    return torch.optim.SGD(parameters, lr=race.rate)

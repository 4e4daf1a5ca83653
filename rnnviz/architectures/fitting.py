"""Learning the small problem of an architecture, epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

import torch
from torch import Tensor

from rnnviz.architectures.config import Shape
from rnnviz.architectures.epoch import Epoch
from rnnviz.architectures.model import build_model
from rnnviz.architectures.observed import shown
from rnnviz.architectures.problems import problem_of
from rnnviz.architectures.sizes import CONTEXTS
from rnnviz.training.learner import Learner, Taken

STREAM = 140_000
"""Added to the seed of the batches."""

BATCH = 32
"""Sequences of a batch to learn from."""

EPOCHS = 20
"""Epochs of a training."""

CLIP = 1.0
"""The norm that gradients are shortened to."""

USUAL = (300, 0.01)
"""Updates of the weights, and the size of one (Adam)."""

SETTINGS: dict[str, tuple[int, float]] = {"contexts": (200, 0.02), "layernorm": (200, 0.01)}
"""The same where an architecture takes longer over an update, or learns more slowly."""


def settings_of(shape: Shape) -> tuple[int, float]:
    """Updates of the weights, and the size of one."""
    return SETTINGS.get(shape.kind, USUAL)


class Fit(Learner[Epoch]):
    """A network of the gallery that learns; see :class:`~rnnviz.training.learner.Learner`.

    It is judged by its validation loss.
    """

    def __init__(
        self,
        shape: Shape,
        checkpoint: Mapping[str, Tensor] | None = None,
        on_step: Callable[[], None] | None = None,
    ) -> None:
        self.shape, self.problem = shape, problem_of(shape)
        updates, rate = settings_of(shape)
        with torch.inference_mode(False):
            model = build_model(shape)
            super().__init__(
                model,
                torch.optim.Adam(model.parameters(), lr=rate),
                seed=STREAM + shape.seed,
                steps=updates,
                per_epoch=updates // EPOCHS,
                clip=CLIP,
                on_step=on_step,
            )
            self._test, self._shown = self.problem.test, self.problem.shown
            self._validation = self.problem.validation
        if checkpoint is not None:
            self._go_on_from(checkpoint, f"the architecture {shape.kind!r} with these sizes")

    def _draw(self, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        return self.problem.batch(BATCH, generator)

    def _backward(self, batch: tuple[Tensor, Tensor]) -> tuple[float, float]:
        x, y = batch
        loss = self.problem.loss(self.model(x), y)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.item(), math.nan

    @torch.no_grad()
    def _epoch(self, taken: Sequence[Taken]) -> Epoch:
        x, y = self._test
        answer = self.model(x)
        test_loss, accuracy = self.problem.loss(answer, y).item(), self.problem.accuracy(answer, y)
        parts = {}
        if self.shape.kind == "contexts":
            pairs = zip(CONTEXTS, answer, strict=True)
            parts = {name: self.problem.loss(of_one, y).item() for (name, _), of_one in pairs}
        said, _ = self.problem.first(self.model(self._shown[0]), self._shown[1])
        x, y = self._validation
        validation_loss = self.problem.loss(self.model(x), y).item()
        self._close(validation_loss, taken[-1])
        return Epoch(
            number=self.number,
            step=self.step,
            loss=fmean(one.loss for one in taken),
            test_loss=test_loss,
            accuracy=accuracy,
            parts=parts,
            norm=fmean(one.norm for one in taken),
            answer=shown(self.problem, said[0] if parts else said).tolist(),
            diverged=self.diverged,
            validation_loss=validation_loss,
        )


def fit(
    shape: Shape,
    checkpoint: Mapping[str, Tensor] | None = None,
    on_step: Callable[[], None] | None = None,
) -> Fit:
    """Let a shape learn its problem; see :class:`Fit`. ``ValueError`` for a checkpoint of another fit."""
    return Fit(shape, checkpoint, on_step)

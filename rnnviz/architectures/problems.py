"""The small problem that each architecture learns: one in which its shape matters, and that takes a second or two."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import cross_entropy

from rnnviz.architectures import draws
from rnnviz.architectures.config import FIELD, Shape
from rnnviz.architectures.sizes import answered, shorts
from rnnviz.tasks.base import Yardstick

STREAM = 120_000
"""Added to the seed of the batch that is shown."""

TEST_STREAM = 130_000
"""Added to the seed of the test sequences."""

SHOWN = int(FIELD["batch"].maximum or 1)
"""Sequences that are drawn for the page, however many of them are shown."""

VALIDATION_STREAM = 160_000
"""Added to the seed of the sequences by which the weights that are kept are chosen."""

TEST = 256
"""Sequences of the test part, and of those by which the weights are chosen."""

Draw = Callable[[int, int, torch.Generator], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Problem:
    """What is to be learned by the shape with N steps.

    ``draw(N, count, generator)`` makes the sequences, see :mod:`rnnviz.architectures.draws`. ``D`` inputs, named by
    ``channels``, and ``O`` outputs (numbers or classes), named by ``outputs``; they stand at the steps ``answered``,
    from 1. ``asks`` is one sentence that says what is to be learned.
    """

    shape: Shape
    draw: Draw
    kind: Literal["regression", "classes"]
    channels: tuple[str, ...]
    outputs: tuple[str, ...]
    asks: str

    @property
    def D(self) -> int:
        """Inputs of a step."""
        return len(self.channels)

    @property
    def O(self) -> int:  # noqa: E743
        """Outputs of a step."""
        return len(self.outputs)

    @property
    def answered(self) -> tuple[int, ...]:
        """The steps with an answer, from 1; those of a decoder are counted on after the N of the input."""
        return answered(self.shape)

    def batch(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """``count`` sequences: x (T, B, D), and y (M, B, O), (B, O) of one answer, or class indices (B,)."""
        return self.draw(self.shape.length, count, generator)

    @property
    def shown(self) -> tuple[Tensor, Tensor]:
        """The batch of the page, ``shape.batch`` sequences that are neither learned from nor tested on.

        They are the first of :data:`SHOWN`, so that a larger batch begins with those of a smaller one.
        """
        x, y = self.batch(SHOWN, torch.Generator().manual_seed(STREAM + self.shape.seed))
        return self.cut(x, y, self.shape.batch)

    @property
    def test(self) -> tuple[Tensor, Tensor]:
        """:data:`TEST` sequences that are never learned from."""
        return self.batch(TEST, torch.Generator().manual_seed(TEST_STREAM + self.shape.seed))

    @property
    def validation(self) -> tuple[Tensor, Tensor]:
        """As many, drawn apart from both, by which it is chosen which weights are kept."""
        return self.batch(TEST, torch.Generator().manual_seed(VALIDATION_STREAM + self.shape.seed))

    def loss(self, answer: Float[Tensor, "*M B O"], y: Tensor) -> Float[Tensor, ""]:
        """Mean squared error, or mean cross-entropy in nats. Several networks' answers give their mean loss."""
        if self.kind == "classes":
            return cross_entropy(answer, y)
        return (answer - y).square().mean()

    def accuracy(self, answer: Float[Tensor, "*M B O"], y: Tensor) -> float | None:
        """The share of sequences whose class is right, or None for numbers."""
        return (answer.argmax(-1) == y).double().mean().item() if self.kind == "classes" else None

    def first(self, answer: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Sequence 0 alone, as a batch of one."""
        return self.cut(answer, y, 1)

    def cut(self, x: Tensor, y: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """The first sequences of a batch: of what is read or answered, and of the truth."""
        return x[..., :count, :], y[:count] if self.kind == "classes" else y[..., :count, :]

    @property
    def notes(self) -> tuple[str, ...]:
        """What the shape makes of N, in a sentence: how a long sequence is cut, how many steps are said."""
        N, M = self.shape.length, len(self.answered)
        match self.shape.kind:
            case "hierarchical":
                lengths = " or ".join(str(n) for n in sorted(set(shorts(N))))
                return (
                    f"{N} steps are cut into {M} short sequences of {lengths}: √{N} is {math.sqrt(N):.1f}.",
                )
            case "n_to_m" | "contexts":
                return (f"N = {N} steps are read, then M = {M} others are said.",)
        return ()

    @property
    def yardsticks(self) -> tuple[Yardstick, ...]:
        """What it costs on the test sequences not to read the input, and of two directions not to read the future."""
        return _yardsticks(self.shape)


def problem_of(shape: Shape) -> Problem:
    """The problem that a shape learns."""
    return Problem(shape, *_PROBLEMS[shape.kind])


@lru_cache(maxsize=64)
def _yardsticks(shape: Shape) -> tuple[Yardstick, ...]:
    problem = problem_of(shape)
    with torch.inference_mode(False):
        _, y = problem.test
    if problem.kind == "classes":
        share = torch.bincount(y, minlength=problem.O) / len(y)
        blind = -(share * share.clamp(min=1e-9).log()).sum().item()
        label, words = (
            "the input not read",
            "Whoever has not read the input knows how often each class comes.",
        )
    else:
        blind = (y - y.mean(-2, keepdim=True)).square().mean().item()
        label, words = (
            "the input not read",
            "Whoever has not read the input says the mean answer of each step.",
        )
    found = [Yardstick("loss", blind, label, words)]
    if shape.kind == "bidirectional":
        # The part of the mean that lies ahead, seen from each step: its variance is what cannot be known.
        N = shape.length
        ahead = [min(2, N - 1 - t) / (min(t, 2) + 1 + min(2, N - 1 - t)) ** 2 for t in range(N)]
        found.append(
            Yardstick(
                "loss",
                sum(ahead) / N / 3,
                "the future not read",
                "Who reads forwards alone cannot know the next two numbers: their variance is 1/3 each.",
            )
        )
    return tuple(found)


_VALUE = ("value",)
_PROBLEMS: dict[str, tuple[Draw, Literal["regression", "classes"], tuple[str, ...], tuple[str, ...], str]] = {
    "n_to_n": (
        draws.running_mean,
        "regression",
        _VALUE,
        ("mean so far",),
        "Say at every step the mean of all numbers so far.",
    ),
    "n_to_1": (
        draws.rhythm,
        "classes",
        _VALUE,
        ("every 2 steps", "every 3 steps", "every 4 steps"),
        "Say after the last step whether the beat came every 2, 3 or 4 steps.",
    ),
    "one_to_n": (
        draws.wave_of,
        "regression",
        ("frequency",),
        ("wave",),
        "Read a number once, and say the wave of that frequency.",
    ),
    "one_to_n_each": (
        draws.wave_of,
        "regression",
        ("frequency",),
        ("wave",),
        "Read a number, the same at every step, and say the wave of that frequency.",
    ),
    "n_to_m": (
        draws.wave_goes_on,
        "regression",
        _VALUE,
        ("next values",),
        "Read a wave, and say how it goes on.",
    ),
    "bidirectional": (
        draws.centred_mean,
        "regression",
        _VALUE,
        ("centred mean",),
        "Say at every step the mean of the two numbers before, this one, and the two after, where there are any.",
    ),
    "stacked": (
        draws.mean_of_records,
        "regression",
        _VALUE,
        ("mean record",),
        "Say at every step the mean, over all steps so far, of the largest number up to each.",
    ),
    "hierarchical": (
        draws.mean_of_peaks,
        "regression",
        _VALUE,
        ("mean peak",),
        "Say after each short sequence the mean, over those so far, of the largest number in each.",
    ),
    "residual": (
        draws.mean_of_records,
        "regression",
        _VALUE,
        ("mean record",),
        "Say at every step the mean, over all steps so far, of the largest number up to each.",
    ),
    "layernorm": (
        draws.loud_rhythm,
        "classes",
        _VALUE,
        ("every 2 steps", "every 3 steps", "every 4 steps"),
        "Say after the last step whether the beat came every 2, 3 or 4 steps, however quiet or loud it was.",
    ),
    "attention": (
        draws.marked,
        "regression",
        ("value", "mark"),
        ("marked value",),
        "Say after the last step the one number that was marked.",
    ),
    "contexts": (
        draws.every_third,
        "regression",
        _VALUE,
        ("said again",),
        "Read all numbers, then say every third of them again, the last one first.",
    ),
}

"""What a task is: batches to learn from, how an answer is judged, and the yardstick it has to beat."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy

from rnnviz.race import Race

EXAMPLES = 32
"""Test sequences that the pages can open one by one."""

TEST = 256
"""Sequences of the test part, and of those by which weights are chosen, where a task says nothing else."""

STREAM = 40_000
"""Added to the seed of the test sequences, and of all that is fixed for a race, such as a set to learn by heart."""

VALIDATION_STREAM = 150_000
"""Added to the seed of the sequences by which the weights that are kept are chosen."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Sequences with their answers.

    ``x`` (T, B, D) is what is read, in float32. ``y`` holds the answers at the K scored steps: numbers (K, B, O) for a
    regression, class indices (K, B) else. ``scored`` are those steps, counted from 0 and ascending.
    """

    x: Float[Tensor, "T B D"]
    y: Float[Tensor, "K B O"] | Int[Tensor, "K B"]
    scored: tuple[int, ...]


@dataclass(frozen=True)
class Yardstick:
    """A known value to hold a curve against: what it is in a few words, and in a sentence how it comes about.

    A loss is in the unit of the task's loss, an accuracy a share from 0 to 1.
    """

    metric: Literal["loss", "accuracy"]
    value: float
    label: str
    words: str


def check_example(example: int) -> None:
    """Raise ``ValueError`` for a test sequence that the pages cannot open."""
    if not 0 <= example < EXAMPLES:
        raise ValueError(f"expected an example from 0 to {EXAMPLES - 1}, got {example}; choose one of them")


class Task(ABC):
    """A problem to learn. Its numbers come from generators of its own; two tasks of equal races are equal.

    ``D`` inputs, ``O`` outputs (numbers, or classes). ``channels`` names the inputs, ``outputs`` the outputs. ``asks``
    is one sentence that says what is to be learned, ``shows`` one that says what to look for, ``right`` what share the
    accuracy is, or "" where there is none. ``notes`` are sentences on what was done to the data. The loss is the mean
    squared error, or the mean cross-entropy in nats, over scored steps and sequences.
    """

    kind: Literal["regression", "classes"]
    D: int
    O: int  # noqa: E741
    channels: tuple[str, ...]
    outputs: tuple[str, ...]
    asks: str
    shows: str
    right: str = ""
    yardsticks: tuple[Yardstick, ...]
    notes: tuple[str, ...] = ()

    def __init__(self, race: Race) -> None:
        self.race = race

    @abstractmethod
    def batch(self, count: int, generator: torch.Generator) -> Batch:
        """``count`` sequences to learn from."""

    @cached_property
    def test(self) -> Batch:
        """At least :data:`EXAMPLES` sequences that are never learned from, always the same for a race."""
        return self.batch(TEST, self.generator())

    @cached_property
    def validation(self) -> Batch:
        """Sequences drawn apart from both, always the same for a race: they choose the weights that are kept."""
        return self.batch(TEST, self.chooser())

    def generator(self) -> torch.Generator:
        """A new generator of what is fixed for a race, always at the same start."""
        return torch.Generator().manual_seed(STREAM + self.race.seed)

    def chooser(self) -> torch.Generator:
        """A new generator of the validation sequences, always at the same start."""
        return torch.Generator().manual_seed(VALIDATION_STREAM + self.race.seed)

    def labels(self, example: int) -> tuple[str, ...] | None:
        """The names of the steps of a test sequence (its letters), or None where they are just counted.

        Raises ``ValueError`` for an example outside 0 to :data:`EXAMPLES` - 1.
        """
        return None

    def loss(self, output: Float[Tensor, "T B O"], batch: Batch) -> Float[Tensor, ""]:
        """The loss of the outputs of all steps."""
        answer = output[list(batch.scored)]
        if self.kind == "regression":
            return (answer - batch.y).square().mean()
        return cross_entropy(answer.flatten(0, 1), batch.y.flatten())

    def accuracy(self, output: Float[Tensor, "T B O"], batch: Batch) -> float | None:
        """The share of answers that are right, as :attr:`right` says, or None where that means nothing."""
        if self.kind == "regression":
            return None
        return (output[list(batch.scored)].argmax(-1) == batch.y).float().mean().item()

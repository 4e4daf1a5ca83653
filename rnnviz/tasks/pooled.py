"""Tasks for attention over one sequence: one answer for each, and it is known at which step it stands."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal, Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from rnnviz.tasks.base import STREAM, TEST, VALIDATION_STREAM, Yardstick, check_example

SYMBOLS = "abcdefgh"
"""What stands at a step of the tasks that ask for one symbol out of many."""

LETTERS = "aeinorst"
"""What the keywords and the noise around them are written with."""

KEYWORDS = ("tea", "eat", "ate", "art", "rat", "tar", "net", "ten")
"""Each has its letters in common with another, so that only their order tells them apart: no step alone gives it away.

Of many, too: a network that looks elsewhere in want of all the others gets one of them right, and no more.
"""

GAP = 0.1
"""By how much the largest value is larger than any other of its sequence."""


@runtime_checkable
class Choice(Protocol):
    """What a task is made of: a :class:`rnnviz.attention.PoolConfig` has it."""

    @property
    def task(self) -> str: ...  # noqa: D102
    @property
    def length(self) -> int: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, eq=False)
class PoolBatch:
    """Sequences ``x`` (T, B, D), in float32, the class ``y`` of each, and ``at``, the step where its answer stands.

    The steps up to ``at`` hold the answer, those before it do not; steps count from 0.
    """

    x: Float[Tensor, "T B D"]
    y: Int[Tensor, " B"]
    at: Int[Tensor, " B"]


class PoolTask(ABC):
    """A problem with one answer for each sequence. Its numbers come from generators of its own.

    ``D`` inputs, named in ``channels``; ``O`` classes, named in ``outputs``. ``asks`` is one sentence that says what is
    to be found, ``shows`` one that says what to look for, ``right`` what share the accuracy is. The loss is the mean
    cross-entropy in nats. ``level`` names the numbers of :meth:`levels`, or is "" where a task has none.
    """

    kind: ClassVar[Literal["classes"]] = "classes"
    D: int
    O: int  # noqa: E741
    channels: tuple[str, ...]
    outputs: tuple[str, ...]
    asks: str
    shows: str
    right: str = "of the sequences"
    level: str = ""

    def __init__(self, length: int, seed: int) -> None:
        self.length, self.seed = length, seed

    @abstractmethod
    def batch(self, count: int, generator: torch.Generator) -> PoolBatch:
        """``count`` sequences to learn from."""

    @property
    def possible(self) -> float:
        """About how many different sequences there are; infinity where they hold any numbers."""
        return math.inf

    def met(self, drawn: int) -> float:
        """The share of the test sequences that is to be expected among ``drawn`` ones: short ones are few."""
        return -math.expm1(drawn * math.log1p(-1 / self.possible))

    @property
    def yardsticks(self) -> tuple[Yardstick, ...]:
        """What guessing costs, and how often it is right: all classes are equally frequent."""
        return (
            Yardstick(
                "loss",
                math.log(self.O),
                "guessing",
                f"All {self.O} answers are equally frequent: ln {self.O}.",
            ),
            Yardstick(
                "accuracy",
                1 / self.O,
                "guessing",
                f"One answer out of {self.O} is right by chance: 1/{self.O}.",
            ),
        )

    @property
    def uniform(self) -> float:
        """ln T: the entropy in nats of weights that are alike at all steps, the largest there is."""
        return math.log(self.length)

    @cached_property
    def test(self) -> PoolBatch:
        """Sequences drawn apart from those in training, always the same for a seed; see :meth:`met`."""
        return self.batch(TEST, torch.Generator().manual_seed(STREAM + self.seed))

    @cached_property
    def validation(self) -> PoolBatch:
        """As many, drawn apart from both, by which it is chosen which weights are kept."""
        return self.batch(TEST, torch.Generator().manual_seed(VALIDATION_STREAM + self.seed))

    def labels(self, example: int) -> tuple[str, ...]:
        """What stands at each step of a test sequence, as one sign.

        Raises ``ValueError`` for an example outside 0 to :data:`rnnviz.tasks.EXAMPLES` - 1.
        """
        check_example(example)
        return tuple(self._signs[index] for index in self._symbols[:, example].tolist())

    def levels(self, example: int) -> Float[Tensor, " T"] | None:
        """A number from 0 to 1 for each step of a test sequence, or None: the mark, or the value."""
        check_example(example)
        return self.test.x[:, example, -1] if self.level else None

    def loss(self, output: Float[Tensor, "B O"], batch: PoolBatch) -> Float[Tensor, ""]:
        """The mean cross-entropy, in nats."""
        return cross_entropy(output, batch.y)

    def accuracy(self, output: Float[Tensor, "B O"], batch: PoolBatch) -> float:
        """The share of sequences whose answer is right."""
        return (output.argmax(-1) == batch.y).float().mean().item()

    @property
    def _signs(self) -> str:
        return "".join(self.channels[:-1] if self.level else self.channels)

    @property
    def _symbols(self) -> Int[Tensor, "T B"]:
        return self.test.x[..., : len(self._signs)].argmax(-1)


class Marked(PoolTask):
    """Noise of eight symbols; one step is marked, and its symbol is the answer. Every step is equally often marked."""

    D, O = 9, 8  # noqa: E741
    channels = (*SYMBOLS, "mark")
    outputs = tuple(SYMBOLS)
    asks = "Say which symbol stands at the marked step."
    # After 800 steps the largest weight stands on the mark in 80 to 83 % of sequences, means over five seeds for each
    # cell; for a few seeds it stands a step later instead.
    shows = "The weight should stand on the mark or just after it, where a state still holds the symbol; not before."
    level = "mark"

    @property
    def possible(self) -> float:
        """Every symbol at every step, and every step marked."""
        return float(self.length * len(SYMBOLS) ** self.length)

    def batch(self, count: int, generator: torch.Generator) -> PoolBatch:
        """``count`` sequences to learn from."""
        symbols = torch.randint(0, 8, (self.length, count), generator=generator)
        at = torch.randint(0, self.length, (count,), generator=generator)
        mark = one_hot(at, self.length).T.unsqueeze(-1)  # (T, B, 1)
        x = torch.cat([one_hot(symbols, 8), mark], -1).float()
        return PoolBatch(x, symbols.gather(0, at.unsqueeze(0)).squeeze(0), at)


class Keyword(PoolTask):
    """Noise of eight letters with one of eight keywords in it; which one is the answer.

    The keywords are written with letters of the noise; none comes about by chance. ``at`` is the step of the keyword's
    last letter, and every step that has room before it is equally frequent.
    """

    D, O = len(LETTERS), len(KEYWORDS)  # noqa: E741
    channels = tuple(LETTERS)
    outputs = KEYWORDS
    asks = f"Say which word is hidden in the letters: {', '.join(KEYWORDS[:-1])} or {KEYWORDS[-1]}."
    shows = "The weight should stand where the word ends: only then is it known which one it was."

    @property
    def possible(self) -> float:
        """Every keyword at every place, and any letters around it; a few hold a second one and are left out."""
        room = self.length - len(KEYWORDS[0])
        return float(len(KEYWORDS) * (room + 1) * len(LETTERS) ** room)

    def batch(self, count: int, generator: torch.Generator) -> PoolBatch:
        """``count`` sequences to learn from."""
        words = torch.tensor([[LETTERS.index(letter) for letter in word] for word in KEYWORDS])  # (4, 3)
        size = words.shape[1]
        y = torch.randint(0, len(words), (count,), generator=generator)
        at = torch.randint(size - 1, self.length, (count,), generator=generator)
        places = at - torch.arange(size - 1, -1, -1).unsqueeze(1)  # (3, B)
        letters = torch.empty(self.length, count, dtype=torch.long)
        open_ = torch.arange(count)  # the sequences that still have more keywords than one
        while len(open_):
            drawn = torch.randint(0, self.D, (self.length, len(open_)), generator=generator)
            drawn.scatter_(0, places[:, open_], words[y[open_]].T)
            letters[:, open_] = drawn
            windows = drawn.unfold(0, size, 1).unsqueeze(2)  # (T - 2, B, 1, 3)
            found = (windows == words).all(-1).sum((0, 2))
            open_ = open_[found > 1]
        return PoolBatch(one_hot(letters, self.D).float(), y, at)


class Largest(PoolTask):
    """Symbols with values v from 0 to 1; the answer is the symbol at the largest one.

    The largest value is uniform in [0.4, 1], the others from 0 to :data:`GAP` below it: what is largest in one
    sequence is common in another, so that only the comparison tells. The network reads 4 v - 2, which varies about as
    much as its other inputs together: with v alone it learns several times as slowly.
    """

    D, O = 9, 8  # noqa: E741
    channels = (*SYMBOLS, "value")
    outputs = tuple(SYMBOLS)
    asks = "Say which symbol stands at the largest value."
    shows = "Softmax compares the steps: the largest value should draw the weight, wherever it is."
    level = "value"

    def batch(self, count: int, generator: torch.Generator) -> PoolBatch:
        """``count`` sequences to learn from."""
        symbols = torch.randint(0, 8, (self.length, count), generator=generator)
        at = torch.randint(0, self.length, (count,), generator=generator)
        largest = 0.4 + 0.6 * torch.rand(count, generator=generator)
        value = torch.rand(self.length, count, generator=generator) * (largest - GAP)
        value.scatter_(0, at.unsqueeze(0), largest.unsqueeze(0))
        x = torch.cat([one_hot(symbols, 8).float(), (4 * value - 2).unsqueeze(-1)], -1)
        return PoolBatch(x, symbols.gather(0, at.unsqueeze(0)).squeeze(0), at)

    def levels(self, example: int) -> Float[Tensor, " T"]:
        """The values, from 0 to 1, at the steps of a test sequence."""
        check_example(example)
        return (self.test.x[:, example, -1] + 2) / 4


FAMILIES: dict[str, type[PoolTask]] = {"marked": Marked, "keyword": Keyword, "largest": Largest}
"""Every task, by its name in :data:`rnnviz.attention.config.POOLED`."""


def task_of(config: Choice) -> PoolTask:
    """The task of a config."""
    return FAMILIES[config.task](config.length, config.seed)

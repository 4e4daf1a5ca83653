"""Tasks for an encoder and a decoder, on letters and on dates; :func:`task_of` builds the one that a config names."""

from __future__ import annotations

import math
from abc import abstractmethod
from statistics import fmean

import torch
from jaxtyping import Int
from torch import Tensor
from torch.nn.functional import pad

from rnnviz.tasks.base import Yardstick
from rnnviz.tasks.dates import Dates
from rnnviz.tasks.pairing import STOP, PairBatch, PairTask
from rnnviz.tasks.pooled import Choice
from rnnviz.typed import quoted

__all__ = ["STOP", "PairBatch", "PairTask", "task_of"]

SYMBOLS = "abcdefgh"
"""What copied, reversed and sorted sequences are made of."""

LONGEST = 24
"""The most symbols of a source that is typed."""


class Letters(PairTask):
    """Sequences of the letters a to h, each drawn evenly, and the same letters in another order.

    Trained on every length from 2 to ``longest``, and tested on sources half as long again.
    """

    alphabet_in = tuple(SYMBOLS)
    alphabet_out = (*SYMBOLS, STOP)

    def __init__(self, longest: int, seed: int) -> None:
        super().__init__(seed)
        self.lengths = tuple(range(2, longest + 1))
        self.tested = tuple(range(2, longest + 1 + -(-longest // 2)))
        self.example = "".join(SYMBOLS[index] for index in self.test(longest).source[:, 0].tolist())

    @abstractmethod
    def order(self, source: Int[Tensor, "S B"]) -> Int[Tensor, "S B"]:
        """The source place of each target symbol."""

    def batch(self, count: int, length: int, generator: torch.Generator) -> PairBatch:
        """``count`` sources of this length, and their answers, one longer. ``ValueError`` for a length below 1."""
        if length < 1:
            raise ValueError(f"expected a length of at least 1, got {length}; choose a longer source")
        return self._solved(torch.randint(0, len(SYMBOLS), (length, count), generator=generator))

    def possible(self, length: int) -> int:
        """How many different sources there are of a length."""
        return int(len(SYMBOLS) ** length)

    def read(self, text: str) -> Int[Tensor, "S 1"]:
        """A source of letters, upper or lower case, spaces left out. ``ValueError``, one sentence, for what is none."""
        letters = "".join(text.lower().split())
        if not letters or len(letters) > LONGEST or not set(letters) <= set(SYMBOLS):
            raise ValueError(
                f"expected 1 to {LONGEST} letters from {SYMBOLS[0]} to {SYMBOLS[-1]}, got {quoted(text)}; "
                "the network knows no others"
            )
        return torch.tensor(self._encoded(letters)).unsqueeze(1)

    def answer(self, text: str) -> str:
        """The letters in the right order."""
        return self.target_text(self._solved(self.read(text)).target[:, 0])

    def places(self, text: str) -> tuple[int, ...]:
        """The source place of each letter of the answer, and -1 for the stop sign."""
        return tuple(self._solved(self.read(text)).at[:, 0].tolist())

    def _solved(self, source: Int[Tensor, "S B"]) -> PairBatch:
        order = self.order(source)
        target = pad(source.gather(0, order), (0, 0, 0, 1), value=len(SYMBOLS))
        return PairBatch(source, target, pad(order, (0, 0, 0, 1), value=-1))


class Copy(Letters):
    """The same letters again."""

    asks = "Say the letters again, in their order."
    shows = "Attention may follow the source from left to right; one fixed context has to hold all of it."

    def __init__(self, longest: int, seed: int) -> None:
        super().__init__(longest, seed)
        self.yardsticks = _guessing(self.lengths)

    def order(self, source: Int[Tensor, "S B"]) -> Int[Tensor, "S B"]:
        """From first to last."""
        return torch.arange(len(source)).unsqueeze(1).expand_as(source)


class Reverse(Letters):
    """The letters from last to first."""

    asks = "Say the letters backwards."
    shows = "Attention walks back through the source, at its symbols or beside them; a fixed context must hold all."

    def __init__(self, longest: int, seed: int) -> None:
        super().__init__(longest, seed)
        self.yardsticks = _guessing(self.lengths)

    def order(self, source: Int[Tensor, "S B"]) -> Int[Tensor, "S B"]:
        """From last to first."""
        return torch.arange(len(source)).flip(0).unsqueeze(1).expand_as(source)


class Sort(Letters):
    """The letters in the order of the alphabet; of equal ones the earlier one counts as the first."""

    asks = "Say the letters in the order of the alphabet."
    shows = "The weights may jump from place to place: to where the next letter of the alphabet stands."

    def order(self, source: Int[Tensor, "S B"]) -> Int[Tensor, "S B"]:
        """By letter, and then by place."""
        return source.sort(dim=0, stable=True).indices


def _guessing(lengths: tuple[int, ...]) -> tuple[Yardstick, ...]:
    """What guessing letters costs, where it is known when to stop."""
    loss = math.log(len(SYMBOLS)) * fmean(length / (length + 1) for length in lengths)
    return (
        Yardstick(
            "loss",
            loss,
            "guessing letters",
            f"N letters at ln {len(SYMBOLS)} each and a known stop, over N + 1 symbols; the mean over all lengths.",
        ),
        Yardstick(
            "accuracy",
            1 / len(SYMBOLS),
            "guessing letters",
            f"One letter out of {len(SYMBOLS)} is right by chance: 1/{len(SYMBOLS)}.",
        ),
    )


FAMILIES: dict[str, type[Letters]] = {"copy": Copy, "reverse": Reverse, "sort": Sort}
"""The tasks on letters, by their name in :data:`rnnviz.attention.config.PAIRS`; "dates" is the other one."""


def task_of(config: Choice) -> PairTask:
    """The task of a config."""
    if config.task == "dates":
        return Dates(config.seed)
    return FAMILIES[config.task](config.length, config.seed)

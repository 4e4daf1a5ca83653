"""What a task for an encoder and a decoder is: from one sequence of symbols to another."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import ClassVar

import torch
from jaxtyping import Int
from torch import Tensor

from rnnviz.tasks.base import STREAM, VALIDATION_STREAM, Yardstick

STOP = "■"
"""The stop sign: the last symbol of every answer."""

TEST = 128
"""Test sequences of each length."""

VALIDATION = 64
"""Sequences of each length in training by which it is chosen which weights are kept."""


@dataclass(frozen=True, eq=False)
class PairBatch:
    """Sources of one length S and their answers of one length M, as places in the alphabets of the task.

    ``at`` is the source place of each target symbol, counted from 0, and -1 where there is none, as for the stop sign,
    or where it is not one place alone.
    """

    source: Int[Tensor, "S B"]
    target: Int[Tensor, "M B"]
    at: Int[Tensor, "M B"]


class PairTask(ABC):
    """A way to make one sequence of another. Its numbers come from generators of its own.

    ``alphabet_in`` and ``alphabet_out`` are the symbols on either side; the last one of ``alphabet_out`` is the stop
    sign, with which every answer ends. ``lengths`` are those of the sources in training, ``tested`` those of the test,
    beyond them too where there are longer ones. ``asks`` is one sentence that says what is to be learned, ``shows`` one
    that says what to look for; ``example`` is a source to begin with.
    """

    alphabet_in: tuple[str, ...]
    alphabet_out: tuple[str, ...]
    lengths: tuple[int, ...]
    tested: tuple[int, ...]
    asks: ClassVar[str]
    shows: ClassVar[str]
    example: str
    yardsticks: tuple[Yardstick, ...] = ()

    def __init__(self, seed: int) -> None:
        self.seed = seed

    @abstractmethod
    def batch(self, count: int, length: int, generator: torch.Generator) -> PairBatch:
        """``count`` sources of this length, with their answers. ``ValueError`` for a length that there is not."""

    @abstractmethod
    def read(self, text: str) -> Int[Tensor, "S 1"]:
        """A source that somebody typed. Raises ``ValueError``, one sentence, for what is none."""

    @abstractmethod
    def answer(self, text: str) -> str:
        """What is right, without the stop sign. Raises ``ValueError`` where :meth:`read` does."""

    @abstractmethod
    def places(self, text: str) -> tuple[int, ...]:
        """``at`` of the answer, the stop sign included. Raises ``ValueError`` where :meth:`read` does."""

    @abstractmethod
    def possible(self, length: int) -> int:
        """How many different sources there are of a length."""

    def met(self, drawn: int) -> float:
        """The share of the test sources as long as those in training that is to be expected among ``drawn`` ones."""
        each = drawn / len(self.lengths)
        return fmean(-math.expm1(each * math.log1p(-1 / self.possible(length))) for length in self.lengths)

    def draw(self, count: int, generator: torch.Generator) -> PairBatch:
        """A batch to learn from: its length is drawn first, all of :attr:`lengths` being equally frequent."""
        chosen = int(torch.randint(0, len(self.lengths), (), generator=generator))
        return self.batch(count, self.lengths[chosen], generator)

    def test(self, length: int) -> PairBatch:
        """:data:`TEST` sequences of a length, always the same for a seed.

        Of short sources there are so few that those in training are among them: :meth:`met` says how many.
        """
        if length not in self._tests:
            generator = torch.Generator().manual_seed(STREAM + 100 * self.seed + length)
            self._tests[length] = self.batch(TEST, length, generator)
        return self._tests[length]

    def validation(self, length: int) -> PairBatch:
        """:data:`VALIDATION` sequences of a length, drawn apart from training and test, always the same for a seed."""
        if length not in self._validations:
            generator = torch.Generator().manual_seed(VALIDATION_STREAM + 100 * self.seed + length)
            self._validations[length] = self.batch(VALIDATION, length, generator)
        return self._validations[length]

    def source_text(self, source: Int[Tensor, " S"]) -> str:
        """A source as text."""
        return "".join(self.alphabet_in[index] for index in source.tolist())

    def target_text(self, target: Int[Tensor, " M"]) -> str:
        """An answer as text, up to its first stop sign."""
        return "".join(self.alphabet_out[index] for index in target.tolist()).split(STOP)[0]

    @cached_property
    def _tests(self) -> dict[int, PairBatch]:
        return {}

    @cached_property
    def _validations(self) -> dict[int, PairBatch]:
        return {}

    def _encoded(self, text: str) -> list[int]:
        return [self._index_in[sign] for sign in text]

    def _wanted(self, text: str) -> list[int]:
        return [self._index_out[sign] for sign in text + STOP]

    @cached_property
    def _index_in(self) -> dict[str, int]:
        return {sign: index for index, sign in enumerate(self.alphabet_in)}

    @cached_property
    def _index_out(self) -> dict[str, int]:
        return {sign: index for index, sign in enumerate(self.alphabet_out)}

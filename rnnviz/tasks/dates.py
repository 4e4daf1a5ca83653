"""Dates, as people write them and as ISO 8601 does: a task for an encoder and a decoder."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from functools import cache
from itertools import product

import torch
from jaxtyping import Int
from torch import Tensor

from rnnviz.tasks.calendar import MONTHS, STYLES, YEARS, days_in, read_date
from rnnviz.tasks.pairing import STOP, PairBatch, PairTask

ALPHABET = tuple(sorted({*" ,.0123456789", *"".join(MONTHS)}))
"""What dates are written with."""

LEAP = tuple(year for year in YEARS if days_in(2, year) == 29)
"""The years in which a 29 February is drawn."""


class Dates(PairTask):
    """Dates of 1950 to 2049 in the styles of :data:`rnnviz.tasks.calendar.STYLES`, and as ISO 8601 writes them.

    Every style, day of the year and year is equally frequent among the sources of a length. It is known where the
    digits of the year come from, and those of the day; a month's, where it is written as a number.
    """

    alphabet_out = (*"0123456789-", STOP)
    asks = "Write a date as ISO 8601 does: year, month, day."
    shows = "The year comes last in every source and first in the answer: look where the weights stand for its digits."
    example = "3 May 2021"

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._written = _by_length()
        self.alphabet_in = ALPHABET
        self.lengths = self.tested = tuple(sorted(self._written))

    def batch(self, count: int, length: int, generator: torch.Generator) -> PairBatch:
        """``count`` dates of this length, with answers of 11 symbols. ``ValueError`` for a length that none has."""
        if length not in self._written:
            raise ValueError(
                f"expected a length from {self.lengths[0]} to {self.lengths[-1]}, got {length}; no date is so long"
            )
        kinds = self._written[length]
        drawn = torch.randint(0, len(kinds), (count,), generator=generator)
        since = torch.randint(0, len(YEARS), (count,), generator=generator)
        texts = []
        for index, years in zip(drawn.tolist(), since.tolist(), strict=True):
            style, month, day = kinds[index]
            year = YEARS[years] if (month, day) != (2, 29) else LEAP[years % len(LEAP)]
            date = datetime.date(year, month, day)
            texts.append((STYLES[style](date), date.isoformat()))
        return PairBatch(
            torch.tensor([self._encoded(text) for text, _ in texts]).T.contiguous(),
            torch.tensor([self._wanted(iso) for _, iso in texts]).T.contiguous(),
            torch.tensor([_places(text) for text, _ in texts]).T.contiguous(),
        )

    def possible(self, length: int) -> int:
        """About how many different sources there are of a length: May is short and long alike, leap days are fewer."""
        return len(self._written[length]) * len(YEARS)

    def read(self, text: str) -> Int[Tensor, "S 1"]:
        """A date as source, in one of the styles; the year may be any of four digits.

        ``ValueError``, one sentence, for what is none.
        """
        return torch.tensor(self._encoded(read_date(text)[1])).unsqueeze(1)

    def answer(self, text: str) -> str:
        """The date as ISO 8601 writes it."""
        return read_date(text)[0].isoformat()

    def places(self, text: str) -> tuple[int, ...]:
        """Where the digits of the answer stand in the source, and -1 for what is not written there as it is."""
        return _places(read_date(text)[1])


@cache
def _by_length() -> dict[int, list[tuple[str, int, int]]]:
    """For each length, the styles, months and days that are written with so many signs. Years have four digits."""
    found: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for style, month in product(STYLES, range(1, 13)):
        for day in range(1, days_in(month, LEAP[0]) + 1):
            found[len(STYLES[style](datetime.date(LEAP[0], month, day)))].append((style, month, day))
    return dict(found)


def _places(text: str) -> tuple[int, ...]:
    """The source place of each sign of the ISO date; the year stands last in all styles, and the day before a month."""
    S = len(text)
    digits = [(match.start(), match.end()) for match in re.finditer("[0-9]+", text[:-4])]
    day, month = digits[0], digits[1] if len(digits) == 2 else None
    return (*range(S - 4, S), -1, *_two(month), -1, *_two(day), -1)


def _two(digits: tuple[int, int] | None) -> tuple[int, int]:
    """The places of two digits, the first of which is not in the source where there is one digit alone."""
    if digits is None:
        return -1, -1
    start, end = digits
    return (start if end - start == 2 else -1), end - 1

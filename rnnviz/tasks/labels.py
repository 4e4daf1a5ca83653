"""Random labels: nothing to understand, only to learn by heart."""

from __future__ import annotations

import math
from functools import cached_property

import torch

from rnnviz.race import Race
from rnnviz.tasks.base import STREAM, TEST, Batch, Task, Yardstick

CHANNELS = 4
KNOWN, NEW = 512, 512
"""Sequences to learn by heart, and sequences of the test part."""


class RandomLabels(Task):
    """A fixed set of random sequences, each with a random label, 0 or 1; the answer is asked for at the last step.

    After Zhang et al. 2017 (arXiv:1611.03530), who train networks on random labels: they fit, and cannot generalise.
    Inputs are from N(0, 1). Batches are drawn from the :data:`KNOWN` sequences, with repetition; the :data:`NEW` test
    sequences and their labels are drawn in the same way and never learned from, nor are the validation sequences.

    Yardstick: guessing, ln 2 and one half. The accuracy on n test sequences scatters around it with a standard error
    of 1/(2 sqrt(n)), whatever was learned; the test loss grows beyond ln 2 as the network gets surer.
    """

    kind = "classes"
    D, O = CHANNELS, 2  # noqa: E741
    channels = tuple(f"x{number}" for number in range(1, CHANNELS + 1))
    outputs = ("0", "1")
    asks = f"Say the labels of {KNOWN} random sequences; they are drawn by lot, so there is nothing to understand."
    right = "of the sequences"

    def __init__(self, race: Race) -> None:
        super().__init__(race)
        error = 1 / (2 * math.sqrt(NEW))
        self.shows = (
            f"The training sequences can be learned by heart; on {NEW} new ones the network stays at 50 %, "
            f"give or take {200 * error:.0f} %, and its loss grows as it gets surer."
        )
        self.yardsticks = (
            Yardstick("loss", math.log(2), "guessing", "Both labels are equally likely: ln 2."),
            Yardstick(
                "accuracy",
                0.5,
                "guessing",
                "The labels of new sequences are drawn by lot: whatever is said, half is right on average; "
                f"on {NEW} of them chance alone has a standard error of {100 * error:.1f} %.",
            ),
        )

    @cached_property
    def known(self) -> Batch:
        """The sequences to learn by heart: x (T, KNOWN, CHANNELS), y (1, KNOWN)."""
        return self._drawn(KNOWN, self.generator())

    @cached_property
    def test(self) -> Batch:
        """New sequences, from a generator of their own: x (T, NEW, CHANNELS), y (1, NEW)."""
        return self._drawn(NEW, torch.Generator().manual_seed(2 * STREAM + self.race.seed))

    @cached_property
    def validation(self) -> Batch:
        """Other new sequences: x (T, TEST, CHANNELS), y (1, TEST). None of their labels can be known either."""
        return self._drawn(TEST, self.chooser())

    def batch(self, count: int, generator: torch.Generator) -> Batch:
        """``count`` of the known sequences, with repetition: x (T, B, CHANNELS), y (1, B)."""
        which = torch.randint(0, KNOWN, (count,), generator=generator)
        return Batch(self.known.x[:, which], self.known.y[:, which], self.known.scored)

    def _drawn(self, count: int, generator: torch.Generator) -> Batch:
        x = torch.randn(self.race.length, count, CHANNELS, generator=generator)
        return Batch(x, torch.randint(0, 2, (1, count), generator=generator), (self.race.length - 1,))

"""Parity: has the number of ones so far been even or odd?"""

from __future__ import annotations

import math

import torch

from rnnviz.race import Race
from rnnviz.tasks.base import Batch, Task, Yardstick, check_example


class Parity(Task):
    """Random bits, one a step. Answer, at every step: whether the ones so far are even or odd in number.

    One wrong step makes all later ones wrong, and every bit counts. Asked for at the last step alone the gradient says
    nothing until all bits are used at once (Shalev-Shwartz et al. 2017, arXiv:1703.07950, section 2), so that nothing
    would be seen in a lecture's time; asked for at every step the short stretches teach the long ones. The bits are
    given as -1 and 1, so that their mean is 0.

    Yardstick: guessing, ln 2 and one half. At short lengths, where no more than 2^T sequences are there to be drawn,
    those of the validation and test parts also occur in training; ``notes`` says so.
    """

    kind = "classes"
    D, O = 1, 2  # noqa: E741
    channels = ("bit",)
    outputs = ("even", "odd")
    asks = "Say at every step whether the ones so far are even or odd in number."
    right = "of all steps"

    def __init__(self, race: Race) -> None:
        super().__init__(race)
        self.shows = (
            "Often nothing for a while, then all at once: one bit of memory that never slips is enough."
        )
        T = race.length
        if race.steps * race.batch >= 2**T:
            self.notes = (
                f"There are only 2^{T} = {2**T:,} sequences of {T} bits: most of the "
                f"{'validation and ' * (race.version > 1)}test sequences come up in training too.",
            )
        self.yardsticks = (
            Yardstick("loss", math.log(2), "guessing", "Even and odd are equally likely: ln 2."),
            Yardstick("accuracy", 0.5, "guessing", "Even and odd are equally likely: one half."),
        )

    def batch(self, count: int, generator: torch.Generator) -> Batch:
        """``count`` sequences to learn from: x (T, B, 1) of -1 and 1, y (T, B), 1 for odd."""
        T = self.race.length
        bits = torch.randint(0, 2, (T, count), generator=generator)
        return Batch((2 * bits - 1).float().unsqueeze(-1), bits.cumsum(0) % 2, tuple(range(T)))

    def labels(self, example: int) -> tuple[str, ...]:
        """The bits of a test sequence, 0 or 1."""
        check_example(example)
        return tuple("1" if bit > 0 else "0" for bit in self.test.x[:, example, 0].tolist())

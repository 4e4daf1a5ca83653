"""The adding problem: two marked numbers out of many, far apart, are to be added."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from rnnviz.race import Race
from rnnviz.tasks.base import Batch, Task, Yardstick

CLOSE = 0.1
"""An answer this close to the sum counts as right."""


class Adding(Task):
    """Two inputs: a number from U[0, 1], and a marker that is 1 at two steps. Answer, at the last step: their sum.

    Hochreiter & Schmidhuber 1997 (section 5.4), in the form of Le et al. 2015 (arXiv:1504.00941, section 4.1): one
    marker anywhere in the first half, one in the second (the longer one where T is odd).

    Yardstick: always saying 1, the mean of the sum, costs the sum's variance, 2 * 1/12 = 1/6. The sum S has the
    density 1 - |s - 1| on [0, 2], so that 1 is within d of it with probability 2d - d^2.
    """

    kind = "regression"
    D, O = 2, 1  # noqa: E741
    channels = ("number", "marker")
    outputs = ("sum",)
    asks = "Add the two numbers whose marker is 1; the answer is asked for at the last step."
    shows = "Always saying 1 costs 1/6; a network that has found out what to keep falls far below it."
    right = f"answers within {CLOSE} of the sum"

    def __init__(self, race: Race) -> None:
        super().__init__(race)
        self.yardsticks = (
            Yardstick(
                "loss",
                1 / 6,
                "always saying 1",
                "Always saying 1 costs the variance of the sum of two numbers from U[0, 1]: 1/12 + 1/12 = 1/6.",
            ),
            Yardstick(
                "accuracy",
                2 * CLOSE - CLOSE**2,
                "always saying 1",
                f"The sum lies within {CLOSE} of 1 in {100 * (2 * CLOSE - CLOSE**2):.0f} % of all sequences.",
            ),
        )

    def batch(self, count: int, generator: torch.Generator) -> Batch:
        """``count`` sequences to learn from: x (T, B, 2), y (1, B, 1)."""
        T = self.race.length
        half = T // 2
        value = torch.rand(T, count, generator=generator)
        first = torch.randint(0, half, (count,), generator=generator)
        second = torch.randint(half, T, (count,), generator=generator)
        marker = torch.zeros(T, count)
        every = torch.arange(count)
        marker[first, every] = 1
        marker[second, every] = 1
        total = value[first, every] + value[second, every]
        return Batch(torch.stack([value, marker], -1), total.view(1, count, 1), (T - 1,))

    def accuracy(self, output: Float[Tensor, "T B O"], batch: Batch) -> float:
        """The share of sequences whose answer is within :data:`CLOSE` of the sum."""
        return ((output[-1] - batch.y[0]).abs() < CLOSE).float().mean().item()

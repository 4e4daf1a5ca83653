"""The adding problem: two marked numbers out of many, far apart, are to be added."""

from __future__ import annotations

import torch

from rnnviz.race import Race
from rnnviz.tasks.base import Batch, Task, Yardstick


class Adding(Task):
    """Two inputs: a number from U[0, 1], and a marker that is 1 at two steps. Answer, at the last step: their sum.

    Hochreiter & Schmidhuber 1997 (section 5.4), in the form of Le et al. 2015 (arXiv:1504.00941, section 4.1): one
    marker anywhere in the first half, one in the second (the longer one where T is odd).

    Yardstick: always saying 1, the mean of the sum, costs the sum's variance, 2 * 1/12 = 1/6.
    """

    kind = "regression"
    D, O = 2, 1  # noqa: E741
    channels = ("number", "marker")
    outputs = ("sum",)
    asks = "Add the two numbers whose marker is 1; the answer is asked for at the last step."
    shows = "A network that keeps nothing stays at 1/6; one that learns to remember falls suddenly."

    def __init__(self, race: Race) -> None:
        super().__init__(race)
        self.yardsticks = (
            Yardstick(
                "loss",
                1 / 6,
                "always saying 1",
                "The variance of the sum of two numbers from U[0, 1]: 1/12 + 1/12 = 1/6.",
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

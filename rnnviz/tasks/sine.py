"""A noisy sine: what comes next?"""

from __future__ import annotations

import math

import torch

from rnnviz.race import Race
from rnnviz.tasks.base import Batch, Task, Yardstick

NOISE = 0.2
"""Standard deviation of the noise; the sine itself has an amplitude of 1."""

SLOWEST, FASTEST = 1 / 25, 1 / 8
"""Frequencies, in cycles a step: periods of 25 down to 8 steps."""


class Sine(Task):
    """A sine of random frequency and phase, with noise. Answer, at every step: the next value, noise and all.

    x_t = sin(2 pi f t + phi) + e_t, f uniform between :data:`SLOWEST` and :data:`FASTEST`, phi uniform, e_t from
    N(0, NOISE^2).

    Yardsticks: the noise of the next step cannot be known, so that no forecast costs less than its variance on average
    (and none can quite get there, since f and phi must be guessed from what was seen). Saying the last value again
    costs 2 NOISE^2 for the two noises, and E[(s_{t+1} - s_t)^2] = 1 - cos(2 pi f) for the sine at a random phase; over
    the frequencies a to b the mean of the cosine is (sin 2 pi b - sin 2 pi a) / (2 pi (b - a)).
    """

    kind = "regression"
    D, O = 1, 1  # noqa: E741
    channels = ("value",)
    outputs = ("next value",)
    asks = "Forecast the next value of a noisy sine at every step; its phase and period are new in each sequence."
    shows = "In each sequence the errors shrink as phase and period become known; the noise remains."

    def __init__(self, race: Race) -> None:
        super().__init__(race)
        a, b = 2 * math.pi * SLOWEST, 2 * math.pi * FASTEST
        cosine = (math.sin(b) - math.sin(a)) / (b - a)
        self.yardsticks = (
            Yardstick(
                "loss",
                2 * NOISE**2 + 1 - cosine,
                "the last value again",
                "Saying the last value again costs the noise twice, and how far the sine moves in a step.",
            ),
            Yardstick(
                "loss",
                NOISE**2,
                "the noise itself",
                f"The variance of the noise, {NOISE}² = {NOISE**2:.2f}: nobody can know the noise of the next step.",
            ),
        )

    def batch(self, count: int, generator: torch.Generator) -> Batch:
        """``count`` sequences to learn from: x and y (T, B, 1)."""
        T = self.race.length
        frequency = SLOWEST + (FASTEST - SLOWEST) * torch.rand(count, generator=generator)
        phase = torch.rand(count, generator=generator)
        clean = torch.sin(2 * math.pi * (torch.arange(T + 1).unsqueeze(1) * frequency + phase))
        noisy = (clean + NOISE * torch.randn(T + 1, count, generator=generator)).unsqueeze(-1)
        return Batch(noisy[:-1], noisy[1:], tuple(range(T)))

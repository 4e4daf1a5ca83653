"""The 3-bit flip-flop: three memories that pulses set to 1 or -1."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

from rnnviz.race import Race
from rnnviz.tasks.base import Batch, Task, Yardstick

PULSE = 0.1
"""Probability of a pulse, at each step and on each channel."""

MET = 0.05
"""The share of sequences that come up again from which on it is said."""


class FlipFlop(Task):
    """Three channels of rare pulses, 1 or -1. Answer, at every step: the last pulse of each, 0 before the first.

    Sussillo & Barak 2013 (Neural Computation 25, section 4.1). The eight states that a trained network rests in are
    stable fixed points.

    Yardsticks, with pulse probability p: a channel has been set by step t with probability 1 - (1-p)^t, and then the
    answer's square is 1. So always saying 0 costs S = 1 - (1-p)(1 - (1-p)^T) / (pT), the mean over t. Without memory
    the pulses themselves, p of all steps, can be right, and nothing else: S - p. Half of what is held is then right by
    chance, and the pulses: 1/2 + p/(2S).

    Short sequences have so few pulses that the same ones are drawn again and again, for validation, test and training
    (:meth:`met`); ``notes`` says so.
    """

    kind = "regression"
    D, O = 3, 3  # noqa: E741
    channels = ("pulse 1", "pulse 2", "pulse 3")
    outputs = ("bit 1", "bit 2", "bit 3")
    asks = "Hold the last pulse of each of three channels."
    shows = "Three bits that stay where they were put: a memory with eight states."
    right = "of the bits that have been set, by their sign"

    def __init__(self, race: Race) -> None:
        super().__init__(race)
        T, p = race.length, PULSE
        held = 1 - (1 - p) * (1 - (1 - p) ** T) / (p * T)
        words = f"With pulses at {100 * p:.0f} % of the steps a bit is set at {100 * held:.0f} % of all steps"
        self.yardsticks = (
            Yardstick("loss", held, "always saying 0", f"{words}; there, always saying 0 costs 1."),
            Yardstick(
                "loss",
                held - p,
                "without memory",
                f"{words}; without memory the {100 * p:.0f} % with the pulse itself are right, all others cost 1.",
            ),
            Yardstick(
                "accuracy",
                0.5 + p / (2 * held),
                "without memory",
                "Without memory the sign is right at the pulses themselves, and of all other bits half the time.",
            ),
        )
        if (met := self.met(race.steps * race.batch)) >= MET:
            self.notes = (
                f"In {T} steps there are few pulses: about {100 * met:.0f} % of the "
                f"{'validation and ' * (race.version > 1)}test sequences come up in training too.",
            )

    def met(self, drawn: int) -> float:
        """The share of new sequences that is to be expected among ``drawn`` ones.

        A sequence with n pulses in m = 3T places has the probability q = (1-p)^(m-n) (p/2)^n, and is not among N with
        (1-q)^N; n itself is binomial.
        """
        places, p = 3 * self.race.length, PULSE
        found = 0.0
        for n in range(places + 1):
            likely = math.comb(places, n) * p**n * (1 - p) ** (places - n)
            same = (1 - p) ** (places - n) * (p / 2) ** n
            found -= likely * math.expm1(drawn * math.log1p(-same))
        return found

    def batch(self, count: int, generator: torch.Generator) -> Batch:
        """``count`` sequences to learn from: x and y (T, B, 3) of -1, 0 and 1."""
        T = self.race.length
        here = torch.rand(T, count, 3, generator=generator) < PULSE
        pulse = here * (2.0 * torch.randint(0, 2, (T, count, 3), generator=generator) - 1)
        last = torch.where(here, torch.arange(T).view(T, 1, 1), 0).cummax(0).values
        return Batch(pulse, pulse.gather(0, last), tuple(range(T)))

    def accuracy(self, output: Float[Tensor, "T B O"], batch: Batch) -> float:
        """The share of bits that have been set whose sign is right; NaN where none has."""
        held = batch.y != 0
        return (output[held].sign() == batch.y[held]).float().mean().item()

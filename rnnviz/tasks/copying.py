"""Copy memory: symbols are shown, then nothing for long, and then they are to be said again."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import one_hot

from rnnviz.race import Race
from rnnviz.tasks.base import Batch, Task, Yardstick, check_example

SYMBOLS = "abcdefgh"
BLANK, GO = len(SYMBOLS), len(SYMBOLS) + 1
ITEMS = 10
"""Symbols to remember."""

NAMES = (*SYMBOLS, "blank", "go")


class CopyMemory(Task):
    """Ten symbols out of eight, blanks, a "go", and ten blanks in which the symbols are to be said in their order.

    Hochreiter & Schmidhuber 1997, in the form of Arjovsky et al. 2016 (arXiv:1511.06464, section 4.1), whose T is
    ``race.length``: the go comes T steps after the last symbol, and the sequence has T + 20 steps. Inputs are one-hot
    over eight symbols, blank and go. Every step is scored; before the recall the answer is "blank", so that there are
    nine classes.

    Yardstick: without memory the best is blank for T + 10 steps and then 1/8 for each symbol, ten times: mean
    cross-entropy 10 ln 8 / (T + 20). The accuracy counts the ten recalled symbols alone.
    """

    kind = "classes"
    D, O = 10, 9  # noqa: E741
    channels = NAMES
    outputs = NAMES[:9]
    right = "of the ten recalled symbols"

    def __init__(self, race: Race) -> None:
        super().__init__(race)
        T = race.length
        self.asks = f"Remember ten symbols over {T} steps, and say them in their order after the go."
        self.shows = (
            "Blanks, then a guess, cost what the line says, and are soon learned; memory below it is slow."
        )
        self.yardsticks = (
            Yardstick(
                "loss",
                ITEMS * math.log(8) / (T + 20),
                "without memory",
                f"Blank until the go, then a guess among 8 symbols, ten times: 10 ln 8 / ({T} + 20).",
            ),
            Yardstick("accuracy", 1 / 8, "guessing", "One symbol out of eight is right by chance: 1/8."),
        )

    def batch(self, count: int, generator: torch.Generator) -> Batch:
        """``count`` sequences to learn from: x (T+20, B, 10), y (T+20, B)."""
        T = self.race.length
        symbols = torch.randint(0, len(SYMBOLS), (ITEMS, count), generator=generator)
        read = torch.full((T + 2 * ITEMS, count), BLANK)
        read[:ITEMS] = symbols
        read[T + ITEMS - 1] = GO
        said = torch.full_like(read, BLANK)
        said[-ITEMS:] = symbols
        return Batch(one_hot(read, self.D).float(), said, tuple(range(T + 2 * ITEMS)))

    def labels(self, example: int) -> tuple[str, ...]:
        """What is read at each step, as one sign: a to h, a dot for blank, an arrow for go."""
        check_example(example)
        signs = (*SYMBOLS, "·", "→")
        return tuple(signs[index] for index in self.test.x[:, example].argmax(-1).tolist())

    def accuracy(self, output: Float[Tensor, "T B O"], batch: Batch) -> float:
        """The share of the ten recalled symbols that are right."""
        return (output[-ITEMS:].argmax(-1) == batch.y[-ITEMS:]).float().mean().item()

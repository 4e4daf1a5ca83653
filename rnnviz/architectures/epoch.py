"""Epoch: what is measured while an architecture learns its small problem, a row of its run. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Epoch:
    """A network after one epoch; number 0 is the network before training.

    ``step``: updates so far. ``loss``: mean over the epoch's batches (number 0: of the first batch, before an update);
    ``test_loss`` on the test sequences; ``accuracy``: share of those that are right, or None for numbers. ``parts``:
    the test loss of each of the three contexts by its name, else {}; ``test_loss`` is then their mean. ``norm``: that
    of the whole gradient, mean over the epoch's steps. ``answer``: what is said of the sequence on the page, rows of
    O numbers or probabilities; of the first context, where there are three. ``diverged``: loss or gradient was not
    finite; training is then over.
    """

    number: int
    step: int
    loss: float
    test_loss: float
    accuracy: float | None
    parts: dict[str, float]
    norm: float
    answer: list[list[float]]
    diverged: bool

    def to_row(self) -> dict[str, Any]:
        """As JSON values; :meth:`from_row` gives exactly it back."""
        return asdict(self)

    @classmethod
    def from_row(cls, data: Mapping[str, Any]) -> Epoch:
        """The epoch of a stored row."""
        return cls(**data)

"""Epoch: what is measured while an architecture learns its small problem, a row of its run. Imports nothing heavy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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
    finite; training is then over. ``validation_loss``: on sequences of its own, by which it is chosen whose weights are
    kept (:func:`kept`); None in runs of an earlier version, which were chosen by the test loss.
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
    validation_loss: float | None = None

    def to_row(self) -> dict[str, Any]:
        """As JSON values; :meth:`from_row` gives exactly it back."""
        return asdict(self)

    @classmethod
    def from_row(cls, data: Mapping[str, Any]) -> Epoch:
        """The epoch of a stored row."""
        return cls(**data)


def kept(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The row of the epoch whose weights are kept: the first with the lowest loss on validation sequences.

    The first of all where no loss was a finite number. ``ValueError`` for no rows.
    """
    return min(rows, key=_judged)


def _judged(row: Mapping[str, Any]) -> float:
    loss = row.get("validation_loss")
    loss = float(row["test_loss"] if loss is None else loss)
    return loss if math.isfinite(loss) else math.inf

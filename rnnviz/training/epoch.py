"""Epoch: all that is measured of one cell's training between two looks at it. Imports nothing heavy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Epoch:
    """One cell after one epoch; number 0 is the network before training.

    ``step``: training steps taken so far. ``loss``: mean over the epoch's batches (number 0: of the first batch, before
    a step is taken); ``test_loss``: on the task's test sequences. ``accuracy``, ``test_accuracy``: shares, or None
    where the task has none; NaN where there was nothing to be right about. ``norm``, ``clipped``: norm of the whole
    gradient before and after clipping, mean over the epoch's steps; ``norm_max`` the largest before clipping. ``rate``:
    learning rate.

    Measured after the epoch on a few of the test sequences: ``saturation``: by letter the shares (low, high) of the
    gates and of h as in :func:`rnnviz.statistics.saturation`, without those that are linear; ``profile``: ||dL/dh_t||
    for t = 1..T, L the task's loss on one sequence, as the root mean square over the sequences. It is float32: below
    1.2e-38 it was too small to be a number, or, as through ReLUs that are off, truly 0.

    ``weights``: Frobenius norm of each parameter, by its name in the registry or as "head.weight", "head.bias", and
    ``radius``, the spectral radius of W_hh where it is one square block, else None; ``answer``: what the network says
    on test sequence 0 at the scored steps, (K, O) for a regression, else (K,) class indices; ``sure``: for classes the
    probability it gives to the true class, (K,).

    ``diverged``: the loss, the gradient, or the loss by which weights are chosen was not finite; the cell is then not
    trained further. The step that was not taken for it counts in the means, not in ``step``.

    ``validation_loss``: on sequences of its own, by which it is chosen whose weights are kept (:func:`kept`); None in
    runs of the first version, which were chosen by the test loss.
    """

    cell: str
    number: int
    step: int
    loss: float
    test_loss: float
    accuracy: float | None
    test_accuracy: float | None
    norm: float
    norm_max: float
    clipped: float
    rate: float
    saturation: dict[str, tuple[float, float]]
    profile: list[float]
    weights: dict[str, float]
    radius: float | None
    answer: list[Any]
    sure: list[float] | None
    diverged: bool
    validation_loss: float | None = None

    def to_row(self) -> dict[str, Any]:
        """As JSON values, NaN and infinity among them; :meth:`from_row` gives exactly it back."""
        return asdict(self)

    @classmethod
    def from_row(cls, data: Mapping[str, Any]) -> Epoch:
        """The epoch of a stored row."""
        pairs = {name: (low, high) for name, (low, high) in data["saturation"].items()}
        return cls(**{**data, "saturation": pairs})


def judged(one: Epoch) -> float:
    """The loss by which it is chosen whose weights are kept."""
    return one.test_loss if one.validation_loss is None else one.validation_loss


def kept(epochs: Sequence[Epoch]) -> Epoch | None:
    """The epoch of a cell whose weights are kept: the first with the lowest loss on validation sequences.

    None where no loss was a finite number: then the weights before training are.
    """
    return min((one for one in epochs if math.isfinite(judged(one))), key=judged, default=None)

"""What is measured while a network with attention learns: the rows that its run writes. Imports nothing heavy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

Value = TypeVar("Value", bound="_Row")


@dataclass(frozen=True)
class _Row:
    def to_row(self) -> dict[str, Any]:
        """As JSON values; :meth:`from_row` gives exactly it back."""
        return asdict(self)

    @classmethod
    def from_row(cls: type[Value], data: Mapping[str, Any]) -> Value:
        """The value of a stored row."""
        return cls(**data)


@dataclass(frozen=True)
class PoolEpoch(_Row):
    """A pooling network after one epoch; number 0 is the network before training.

    ``step``: updates so far. ``loss``: mean over the epoch's batches (number 0: of the first batch, before an update);
    ``test_loss``, ``accuracy``: on the test sequences. ``entropy``: mean of -sum alpha ln alpha over test sequences, in
    nats; ``on_answer``: mean weight on the step where the answer stands; ``hit``: share of test sequences whose largest
    weight stands there. ``norm``: that of the whole gradient, mean over the epoch's steps. ``weights``: alpha (T,) on
    test sequence 0. ``diverged``: loss or gradient was not finite; training is then over. ``validation_loss``: on
    sequences of its own, by which it is chosen whose weights are kept (:func:`kept`); None in runs of an earlier
    version, which were chosen by the test loss.
    """

    number: int
    step: int
    loss: float
    test_loss: float
    accuracy: float
    entropy: float
    on_answer: float
    hit: float
    norm: float
    weights: list[float]
    diverged: bool
    validation_loss: float | None = None


@dataclass(frozen=True)
class PairEpoch(_Row):
    """An encoder and decoder with one kind of context after one epoch; number 0 is before training.

    ``step``, ``loss``, ``test_loss``, ``validation_loss``, ``norm``, ``diverged`` as in :class:`PoolEpoch`; losses with
    the truth fed to the decoder. With its own words fed: ``symbols``, the share of test symbols that are right, and
    ``exact``, the share of test answers that are right from end to end. All these are means over the source lengths in
    training, which count alike. ``by_length``: ``exact`` for each source length, as pairs of a length and a share,
    beyond the longest one in training too.

    Of the weights, on the longest sources in training (dates: on all), at the steps up to the network's own stop sign:
    ``entropy``, mean over them, in nats; ``aligned``, share of the steps whose largest weight stands at the source
    symbol that is to be said, among those that have one; ``shifted``, the same for its neighbour on the side that
    counts most, by how many places that is and its share: a step whose symbol has no neighbour there counts as none.
    None without attention.
    """

    number: int
    step: int
    loss: float
    test_loss: float
    symbols: float
    exact: float
    by_length: list[tuple[int, float]]
    entropy: float | None
    aligned: float | None
    shifted: tuple[int, float] | None
    norm: float
    diverged: bool
    validation_loss: float | None = None

    @classmethod
    def from_row(cls, data: Mapping[str, Any]) -> PairEpoch:
        """The value of a stored row."""
        shifted = data["shifted"]
        return cls(
            **{
                **data,
                "by_length": [(int(length), float(share)) for length, share in data["by_length"]],
                "shifted": None if shifted is None else (int(shifted[0]), float(shifted[1])),
            }
        )


Kept = TypeVar("Kept", PoolEpoch, PairEpoch)


def judged(one: PoolEpoch | PairEpoch) -> float:
    """The loss by which it is chosen whose weights are kept."""
    return one.test_loss if one.validation_loss is None else one.validation_loss


def kept(epochs: Sequence[Kept]) -> Kept | None:
    """The epoch whose weights are kept: the first with the lowest loss on validation sequences.

    None where no loss was a finite number.
    """
    return min((one for one in epochs if math.isfinite(judged(one))), key=judged, default=None)

"""The way of one network through a training, as its pictures draw it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
"""A value for each epoch, from 0; NaN where it has not come yet, and where it is no finite number."""


@runtime_checkable
class _Epoch(Protocol):
    @property
    def number(self) -> int: ...

    @property
    def diverged(self) -> bool: ...


Measured = TypeVar("Measured", bound=_Epoch)


class Way(Generic[Measured]):
    """One network's way through a training, by number of the epoch, and how it is drawn.

    ``look`` is its colour, dash and symbol; ``steps`` are the training steps at which the epochs end, from number 0 on.
    """

    def __init__(
        self, label: str, look: tuple[str, str, str], epochs: Iterable[Measured], steps: NDArray[Any]
    ) -> None:
        self.label, (self.colour, self.dash, self.symbol) = label, look
        # A row that is written again after a fault takes the place of the first.
        found = {epoch.number: epoch for epoch in epochs if 0 <= epoch.number < len(steps)}
        self.epochs = dict(sorted(found.items()))
        self.steps = steps
        self.diverged = next((epoch for epoch in self.epochs.values() if epoch.diverged), None)

    def values(self, read: Callable[[Measured], float | None]) -> Values:
        """What ``read`` finds in each epoch."""
        result = np.full(len(self.steps), np.nan)
        for number, epoch in self.epochs.items():
            value = read(epoch)
            if value is not None and math.isfinite(value):
                result[number] = value
        return result

    def line(self, values: Values, what: str, *, strong: bool = True, form: str = ".4g") -> dict[str, Any]:
        """The values over the training steps; on a log axis 0 is a gap, marked by :func:`.training_common.tips`."""
        look: dict[str, Any] = {"dash": self.dash} if strong else {"width": 1}
        return {
            "type": "scatter",
            "mode": "lines",
            "name": f"{self.label}: {what}",
            "x": self.steps,
            "y": values,
            "line": {"color": self.colour, **look},
            "opacity": 1.0 if strong else 0.55,
            "hovertemplate": f"{self.label}, step %{{x}} (epoch %{{pointNumber}})<br>"
            f"{what} %{{y:{form}}}<extra></extra>",
        }

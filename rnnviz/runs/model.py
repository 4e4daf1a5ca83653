"""What a run is: its state, how far it is, and the rows it has written. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

State = Literal["queued", "running", "paused", "stopped", "done", "failed"]
"""``stopped`` was ended by its owner, ``failed`` by a fault; these and ``paused`` can go on from where they were."""

ACTIVE: tuple[State, ...] = ("queued", "running")
"""The states in which a run will change by itself."""


@dataclass(frozen=True)
class Run:
    """One run as the store has it.

    ``spec`` is what was chosen, as JSON values. ``done`` is the share that is through (0 to 1), ``words`` says the
    same for the reader ("epoch 12 of 100"). ``seconds`` counts the time in which it was computing. ``message`` is one
    sentence where something went wrong, else "". ``version`` grows with every change, rows included. Times are seconds
    since 1970; ``heard`` is the last sign of life of its worker. ``shared`` runs belong to everybody on the server.
    ``result`` is what the work said at its end, or None.
    """

    id: str
    kind: str
    title: str
    spec: dict[str, Any]
    state: State
    message: str
    done: float
    words: str
    seconds: float
    attempts: int
    created: float
    heard: float
    version: int
    shared: bool
    result: dict[str, Any] | None

    @property
    def active(self) -> bool:
        """Whether it waits in the queue or is being computed."""
        return self.state in ACTIVE

    @property
    def left(self) -> float | None:
        """Seconds that it will still compute, by its pace so far; None while nothing is known."""
        return self.seconds * (1 - self.done) / self.done if self.done > 0 and self.seconds > 0 else None


@dataclass(frozen=True)
class Row:
    """What a run wrote of one epoch: ``series`` is whose (a cell's name), ``number`` the epoch from 0.

    ``data`` holds JSON values; NaN and infinity are legal in it. ``serial`` grows with every row written to the store:
    a row that is written again after a fault comes with a new one.
    """

    serial: int
    series: str
    number: int
    data: dict[str, Any]

"""What every kind of run fills whose trained networks are opened on /gates, /cell, /states and /gradients."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.attention.traced import PoolTraced
    from rnnviz.forecast.observed import Forecasted
    from rnnviz.runs.model import Run
    from rnnviz.training.trained import Trained
    from rnnviz.ui.view import View

    Seen = Trained | Forecasted | PoolTraced
    """What a network did on one example, and which steps its loss counts."""

AFTER, BEFORE = "after", "before"
NAMES = {AFTER: "After training", BEFORE: "Before training"}
"""The networks of a cell: the one that was kept, and the one that training began with."""


class NotYetError(Exception):
    """The run has saved no trained weights yet, or the store does not answer."""


@dataclass(frozen=True)
class File:
    """Weights to take away: what they are, the name of their file, and what makes it and the script beside it."""

    caption: str
    name: str
    weights: Callable[[], bytes]
    script: Callable[[], str]


@dataclass(frozen=True)
class WayBack:
    """The page that shows the run itself: the file of the page, what the link says, what it changes in the view."""

    page: str
    label: str
    view: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Readout:
    """What reads the states of the layer that is shown: a linear map V (O, H) with a bias (O,), and its ``outputs``.

    ``each``: what it reads is h_t itself, so that V h_t + b is what the network says, or would say, at step t.
    ``words`` tell what it reads, as a sentence in HTML.
    """

    weight: Tensor
    bias: Tensor
    outputs: tuple[str, ...]
    each: bool
    words: str


@dataclass(frozen=True, eq=False)
class Opened(ABC):
    """A run whose networks are looked at.

    ``cells`` are those that are shown, the main one first. ``trained``: there are trained weights. All texts are HTML.
    """

    cells: tuple[str, ...]
    trained: bool

    @property
    def cell(self) -> str:
        """The cell that is shown in detail."""
        return self.cells[0]

    def which(self, weights: str) -> tuple[str, ...]:
        """The networks that the view's ``weights`` stand for. Before the first save there is but the one."""
        if not self.trained:
            return (BEFORE,)
        return (AFTER, BEFORE) if weights == "both" else (weights,)

    def version(self, which: str) -> int:
        """How far the run is, for what is kept of a network: what was before training stays while the run goes on."""
        return self.run.version if which == AFTER else 0

    def stage(self, which: tuple[str, ...], task: str) -> str:
        """Where in training these networks are from, and what it is on: ``task``, as HTML."""
        if not self.trained:
            return f"for <b>{task}</b>, as training begins"
        if AFTER not in which:
            return f"before training on <b>{task}</b>"
        return f"{'before and after training' if BEFORE in which else 'trained'} on <b>{task}</b>"

    @property
    @abstractmethod
    def run(self) -> Run:
        """The run."""

    @property
    @abstractmethod
    def hidden(self) -> int:
        """The number of hidden units."""

    @property
    @abstractmethod
    def every(self) -> tuple[str, ...]:
        """The cells that may be shown."""

    @property
    @abstractmethod
    def way_back(self) -> WayBack:
        """Where the run itself is shown."""

    @property
    @abstractmethod
    def loss(self) -> str:
        """What the gradients are those of, as a sentence."""

    @abstractmethod
    def showing(self, cells: tuple[str, ...]) -> Opened:
        """The same with those of the cells that took part; with the first one where none did."""

    @abstractmethod
    def look(self, cell: str, which: str, example: int) -> Seen:
        """What a network does on an example. Raises :class:`NotYetError`."""

    @abstractmethod
    def readout(self, which: str, seen: Any) -> Readout | None:
        """What reads the states that a network went through, ``seen``; None where another layer is read."""

    @abstractmethod
    def banner(self, view: View, *, several: bool = False) -> str:
        """What is shown, in a line; with ``several`` of all cells on one chart."""

    @abstractmethod
    def description(self) -> str:
        """What the run is, for the side of the page."""

    @abstractmethod
    def answers(self, runs: Mapping[str, Any]) -> str:
        """What the networks say to the example, by :data:`AFTER` and :data:`BEFORE`, beside the truth."""

    @abstractmethod
    def notes(self) -> list[str]:
        """What is to be known beside the cell's equations."""

    @abstractmethod
    def file(self, which: str, example: int) -> File:
        """A network to take away."""

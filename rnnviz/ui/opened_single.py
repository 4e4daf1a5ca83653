"""A run of one network, of which one layer is shown: what the networks of /forecast and /attention have in common."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, ClassVar, TypeVar

from rnnviz.fields import Field
from rnnviz.ui import run_words
from rnnviz.ui.opened_kind import Opened

if TYPE_CHECKING:
    from rnnviz.runs.model import Run
    from rnnviz.ui.attention.shown import PoolShown
    from rnnviz.ui.forecast.shown import Shown
    from rnnviz.ui.view import View

Own = TypeVar("Own", bound="Single")

POOLED = (
    "<b>V</b> is the head, a linear layer of its own. It reads no single state but their sum, weighted by "
    "attention: V Σ α<sub>t</sub> h<sub>t</sub> + b."
)
"""What a head reads that stands behind attention."""


@dataclass(frozen=True, eq=False)
class Single(Opened):
    """A run of one network; its one cell is that of the layer which is shown.

    ``fields`` are its settings, ``heading`` what stands over them.
    """

    fields: ClassVar[tuple[Field, ...]]
    heading: ClassVar[str]

    shown: PoolShown | Shown

    @property
    def run(self) -> Run:
        """The run."""
        return self.shown.run

    @property
    def hidden(self) -> int:
        """The number of hidden units."""
        return self.shown.config.hidden

    @property
    def every(self) -> tuple[str, ...]:
        """The one cell."""
        return self.cells

    @property
    @abstractmethod
    def network(self) -> str:
        """What the network is called; plain text."""

    @property
    @abstractmethod
    def task(self) -> str:
        """What it learns, or learns from; plain text."""

    @property
    def layer(self) -> str:
        """Which part of the network is shown, where the banner is to say so."""
        return ""

    @abstractmethod
    def traits(self, which: tuple[str, ...]) -> list[str]:
        """What is said of the networks ``which``, behind the number of units."""

    def showing(self: Own, cells: tuple[str, ...]) -> Own:
        """The same: there is but one cell."""
        return self

    def banner(self, view: View, *, several: bool = False) -> str:
        """What is shown, in a line."""
        which = self.which(view.weights)
        parts = [f"{self.hidden} unit{'s' * (self.hidden != 1)}", *self.traits(which)]
        if self.run.state != "done":
            parts.append(run_words.headline(self.run, self.shown.place).lower())
        layer = f". {self.layer}" if self.layer else ""
        how = self.stage(which, escape(self.task))
        return f"<b>{escape(self.network)}</b> {how}: <span>{', '.join(parts)}{layer}</span>"

    def description(self) -> str:
        """What the run is: what it learns, its state, and every setting."""
        rows = [
            (known.label, run_words.value_of(known, getattr(self.shown.config, known.name)))
            for known in self.fields
        ]
        state = run_words.headline(self.run, self.shown.place)
        return run_words.described(self.heading, escape(self.task), state, rows)

"""The trained network under pooling attention, opened on a test sequence of its task.

What is computed is kept by run, by how far the run is, and by which of its networks; never under another run's id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from rnnviz.attention.config import POOL_FIELD, POOL_FIELDS, PoolConfig
from rnnviz.ui import engine
from rnnviz.ui.attention import pooling_numbers as numbers
from rnnviz.ui.attention import pooling_take_away
from rnnviz.ui.attention import shown as shows
from rnnviz.ui.attention.shown import KIND, PoolShown
from rnnviz.ui.findings import share
from rnnviz.ui.opened_kind import AFTER, File, NotYetError, Readout, WayBack
from rnnviz.ui.opened_single import POOLED, Single
from rnnviz.ui.shelf import Shelf

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.attention.traced import PoolTraced

__all__ = ["KIND", "Pooling", "cells_of", "load"]

KEPT = 64
"""What was observed on test sequences and is kept. The largest (128 units, 60 steps) holds about 0.3 MB."""


@dataclass(frozen=True, eq=False)
class Pooling(Single):
    """A training of pooling attention; its one cell is that of the layer which attention looks over."""

    fields = POOL_FIELDS
    heading = "Trained network"

    shown: PoolShown

    @property
    def config(self) -> PoolConfig:
        """What was chosen for the run."""
        return self.shown.config

    @property
    def network(self) -> str:
        """The layer, and that attention stands behind it."""
        return f"{POOL_FIELD['cell'].label_of(self.config.cell)} under attention"

    @property
    def task(self) -> str:
        """What the network learns, in words."""
        return POOL_FIELD["task"].label_of(self.config.task)

    @property
    def way_back(self) -> WayBack:
        """The page of attention."""
        return WayBack(
            "attention", "The attention of this network", {"pooled": self.run.id, "attend": "pooling"}
        )

    @property
    def loss(self) -> str:
        """The cross-entropy of the one answer."""
        return "L is the cross-entropy of the one answer; the head reads all states, weighted by attention."

    def look(self, cell: str, which: str, example: int) -> PoolTraced:
        """What the network does on a test sequence. Raises :class:`NotYetError`."""
        tensors = numbers.network(self.shown, which)
        if tensors is None:
            raise NotYetError(self.run.id)
        key = engine.runs(), self.run.id, self.version(which), which, example
        return _looks.get(key, lambda: _look(self.config, tensors, example))

    def readout(self, which: str, seen: PoolTraced) -> Readout:
        """The head, which reads the states weighted by attention."""
        tensors = numbers.network(self.shown, which)
        if tensors is None:
            raise NotYetError(self.run.id)
        return Readout(tensors["head.weight"], tensors["head.bias"], seen.outputs, each=False, words=POOLED)

    def traits(self, which: tuple[str, ...]) -> list[str]:
        """How long its sequences are."""
        return [f"T = {self.config.length}"]

    def answers(self, runs: Mapping[str, Any]) -> str:
        """What the networks say to the sequence, and where attention looks."""
        one = next(iter(runs.values()))
        told = [
            f"<b>{escape(run.said)}</b>" + ("" if len(runs) < 2 else f" {which} training")
            for which, run in runs.items()
        ]
        top, truth = int(one.weights.argmax()), escape(one.outputs[int(one.truth)])
        return (
            f"The answer, <b>{truth}</b>, stands at step <b>{one.at + 1}</b>; the network says "
            f" {', '.join(told)}. Attention weighs step <b>{top + 1}</b> most, with "
            f"<b>{share(float(one.weights[top]))}</b>; even weights would be {share(1 / len(one.weights))}."
        )

    def notes(self) -> list[str]:
        """What stands over the layer."""
        return [
            "Shown is the layer under the attention: the head reads all of its states, weighted, not the last one."
        ]

    def file(self, which: str, example: int) -> File:
        """The weights with this test sequence, and a script that prints the weights of attention from them."""
        return pooling_take_away.file_of(self.shown, which, example)


def cells_of(id: str) -> tuple[str, ...]:
    """The cell of a pooling network, or () where there is none that can be opened."""
    run = engine.runs().get(id)
    config = None if run is None else shows.config_of(run)
    return (config.cell,) if isinstance(config, PoolConfig) else ()


def load(id: str) -> Pooling | None:
    """The training as it is now; None where there is none."""
    runs = engine.runs()
    found = shows.load(runs, id, engine.owner(), "pooling")
    return None if found is None else Pooling((found.config.cell,), AFTER in runs.kept(id), found)


def _look(config: PoolConfig, tensors: Mapping[str, Tensor], example: int) -> PoolTraced:
    from rnnviz.attention.traced import observe_pooled

    return observe_pooled(config, tensors, example)


_looks: Shelf[PoolTraced] = Shelf(KEPT)

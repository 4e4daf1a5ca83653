"""The trained networks of a run: its weights, what they do on a test sequence, and how good they are.

Everything is computed from the stored weights and kept for whoever asks next, by run, by how far the run is, by cell,
and by which of its networks. Nothing of one run is ever found under another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from rnnviz.race import FIELD, Race
from rnnviz.registry import CELLS
from rnnviz.ui import engine, networks_attention, networks_forecast, preload
from rnnviz.ui.opened_kind import AFTER, BEFORE, NAMES, File, NotYetError, Opened, Readout, WayBack
from rnnviz.ui.training import shown
from rnnviz.ui.training.shown import Shown

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.runs import Runs
    from rnnviz.runs.model import Run
    from rnnviz.training.trained import Trained
    from rnnviz.ui.view import View

__all__ = [
    "AFTER",
    "BEFORE",
    "GONE",
    "NAMES",
    "NotYetError",
    "Opened",
    "Raced",
    "cells_of",
    "load",
    "race_of",
    "trouble",
]

SAVED = {"labels": ("last", "best")}
"""Which weights are shown after training, by task, in this order as long as their test loss is no number.

Of all other tasks it is the best, with the lowest validation loss. Of random labels that would be a network which has
hardly learned anything yet: on new sequences they can only get worse.
"""

OTHERS: dict[str, Any] = {other.KIND: other for other in (networks_forecast, networks_attention)}
"""The modules that open runs of other kinds, each with ``cells_of(id)`` and ``load(id)``."""

KEPT = 64
"""What was observed on test sequences and is kept. The largest (128 units, 120 steps) holds about 0.6 MB."""

KEPT_NETWORKS = 24
"""Networks kept. The largest (128 units, a text of many letters) holds about 1 MB."""


GONE = "The trained network of this link is not here: its run was deleted, or it is kept on another server."


@dataclass(frozen=True, eq=False)
class Network:
    """The weights of one cell, a state dict of its ``SequenceModel``, and its loss on all test sequences."""

    tensors: Mapping[str, Tensor]
    test_loss: float


@dataclass(frozen=True, eq=False)
class Raced(Opened):
    """A run of training; ``cells`` are those of the race that are shown."""

    shown: Shown

    @property
    def run(self) -> Run:
        """The run."""
        return self.shown.run

    @property
    def race(self) -> Race:
        """What was chosen for the run."""
        return self.shown.race

    @property
    def task(self) -> str:
        """What the networks learn, in words."""
        return FIELD["task"].label_of(self.race.task)

    @property
    def hidden(self) -> int:
        """The number of hidden units."""
        return self.race.hidden

    @property
    def every(self) -> tuple[str, ...]:
        """The cells that took part."""
        return self.race.cells

    @property
    def way_back(self) -> WayBack:
        """The page of training."""
        return WayBack("training", "The training of this network", {"run": self.run.id})

    @property
    def loss(self) -> str:
        """The task's loss."""
        return (
            "L is the task's loss on this sequence, the sum of the parts L<sub>t</sub> of its scored steps, which see "
            "h<sub>t</sub> through the head."
        )

    def showing(self, cells: tuple[str, ...]) -> Raced:
        """The same with those of the cells that took part; with the race's first one where none did."""
        shown = tuple(cell for cell in cells if cell in self.race.cells)
        return replace(self, cells=shown or self.race.cells[:1])

    def banner(self, view: View, *, several: bool = False) -> str:
        """What is shown, in a line; with ``several`` of all cells on one chart."""
        from rnnviz.ui import opened_words

        return opened_words.banner(self, view, several=several)

    def description(self) -> str:
        """What the run is: its task, its state, and every setting that counts."""
        from rnnviz.ui import opened_words

        return opened_words.description(self)

    def answers(self, runs: Mapping[str, Any]) -> str:
        """What the networks say to the sequence, beside the truth, and the task's loss on it."""
        from rnnviz.ui import opened_words

        return opened_words.answers(runs)

    def notes(self) -> list[str]:
        """What the race changes in the equations of the cell."""
        from rnnviz.ui import opened_words

        return opened_words.variant(self.race, self.cell)

    def file(self, which: str, example: int) -> File:
        """The weights with this test sequence, and a script that prints the numbers of the page from them."""
        from rnnviz.training import export

        seen = self.look(self.cell, which, example)
        name = f"rnnviz-{self.race.task}-{self.cell}-{which}-training.safetensors"
        return File(
            f"The {CELLS[self.cell].label} {which} training with this test sequence, and a script that prints the "
            "numbers of this page from the file beside it.",
            name,
            lambda: export.weights_file(seen, self.network(self.cell, which).tensors),
            lambda: export.script(self.race, self.cell, seen.truth.is_floating_point(), name),
        )

    def network(self, cell: str, which: str) -> Network:
        """A network of the race."""
        return _network(*self._key(which), cell, which)

    def look(self, cell: str, which: str, example: int) -> Trained:
        """What it does on a test sequence."""
        return _look(*self._key(which), cell, which, example)

    def readout(self, which: str, seen: Trained) -> Readout:
        """The head, which reads the state at every scored step."""
        tensors = self.network(seen.cell, which).tensors
        count = len(seen.scored)
        where = "at every step" if count == len(seen.x) else f"at {count} of {len(seen.x)} steps"
        where = f"at step {seen.scored[0] + 1}" if count == 1 else where
        words = (
            f"<b>V</b> is the head, a linear layer of its own: its answer V h<sub>t</sub> + b counts {where}."
        )
        return Readout(tensors["head.weight"], tensors["head.bias"], seen.outputs, each=True, words=words)

    def step(self, cell: str) -> int | None:
        """The training step at which the trained network was taken, or None where no epoch matches it."""
        epochs, loss = self.shown.epochs.get(cell, ()), self.network(cell, AFTER).test_loss
        found = shown.epoch_of(epochs, loss, last=self.race.task in SAVED)
        return None if found is None else found.step

    def _key(self, which: str) -> tuple[Runs, str, int]:
        return engine.runs(), self.run.id, self.version(which)


def race_of(id: str) -> Race | None:
    """The race of a run, or None where there is none that can be opened."""
    run = engine.runs().get(id)
    if run is None or run.kind != shown.KIND:
        return None
    try:
        race = Race.from_spec(run.spec)
    except (ValueError, TypeError, KeyError):
        return None
    return None if race.missing else race


def cells_of(id: str) -> tuple[str, ...]:
    """The cells of a run, or () where there is none that can be opened."""
    race = race_of(id)
    if race is not None:
        return race.cells
    return next((cells for other in OTHERS.values() if (cells := other.cells_of(id))), ())


def load(id: str, cells: tuple[str, ...]) -> Opened | None:
    """The run as it is now, with those of the cells that took part in it; None where there is none."""
    runs = engine.runs()
    run = runs.get(id)
    if run is not None and run.kind in OTHERS:
        other: Opened | None = OTHERS[run.kind].load(id)
        return other
    found = shown.load(runs, id, engine.owner())
    if found is None or found.race.missing:
        return None
    saved = runs.kept(id)
    trained = all(f"best:{cell}" in saved for cell in found.race.cells)
    opened = Raced(found.race.cells, trained, found)
    return opened.showing(cells)


def trouble() -> str:
    """Why a network is not shown, as a sentence in HTML."""
    return escape(engine.runs().trouble or GONE)


@lru_cache(maxsize=KEPT_NETWORKS)
def _network(runs: Runs, id: str, version: int, cell: str, which: str) -> Network:
    preload.ensure()
    import torch

    from rnnviz import tasks
    from rnnviz.training import build_model, model_of

    race = race_of(id)
    if race is None:
        raise NotYetError(id)
    task = tasks.make(race)
    for name in SAVED.get(race.task, ("best",)) if which == AFTER else ("before",):
        tensors = runs.weights(id, f"{name}:{cell}")
        if tensors is None and which == AFTER:
            raise NotYetError(id)
        if tensors is None:  # it is saved with the first epoch, and known before
            tensors = build_model(race, cell, task).state_dict()
        with torch.inference_mode():
            model = model_of(race, cell, tensors, task)
            found = Network(tensors, float(task.loss(model(task.test.x), task.test)))
        if math.isfinite(found.test_loss):
            break
    return found


@lru_cache(maxsize=KEPT)
def _look(runs: Runs, id: str, version: int, cell: str, which: str, example: int) -> Trained:
    network = _network(runs, id, version, cell, which)
    from rnnviz.training import observe_trained

    race = race_of(id)
    if race is None:
        raise NotYetError(id)
    return observe_trained(race, cell, network.tensors, example)

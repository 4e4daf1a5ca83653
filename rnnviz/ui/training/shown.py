"""The run that the page shows: found by its id, its rows read once for all who watch it."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rnnviz.race import Race
from rnnviz.runs.model import Run
from rnnviz.training.epoch import Epoch

if TYPE_CHECKING:
    from rnnviz.runs import Runs

KIND = "training"
"""The kind of work that this page shows."""

KEPT = 12
"""Runs whose rows are kept. The largest (6 cells, 100 epochs, 100 steps) holds about 6 MB."""


@dataclass(frozen=True, eq=False)
class Shown:
    """What every section draws: the run, what was chosen for it, and what it has written so far.

    ``epochs`` holds, for each cell of the race in its order, the epochs that are through: number 0 first, none missing;
    empty where there is none yet. ``own``: the visitor may pause and stop it. ``example``: the server's own, which
    everybody sees who has not started one. ``place`` in the line, from 1, while it waits.
    """

    run: Run
    race: Race
    epochs: Mapping[str, tuple[Epoch, ...]]
    own: bool = False
    example: bool = False
    place: int | None = None

    @property
    def newest(self) -> int:
        """The number of the last epoch that all cells are through with; -1 before the first.

        A cell that has diverged goes no further and holds nobody up.
        """
        going = [len(found) for found in self.epochs.values() if not (found and found[-1].diverged)]
        return (min(going) if going else max(len(found) for found in self.epochs.values())) - 1

    @property
    def stamp(self) -> tuple[str, int]:
        """What a picture of the run may be kept by: it changes with every row."""
        return self.run.id, self.run.version


@dataclass(eq=False)
class _History:
    """The rows of one run as far as they have been read."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    version: int = -1
    serial: int = 0
    found: dict[str, dict[int, Epoch]] = field(default_factory=dict)
    epochs: dict[str, tuple[Epoch, ...]] = field(default_factory=dict)


_kept: OrderedDict[tuple[Any, str], _History] = OrderedDict()
_lock = threading.Lock()


def load(runs: Runs, id: str, owner: str, example: bool = False) -> Shown | None:
    """The run of that id as it is now, or None where there is none that this version can read."""
    run = runs.get(id)
    if run is None or run.kind != KIND:
        return None
    try:
        race = Race.from_spec(run.spec)
    except (ValueError, TypeError, KeyError):
        return None
    own = not run.shared and runs.owns(id, owner)
    place = runs.place(id) if run.state == "queued" else None
    return Shown(run, race, _epochs(runs, run, race), own, example, place)


def epoch_of(epochs: Sequence[Epoch], loss: float, *, last: bool = False) -> Epoch | None:
    """The epoch after which a network with this test loss was saved, or None; of equal ones the first, or the last.

    The loss may be computed anew, on a machine that adds in another order: so it is the nearest one that counts.
    """
    near = [one for one in epochs if math.isclose(one.test_loss, loss, rel_tol=1e-5, abs_tol=1e-12)]
    return min(reversed(near) if last else near, key=lambda one: abs(one.test_loss - loss), default=None)


def _epochs(runs: Runs, run: Run, race: Race) -> Mapping[str, tuple[Epoch, ...]]:
    """The epochs of each cell. Only rows that nobody here has read are asked for."""
    with _lock:
        history = _kept.setdefault((runs, run.id), _History())
        _kept.move_to_end((runs, run.id))
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    with history.lock:
        if run.version > history.version or not history.epochs:
            new = False
            for row in runs.rows(run.id, history.serial):
                history.found.setdefault(row.series, {})[row.number] = Epoch.from_row(row.data)
                history.serial, new = max(history.serial, row.serial), True
            history.version = run.version
            if new or not history.epochs:
                history.epochs = {cell: _through(history.found.get(cell, {})) for cell in race.cells}
        return history.epochs


def _through(found: Mapping[int, Epoch]) -> tuple[Epoch, ...]:
    """The epochs from 0 to the first that is missing."""
    epochs: list[Epoch] = []
    while (epoch := found.get(len(epochs))) is not None:
        epochs.append(epoch)
    return tuple(epochs)

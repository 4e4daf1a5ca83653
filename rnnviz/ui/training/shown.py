"""The run that the page shows: found by its id, its rows read once for all who watch it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnviz.race import Race
from rnnviz.runs.model import Run
from rnnviz.training.epoch import Epoch
from rnnviz.ui.history import History

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


def load(runs: Runs, id: str, owner: str, example: bool = False) -> Shown | None:
    """The run of that id as it is now, or None where there is none that this version can read."""
    run = runs.get(id)
    race = race_of(run)
    if run is None or race is None:
        return None
    own = not run.shared and runs.owns(id, owner)
    place = runs.place(id) if run.state == "queued" else None
    series = _history.of(runs, run)
    return Shown(run, race, {cell: series.get(cell, ()) for cell in race.cells}, own, example, place)


def race_of(run: Run | None) -> Race | None:
    """What was chosen for a run, or None where it is none of this kind that this version can read."""
    if run is None or run.kind != KIND:
        return None
    try:
        return Race.from_spec(run.spec)
    except (ValueError, TypeError, KeyError):
        return None


def epoch_of(epochs: Sequence[Epoch], loss: float, *, last: bool = False) -> Epoch | None:
    """The epoch after which a network with this test loss was saved, or None; of equal ones the first, or the last.

    The loss may be computed anew, on a machine that adds in another order: so it is the nearest one that counts.
    """
    near = [one for one in epochs if math.isclose(one.test_loss, loss, rel_tol=1e-5, abs_tol=1e-12)]
    return min(reversed(near) if last else near, key=lambda one: abs(one.test_loss - loss), default=None)


_history: History[Epoch] = History(KEPT, lambda row: Epoch.from_row(row.data))

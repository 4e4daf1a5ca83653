"""The run that a section shows: found by its id, its rows read once for all who watch it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from rnnviz.attention.config import PairConfig, PoolConfig
from rnnviz.attention.epoch import PairEpoch, PoolEpoch
from rnnviz.runs.model import Row, Run
from rnnviz.ui.history import History

if TYPE_CHECKING:
    from rnnviz.runs import Runs

KIND = "attention"
"""The kind of work that this page shows."""

KEPT = 12
"""Runs whose rows are kept; 51 epochs of 4 contexts, or of 60 weights each, hold some 100 KB."""

Config = TypeVar("Config", PoolConfig, PairConfig)
Epoch = TypeVar("Epoch", PoolEpoch, PairEpoch)


@dataclass(frozen=True, eq=False)
class Shown(Generic[Config, Epoch]):
    """What a section draws: the run, what was chosen for it, and what it has written so far.

    ``epochs`` holds, for the pooling network ("model") or for each context of the pairs in their order, the epochs that
    are through: number 0 first, none missing; empty where there is none yet. ``own``: the visitor may stop it.
    ``example``: the server's own, which everybody sees who has not started one. ``place`` in the line, from 1, while it
    waits.
    """

    run: Run
    config: Config
    epochs: Mapping[str, tuple[Epoch, ...]]
    own: bool = False
    example: bool = False
    place: int | None = None

    @property
    def newest(self) -> int:
        """The number of the last epoch that all networks are through with; -1 before the first.

        One that has diverged goes no further and holds nobody up.
        """
        going = [len(found) for found in self.epochs.values() if not (found and found[-1].diverged)]
        return (min(going) if going else max(len(found) for found in self.epochs.values())) - 1

    @property
    def stamp(self) -> tuple[str, int]:
        """What a picture of the run may be kept by: it changes with every row."""
        return self.run.id, self.run.version


PoolShown = Shown[PoolConfig, PoolEpoch]
PairShown = Shown[PairConfig, PairEpoch]

CONFIGS: dict[str, type[PoolConfig] | type[PairConfig]] = {"pooling": PoolConfig, "pairs": PairConfig}
"""What is chosen for each part."""


def load(runs: Runs, id: str, owner: str, part: str, example: bool = False) -> Shown[Any, Any] | None:
    """The run of that id as it is now, or None where there is none of this part that this version can read."""
    run = runs.get(id) if id else None
    config = None if run is None or run.spec.get("part") != part else config_of(run)
    if run is None or config is None:
        return None
    own = not run.shared and runs.owns(id, owner)
    place = runs.place(id) if run.state == "queued" else None
    series = _history.of(runs, run)
    names = ("model",) if isinstance(config, PoolConfig) else config.contexts
    return Shown(run, config, {name: series.get(name, ()) for name in names}, own, example, place)


def config_of(run: Run) -> PoolConfig | PairConfig | None:
    """What was chosen for a run, or None where this version cannot read it."""
    if run.kind != KIND or run.spec.get("part") not in CONFIGS:
        return None
    try:
        return CONFIGS[run.spec["part"]].from_spec(run.spec["config"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def forget(id: str) -> None:
    """Keep nothing of a run that was deleted."""
    _history.forget(id)


def _read(row: Row) -> PoolEpoch | PairEpoch:
    return PoolEpoch.from_row(row.data) if row.series == "model" else PairEpoch.from_row(row.data)


_history: History[Any] = History(KEPT, _read)

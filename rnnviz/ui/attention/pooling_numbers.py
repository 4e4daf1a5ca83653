"""Pooling networks: what many watch is made once, by the run and how far it is."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rnnviz.attention.config import PoolConfig
from rnnviz.ui import engine, preload
from rnnviz.ui.attention.shown import PoolShown
from rnnviz.ui.opened_kind import NotYetError
from rnnviz.ui.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from rnnviz.attention.observed import PoolSeen
    from rnnviz.figures.drawing import Spec
    from rnnviz.runs import Runs
    from rnnviz.tasks.pooled import PoolTask

BEFORE, AFTER = "before", "after"
"""The networks of a run that are kept: as drawn, and with the least loss on validation sequences."""

specs: Shelf[Spec] = Shelf(64)
"""Pictures. The largest, a map of 60 steps over 51 epochs, holds 20 KB."""


def task(config: PoolConfig) -> PoolTask:
    """The task of a pooling network."""
    preload.ensure()
    return _task(config)


def network(shown: PoolShown, which: str) -> Mapping[str, Tensor] | None:
    """The weights of a network, :data:`BEFORE` or :data:`AFTER` training; None where there are none yet."""
    preload.ensure()
    try:
        return _network(engine.runs(), shown.run.id, _version(shown, which), shown.config, which)
    except NotYetError:
        return None


def seen(shown: PoolShown, which: str, example: int) -> PoolSeen | None:
    """What a network did on a test sequence; None where it is not there yet, or does not fit this version."""
    preload.ensure()
    runs, version = engine.runs(), _version(shown, which)
    try:
        return _seen(runs, shown.run.id, version, shown.config, which, example)
    except (NotYetError, ValueError):
        return None


def _version(shown: PoolShown, which: str) -> int:
    """What was before training stays the same while the run goes on."""
    return shown.run.version if which == AFTER else 0


@lru_cache(maxsize=16)
def _task(config: PoolConfig) -> PoolTask:
    from rnnviz.tasks import pooled

    return pooled.task_of(config)


@lru_cache(maxsize=24)
def _network(runs: Runs, id: str, version: int, config: PoolConfig, which: str) -> Mapping[str, Tensor]:
    tensors = runs.weights(id, which)
    if tensors is None and which == AFTER:
        raise NotYetError(id)
    if tensors is None:  # it is saved with the first epochs, and known before
        from rnnviz.attention.pooling import build_pooled

        return build_pooled(config).state_dict()
    return tensors


@lru_cache(maxsize=128)
def _seen(runs: Runs, id: str, version: int, config: PoolConfig, which: str, example: int) -> PoolSeen:
    tensors = _network(runs, id, version, config, which)
    from rnnviz.attention.observed import look_pooled

    return look_pooled(config, tensors, example)

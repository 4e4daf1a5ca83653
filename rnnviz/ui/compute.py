"""Cached runs: the same experiment is computed once, whoever asks.

An experiment is a frozen value and all that it yields is read only, so results are shared between visitors. The
key is what was chosen, never who chose it. What is typed in (a text, numbers) is part of the key, so nobody meets
it who has not typed the same.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.experiment import Experiment
    from rnnviz.observe import Observation
    from rnnviz.signals import SignalData

KEPT = 48
"""Results kept. The largest (128 units, 500 steps) holds about 2.3 MB, so the cache stays below 120 MB."""

KEPT_SEVERAL = 8
"""Results kept of several runs side by side, each six times as large: another 110 MB at most."""


def observation(experiment: Experiment, cell: str, *, starts: int = 1, strengths: int = 1) -> Observation:
    """The run of one cell in the experiment; see :func:`rnnviz.observe.observe`."""
    from rnnviz.ui import preload

    preload.ensure()
    kept = _observation if starts == strengths == 1 else _several
    return kept(replace(experiment, cells=(cell,)), starts, strengths)


def signal(experiment: Experiment) -> SignalData:
    """The input of the experiment."""
    from rnnviz.ui import preload

    preload.ensure()
    from rnnviz import build

    return build.signal(experiment)


@lru_cache(maxsize=KEPT)
def _observation(experiment: Experiment, starts: int, strengths: int) -> Observation:
    from rnnviz.observe import observe

    return observe(experiment, experiment.cell, starts=starts, strengths=strengths)


_several = lru_cache(maxsize=KEPT_SEVERAL)(_observation.__wrapped__)


def warm() -> None:
    """Compute what the pages show first, and load what they need to draw it."""
    from rnnviz.experiment import Experiment

    experiment = Experiment()
    for cell in experiment.cells:
        _observation(replace(experiment, cells=(cell,)), 1, 1)

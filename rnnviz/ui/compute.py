"""Cached runs: the same experiment is computed once, whoever asks.

An experiment is a frozen value and all that it yields is read only, so results are shared between visitors. The
key is what was chosen, never who chose it. What is typed in (a text, numbers) is part of the key, so nobody meets
it who has not typed the same.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from rnnviz.experiment import Experiment
    from rnnviz.inside import Inside
    from rnnviz.observe import Observation
    from rnnviz.signals import SignalData
    from rnnviz.spectrum import BlockSpectrum

KEPT = 48
"""Results kept. The largest (128 units, 500 steps) holds about 2.3 MB, so the cache stays below 120 MB;
what was taken apart of them (:func:`inside`) may add as much again."""

KEPT_SEVERAL = 8
"""Results kept of several runs side by side, each six times as large: another 110 MB at most."""


def observation(experiment: Experiment, cell: str, *, starts: int = 1, strengths: int = 1) -> Observation:
    """The run of one cell in the experiment; see :func:`rnnviz.observe.observe`."""
    from rnnviz.ui import preload

    preload.ensure()
    kept = _observation if starts == strengths == 1 else _several
    return kept(replace(experiment, cells=(cell,)), starts, strengths)


def inside(run: Observation) -> Inside:
    """The first layer of a run, taken apart: kept as long as the run itself is, of which it shares gates and states."""
    found = _insides.get(run)
    if found is None:
        from rnnviz.inside import inside as taken_apart

        # A trained network has a loss of its own, an experiment that of its loss step.
        scored: tuple[int, ...] = getattr(run, "scored", (run.experiment.loss_index,))
        layer, gradients = run.trace.layers[0], run.gradients.layers[0]
        found = _insides[run] = taken_apart(layer, run.x, gradients, scored=scored)
    return found


def spectra(seen: Inside) -> tuple[BlockSpectrum, ...]:
    """The spectra of the blocks of its W_hh; none where there is no such matrix, or one that is not finite."""
    found = _spectra.get(seen)
    if found is None:
        from rnnviz.registry import CELLS
        from rnnviz.spectrum import block_spectra

        W = seen.params.get("weight_hh")
        blocks = CELLS[seen.cell].blocks
        sound = W is not None and bool(W.isfinite().all())
        found = _spectra[seen] = block_spectra(W, blocks) if W is not None and sound else ()
    return found


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


_insides: WeakKeyDictionary[Observation, Inside] = WeakKeyDictionary()
_spectra: WeakKeyDictionary[Inside, tuple[BlockSpectrum, ...]] = WeakKeyDictionary()

_several = lru_cache(maxsize=KEPT_SEVERAL)(_observation.__wrapped__)


def warm() -> None:
    """Compute what the pages show first, and load what they need to draw it."""
    from rnnviz.experiment import Experiment

    experiment = Experiment()
    for cell in experiment.cells:
        inside(_observation(replace(experiment, cells=(cell,)), 1, 1))

"""One experiment as it is and with each cure, for several seeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from rnnviz.cures.catalogue import CURES, Cure, why_not
from rnnviz.cures.measure import Measured, measure
from rnnviz.cures.models import model_with
from rnnviz.experiment import Experiment
from rnnviz.registry import Cell, cell_named

SEEDS, FEW, LARGE = 5, 3, 16_000
"""Models a cure is measured on: those of the experiment's seed and of the seeds after it; fewer beyond T * H."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """A cure and what it did; ``measured`` is None where it does not apply, and ``reason`` says why."""

    cure: Cure
    measured: Measured | None
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Comparison:
    """The experiment as it is, and with each cure. ``weight`` names the matrix of ``Measured.weight``."""

    experiment: Experiment
    cell: str
    weight: str
    before: Measured
    outcomes: tuple[Outcome, ...]


@torch.inference_mode(False)
@torch.no_grad()
def compare(
    experiment: Experiment,
    cell_name: str,
    *,
    seeds: int | None = None,
    report: Callable[[float], None] | None = None,
) -> Comparison:
    """Run the experiment's model of that cell as it is and with every cure that applies, for several seeds.

    The loss is the sum of h at the experiment's loss step. ``seeds`` is 5 by default, or 3 of a large experiment.
    ``report`` is called with the share that is done. ``ValueError`` for an unknown cell or fewer than one seed.
    """
    cell = cell_named(cell_name)
    seeds = (SEEDS if experiment.steps * experiment.hidden <= LARGE else FEW) if seeds is None else seeds
    if seeds < 1:
        raise ValueError(f"expected at least 1 seed, got {seeds}; choose a positive number")
    reasons = {cure.name: why_not(cell, cure.name) for cure in CURES}
    runs = ["before", *(name for name, reason in reasons.items() if not reason and name != "clip")]
    models = {name: [model_with(experiment, cell, name, k) for k in range(seeds)] for name in runs}
    found = measure(models, report)
    found["clip"] = found["before"]
    outcomes = tuple(Outcome(cure, found.get(cure.name), reasons[cure.name]) for cure in CURES)
    return Comparison(experiment, cell.name, _weight(cell), found["before"], outcomes)


def _weight(cell: Cell) -> str:
    return cell.recurrent or "weight_ih"

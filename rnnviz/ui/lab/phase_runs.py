"""The runs behind the phase diagrams: how fine they are, and each computed once for all visitors, two at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, cast

from rnnviz.experiment import FIELD, Experiment
from rnnviz.registry import CELLS
from rnnviz.ui import preload
from rnnviz.ui.once import LOOK, Once, Report

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from rnnviz.sweep import Diagram

BUDGET = 3.0
"""Seconds that an LSTM's diagram may take on one core, as estimated."""

TRIES = ((40, 25, 8), (40, 25, 4), (20, 20, 4), (20, 10, 4), (10, 10, 4), (10, 10, 2))
"""Weight scales, lengths (of forget biases a few more) and seeds, from the finest on."""

REACHES = (100, 500)
"""The lengths up to which diagrams go: the first that holds the experiment's own."""

SHAPED = ("impulse", "step", "walk", "returns", "levels")
"""Signals that a longer length changes from the first step on: every length is then a run of its own."""


class Grid(NamedTuple):
    """How fine a diagram is: its points, all of them legal settings, and how many seeds it has."""

    scales: tuple[float, ...]
    values: tuple[float, ...]
    seeds: int


# One diagram holds at most 40 x 31 x 8 numbers, 80 kB.
_shelf: Once[Diagram] = Once(96)


def grid(experiment: Experiment, against: str) -> Grid:
    """As fine a grid as an LSTM has time for: with less time first fewer seeds, then fewer points.

    The same for every cell, and for every length and scale of the experiment within reach.
    """
    for columns, rows, seeds in TRIES:
        scales = tuple(round(4 * (n + 1) / columns, 10) for n in range(columns))
        if against == "forget":
            each = {25: 0.3, 20: 0.6, 10: 0.9}[rows]
            values = tuple(round(-3 + each * n, 10) for n in range(round(9 / each) + 1))
            steps = len(values) * experiment.steps
        else:
            values = _lengths(experiment, rows)
            steps = round(sum(values))
        H = experiment.hidden
        # Measured: nanoseconds a unit and step for the four blocks of an LSTM.
        cost = 4e-9 * (12 + 0.3 * H + 0.002 * H * H) * H * columns * seeds * steps
        cost *= 3 if against == "forget" or experiment.signal in SHAPED else 1
        found = Grid(scales, values, seeds)
        if cost <= BUDGET:
            break
    return found


def is_coarse(one: Diagram) -> bool:
    """Whether there was no time for all seeds."""
    return len(one.seeds) < TRIES[0][2]


def _lengths(experiment: Experiment, rows: int) -> tuple[float, ...]:
    """About so many lengths, evenly spaced, up to the reach or to what was typed."""
    typed = experiment.signal in ("text", "numbers")
    top = experiment.steps if typed else next(reach for reach in REACHES if experiment.length <= reach)
    return tuple(float(length) for length in range(top, 1, -math.ceil(top / rows)))[::-1]


def diagrams(
    experiment: Experiment, cells: Sequence[str], against: str, slot: DeltaGenerator
) -> list[Diagram]:
    """The diagram of each cell, computed once for all visitors, two at a time; progress shows in ``slot``."""
    fine = grid(experiment, against)
    words = f"Running {len(fine.scales) * fine.seeds} models of each cell"
    with ThreadPoolExecutor(len(cells)) as pool:
        place = _Relay(len(cells))
        waiting = [
            pool.submit(_one, experiment, cell, against, fine, place, k) for k, cell in enumerate(cells)
        ]
        shown = False
        try:
            while wait(waiting, LOOK).not_done:
                slot.progress(place.share, text=words)
                shown = True
        finally:
            place.left = True  # also when the visitor has moved on: Streamlit then ends the run from within
        if shown:
            slot.empty()
        return [one.result() for one in waiting]


class _Relay:
    """Stands for the slot of several jobs: gathers their progress, and ends the waiting when nobody looks."""

    def __init__(self, jobs: int) -> None:
        self.shares, self.left = [0.0] * jobs, False

    @property
    def share(self) -> float:
        return sum(self.shares) / len(self.shares)

    def progress(self, k: int, share: float) -> None:
        if self.left:
            raise InterruptedError
        self.shares[k] = share


class _Place(NamedTuple):
    """The slot of one of the jobs."""

    relay: _Relay
    k: int

    def progress(self, share: float, text: str) -> None:
        self.relay.progress(self.k, share)

    def empty(self) -> None:
        """Nothing to take away."""


def _one(experiment: Experiment, cell: str, against: str, fine: Grid, relay: _Relay, k: int) -> Diagram:
    base = key(experiment, cell, against)

    def work(report: Report) -> Diagram:
        preload.ensure()
        from rnnviz import sweep

        seeds = sweep.seeds_from(base.seed, fine.seeds)
        if against == "forget":
            return sweep.against_forget(base, cell, fine.scales, fine.values, seeds, report)
        lengths = [round(value) for value in fine.values]
        return sweep.against_length(base, cell, fine.scales, lengths, seeds, report)

    found = _shelf.get((base, against, fine), work, cast("DeltaGenerator", _Place(relay, k)), "")
    relay.shares[k] = 1.0
    return found


def key(experiment: Experiment, cell: str, against: str) -> Experiment:
    """The experiment without what its diagram does not depend on."""
    typed = experiment.signal in ("text", "numbers")
    length = experiment.length if against == "forget" and not typed else FIELD["length"].default
    forget = experiment.forget if against == "length" and CELLS[cell].forget else None
    return replace(experiment, cells=(cell,), scale=1.0, loss=None, length=length, forget=forget)

"""What a phase diagram costs: the gradient ratio at 32 weight scales, 32 lengths and 8 seeds, for three cells.

    python bench/phase.py [--quick]

"batched" is ``rnnviz.sweep.against_length``, which runs all models of a cell as one batch and carries an
adjoint for every length back in one sweep over time: on one torch thread, cell after cell, and with two workers
of one torch thread each that share the cells, as the app does. The peer, in the same run, is the loop that the
notebook API invites: ``rnnviz.gradients`` on each model at each length, of which a fraction spread evenly over
the points is measured and scaled up. Both in float64; the values of that fraction are compared.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rnnviz import build
from rnnviz.experiment import Experiment
from rnnviz.gradients import gradients
from rnnviz.sweep import Diagram, against_length

CELLS = ("lstm", "gru", "rnn")
EXPERIMENT = Experiment(hidden=32, length=100)
SCALES = tuple(4 * (k + 1) / 32 for k in range(32))
LENGTHS = tuple(2 + round(98 * k / 31) for k in range(32))
SEEDS = tuple(range(8))
GOAL = 3.0
"""Seconds for all three cells on two cores."""


def diagram(cell: str) -> Diagram:
    return against_length(EXPERIMENT, cell, SCALES, LENGTHS, SEEDS)


def one_by_one() -> list[Diagram]:
    return [diagram(cell) for cell in CELLS]


def two_workers() -> list[Diagram]:
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(diagram, CELLS))


def points() -> list[tuple[int, int, int, int]]:
    """Every cell, length, scale and seed by its index."""
    counts = (len(CELLS), len(LENGTHS), len(SCALES), len(SEEDS))
    return list(product(*(range(count) for count in counts)))


def loop(chosen: Sequence[tuple[int, int, int, int]], known: Sequence[Diagram]) -> float:
    """One model after the other; gives the largest difference to the batched values."""
    worst = 0.0
    for c, v, s, n in chosen:
        one = replace(EXPERIMENT, length=LENGTHS[v], scale=SCALES[s], seed=SEEDS[n])
        module, x = build.build_module(one, CELLS[c]).double(), build.build_input(one).double()
        norms = gradients(module, x).layers[0].h_norm
        ratio = float((norms[0] / norms[-1]).log10())
        worst = max(worst, abs(ratio - float(known[c].log_ratio[v, s, n])))
    return worst


def main(arguments: Sequence[str] | None = None) -> dict[str, float]:
    """Print the table; returns its numbers by name."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, a smaller part of the loop")
    quick = parser.parse_args(arguments).quick
    repetitions, every = (1, 301) if quick else (5, 41)  # odd strides, so that every scale and seed is met
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    known = one_by_one()  # untimed: imports and caches
    chosen, worst = points()[::every], 0.0
    times: dict[str, list[float]] = {"1 thread": [], "2 workers": [], "loop": []}
    # Taking turns, so that a busy machine slows all sides alike.
    for k in range(repetitions):
        start = time.perf_counter()
        one_by_one()
        times["1 thread"].append(time.perf_counter() - start)
        start = time.perf_counter()
        two_workers()
        times["2 workers"].append(time.perf_counter() - start)
        part = chosen[k::repetitions]
        start = time.perf_counter()
        worst = max(worst, loop(part, known))
        times["loop"].append((time.perf_counter() - start) * len(points()) / len(part))
    torch.set_num_threads(threads)
    alone, shared, peer = (statistics.median(kept) for kept in times.values())
    print(f"torch {torch.__version__}, H = {EXPERIMENT.hidden}, T = {LENGTHS[0]}..{LENGTHS[-1]}, float64, "
          f"{', '.join(CELLS)}: {len(points()) // len(CELLS)} models and lengths a cell; "
          f"medians of {repetitions}\n")  # fmt: skip
    print(f"| batched, 1 thread | batched, 2 workers | goal | loop, 1 thread (from 1 in {every}) | loop/1 thread "
          "| loop/2 workers | largest difference of log10 |")  # fmt: skip
    print("|" + "---|" * 7)
    print(f"| {alone:.2f} s | {shared:.2f} s | <= {GOAL:g} s | {peer:.0f} s | {peer / alone:.0f}x "
          f"| {peer / shared:.0f}x | {worst:.0e} |", flush=True)  # fmt: skip
    return {"1 thread": alone, "2 workers": shared, "loop": peer, "loop/1 thread": peer / alone,
            "loop/2 workers": peer / shared}  # fmt: skip


if __name__ == "__main__":
    main()

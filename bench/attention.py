"""How soon networks with attention have learned their tasks, where they look, and what becomes of longer sources.

    python bench/attention.py [--quick] [--save]

The default settings of /attention but for what a row names, on one thread, seeds 0 to 4 for pooling, else 0 to 2 (with
--quick, seed 0). Time is that of the processor, for training and for measuring after every epoch, from the first step
to the end of the epoch in which the goal was reached, as the median and the worst of the seeds; shares are means over
the seeds, on test sequences, of the weights that the page shows: those of the lowest loss on validation sequences.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any

import torch
from common import median, options, report, save

from rnnviz.attention.config import CONTEXTS, ENCODERS, PAIR_FIELD, POOL_FIELD, PairConfig, PoolConfig
from rnnviz.attention.epoch import PairEpoch, PoolEpoch
from rnnviz.attention.fitting import PairFit, PoolFit

POOLING = 0.95
EXACT = 0.97
LETTERS = ("reverse", "copy", "sort")
ENCODED = (
    ("gru", False),
    ("gru", True),
    ("lstm", False),
    ("lstm", True),
    ("rnn", False),
    ("positions", False),
)


def trained(fit: PoolFit | PairFit, goal: float) -> dict[str, Any]:
    """Seconds until an epoch was as good as the goal, or None, and in all; and the best epoch."""
    began = time.process_time()
    epochs: list[PoolEpoch | PairEpoch] = []
    reached = None
    for epoch in fit:
        epochs.append(epoch)
        if reached is None and share(epoch, fit.config.length) >= goal:
            reached = time.process_time() - began
    took = time.process_time() - began
    return {"reached": reached, "seconds": took, "epoch": epochs[fit.best_number].to_row()}


def share(epoch: PoolEpoch | PairEpoch, length: int) -> float:
    """What is to reach the goal: accuracy, or the exact answers at the longest length in training (dates: at all)."""
    if isinstance(epoch, PoolEpoch):
        return epoch.accuracy
    return dict(epoch.by_length).get(length, epoch.exact) if len(epoch.by_length) else epoch.exact


def time_of(found: Sequence[dict[str, Any]]) -> str:
    """Median and worst time to the goal, and how many never reached it."""
    times = [one["reached"] for one in found if one["reached"] is not None]
    missed = len(found) - len(times)
    words = f"{median(times):.1f} s ({max(times):.1f})" if times else ""
    return " ".join(part for part in (words, f"{missed} of {len(found)} never" if missed else "") if part)


def mean(found: Sequence[dict[str, Any]], name: str) -> float:
    return fmean(one["epoch"][name] for one in found)


def percent(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def pooling(seeds: Sequence[int]) -> dict[str, Any]:
    """Every task with every cell."""
    found, rows = {}, []
    for task, label in POOL_FIELD["task"].choices:
        for cell, name in POOL_FIELD["cell"].choices:
            config = PoolConfig(task=task, cell=cell)
            runs = [trained(PoolFit(replace(config, seed=seed)), POOLING) for seed in seeds]
            found[f"{task} {cell}"] = runs
            rows.append(
                (
                    label,
                    name,
                    time_of(runs),
                    percent(min(one["epoch"]["accuracy"] for one in runs)),
                    percent(mean(runs, "accuracy")),
                    percent(mean(runs, "on_answer")),
                    percent(mean(runs, "hit")),
                    f"{mean(runs, 'entropy'):.2f}",
                    f"{fmean(one['seconds'] for one in runs):.1f} s",
                )
            )
    head = ("task", "cell", f"to {POOLING:.0%} (worst)", "worst accuracy", "accuracy", "weight on the answer")
    head += ("largest there", "entropy", "whole training")
    title = f"Pooling, {PoolConfig().length} steps (ln {PoolConfig().length} is the entropy of equal weights)"
    report("attention", title, head, rows)
    return found


def measured(config: PairConfig, seeds: Sequence[int]) -> dict[str, list[dict[str, Any]]]:
    """The runs of each context."""
    return {
        context: [trained(PairFit(replace(config, seed=seed), context), EXACT) for seed in seeds]
        for context in config.contexts
    }


def at(runs: Sequence[dict[str, Any]], length: int) -> float:
    return fmean(dict(one["epoch"]["by_length"])[length] for one in runs)


def looks(runs: Sequence[dict[str, Any]]) -> tuple[str, str]:
    """Aligned and shifted in words."""
    epochs = [one["epoch"] for one in runs]
    if epochs[0]["aligned"] is None:
        return "", ""
    sides = {epoch["shifted"][0] for epoch in epochs}
    side = "/".join(f"{side:+d}" for side in sorted(sides))
    return percent(mean(runs, "aligned")), f"{percent(fmean(e['shifted'][1] for e in epochs))} ({side})"


def lengths(seeds: Sequence[int]) -> dict[str, Any]:
    """Reversing, with every context, at every length."""
    config = PairConfig(contexts=tuple(name for name, _ in CONTEXTS[:4]))
    found = measured(config, seeds) | measured(
        replace(config, contexts=tuple(name for name, _ in CONTEXTS[4:])), seeds
    )
    tested = [length for length, _ in found["last"][0]["epoch"]["by_length"]]
    rows = [
        (
            label,
            time_of(found[name]),
            *(percent(at(found[name], length)) for length in tested),
            *looks(found[name]),
        )
        for name, label in CONTEXTS
    ]
    head = ("context", f"{EXACT:.0%} at {config.length}", *map(str, tested), "aligned", "beside")
    report(
        "attention", f"Reverse, trained up to {config.length} letters: exact answers by length", head, rows
    )
    return found


def encoders(seeds: Sequence[int]) -> dict[str, Any]:
    """Reversing with every encoder and score: where the weights stand."""
    names = dict(ENCODERS)
    found, rows = {}, []
    for encoder, both in ENCODED:
        config = PairConfig(encoder=encoder, both=both, contexts=tuple(name for name, _ in CONTEXTS[:4]))
        for context, runs in measured(config, seeds).items():
            found[f"{encoder} {both} {context}"] = runs
            rows.append(
                (
                    names[encoder] + ", both directions" * both,
                    dict(CONTEXTS)[context],
                    time_of(runs),
                    percent(at(runs, config.length)),
                    *looks(runs),
                    f"{mean(runs, 'entropy'):.2f}",
                )
            )
    head = ("encoder", "context", f"{EXACT:.0%} at 8", "exact at 8", "aligned", "beside", "entropy")
    report("attention", "Reverse, trained up to 8 letters: where the weights stand", head, rows)
    return found


def tasks(seeds: Sequence[int]) -> dict[str, Any]:
    """Every task with the default contexts."""
    found, rows = {}, []
    for task, label in PAIR_FIELD["task"].choices:
        config = PairConfig(task=task)
        for context, runs in measured(config, seeds).items():
            found[f"{task} {context}"] = runs
            rows.append(
                (
                    label,
                    dict(CONTEXTS)[context],
                    time_of(runs),
                    percent(mean(runs, "symbols")),
                    percent(mean(runs, "exact")),
                    percent(at(runs, config.length) if task in LETTERS else None),
                    f"{fmean(one['seconds'] for one in runs):.1f} s",
                )
            )
    head = ("task", "context", f"to {EXACT:.0%}", "symbols", "exact", "exact at 8", "whole training")
    report("attention", "Encoder and decoder, default settings", head, rows)
    return found


def main() -> None:
    chosen = options(__doc__)
    torch.set_num_threads(1)
    seeds = range(1) if chosen.quick else range(3)
    raw = {part.__name__: part(seeds) for part in (tasks, lengths, encoders)}
    raw["pooling"] = pooling(seeds if chosen.quick else range(5))
    save("attention", raw, chosen.save)


if __name__ == "__main__":
    main()

"""What a race shows, in sentences that quote the measured numbers. HTML without anything that a user typed.

The sentences say what was measured and no more: which cell wins is for the numbers to tell.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape

from rnnviz.prose import listed, written
from rnnviz.race import Race
from rnnviz.registry import CELLS
from rnnviz.tasks.base import Yardstick
from rnnviz.training.epoch import Epoch, kept
from rnnviz.ui.findings import share

Epochs = Mapping[str, Sequence[Epoch]]

SOLVED: dict[str, tuple[str, float]] = {
    "adding": ("loss", 0.01),
    "copy": ("accuracy", 0.99),
    "parity": ("accuracy", 0.99),
    "flipflop": ("accuracy", 0.99),
}
"""When a task counts as learned: a test loss below, or a test accuracy above. The others have no such point."""

MOST_NAMED = 3
"""Cells that are all named beside a yardstick; of more the best and the worst."""

BY_HEART = ("labels", "text")
"""Tasks whose training sequences come again. The others draw new ones for every step."""

GAP = 0.2
"""A difference between the accuracies on training and test sequences that is worth a sentence."""


def race(
    race: Race, yardsticks: Sequence[Yardstick], epochs: Epochs, *, final: bool, right: str = ""
) -> list[str]:
    """How the race goes: the kept weights of each cell, the yardsticks beside them, who has learned the task and when.

    ``right`` says what share the accuracy is ("of all steps").
    """
    begun = {cell: epochs[cell] for cell in race.cells if epochs.get(cell)}
    if not begun:
        return ["Nothing has been measured yet."]
    losses = {cell: kept(found) for cell, found in begun.items()}
    sentences = [
        "Loss on test sequences, of the weights that are kept: "
        + listed([_at(cell, found) for cell, found in losses.items()])
        + f". {_chosen(race)}"
    ]
    marks = [yard for yard in yardsticks if yard.metric == "loss"]
    if marks:
        sentences.append(
            _beside(
                marks, {cell: one.test_loss for cell, one in losses.items() if one is not None and _told(one)}
            )
        )
    graded = {cell: one for cell, one in losses.items() if one is not None and one.test_accuracy is not None}
    if graded:
        sentences.append(
            f"Their right answers there{f' ({escape(right)})' if right else ''}: "
            + listed([_right(cell, one) for cell, one in graded.items()])
            + "".join(
                f"; {escape(yard.label)}: <b>{share(yard.value)}</b>"
                for yard in yardsticks
                if yard.metric == "accuracy"
            )
            + "."
        )
    sentences += _solved(race, begun, final)
    if race.task in BY_HEART:
        sentences += [said for cell, found in begun.items() for said in _by_heart(cell, found[-1])]
    return sentences + diverged(begun)


def best(
    epochs: Sequence[Epoch], read: Callable[[Epoch], float | None], *, largest: bool = False
) -> Epoch | None:
    """The first epoch with the least (or largest) finite value, or None where there is none."""
    found = [one for one in epochs if (value := read(one)) is not None and math.isfinite(value)]
    if not found:
        return None
    return (max if largest else min)(found, key=lambda one: read(one) or 0.0)


def learned_at(race: Race, epochs: Sequence[Epoch]) -> int | None:
    """The training step of the first look at which the task counts as learned; None where it never does."""
    if race.task not in SOLVED:
        return None
    metric, bound = SOLVED[race.task]
    for one in epochs:
        if metric == "loss" and one.test_loss < bound:
            return one.step
        if metric == "accuracy" and one.test_accuracy is not None and one.test_accuracy > bound:
            return one.step
    return None


def diverged(epochs: Epochs) -> list[str]:
    """A sentence for each cell in which a number has left the finite ones."""
    return [
        f"{label_of(cell)} diverged by step <b>{one.step:,}</b>: a number that is not finite appeared, "
        "and it is trained no further."
        for cell, found in epochs.items()
        if (one := next((epoch for epoch in found if epoch.diverged), None)) is not None
    ]


def number(value: float) -> str:
    """A number as prose has it."""
    return written(value) if math.isfinite(value) else "not a finite number"


def label_of(cell: str) -> str:
    """The name of a cell, as HTML."""
    return escape(CELLS[cell].label)


def _at(cell: str, one: Epoch | None) -> str:
    """ "GRU 0.0012 (step 1,200)"."""
    if one is None:
        return f"{label_of(cell)} none that is finite"
    return f"{label_of(cell)} <b>{number(one.test_loss)}</b> (step {one.step:,})"


def _told(one: Epoch) -> bool:
    return math.isfinite(one.test_loss)


def _right(cell: str, one: Epoch) -> str:
    """ "GRU 98 %"."""
    found = one.test_accuracy
    return f"{label_of(cell)} <b>{share(found) if found is not None and math.isfinite(found) else 'none asked'}</b>"


def _chosen(race: Race) -> str:
    """Which step of a training it is whose weights are kept."""
    if race.version > 1:
        return "The step is that of the lowest loss on validation sequences, which are not counted here."
    return "The step is that of the lowest loss on these very sequences: a run of an earlier version."


def _beside(marks: Sequence[Yardstick], losses: Mapping[str, float]) -> str:
    """The yardsticks, and how these losses compare with the hardest of them."""
    lowest = min(mark.value for mark in marks)
    if len(marks) == 1:
        head, which = f"The dotted line, {escape(marks[0].label)}, stands at <b>{number(lowest)}</b>", "it"
    else:
        named = listed([f"{escape(mark.label)} at <b>{number(mark.value)}</b>" for mark in marks])
        head, which = f"Dotted: {named}", "the lowest line"
    if lowest <= 0 or not losses:
        return head + "."
    reached = sorted((loss / lowest, label_of(cell)) for cell, loss in losses.items())
    if len(reached) > MOST_NAMED:
        reached = [reached[0], reached[-1]]
    shares = [share(part) if part < 100 else f"{written(100 * part)} %" for part, _ in reached]
    parts = [f"<b>{part}</b> ({name})" for part, (_, name) in zip(shares, reached, strict=True)]
    words = " to ".join(parts) if len(losses) > MOST_NAMED else listed(parts)
    what = "the losses are" if len(losses) > 1 else "the loss is"
    return f"{head}; {what} {words} of {which}."


def _solved(race: Race, epochs: Epochs, final: bool) -> list[str]:
    if race.task not in SOLVED:
        return []
    metric, bound = SOLVED[race.task]
    words = f"a test loss of {bound:g}" if metric == "loss" else f"{100 * bound:g} % right answers"
    steps = {cell: learned_at(race, found) for cell, found in epochs.items()}
    passed = sorted((step, cell) for cell, step in steps.items() if step is not None)
    parts = [f"{label_of(cell)} at step <b>{step:,}</b>" for step, cell in passed]
    others = [label_of(cell) for cell, step in steps.items() if step is None]
    last = max(found[-1].step for found in epochs.values())
    said = []
    if parts:
        said.append(f"Past {words}, first seen: {listed(parts)}.")
    if others:
        have = "has" if len(others) == 1 else "have"
        whole = final and not any(epochs[cell][-1].diverged for cell, step in steps.items() if step is None)
        when = f"in all {last:,} steps" if whole else f"by step {last:,}"
        said.append(f"{listed(others)} {have} not passed {words} {when}.")
    return said


def _by_heart(cell: str, last: Epoch) -> list[str]:
    if last.accuracy is None or last.test_accuracy is None or not last.accuracy - last.test_accuracy > GAP:
        return []
    return [
        f"{label_of(cell)} is right in <b>{share(last.accuracy)}</b> of what it learns from and in "
        f"<b>{share(last.test_accuracy)}</b> of the test sequences: what is learned by heart does not help there."
    ]

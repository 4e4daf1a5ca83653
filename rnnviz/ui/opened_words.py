"""What is said of a trained network: what it is, what it answers, and what training has changed, in measured numbers.

The sentences are HTML. What a user typed (the letters of a text) does not go into them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rnnviz.race import FIELDS, Race
from rnnviz.registry import CELLS
from rnnviz.ui import findings, run_words
from rnnviz.ui.findings import number, share
from rnnviz.ui.networks import SAVED, Raced
from rnnviz.ui.opened_kind import AFTER, BEFORE, Opened
from rnnviz.ui.training import status
from rnnviz.ui.view import View

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.dynamics import Projection
    from rnnviz.training.trained import Trained

Runs = Mapping[str, "Trained"]
"""What the networks of one cell do on a test sequence, by :data:`AFTER` and :data:`BEFORE`."""

FEW = 3
"""Cells whose test loss stands in the line over the picture."""

_NO_LONE = ("lstm_peephole", "mingru")
"""Cells that normalise no values of which there is one a unit."""

LONG = 10
"""Steps over which a unit is asked what it still has."""


def banner(found: Raced, view: View, *, several: bool = False) -> str:
    """What is shown, in a line; with ``several`` of all cells on one chart."""
    race, run, shown = found.race, found.shown.run, found.which(view.weights)
    label = "" if several else CELLS[found.cell].label
    parts = [f"{race.hidden} unit" + "s" * (race.hidden != 1)]
    how = found.stage(shown, found.task)
    if several:
        losses = [(cell, number(found.network(cell, shown[0]).test_loss)) for cell in found.cells[:FEW]]
        if len(found.cells) <= FEW:
            parts.append("test loss " + ", ".join(f"{CELLS[cell].label} {loss}" for cell, loss in losses))
        how = how[0].upper() + how[1:]
    else:
        step = found.step(found.cell) if AFTER in shown else None
        by = "" if race.task in SAVED else f" (lowest {'validation' if race.version > 1 else 'test'} loss)"
        parts += [f"at step {step:,} of {race.steps:,}{by}"] if step is not None else []
        losses = [(which, number(found.network(found.cell, which).test_loss)) for which in reversed(shown)]
        parts.append("test loss " + " → ".join(loss for _, loss in losses))
    if run.state != "done":
        parts.append(status.headline(found.shown).lower())
    return f"<b>{label}</b> {how}: <span>{', '.join(parts)}</span>".removeprefix("<b></b> ")


def description(found: Raced) -> str:
    """What the run is: its task, its state, and every setting that counts."""
    race = found.race
    rows = [
        (known.label, status.value_of(known, getattr(race, known.name)))
        for known in FIELDS
        if known.name != "task" and known.in_play({"task": race.task})
    ]
    # The side of the page is not drawn anew while the run goes on.
    state = status.headline(found.shown)
    state += "" if found.shown.run.active else f": {status.detail(found.shown)}"
    return run_words.described("Trained network", found.task, state, rows)


def answers(runs: Runs) -> str:
    """What the networks say to the sequence, beside the truth, and the task's loss on it."""
    one = next(iter(runs.values()))
    loss = {which: f"<b>{number(float(run.gradients.loss))}</b>" for which, run in runs.items()}
    count = len(one.scored)
    if not one.truth.is_floating_point():
        right = {which: int((run.answer.argmax(-1) == run.truth).sum()) for which, run in runs.items()}
        if count == 1:
            said = [
                f"<b>{'right' if right[which] else 'wrong'}</b>{_when(which, runs)} (loss {loss[which]})"
                for which in runs
            ]
            return f"The answer to this sequence is {', '.join(said)}."
        said = [f"<b>{right[which]}</b>{_when(which, runs)} (loss {loss[which]})" for which in runs]
        return f"Right answers on this sequence, of {count}: {', '.join(said)}."
    if one.answer.numel() > 1:
        said = [f"{loss[which]}{_when(which, runs)}" for which in runs]
        return f"Loss on this sequence, the mean squared error over {count} scored steps: {', '.join(said)}."
    said = [
        f"<b>{number(float(run.answer))}</b>{_when(which, runs)} (loss {loss[which]})"
        for which, run in runs.items()
    ]
    return f"The truth is <b>{number(float(one.truth))}</b>; the answer is {', '.join(said)}."


def gates(opened: Opened, runs: Runs) -> list[str]:
    """How much is kept and how much is saturated, after training beside before."""
    layers = {which: run.trace.layers[0] for which, run in runs.items()}
    one = next(iter(layers.values()))
    if len(layers) < 2:
        return [opened.answers(runs), *findings.gates(CELLS[one.cell], one)]
    kept = {which: found[1] for which, layer in layers.items() if (found := findings.kept(layer)) is not None}
    sentences = [opened.answers(runs)]
    if len(kept) == 2:
        letter = (findings.kept(one) or ("", None))[0]
        now, then = (number(findings.mean_kept(kept[which])) for which in (AFTER, BEFORE))
        long, was = (_long(kept[which]) for which in (AFTER, BEFORE))
        sentences.append(
            f"<i>{letter}</i> is <b>{now}</b> on (geometric) average, before training <b>{then}</b>. Units that keep "
            f"more than half of what they remember over {LONG} steps: <b>{long}</b> of {one.h.shape[2]}, before "
            f"<b>{was}</b>."
        )
    shares = {which: findings.saturations(layer)[0] for which, layer in layers.items()}
    pinned = [
        f"<i>{name}</i> <b>{share(_pinned(found))}</b> ({share(_pinned(shares[BEFORE][name]))})"
        for name, found in shares[AFTER].items()
        if math.isfinite(_pinned(found)) and math.isfinite(_pinned(shares[BEFORE][name]))
    ]
    if pinned:
        sentences.append(
            "Share of saturated values, behind which almost no gradient arrives (in brackets: before training): "
            + ", ".join(pinned) + "."
        )  # fmt: skip
    largest = {which: number(float(layer.h.abs().amax())) for which, layer in layers.items()}
    return sentences + (
        findings.overflow(layers[AFTER])
        or [f"The largest |h| is <b>{largest[AFTER]}</b>, before training {largest[BEFORE]}."]
    )


def states(opened: Opened, runs: Runs, projection: Projection, *, common: bool) -> list[str]:
    """How much of the motion is drawn, and how far the states go, after training beside before."""
    sentences = [opened.answers(runs), *findings.states(projection, "one")]
    if common:
        sentences.append(
            "Both paths are seen along the same axes, the principal components of the two together."
        )
    spread = {which: _spread(run.trace.layers[0].h) for which, run in runs.items()}
    if len(spread) == 2 and all(math.isfinite(value) for value in spread.values()):
        sentences.append(
            f"The states lie <b>{number(spread[AFTER])}</b> from their mean (root mean square), before training "
            f"<b>{number(spread[BEFORE])}</b>."
        )
    return sentences + [said for run in runs.values() for said in findings.overflow(run.trace.layers[0])][:1]


def gradient(label: str, norms: Mapping[str, tuple[Tensor, Tensor]], at: int, quantity: str) -> str:
    """How much of one cell's gradient comes back from step ``at``, the last scored one, to step 1.

    ``norms`` holds by network the norms and which of them underflowed.
    """
    said = []
    for which, (values, lost) in norms.items():
        last, first = float(values[at]), float(values[0])
        start = "too small for float32" if lost[0] else number(first)
        text = f"<b>{number(last)}</b> at the last scored step and <b>{start}</b> at step 1"
        if 0 < last < math.inf and math.isfinite(first) and not lost[0]:
            text += f", <b>{number(first / last)}</b> of it"
        said.append("before training " * (which == BEFORE) + text)
    return f"{label}: ‖∂L/∂{quantity}‖ is {'; '.join(said)}."


def variant(race: Race, cell: str) -> list[str]:
    """What a race changes in the equations of the cell."""
    notes = []
    if race.layernorm:
        from rnnviz.variants import unchanged

        memory = " and, before its tanh, c" if cell == "lstm" else ""
        notes.append(
            unchanged(cell)
            or f"In this run layer norm brings the pre-activations of each step{memory} to mean 0 and variance 1 first "
            "(Ba et al. 2016, arXiv:1607.06450)."
        )
    if race.hidden == 1 and cell not in _NO_LONE and (race.layernorm or cell == "lstm_layernorm"):
        notes.append("It has a single unit, and layer norm over a single value leaves 0.")
    if race.residual:
        notes.append(
            "In this run h has a residual connection over time: what these equations give is added to h before."
        )
    return notes


def _when(which: str, runs: Runs) -> str:
    return "" if len(runs) < 2 else " after training" if which == AFTER else " before"


def _long(kept: Tensor) -> int:
    """How many units (T, B, H) keep more than half over :data:`LONG` steps, by their geometric mean."""
    return int((kept.log().mean((0, 1)) * LONG > math.log(0.5)).sum())


def _pinned(found: Any) -> float:
    return float(found.low_share + found.high_share)


def _spread(h: Tensor) -> float:
    """Root mean square distance of the states (T, B, H) from their mean."""
    h = h.double().flatten(0, 1)
    return float((h - h.mean(0)).square().sum(1).mean().sqrt())

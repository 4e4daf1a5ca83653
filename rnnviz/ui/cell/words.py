"""What the picture of a cell shows, in sentences that quote what was measured of the run.

The sentences are HTML; nothing that a user typed goes into them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rnnviz.ui import findings
from rnnviz.ui.findings import number, share

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.gradients import LayerGradients
    from rnnviz.inside import Inside
    from rnnviz.trace import LayerTrace

FADED = 0.1
"""The share of the gradient at the loss below which it counts as faded."""


def cell(seen: Inside, layer: LayerTrace) -> list[str]:
    """What is kept and what is written at each step, which unit keeps longest, and how much is saturated."""
    sentences = [*keeping(layer), *mixing(seen), *changing(seen)]
    shares = [
        f"<i>{name}</i> {share(pinned.low_share + pinned.high_share)}"
        for name, pinned in findings.saturations(layer)[0].items()
        if math.isfinite(pinned.low_share)
    ]
    if shares:
        sentences.append(
            "Saturated, where the curve is flat and hardly any gradient comes through: "
            + ", ".join(shares)
            + " of the values."
        )
    return sentences + findings.overflow(layer)


def keeping(layer: LayerTrace) -> list[str]:
    """Which unit keeps what it remembers longest, and which shortest; nothing without a gate that keeps."""
    found = findings.kept(layer)
    if found is None:
        return []
    letter, held = found[0], found[1][:, 0]
    means = held.log().mean(0).exp()
    if not bool(means.isfinite().all()):
        return []
    memory = "c" if layer.c is not None else "h"
    longest, shortest = int(means.argmax()), int(means.argmin())
    most, least = float(means[longest]), float(means[shortest])
    if len(means) == 1:
        return [f"<i>{letter}</i> is <b>{number(most)}</b> on (geometric) average, so {_half(most, memory)}."]
    return [
        f"Unit <b>{longest}</b> keeps longest: its <i>{letter}</i> is <b>{number(most)}</b> on (geometric) average, so "
        f"{_half(most, memory)}. Unit <b>{shortest}</b> forgets fastest, with <b>{number(least)}</b>."
    ]


def mixing(seen: Inside) -> list[str]:
    """How the new memory is made of what is kept and what is new, by size over all units and steps."""
    new = next((name for name in ("written", "taken") if name in seen.values), None)
    if new is None or "kept" not in seen.values:
        return []
    old, fresh = (_size(seen.values[name]) for name in ("kept", new))
    if not (math.isfinite(old + fresh) and old + fresh > 0):
        return []
    memory = "c" if "c" in seen.values else "h"
    products = {"written": "<i>i</i> ⊙ <i>g</i>", "taken": "the candidate <i>n</i>"}
    return [
        f"Of what flows into the new <i>{memory}</i>, <b>{share(old / (old + fresh))}</b> is kept from the step before "
        f"and <b>{share(fresh / (old + fresh))}</b> is new, from {products[new]} (mean sizes {number(old)} and "
        f"{number(fresh)})."
    ]


def changing(seen: Inside) -> list[str]:
    """How far the state of a cell without gates goes in a step, beside its size."""
    if "kept" in seen.values:
        return []
    h, before = seen.values["h"].double(), seen.values["h_before"].double()
    moved, size = float((h - before).square().mean().sqrt()), float(h.square().mean().sqrt())
    if not math.isfinite(moved + size):
        return []
    return [
        "No gate keeps anything: the whole of <i>h</i> is written anew at each step. It moves by "
        f"<b>{number(moved)}</b> a step, and is <b>{number(size)}</b> large (root mean squares)."
    ]


def fading(seen: Inside, gradients: LayerGradients, at: int) -> list[str]:
    """Over how many steps the gradient of a loss at step ``at``, from 0, comes back."""
    norms = gradients.h_norm[: at + 1].double()
    start = float(norms[-1])
    if not (math.isfinite(start) and start > 0) or not at:
        return []
    left = norms / start
    faded = (left < FADED).nonzero()[:, 0]
    text = f"Backwards from the loss at step {at + 1}, ‖∂L/∂h‖ "
    if not bool(left.isfinite().all()):
        return [f"{text}leaves float32's range."]
    if len(faded) and int(faded[-1]) < at:
        back = at - int(faded[-1])
        steps = f"<b>{back}</b> step{'s' * (back != 1)}"
        first = (
            ""
            if int(faded[-1]) == 0
            else f", at step 1 {_small(float(left[0]), bool(gradients.underflow[0]))}"
        )
        return [f"{text}is below a tenth after {steps}{first}."]
    return [
        f"{text}is still <b>{number(float(left[0]))}</b> of itself at step 1, {at} step{'s' * (at != 1)} back."
    ]


def _small(left: float, lost: bool) -> str:
    return "too small for float32" if lost else f"<b>{number(left)}</b> of itself"


def _half(mean: float, memory: str) -> str:
    """How soon half of a memory is gone that is multiplied by ``mean`` at each step."""
    if mean >= 1:
        return f"all of its <i>{memory}</i> stays"
    if mean <= 0:
        return f"nothing of its <i>{memory}</i> stays"
    return f"half of its <i>{memory}</i> is gone after <b>{number(math.log(0.5) / math.log(mean))}</b> steps"


def _size(values: Tensor) -> float:
    return float(values.double().abs().mean())

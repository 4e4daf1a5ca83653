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

    from rnnviz.inside import Inside
    from rnnviz.trace import LayerTrace

FADED = 0.1
"""The share of the gradient at the loss below which it counts as faded."""


_RESIDUAL = "A residual connection keeps all of <i>h</i>."


def cell(seen: Inside, layer: LayerTrace) -> list[str]:
    """What is kept and what is written at each step, which unit keeps longest, and how much is saturated."""
    sentences = [*keeping(layer), *mixing(seen), *changing(seen)]
    shares = saturated(seen, layer)
    if any(shares.values()):
        each = ", ".join(f"{name} {share(value)}" for name, value in shares.items())
        sentences.append(
            f"Saturated, where the curve is flat and little gradient comes through: {each} of the values."
        )
    elif shares:
        letters = ", ".join(shares)
        sentences.append(f"Nothing is saturated: no value of {letters} lies where its curve is flat.")
    return sentences + findings.overflow(layer)


def saturated(seen: Inside, layer: LayerTrace) -> dict[str, float]:
    """The saturated share of each quantity that a curve gives, by its letter in HTML.

    An LSTM's h is a product and a GRU's a mixture: of these tanh c is told, or nothing.
    """
    from rnnviz.statistics import saturation

    every = {f"<i>{name}</i>": found for name, found in findings.saturations(layer)[0].items()}
    if layer.gates:
        every.pop("<i>h</i>", None)
    if "bounded" in seen.values:
        of = "LN " if "normal" in seen.values else ""
        every[f"tanh {of}<i>c</i>"] = saturation(seen.values["bounded"][:, None], "tanh")
    return {
        name: found.low_share + found.high_share
        for name, found in every.items()
        if math.isfinite(found.low_share)
    }


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
    if most == least:
        return [
            f"Each unit keeps as much as any other: its <i>{letter}</i> is <b>{number(most)}</b> on (geometric) "
            f"average, so {_half(most, memory)}."
        ]
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
    if memory == "h" and "added" in seen.values:
        return [
            f"{_RESIDUAL} Of what is added to it, <b>{share(old / (old + fresh))}</b> is a part of the <i>h</i> before "
            f"and <b>{share(fresh / (old + fresh))}</b> is new, from {products[new]} (mean sizes {number(old)} and "
            f"{number(fresh)})."
        ]
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
    if "added" in seen.values:
        return [
            f"{_RESIDUAL} A step adds <b>{number(moved)}</b> to it, which is <b>{number(size)}</b> large (root mean "
            "squares)."
        ]
    return [
        "No gate keeps anything: the whole of <i>h</i> is written anew at each step. It moves by "
        f"<b>{number(moved)}</b> a step, and is <b>{number(size)}</b> large (root mean squares)."
    ]


def fading(seen: Inside, at: int) -> list[str]:
    """Over how many steps the gradient of a loss at step ``at``, from 0, comes back: that of c, where there is one."""
    letter = "c" if "c" in seen.norms else "h"
    norms = seen.norms[letter][: at + 1].double()
    start = float(norms[-1])
    if not (math.isfinite(start) and start > 0) or not at:
        return []
    left, steps = norms / start, f"{at} step{'s' * (at != 1)} back"
    faded = (left < FADED).nonzero()[:, 0]
    text = f"Backwards from the loss at step {at + 1}, ‖∂L/∂{letter}‖ "
    if not bool(left.isfinite().all()):
        if seen.cell == "rnn_relu" and not bool(seen.values["h"][: at + 1].isfinite().all()):
            return [f"{text}is <b>no number</b>: whether a ReLU is open over such states, nobody knows."]
        return [f"{text}leaves float32's range."]
    if not len(faded):
        first = float(left[0])
        grown = f"has grown to <b>{number(first)}</b> times its size" if first > 1 else ""
        return [f"{text}{grown or f'is still <b>{number(first)}</b> of itself'} at step 1, {steps}."]
    back = at - int(faded[-1])
    text += f"is below a tenth after <b>{back}</b> step{'s' * (back != 1)}"
    if back == at:
        return [f"{text}."]
    end = "too small for float32" if seen.lost[letter][0] else f"<b>{number(float(left[0]))}</b> of itself"
    return [f"{text}, and at step 1, {steps}, {end}."]


def _half(mean: float, memory: str) -> str:
    """How soon half of a memory is gone that is multiplied by ``mean`` at each step."""
    if mean >= 1:
        return f"all of its <i>{memory}</i> stays"
    if mean <= 0:
        return f"nothing of its <i>{memory}</i> stays"
    return f"half of its <i>{memory}</i> is gone after <b>{number(math.log(0.5) / math.log(mean))}</b> steps"


def _size(values: Tensor) -> float:
    return float(values.double().abs().mean())

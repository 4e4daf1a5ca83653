"""Sentences that say what a picture shows. Each quotes numbers measured on the model that was drawn.

The sentences are HTML; nothing that a user typed goes into them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rnnviz.prose import written
from rnnviz.registry import Cell, Kind, cell_named

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.dynamics import Projection
    from rnnviz.gradients import DecayFit
    from rnnviz.statistics import Saturation
    from rnnviz.trace import LayerTrace


def number(value: float) -> str:
    """A number as prose has it: 0.482, 12.3, −1234, 4.1 × 10⁻¹²."""
    return written(value).replace("-", "−") if math.isfinite(value) else "not a finite number"


def share(value: float) -> str:
    """A share in per cent: 0 %, 0.4 %, 37 %."""
    per_cent = 100 * value
    return f"{per_cent:.1f} %" if 0 < per_cent < 1 else f"{per_cent:.0f} %"


def kept(layer: LayerTrace) -> tuple[str, Tensor] | None:
    """The share of its memory that each unit keeps at each step (T, B, H), and its letter; None without such a gate.

    A residual connection over time keeps all of h besides, so that a gate of h alone does not tell.
    """
    if "f" in layer.gates:
        return "f", layer.gates["f"].double()
    if "z" not in layer.gates or layer.residual:
        return None
    z = layer.gates["z"].double()
    return ("z", z) if layer.cell == "gru" else ("1 − z", 1 - z)


def mean_kept(shares: Tensor) -> float:
    """The mean that counts: what is left is a product over the steps, so it is the geometric one. NaN without any."""
    return float(shares[shares.isfinite()].log().mean().exp())


def quantities(layer: LayerTrace) -> dict[str, tuple[Tensor, Kind]]:
    """The gates and the hidden state of a layer, and what bounds each."""
    from rnnviz.statistics import state_kind

    cell = cell_named(layer.cell)
    found = {gate.name: (layer.gates[gate.name], gate.kind) for gate in cell.gates}
    return found | {"h": (layer.h, state_kind(cell.name, residual=layer.residual))}


def saturations(layer: LayerTrace) -> tuple[dict[str, Saturation], dict[str, str]]:
    """The saturated share of each bounded gate and state by letter, and what bounds each."""
    from rnnviz.statistics import saturation

    bounded = {name: pair for name, pair in quantities(layer).items() if pair[1] != "linear"}
    return {n: saturation(v, k) for n, (v, k) in bounded.items()}, {n: k for n, (_, k) in bounded.items()}


def gates(cell: Cell, layer: LayerTrace) -> list[str]:
    """What the gates do: how much is kept a step, how much is saturated, how large the state grows."""
    sentences = []
    found = kept(layer)
    if found is not None:
        letter, held = found[0], mean_kept(found[1])
        if math.isfinite(held):
            sentences.append(
                f"{cell.label}: <i>{letter}</i> is <b>{number(held)}</b> on (geometric) average, "
                f"so about <b>{number(held**10)}</b> of what is remembered is left after 10 steps."
            )
    shares = [
        f"<i>{name}</i> {share(pinned.low_share + pinned.high_share)}"
        for name, pinned in saturations(layer)[0].items()
        if math.isfinite(pinned.low_share)
    ]
    if shares:
        sentences.append("Saturated, where the slope is close to 0: " + ", ".join(shares) + " of the values.")
    largest = float(layer.h.abs().amax())
    sentences += overflow(layer) or [
        f"The largest |h| is <b>{number(largest)}</b>, over all units and steps."
    ]
    return sentences


def overflow_at(layer: LayerTrace) -> int | None:
    """The first step, from 1, whose state has become too large, if one has."""
    beyond = (~layer.h.isfinite()).flatten(1).any(1)
    return int(beyond.nonzero()[0, 0]) + 1 if bool(beyond.any()) else None


def overflow(layer: LayerTrace) -> list[str]:
    """The sentence for a state that has become too large, if it has."""
    first = overflow_at(layer)
    if first is None:
        return []
    return [
        f"The state leaves float32's range at step <b>{first}</b>; what follows is not a number and is left blank."
    ]


def states(projection: Projection, many: str) -> list[str]:
    """How much of the motion the drawn components hold, and whether several runs come together."""
    explained = [float(value) for value in projection.explained]
    several = len(explained) > 1
    which = f"{len(explained)} principal components hold" if several else "principal component holds"
    sentences = [
        f"The first {which} <b>{share(sum(explained))}</b> of the variance"
        + (f" ({', '.join(share(value) for value in explained)})." if several else ".")
    ]
    if many != "one" and projection.points.shape[1] > 1:
        spread = (projection.points - projection.points.mean(1, keepdim=True)).norm(dim=-1).mean(1)
        first, last = float(spread[0]), float(spread[-1])
        what = "start states" if many == "starts" else "input strengths"
        if last > 0 and math.isfinite(first) and math.isfinite(last):
            moved = (
                "come together" if last < first / 2 else "drift apart" if last > first * 2 else "stay apart"
            )
            sentences.append(
                f"The runs from several {what} {moved}: their mean distance from the centre goes from "
                f"<b>{number(first)}</b> to <b>{number(last)}</b> in "
                f"{'these components' if several else 'this component'}."
            )
    return sentences


def unknown(label: str, norms: Tensor, layer: LayerTrace, quantity: str) -> str:
    """Of a gradient that comes back over ReLUs of which nobody knows whether they are open; of any other nothing.

    ``norms`` end at the loss.
    """
    from rnnviz.unknown import no_number

    blank = int(norms.isnan().sum())
    if not blank or not bool(no_number(layer.cell, layer.h).any()):
        return ""
    at = f"is <b>{number(float(norms[-1]))}</b> at the loss and " if norms[-1].isfinite() else "is "
    return (
        f"{label}: ‖∂L/∂{quantity}‖ {at}<b>no number</b> at {blank} of {len(norms)} steps: the state leaves float32's "
        f"range at step <b>{overflow_at(layer)}</b>, and whether a ReLU is open from there on, nobody knows."
    )


def gradient(label: str, fit: DecayFit, norms: Tensor, lost: int, quantity: str) -> str:
    """How one cell's gradient changes on its way back from the loss, the last of ``norms``, to step 1."""
    at, first = float(norms[-1]), float(norms[0])
    text = f"{label}: ‖∂L/∂{quantity}‖ goes from <b>{number(at)}</b> at the loss "
    text += f"to <b>{number(first)}</b> at step 1" if first else "to <b>nothing</b>"
    if math.isfinite(fit.rate):
        text += f", <b>× {fit.rate:.3g}</b> per step back (fitted line"
        text += f", R² {fit.r2:.2f})" if math.isfinite(fit.r2) else ")"
    if lost:
        text += f". At <b>{lost}</b> of {len(norms)} steps it is too small for float32"
    return text + "."

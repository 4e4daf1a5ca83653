"""Which gradients nobody knows: those that come back over a ReLU whose input is no number.

A run whose state has left its dtype's range goes on with infinity and NaN. Most slopes then are NaN too, or do not
depend on the state; but PyTorch's ReLU hands on all of a gradient where its input is NaN, as if it were open. What
comes of that looks like any other number, and says nothing of the model: whether the ReLU would be open, nobody knows.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from rnnviz.problem import LayerRun, Run

Mask = Bool[Tensor, "T B"]


def no_number(cell: str, h: Float[Tensor, "*S H"]) -> Bool[Tensor, "*S"]:
    """Whether a step that came to these states has slopes that nobody knows: ReLUs with a state that is not finite."""
    if cell != "rnn_relu":
        return torch.zeros(h.shape[:-1], dtype=torch.bool, device=h.device)
    return ~h.isfinite().all(-1)


def back_from(steps: Mask) -> Mask:
    """The steps that lie before any of ``steps``, or are one of them."""
    return steps.flip(0).int().cummax(0).values.flip(0) > 0


def unknown(run: Run, lost: Sequence[Sequence[Bool[Tensor, " T"]]]) -> tuple[Mask, list[Mask]] | None:
    """The steps and sequences at which dL/dx_t, and dL/dh_t in each layer, are not known; None where all are.

    ``lost`` marks the gradients of each layer that are 0 by underflow alone, in the order of ``run.layers``: these
    arrive too. A true 0 does not.
    """
    if not any(bool(no_number(one.layer.cell, one.h).any()) for one in run.layers):
        return None
    found: list[Mask] = []
    into: dict[int, Mask] = {}  # by level: what its layers hand on to their input
    for one, marks in reversed(list(zip(run.layers, lost, strict=True))):
        level = one.layer.level
        above = into.get(level + 1, torch.zeros_like(one.h[..., 0], dtype=torch.bool))
        at_h, at_input = _of_layer(one, above, torch.stack(list(marks)).any(0))
        found.append(at_h)
        into[level] = into.get(level, torch.zeros_like(at_input)) | at_input
    return into[0], found[::-1]


def _of_layer(run: LayerRun, above: Mask, lost: Bool[Tensor, " T"]) -> tuple[Mask, Mask]:
    """What is not known at h_t, and at the input of the layer; ``above`` is that at the input of the next level."""
    order = (0,) if run.layer.reverse else ()
    parts = [part for part in (run.dh, run.dc) if part is not None]
    arriving = torch.stack([(part != 0).any(-1) for part in parts]).any(0) | lost[:, None]
    crossed = no_number(run.layer.cell, run.h) & arriving
    crossed, above = crossed.flip(order), above.flip(order)
    before = torch.cat([back_from(crossed)[1:], torch.zeros_like(crossed[:1])])
    at_h = before | back_from(above)
    return at_h.flip(order), (at_h | crossed).flip(order)

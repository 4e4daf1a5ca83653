"""Inside a cell: every quantity of every step of a run, its weights, and the gradients that come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from rnnviz.dataflow import Node, evaluate, flow_of
from rnnviz.gradients import LayerGradients
from rnnviz.registry import cell_named
from rnnviz.trace import LayerTrace


@dataclass(frozen=True, eq=False)
class Inside:
    """One sequence of one layer, taken apart; T steps, D inputs, H units.

    ``nodes`` is the graph of the cell, ``values`` every node's numbers by its name: (T, H), ``x`` (T, D); those of
    ``h_before`` and ``c_before`` begin with the state before the first step. ``params`` are the weights by their name
    in the registry. ``gradients`` holds dL/dh_t, and dL/dc_t where the cell has a memory, as ``h`` and ``c`` (T, H).
    """

    cell: str
    nodes: tuple[Node, ...]
    values: Mapping[str, Float[Tensor, "T N"]]
    params: Mapping[str, Tensor]
    gradients: Mapping[str, Float[Tensor, "T H"]]


@torch.no_grad()
def inside(
    layer: LayerTrace,
    x: Float[Tensor, "T B D"],
    gradients: LayerGradients | None = None,
    sequence: int = 0,
) -> Inside:
    """Take a traced layer apart that read ``x``, the input of that layer, in one sequence of its batch.

    Gates and states are those of the trace; what lies between is computed from them by the graph of the cell.
    ``ValueError`` for a layer that reads backwards, or whose h is smaller than its c.
    """
    states = cell_named(layer.cell).states
    if "reversed" in layer.name or (layer.c is not None and layer.h.shape != layer.c.shape):
        raise ValueError(
            f"expected a layer that reads forwards, with as many numbers in h as in c, got {layer.name} with h of "
            f"{layer.h.shape[-1]}; take another layer, or a module without proj_size"
        )
    after = [layer.h] if layer.c is None else [layer.h, layer.c]
    start = [layer.h0] if layer.c0 is None else [layer.h0, layer.c0]
    after, start = [part[:, sequence] for part in after], [part[sequence] for part in start]
    before = tuple(torch.cat([first[None], part[:-1]]) for first, part in zip(start, after, strict=True))
    seen = {name: gate[:, sequence] for name, gate in layer.gates.items()}
    values = evaluate(layer.cell, layer.params, x[:, sequence], before)
    back = {}
    if gradients is not None:
        back = {"h": gradients.h[:, sequence]}
        if gradients.c is not None:
            back["c"] = gradients.c[:, sequence]
    values = values | seen | dict(zip(states, after, strict=True))
    return Inside(layer.cell, flow_of(layer.cell), values, layer.params, back)

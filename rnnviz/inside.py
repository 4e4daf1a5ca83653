"""Inside a cell: every quantity of every step of a run, its weights, and the gradients that come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from rnnviz.dataflow import Node, evaluate, flow_of
from rnnviz.gradients import LayerGradients, step_norms
from rnnviz.registry import cell_named
from rnnviz.trace import LayerTrace


@dataclass(frozen=True, eq=False)
class Inside:
    """One sequence of one layer, taken apart; T steps, D inputs, H units.

    ``nodes`` is the graph of the cell, ``values`` every node's numbers by its name: (T, H), ``x`` (T, D); those of
    ``h_before`` and ``c_before`` begin with the state before the first step. ``params`` are the weights by their name
    in the registry. ``gradients`` holds dL/dh_t, and dL/dc_t where the cell has a memory, as ``h`` and ``c`` (T, H),
    ``norms`` their Euclidean norms over the units; ``lost`` marks the steps whose norm is not to be read as a number
    (see :mod:`rnnviz.underflow`); NaN stands where a gradient is not known (:mod:`rnnviz.unknown`). ``scored`` are
    the steps that the loss counts, ascending.
    """

    cell: str
    nodes: tuple[Node, ...]
    values: Mapping[str, Float[Tensor, "T N"]]
    params: Mapping[str, Tensor]
    gradients: Mapping[str, Float[Tensor, "T H"]]
    norms: Mapping[str, Float[Tensor, " T"]] = field(default_factory=dict)
    lost: Mapping[str, Bool[Tensor, " T"]] = field(default_factory=dict)
    scored: tuple[int, ...] = ()


@torch.no_grad()
def inside(
    layer: LayerTrace,
    x: Float[Tensor, "T B D"],
    gradients: LayerGradients | None = None,
    sequence: int = 0,
    scored: Sequence[int] = (),
) -> Inside:
    """Take a traced layer apart that read ``x``, the input of that layer, in one sequence of its batch.

    ``scored`` are the steps that the loss of ``gradients`` counts, from 0; where nobody says it is the last step that
    has a gradient. Gates and states are those of the trace; what lies between is computed from them by the graph of
    the cell.
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
    changes = {"layernorm": layer.layernorm, "residual": layer.residual}
    values = evaluate(layer.cell, layer.params, x[:, sequence], before, **changes)
    back, marked = {}, {}
    if gradients is not None:
        back, marked = {"h": gradients.h[:, sequence]}, {"h": gradients.underflow}
        if gradients.c is not None and gradients.c_underflow is not None:
            back["c"], marked["c"] = gradients.c[:, sequence], gradients.c_underflow
    norms = {name: step_norms(gradient[:, None]) for name, gradient in back.items()}
    # The marks are those of the whole batch: beside them a norm of this sequence that lost its digits is lost too.
    small = {name: norm < torch.finfo(norm.dtype).tiny for name, norm in norms.items()}
    lost = {name: small[name] & (marked[name] | (norm > 0)) for name, norm in norms.items()}
    values = values | seen | dict(zip(states, after, strict=True))
    if not scored and norms:
        alive = torch.stack([norm != 0 for norm in norms.values()] + list(lost.values())).any(0)
        scored = alive.nonzero().flatten().tolist()[-1:]
    flow = flow_of(layer.cell, **changes)
    return Inside(layer.cell, flow, values, layer.params, back, norms, lost, tuple(sorted(scored)))

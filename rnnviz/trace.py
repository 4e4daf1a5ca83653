"""Every gate and state of a real recurrent module, observed without touching it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnviz import fused, unrolled
from rnnviz.inputs import Input, State, prepare
from rnnviz.problem import LayerRun, Run


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """One direction of one layer, in input time order.

    ``h[t]`` is the state after reading ``x[t]``; a reversed layer comes to it from ``t + 1``. ``h0`` is the
    state before the first step that the direction reads, which for a reversed layer is step T-1. ``gates``
    are values after their non-linearity, by their letter in PyTorch's order; an RNN has none. P = H but for
    an LSTM with ``proj_size``, whose h is smaller than its c. ``residual`` tells that h has a residual connection
    over time, which takes its bounds away; ``layernorm`` that its pre-activations are normalised.

    ``params`` are the weights that it ran with, by their name in the registry, detached but not copied: who trains the
    module on changes them.
    """

    name: str
    cell: str
    h: Float[Tensor, "T B P"]
    c: Float[Tensor, "T B H"] | None
    h0: Float[Tensor, "B P"]
    c0: Float[Tensor, "B H"] | None
    gates: dict[str, Float[Tensor, "T B H"]]
    residual: bool = False
    layernorm: bool = False
    params: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Trace:
    """A run of a module, time-major whatever its layout; O is what its directions put out together.

    The layers come in PyTorch's order: ``layer 0``, ``layer 0 reversed``, ``layer 1``, ...
    """

    x: Float[Tensor, "T B D"]
    output: Float[Tensor, "T B O"]
    layers: tuple[LayerTrace, ...]


@torch.inference_mode(False)
@torch.no_grad()
def trace(module: nn.Module, x: Input, state: State = None) -> Trace:
    """Every gate and state of ``module`` as it reads ``x``.

    ``module`` is any ``nn.RNN``, ``nn.LSTM`` or ``nn.GRU``, or a :class:`~rnnviz.modules.CellModule`; ``x``
    and ``state`` are what it takes itself (batch_first or not, batched or not; NaN and infinity are refused).
    Everything in the result is detached. The module, its gradients and the random generators stay as they
    are, and no hook fires. NaN that the model itself produces is kept.

    Raises ``TypeError`` for another kind of module or a packed sequence, ``ValueError`` for an input that
    does not fit, and for dropout between layers in training mode.
    """
    problem = prepare(module, x, state)
    return trace_of((fused if problem.built_in else unrolled).run(problem))


def trace_of(run: Run) -> Trace:
    """The trace in a run."""
    return Trace(run.x, run.output, tuple(_layer(layer) for layer in run.layers))


def _layer(run: LayerRun) -> LayerTrace:
    layer = run.layer
    h0, *c0 = layer.state
    memory = c0[0] if c0 else None
    return LayerTrace(
        layer.name,
        layer.cell,
        run.h,
        run.c,
        h0,
        memory,
        run.gates,
        layer.residual,
        layer.layernorm,
        layer.params,
    )

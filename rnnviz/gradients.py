"""True gradients through time: dL/dh_t, dL/dc_t and dL/dx_t at every step of a real module."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from rnnviz import fused, unrolled
from rnnviz.inputs import Input, State, prepare
from rnnviz.problem import Loss, Run, last_step
from rnnviz.underflow import underflow
from rnnviz.unknown import unknown


@dataclass(frozen=True, eq=False)
class LayerGradients:
    """One direction of one layer, in input time order.

    ``h[t]`` is dL/dh_t, the total derivative: the direct use of h_t by the loss or the layer above, and all
    that flows on through later steps. ``c`` likewise. ``h_norm`` and ``c_norm`` are Euclidean norms over
    batch and units, 0 only where every entry is. ``underflow`` and ``c_underflow`` mark the steps whose norm
    is not to be read as a number, see :mod:`rnnviz.underflow`; a 0 that is not marked is a true one.
    NaN stands where a gradient is not known, see :mod:`rnnviz.unknown`.
    """

    name: str
    cell: str
    h: Float[Tensor, "T B P"]
    c: Float[Tensor, "T B H"] | None
    h_norm: Float[Tensor, " T"]
    c_norm: Float[Tensor, " T"] | None
    underflow: Bool[Tensor, " T"]
    c_underflow: Bool[Tensor, " T"] | None


@dataclass(frozen=True, eq=False)
class Gradients:
    """The gradients of one loss: at the input, time-major, and in every layer, in PyTorch's order.

    ``x[t]`` is dL/dx_t and ``x_norm`` its norm over batch and features; ``x_underflow`` marks where that
    was too small for its dtype. ``output`` (T, B, directions*H) is what the loss was computed from.
    """

    x: Float[Tensor, "T B D"]
    x_norm: Float[Tensor, " T"]
    x_underflow: Bool[Tensor, " T"]
    loss: Float[Tensor, ""]
    output: Float[Tensor, "T B O"]
    layers: tuple[LayerGradients, ...]


@torch.inference_mode(False)
@torch.no_grad()
def gradients(module: nn.Module, x: Input, loss: Loss | None = None, state: State = None) -> Gradients:
    """The gradient of ``loss`` at every step of ``module`` as it reads ``x``.

    ``module``, ``x`` and ``state`` as in :func:`rnnviz.trace.trace`. ``loss`` maps the output, time-major
    (T, B, directions*H) for every layout of ``x``, to a scalar; the default is the sum of the last step. It
    works under ``no_grad`` and on frozen parameters, and leaves the module, its ``.grad`` and the random
    generators as they are.

    Raises what :func:`~rnnviz.trace.trace` raises, and ``TypeError`` or ``ValueError`` for a loss that is no
    scalar tensor or that does not depend on the output.
    """
    problem = prepare(module, x, state)
    return gradients_of(
        (fused if problem.built_in else unrolled).run(problem, loss or last_step, memory=False)
    )


def gradients_of(run: Run) -> Gradients:
    """The gradients in a run that had a loss."""
    if run.dx is None or run.loss is None:
        raise ValueError("expected a run with a loss, got one without; pass a loss to run()")
    dx = run.dx
    parts = [[part for part in (layer.dh, layer.dc) if part is not None] for layer in run.layers]
    norms = [[step_norms(part) for part in layer] for layer in parts]
    x_norm = step_norms(dx)
    x_lost, lost = underflow(run, x_norm, norms)
    if (blank := unknown(run, lost)) is not None:
        dx, x_norm, x_lost = _without(blank[0], dx, x_norm, x_lost)
        for k, at_h in enumerate(blank[1]):
            every = [_without(at_h, *of) for of in zip(parts[k], norms[k], lost[k], strict=True)]
            parts[k], norms[k], lost[k] = (list(column) for column in zip(*every, strict=True))
    layers = []
    for layer, (dh, *dc), (h_norm, *c_norm), (h_lost, *c_lost) in zip(
        run.layers, parts, norms, lost, strict=True
    ):
        memory = (dc[0], c_norm[0], c_lost[0]) if dc else (None, None, None)
        name, cell = layer.layer.name, layer.layer.cell
        layers.append(LayerGradients(name, cell, dh, memory[0], h_norm, memory[1], h_lost, memory[2]))
    return Gradients(dx, x_norm, x_lost, run.loss, run.output, tuple(layers))


def _without(
    blank: Bool[Tensor, "T B"],
    gradient: Float[Tensor, "T B H"],
    norm: Float[Tensor, " T"],
    lost: Bool[Tensor, " T"],
) -> tuple[Tensor, Tensor, Tensor]:
    """A gradient, its norm and its marks, NaN where it is not known; a norm is that of all sequences."""
    some = blank.any(1)
    return (
        torch.where(blank[..., None], torch.nan, gradient),
        torch.where(some, torch.nan, norm),
        lost & ~some,
    )


def step_norms(gradient: Float[Tensor, "T B H"]) -> Float[Tensor, " T"]:
    """The Euclidean norm at each step, over all other dimensions.

    The square of 1e-30 is 0 in float32, and a norm must not vanish before the numbers do: so float32 is
    summed in float64, and float64 at size 1 and scaled back.
    """
    flat = gradient.flatten(1)
    norms: Tensor
    if flat.dtype == torch.float32:
        norms = torch.linalg.vector_norm(flat, dim=1, dtype=torch.float64).float()
        return norms
    peak = flat.abs().amax(1)
    scale = torch.where((peak > 0) & peak.isfinite(), peak, 1)
    norms = torch.linalg.vector_norm(flat / scale.unsqueeze(1), dim=1) * scale
    return norms


@dataclass(frozen=True)
class DecayFit:
    """A straight line through log norms: ``rate`` is the factor per step going back in time.

    Below 1 the gradient vanishes, above 1 it explodes. ``r2`` is the share of the variance of the log norms
    that the line explains. ``first`` and ``last`` are the first and last step that it went through, or None
    without any. ``underflow_steps`` counts the steps left out because the norm was too small for its dtype.
    With fewer than two steps to go by, ``rate`` and ``r2`` are NaN; ``r2`` is NaN as well where all norms are
    equal.
    """

    rate: float
    r2: float
    first: int | None
    last: int | None
    underflow_steps: int


def fit_decay(norms: Float[Tensor, " T"], at: int, lost: Bool[Tensor, " T"] | None = None) -> DecayFit:
    """Fit the decay of gradient norms at the steps up to ``at``, the step of the loss.

    Least squares on the logarithm of the norms that are finite and not below the smallest normal number of
    their dtype (1.2e-38 in float32), where digits are lost. ``lost`` is the layer's ``underflow``; without
    it every norm below that number counts as underflow, a true zero too. ``ValueError`` when ``at`` is no
    step of ``norms``.
    """
    if not 0 <= at < len(norms):
        raise ValueError(f"expected a step from 0 to {len(norms) - 1}, got {at}; pass the step of the loss")
    values = norms[: at + 1].detach().cpu()
    small = values < torch.finfo(values.dtype).tiny
    used = (~small & values.isfinite()).nonzero().flatten()
    lost_steps = int((small if lost is None else lost[: at + 1]).sum())
    first, last = (int(used[0]), int(used[-1])) if len(used) > 0 else (None, None)
    if len(used) < 2:
        return DecayFit(math.nan, math.nan, first, last, lost_steps)
    back = at - used.double()
    back = back - back.mean()
    logs = values[used].double().log()
    logs = logs - logs.mean()
    slope = (back @ logs) / (back @ back)
    total = logs @ logs
    r2 = 1 - (logs - slope * back).square().sum() / total if total > 0 else torch.tensor(math.nan)
    return DecayFit(slope.exp().item(), r2.item(), first, last, lost_steps)


def clip(gradient: Float[Tensor, "*S"], max_norm: float) -> Float[Tensor, "*S"]:
    """``gradient`` scaled down to the norm ``max_norm`` if its own is larger, else as it is.

    The rule of Pascanu, Mikolov & Bengio 2013, algorithm 1. It tames explosion; it never repairs vanishing.
    ``ValueError`` unless ``max_norm`` is positive.
    """
    if not max_norm > 0:
        raise ValueError(f"expected a positive max_norm, got {max_norm}; pass the largest norm to allow")
    norm = torch.linalg.vector_norm(gradient)
    return gradient * (max_norm / norm) if norm >= max_norm else gradient.clone()

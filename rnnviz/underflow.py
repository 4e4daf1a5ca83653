"""Which gradients are numbers, and which were too small for their dtype.

Below the smallest normal number (1.2e-38 in float32) digits go missing, and soon the value: a gradient that
is halved at each step may round to 1.4e-45 for ever, a straight line that nothing in the model draws. A norm
in that range counts as *underflow*.

A gradient of exactly 0 has two causes. Mostly it underflowed. But it may be 0 in mathematics too: through a
zero weight matrix, through ReLUs that are all off, or because the loss comes before the step. The two are
told apart by one step of the chain rule in float64, from the nearest later gradient that is not zero, blown
up to size 1: what is not zero then was lost to the dtype.

The step is taken where the run went for a ReLU. Every other cell is taken at zero input and state: its slopes
are positive everywhere in mathematics, yet a saturated tanh rounds to a slope of 0 even in float64, and that
too is a lost number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from rnnviz.cells import STEPS
from rnnviz.problem import LayerRun, Run

Norm = Float[Tensor, " T"]
Mask = Bool[Tensor, " T"]


@dataclass(frozen=True, eq=False)
class _Seen:
    """A layer with the steps at which its gradients, of h and perhaps c, are zero, and lost."""

    run: LayerRun
    zero: list[Mask]
    lost: list[Mask]


def underflow(run: Run, x_norm: Norm, norms: Sequence[Sequence[Norm]]) -> tuple[Mask, list[list[Mask]]]:
    """The steps at which the norm of dL/dx_t, and of dL/dh_t and dL/dc_t in each layer, underflowed.

    ``norms`` holds one or two norms a layer, in the order of ``run.layers``.
    """
    small = _subnormal(x_norm), [[_subnormal(norm) for norm in layer] for layer in norms]
    x_zero, *zeros = [x_norm == 0], *[[norm == 0 for norm in layer] for layer in norms]
    if not torch.stack([mask for masks in (x_zero, *zeros) for mask in masks]).any():
        return small
    seen: list[_Seen] = []
    above: list[_Seen] = []
    pairs = reversed(list(zip(run.layers, zeros, strict=True)))
    for _, level in groupby(pairs, key=lambda pair: pair[0].layer.level):
        above = [_Seen(layer, zero, _lost_states(layer, zero, above)) for layer, zero in level]
        seen += above
    x_lost = small[0] | _lost_inputs(above, x_zero[0])
    lost = [
        [tiny | mask for tiny, mask in zip(masks, layer.lost, strict=True)]
        for masks, layer in zip(small[1], reversed(seen), strict=True)
    ]
    return x_lost, lost


def _subnormal(norm: Norm) -> Mask:
    """Where a norm is not 0, yet too small to be held with all its digits."""
    return (norm > 0) & (norm < torch.finfo(norm.dtype).tiny)


def _lost_states(run: LayerRun, zero: list[Mask], above: list[_Seen]) -> list[Mask]:
    """Where the gradients are zero by underflow, on the way through later steps or in the layer above."""
    both = torch.stack(zero).all(0)
    lost = _lost_inputs(above, both)
    masks = [lost.clone() for _ in zero]
    later = _nearest_later(~both, run.layer.reverse)
    steps = (torch.stack(zero).any(0) & (later >= 0)).nonzero().flatten()
    if len(steps) > 0:
        _, *earlier = _step_back(run, later[steps])
        for mask, is_zero, values in zip(masks, zero, earlier, strict=True):
            mask[steps] |= is_zero[steps] & ~_all_zero(values)
    return masks


def _lost_inputs(layers: list[_Seen], zero: Mask) -> Mask:
    """Where the gradient at the input of ``layers``, which is 0 at ``zero``, lost what came through them."""
    result = torch.zeros_like(zero)
    for layer in layers:
        alive = ~torch.stack(layer.zero).all(0)
        # A step whose own gradient is lost is judged by the nearest later one that is not.
        later = _nearest_later(alive, layer.run.layer.reverse)
        source = torch.where(alive, torch.arange(len(alive), device=alive.device), later)
        steps = (zero & (source >= 0) & (alive | torch.stack(layer.lost).any(0))).nonzero().flatten()
        if len(steps) > 0:
            into_x, *_ = _step_back(layer.run, source[steps])
            result[steps] |= ~_all_zero(into_x)
    return result


def _all_zero(values: Tensor) -> Tensor:
    """Whether everything at a step is exactly 0."""
    return (values == 0).flatten(1).all(1)


def _nearest_later(alive: Tensor, reverse: bool) -> Tensor:
    """For each step the nearest later one, as the direction reads, that is ``alive``; -1 without any."""
    T = len(alive)
    steps = torch.arange(T, device=alive.device)
    if reverse:
        latest = torch.where(alive, steps, -1).cummax(0).values
        return torch.cat([latest.new_full((1,), -1), latest[:-1]])
    soonest = torch.where(alive, steps, T).flip(0).cummin(0).values.flip(0)
    found = torch.cat([soonest[1:], soonest.new_full((1,), T)])
    return torch.where(found == T, -1, found)


def _step_back(run: LayerRun, steps: Tensor) -> tuple[Tensor, ...]:
    """From the gradients after ``steps``, at size 1, to those at the inputs and the states before them."""
    layer = run.layer
    params = {name: parameter.double() for name, parameter in layer.params.items()}
    states = [run.h] if run.c is None else [run.h, run.c]
    before = [
        torch.cat([state[1:], start[None]] if layer.reverse else [start[None], state[:-1]])
        for state, start in zip(states, layer.state, strict=True)
    ]
    point = [tensor[steps].double() for tensor in (run.x, *before)]
    if layer.cell != "rnn_relu":
        point = [torch.zeros_like(tensor) for tensor in point]
    cotangents = [gradient[steps].double() for gradient in (run.dh, run.dc) if gradient is not None]
    size = torch.stack([cotangent.abs().flatten(1).amax(1) for cotangent in cotangents]).amax(0)
    cotangents = [cotangent / size.view(-1, 1, 1) for cotangent in cotangents]
    back = torch.func.vjp(lambda x, *state: STEPS[layer.cell](params, x, state).state, *point)[1]
    gradients: tuple[Tensor, ...] = back(tuple(cotangents))
    return gradients

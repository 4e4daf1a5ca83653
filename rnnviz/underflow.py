"""Which gradients are numbers, and which were too small for their dtype.

Below the smallest normal number (1.2e-38 in float32) digits go missing, and soon the value: a gradient that
is halved at each step may round to 1.4e-45 for ever, a straight line that nothing in the model draws. A norm
in that range counts as *underflow*.

A gradient of exactly 0 has two causes. Mostly it underflowed. But it may be 0 in mathematics too: through a
zero weight matrix, through ReLUs that are all off, or because the loss comes before the step. The two are
told apart by one step of the chain rule in float64, from the nearest later gradient that is not zero, blown
up to size 1: what is not zero then was lost to the dtype.

The step is taken where the run went for a ReLU, and for layer norm, whose slopes depend on all units. Every
other cell is taken at zero input and state: its slopes are positive everywhere in mathematics, yet a saturated
tanh rounds to a slope of 0 even in float64, and that too is a lost number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from rnnviz.problem import LayerRun, Run

Norm = Float[Tensor, " T"]
Mask = Bool[Tensor, " T"]

_NONE = -1
"""In place of a step, where there is none."""


@dataclass(frozen=True, eq=False)
class _Seen:
    """A layer: where its gradients of h and perhaps c are lost, and where one at its input would be."""

    level: int
    lost: list[Mask]
    input_lost: Mask


def underflow(run: Run, x_norm: Norm, norms: Sequence[Sequence[Norm]]) -> tuple[Mask, list[list[Mask]]]:
    """The steps at which the norm of dL/dx_t, and of dL/dh_t and dL/dc_t in each layer, underflowed.

    ``norms`` holds one or two norms a layer, in the order of ``run.layers``.
    """
    every = torch.stack([x_norm, *(norm for layer in norms for norm in layer)])
    if not (every == 0).any():  # then there is no zero to judge
        return _small(x_norm), [[_small(norm) for norm in layer] for layer in norms]
    asked = _small(every).any(0)
    seen: list[_Seen] = []
    for layer, of_layer in reversed(list(zip(run.layers, norms, strict=True))):
        above = [other.input_lost for other in seen if other.level == layer.layer.level + 1]
        seen.append(_judged(layer, of_layer, above, asked))
    from_input = [layer.input_lost for layer in seen if layer.level == 0]
    x_lost = _small(x_norm) & ((x_norm > 0) | torch.stack(from_input).any(0))
    return x_lost, [layer.lost for layer in reversed(seen)]


def _small(norm: Tensor) -> Tensor:
    """Where a norm is 0 or too small to be held with all its digits."""
    return norm < torch.finfo(norm.dtype).tiny


def _judged(run: LayerRun, norms: Sequence[Norm], above: list[Mask], asked: Mask) -> _Seen:
    """Tell what is lost in a layer: on the way through its later steps, or in the layers ``above``."""
    sound = ~torch.stack([_small(norm) for norm in norms]).all(0)
    later = _nearest_later(sound, run.layer.reverse)
    T = len(sound)
    # At the input, a step whose own gradient is lost is judged by the nearest later one that is not.
    own = torch.where(sound, torch.arange(T, device=later.device), later)
    into_x, *back = _carried(run, torch.cat([own, later]).where(asked.repeat(2), _NONE))
    lost = []
    for norm, carried in zip(norms, back, strict=True):
        worth = carried[T:]
        for direct in above:
            worth = worth | (direct & ~sound)
        lost.append(_small(norm) & ((norm > 0) | worth))
    return _Seen(run.layer.level, lost, into_x[:T] & (sound | torch.stack(lost).any(0)))


def _nearest_later(alive: Tensor, reverse: bool) -> Tensor:
    """For each step the nearest later one, as the direction reads, that is ``alive``, or none."""
    T = len(alive)
    steps = torch.arange(T, device=alive.device)
    if reverse:
        latest = torch.where(alive, steps, _NONE).cummax(0).values
        return torch.cat([latest.new_full((1,), _NONE), latest[:-1]])
    soonest = torch.where(alive, steps, T).flip(0).cummin(0).values.flip(0)
    found = torch.cat([soonest[1:], soonest.new_full((1,), T)])
    return torch.where(found == T, _NONE, found)


def _carried(run: LayerRun, steps: Tensor) -> list[Mask]:
    """Whether the gradient at each of ``steps`` is worth something one step back: at x, at h, and at c.

    False where there is no such step. Many of them are the same, and are looked at once.
    """
    chosen, where = torch.unique(steps, return_inverse=True)
    back = _step_back(run, chosen.clamp(min=0))
    return [((values != 0).flatten(1).any(1) & (chosen >= 0))[where] for values in back]


def _step_back(run: LayerRun, steps: Tensor) -> tuple[Tensor, ...]:
    """From the gradients after ``steps``, at size 1, to those at the inputs and the states before them."""
    layer = run.layer
    params = {name: parameter.double() for name, parameter in layer.params.items()}
    if layer.cell == "rnn_relu" or layer.layernorm:
        known = [run.h] if run.c is None else [run.h, run.c]
        before = [
            torch.cat([values[1:], start[None]] if layer.reverse else [start[None], values[:-1]])
            for values, start in zip(known, layer.state, strict=True)
        ]
        point = [values[steps].double() for values in (run.x, *before)]
    else:
        shapes = [like.shape for like in (run.x[0], *layer.state)]
        point = [run.x.new_zeros(len(steps), *shape, dtype=torch.float64) for shape in shapes]
    cotangents = [gradient[steps].double() for gradient in (run.dh, run.dc) if gradient is not None]
    size = torch.stack([cotangent.abs().flatten(1).amax(1) for cotangent in cotangents]).amax(0)
    cotangents = [cotangent / size.view(-1, 1, 1) for cotangent in cotangents]
    with torch.enable_grad():
        x, *state = (tensor.requires_grad_() for tensor in point)
        after = layer.step(params, x, tuple(state)).state
        return torch.autograd.grad(after, (x, *state), cotangents, materialize_grads=True)

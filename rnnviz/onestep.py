"""One layer as a map from its whole state to the next, and the derivative of that map.

A state is all that a cell carries on, as one vector: h (S = H numbers), or h then c for an LSTM (S = 2H; P + H
with ``proj_size`` P). Everything follows from the cell's step function; the module is not called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import jacrev, vmap

from rnnviz import fused, unrolled
from rnnviz.inputs import State, prepare
from rnnviz.modules import CellModule
from rnnviz.problem import Layer, Problem
from rnnviz.trace import LayerTrace
from rnnviz.unknown import no_number

CHUNK = 1 << 21
"""How many numbers a temporary may hold: 8 MiB in float32. Larger ones leave the caches and are slower."""


def single_layer(module: nn.Module, x: Tensor, state: State) -> tuple[Problem, Layer]:
    """The problem and its only layer. ``ValueError`` for several layers or directions."""
    problem = prepare(module, x, state)
    layers = [layer for level in problem.levels for layer in level]
    if len(layers) != 1:
        raise ValueError(
            "expected a module of one layer and one direction, whose state is all that a step hands on, got "
            f"{len(problem.levels)} layer(s) of {len(problem.levels[0])} direction(s); build one layer alone"
        )
    return problem, layers[0]


def require_one_sequence(problem: Problem, function: str) -> None:
    """``ValueError`` for more than one sequence, with the name of the function that takes one."""
    batch = problem.x.shape[1]
    if batch != 1:
        raise ValueError(
            f"expected one sequence (B = 1) in {function}, got a batch of {batch}; pass one at a time"
        )


def advance(layer: Layer) -> Callable[[Tensor, Tensor], Tensor]:
    """The step on the whole state as one vector, h then c."""
    step, sizes = layer.step, [part.shape[-1] for part in layer.state]
    return lambda s, x: torch.cat(step(layer.params, x, torch.split(s, sizes, -1)).state, -1)


def autonomous(
    module: nn.Module, x: Float[Tensor, ...]
) -> tuple[Callable[[Tensor], Tensor], tuple[int, ...], int]:
    """One layer under a constant input, as a map of states (..., S) in float64 on itself.

    Beside it the sizes of its parts (H,) or (H, H), and how many numbers the widest thing has that it computes.
    ``ValueError`` for several layers or directions, or an input that is not of shape (D,).
    """
    if x.dim() != 1:
        raise ValueError(f"expected one constant input of shape (D,), got {tuple(x.shape)}; pass x[t, 0]")
    _, layer = single_layer(module, x.view(1, 1, -1).to(next(module.parameters())), None)
    layer = replace(layer, params={name: value.detach().double() for name, value in layer.params.items()})
    step, constant = advance(layer), x.detach().double()
    sizes = tuple(part.shape[-1] for part in layer.state)
    return lambda s: step(s, constant.expand(*s.shape[:-1], -1)), sizes, 4 * sizes[-1]


def module_of(layer: LayerTrace) -> CellModule:
    """The layer as a module, its parameters shared. ``ValueError`` for an LSTM with ``proj_size``."""
    if layer.c is not None and layer.c.shape != layer.h.shape:
        raise ValueError("expected a state h as wide as c, got one with proj_size; build the LSTM without")
    module = CellModule(
        layer.cell,
        layer.params["weight_ih"].shape[1],
        layer.h.shape[2],
        bias="bias_ih" in layer.params,
        layernorm=layer.layernorm,
        residual=layer.residual,
        device="meta",
    )
    for name in module.params:
        setattr(module, name, nn.Parameter(layer.params[name].detach(), requires_grad=False))
    return module


def states_of(layer: LayerTrace, sequence: int = 0) -> Float[Tensor, "T S"]:
    """The start state and every state of a sequence, h and then c, in float64."""
    parts = [torch.cat([layer.h0[None], layer.h])]
    if layer.c is not None and layer.c0 is not None:
        parts.append(torch.cat([layer.c0[None], layer.c]))
    return torch.cat(parts, -1)[:, sequence].double()


def recorded(problem: Problem, layer: Layer) -> tuple[Float[Tensor, "T B S"], Float[Tensor, "T B D"]]:
    """The state before every step, and what the step reads."""
    run = (fused if problem.built_in else unrolled).run(problem).layers[0]
    after = run.h if run.c is None else torch.cat([run.h, run.c], -1)
    return torch.cat([torch.cat(layer.state, -1)[None], after[:-1]]), run.x


def jacobians_at(
    layer: Layer, before: Float[Tensor, "N S"], x: Float[Tensor, "N D"]
) -> Float[Tensor, "N S S"]:
    """The Jacobian of the step at each of N states, side by side; NaN where it is not known (:mod:`rnnviz.unknown`)."""
    S = before.shape[1]
    # Reverse mode holds, for each step at work, S rows of the widest pre-activation (4H for an LSTM).
    chunk = max(CHUNK // (S * 4 * layer.state[-1].shape[-1]), 1)
    step = advance(layer)
    J: Tensor = vmap(jacrev(step), chunk_size=chunk)(before, x)
    if layer.cell == "rnn_relu":
        J = J.where(~no_number(layer.cell, step(before, x))[:, None, None], torch.nan)
    return J


def moved(
    step: Callable[[Tensor], Tensor], before: Float[Tensor, "*B S"], directions: Float[Tensor, "*B S"]
) -> tuple[Float[Tensor, "*B S"], Float[Tensor, "*B S"]]:
    """``step(before)``, and its derivative at ``before`` along ``directions``: J v without J.

    The product u J of reverse mode is linear in u, so its derivative by u along v is J v. ``torch.func.jvp``
    gives the same, but takes over a second to load the compiler at its first use, and twice as long later.
    """
    with torch.enable_grad():
        before = before.detach().requires_grad_()
        after = step(before)
        u = torch.zeros_like(after, requires_grad=True)
        # Of sums: gradients that are handed over make PyTorch load a library of symbols at their first use.
        (back,) = torch.autograd.grad((after * u).sum(), before, create_graph=True)
        (along,) = torch.autograd.grad((back * directions).sum(), u, materialize_grads=True)
    return after.detach(), along


def subspace(size: int, count: int) -> Float[Tensor, "S count"]:
    """``count`` orthonormal directions, the same at each call, in float64.

    Unit vectors could be special to a cell, whose other directions would then never be seen.
    """
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randn(size, count, dtype=torch.float64, generator=generator)
    Q: Tensor = torch.linalg.qr(drawn).Q
    return Q

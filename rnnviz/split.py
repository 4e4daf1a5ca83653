"""Each step's derivative of the memory, split at the gates: the direct path, and the rest.

None of this is written down for each cell: it is read off the step function, by stopping the derivative at the
gates that it returns. What the two parts are is told in :mod:`rnnviz.paths`, which follows them over many steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import jacrev, vmap

from rnnviz import fused, unrolled
from rnnviz.inputs import State, prepare
from rnnviz.problem import LayerRun, Problem
from rnnviz.unknown import no_number

_CHUNK = 1 << 22
"""How many numbers a temporary may hold: 32 MiB in float64."""


@dataclass(frozen=True, eq=False)
class SplitJacobian:
    """The derivative of the memory by the whole state before it, d m_t / d (h, c)_{t-1}, in its two parts.

    ``direct`` (T, H) is the diagonal of the direct path, which belongs to the columns of the memory, the last H.
    ``rest`` (T, H, S) is what runs through the gates. Their sum is the memory's rows of :func:`jacobians`.
    """

    direct: Float[Tensor, "T H"]
    rest: Float[Tensor, "T H S"]


@torch.inference_mode(False)
@torch.no_grad()
def split_jacobians(module: nn.Module, x: Tensor, state: State = None) -> SplitJacobian:
    """The two parts of every step's derivative of the memory. ``ValueError`` for more than one sequence."""
    problem = one_run(module, x, state)
    run = (fused if problem.built_in else unrolled).run(problem).layers[0]
    before = before_each(run)
    kept, slopes = hold_gates(run, before)
    every = vmap(jacrev(through_gates(run)), chunk_size=pieces(run))
    rest = every(torch.cat(before, -1)[:, 0], run.x[:, 0], {n: s[:, 0] for n, s in slopes.items()})
    return SplitJacobian(kept[:, 0], rest.where(~no_number(run.layer.cell, run.h)[..., None], torch.nan))


def one_run(module: nn.Module, x: Tensor, state: State) -> Problem:
    """The module, its input and its state, where they are one run of one layer; else ``ValueError``."""
    problem = prepare(module, x, state)
    layers = sum(len(level) for level in problem.levels)
    if layers != 1 or problem.x.shape[1] != 1 or "weight_hr" in problem.levels[0][0].params:
        raise ValueError(
            "expected one layer of one direction without a projection that reads one sequence (B = 1), got "
            f"{layers} layer(s) or direction(s) and B = {problem.x.shape[1]}; split one run at a time"
        )
    return problem


def before_each(run: LayerRun) -> tuple[Tensor, ...]:
    """The state before every step, h and perhaps c, each (T, 1, H)."""
    after = (run.h,) if run.c is None else (run.h, run.c)
    return tuple(
        torch.cat([start[None], part[:-1]]) for start, part in zip(run.layer.state, after, strict=True)
    )


def hold_gates(run: LayerRun, before: tuple[Tensor, ...]) -> tuple[Tensor, dict[str, Tensor]]:
    """At every step the diagonal of d m_t / d m_{t-1} with the gates held, and d m_t / d gate with all else held.

    All steps are one batch. Each gate lets its incoming derivative be seen and nothing of it through. As units
    meet only in the gates, the derivative of the sum over units is that of each.
    """
    slopes: dict[str, Tensor] = {}

    def stop(name: str) -> Callable[[Tensor], Tensor]:
        def hook(slope: Tensor) -> Tensor:
            slopes[name] = slope
            return torch.zeros_like(slope)

        return hook

    with torch.enable_grad():
        inputs = [part.detach().requires_grad_() for part in before]
        gates, after = run.layer.step(run.layer.params, run.x, tuple(inputs))
        for name, gate in gates.items():
            if gate.requires_grad:  # else it does not see the state at all
                gate.register_hook(stop(name))  # type: ignore[no-untyped-call]
        kept = torch.autograd.grad(after[-1].sum(), inputs, materialize_grads=True)[-1]
    return (kept, slopes) if gates else (torch.zeros_like(kept), {})


def through_gates(run: LayerRun) -> Callable[[Tensor, Tensor, dict[str, Tensor]], Tensor]:
    """A function of the state whose derivative is the rest: the gates, each times its slope, added up."""
    step, params = run.layer.step, run.layer.params
    sizes = [part.shape[-1] for part in run.layer.state]

    def function(s: Tensor, x: Tensor, slopes: dict[str, Tensor]) -> Tensor:
        gates, after = step(params, x, torch.split(s, sizes, -1))
        if not gates:
            return after[-1]
        return sum((slope * gates[name] for name, slope in slopes.items()), torch.zeros_like(after[-1]))

    return function


def pieces(run: LayerRun) -> int:
    """How many steps are differentiated side by side: each holds H rows of the widest pre-activation, 4H."""
    H = run.layer.state[-1].shape[-1]
    return max(_CHUNK // (4 * H * H), 1)

"""The reference path: any cell, one step at a time, and gradients at the list of step tensors.

Slow and plain. The gradient at a step is the total one because autograd sees every later use of that very
tensor; a stacked output would not do, since it lies beside the recurrence.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from rnnviz.problem import LayerRun, Loss, Problem, Run, loss_gradients
from rnnviz.scan import scan


def run(problem: Problem, loss: Loss | None = None, *, memory: bool = True) -> Run:
    """Run a problem step by step; with a loss, measure the gradients at every state and input too.

    ``memory`` is there for the other path; here every c is at hand.
    """
    with torch.set_grad_enabled(loss is not None):
        x = below = problem.x.detach().requires_grad_(loss is not None)
        runs: list[LayerRun] = []
        states: list[list[tuple[Tensor, ...]]] = []
        for level in problem.levels:
            outputs: list[Tensor] = []
            for layer in level:
                steps = scan(layer.step, layer.params, below, layer.state, reverse=layer.reverse)
                states.append([step.state for step in steps])
                h, *c = (torch.stack(over_time) for over_time in zip(*states[-1], strict=True))
                gates = {name: torch.stack([step.gates[name] for step in steps]) for name in steps[0].gates}
                runs.append(_detached(LayerRun(layer, below, h, c[0] if c else None, gates)))
                outputs.append(h)
            below = torch.cat(outputs, dim=-1) if len(outputs) > 1 else outputs[0]
        result = Run(problem.x, below.detach(), tuple(runs))
        if loss is None:
            return result
        wanted = [state for layer_states in states for step_state in layer_states for state in step_state]
        value, (dx, *found) = loss_gradients(loss, below, [x, *wanted])
    return replace(result, loss=value, dx=dx, layers=tuple(_with_gradients(runs, found)))


def _detached(run: LayerRun) -> LayerRun:
    return replace(
        run,
        x=run.x.detach(),
        h=run.h.detach(),
        c=None if run.c is None else run.c.detach(),
        gates={name: gate.detach() for name, gate in run.gates.items()},
    )


def _with_gradients(runs: list[LayerRun], found: list[Tensor]) -> list[LayerRun]:
    """Deal out the gradients, which come layer by layer, step by step, state by state."""
    rest = iter(found)
    filled = []
    for run in runs:
        steps = [[next(rest) for _ in run.layer.state] for _ in range(len(run.h))]
        dh, *dc = (torch.stack(over_time) for over_time in zip(*steps, strict=True))
        filled.append(replace(run, dh=dh, dc=dc[0] if dc else None))
    return filled

"""Trace and gradients of a module from one pass over it: what the app shows on a page."""

from __future__ import annotations

import torch
from torch import nn

from rnnviz import fused, unrolled
from rnnviz.gradients import Gradients, gradients_of
from rnnviz.inputs import Input, State, prepare
from rnnviz.problem import Loss, last_step
from rnnviz.trace import Trace, trace_of


@torch.inference_mode(False)
@torch.no_grad()
def observe_module(
    module: nn.Module, x: Input, loss: Loss | None = None, state: State = None
) -> tuple[Trace, Gradients]:
    """What ``trace(module, x, state)`` and ``gradients(module, x, loss, state)`` return, in one pass."""
    problem = prepare(module, x, state)
    run = (fused if problem.built_in else unrolled).run(problem, loss or last_step)
    return trace_of(run), gradients_of(run)

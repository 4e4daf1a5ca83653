"""The fast path: PyTorch's fused kernels, observed at every step.

A fused kernel shows its outputs and hides the rest. Three observations bring the rest out, exactly:

*   **States.** Each direction of each layer runs as a kernel call of its own, which gives every h_t.
*   **Gates.** With every h_{t-1} known, all steps are one batch: a single call of the cell's equations.
    The memory follows element by element from ``c_t = f_t c_{t-1} + i_t g_t``.
*   **Gradients.** The kernel reads ``[x_t, u_t]`` in place of ``x_t``, where u is zero and its weights are
    those of h_{t-1}. Nothing changes, yet dL/du_t is now the part of dL/dh_{t-1} that flows through step t;
    the gradient at the kernel's output is the part that does not flow through the recurrence (that trap, for
    once, is of use). Their sum is dL/dh_{t-1}. The backward pass is PyTorch's own.

The GRU needs more: its n gate scales ``W_hn h + b_hn`` by r after the product, so u enters that block as it
is, and the reset and the product are applied to dL/du_t afterwards; and h_t also holds ``z_t h_{t-1}``, which
is an element-wise recurrence of the gradients. So is the LSTM's memory, with f.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

import torch
from torch import _VF, Tensor

from rnnviz.cells import gru, lstm_gates
from rnnviz.problem import Layer, LayerRun, Loss, Problem, Run, loss_gradients
from rnnviz.scan import linear_recurrence

_KERNELS: dict[str, Callable[..., tuple[Tensor, ...]]] = {
    "rnn": _VF.rnn_tanh,
    "rnn_relu": _VF.rnn_relu,
    "lstm": _VF.lstm,
    "gru": _VF.gru,
}


@dataclass(frozen=True, eq=False)
class _Call:
    """One kernel call: what it read, what it wrote, and the watched input u, all in input time order."""

    layer: Layer
    x: Tensor
    h: Tensor
    u: Tensor | None


def run(problem: Problem, loss: Loss | None = None, *, memory: bool = True) -> Run:
    """Run a problem of built-in cells; with a loss, measure the gradients at every state and input too.

    Without ``memory`` the c of an LSTM may be left out, which spares a loop over time.
    """
    watch = loss is not None
    with torch.set_grad_enabled(watch):
        x = below = problem.x.detach().requires_grad_(watch)
        calls: list[_Call] = []
        for level in problem.levels:
            here = [_call(layer, below, watch) for layer in level]
            calls += here
            below = torch.cat([call.h for call in here], dim=-1) if len(here) > 1 else here[0].h
        if loss is not None:
            wanted = [tensor for call in calls for tensor in (call.h, call.u) if tensor is not None]
            value, (dx, *found) = loss_gradients(loss, below, [x, *wanted])
    with torch.no_grad():
        runs = [_observed(call, memory) for call in calls]
        result = Run(problem.x, below.detach(), tuple(runs))
        if loss is None:
            return result
        layers = tuple(
            _with_gradients(run, direct, du)
            for run, direct, du in zip(runs, found[0::2], found[1::2], strict=True)
        )
        return replace(result, loss=value, dx=dx, layers=layers)


def _call(layer: Layer, x: Tensor, watch: bool) -> _Call:
    weight, u, read = layer.params["weight_ih"], None, x
    if watch:
        columns = _watched_columns(layer)
        u = x.new_zeros(*x.shape[:2], columns.shape[1], requires_grad=True)
        weight = torch.cat([weight, columns], dim=1)
        read = torch.cat([x, u], dim=2)
    others = [
        layer.params[name]
        for name in ("weight_hh", "bias_ih", "bias_hh", "weight_hr")
        if name in layer.params
    ]
    state = tuple(tensor.unsqueeze(0) for tensor in layer.state)
    h = _KERNELS[layer.cell](
        read.flip(0) if layer.reverse else read,
        state if len(state) > 1 else state[0],
        [weight, *others],
        "bias_ih" in layer.params,
        1,  # layer
        0.0,  # dropout
        watch,  # "training": cuDNN keeps what its backward pass needs in that mode only
        False,  # bidirectional
        False,  # batch_first
    )[0]
    return _Call(layer, x, h.flip(0) if layer.reverse else h, u)


def _watched_columns(layer: Layer) -> Tensor:
    """The input weights of u: those of h_{t-1}; for the GRU of (h_{t-1} as r and z see it, what n sees)."""
    W = layer.params["weight_hh"]
    if layer.cell != "gru":
        return W
    H = W.shape[1]
    columns = W.new_zeros(3 * H, 2 * H)
    columns[: 2 * H, :H] = W[: 2 * H]
    columns[2 * H :, H:].fill_diagonal_(1)
    return columns


def _observed(call: _Call, memory: bool) -> LayerRun:
    """The gates of all steps as one batch of steps, and the memory by its recurrence."""
    layer, x, h = call.layer, call.x.detach(), call.h.detach()
    before = _previous(h, layer.state[0], layer.reverse)
    if layer.cell == "lstm":
        gates = lstm_gates(layer.params, x, before)
        if not memory and "weight_hr" not in layer.params:
            return LayerRun(layer, x, h, None, gates)
        c = linear_recurrence(gates["f"], gates["i"] * gates["g"], layer.state[1], reverse=layer.reverse)
        return LayerRun(layer, x, h, c, gates)
    gates = gru(layer.params, x, (before,)).gates if layer.cell == "gru" else {}
    return LayerRun(layer, x, h, None, gates)


def _with_gradients(run: LayerRun, direct: Tensor, du: Tensor) -> LayerRun:
    """Total gradients from ``direct``, dL/dh_t past the recurrence, and ``du``, through the next step."""
    reverse = run.layer.reverse
    if run.layer.cell == "gru":
        W = run.layer.params["weight_hh"]
        H = W.shape[1]
        through = du[..., :H] + (du[..., H:] * run.gates["r"]) @ W[2 * H :]
        dh = direct + _next(through, reverse)
        kept = _next(run.gates["z"], reverse)
        return replace(run, dh=linear_recurrence(kept, dh, torch.zeros_like(dh[0]), reverse=not reverse))
    dh = direct + _next(du, reverse)
    if run.layer.cell != "lstm":
        return replace(run, dh=dh)
    o, kept = run.gates["o"], _next(run.gates["f"], reverse)
    if "weight_hr" in run.layer.params:
        dm, squashed = dh @ run.layer.params["weight_hr"], torch.tanh(cast(Tensor, run.c))
    else:  # h = o tanh(c) tells tanh(c); where o underflowed, so does what it multiplies below
        dm, squashed = dh, (run.h / o.clamp(min=torch.finfo(o.dtype).tiny)).clamp(-1, 1)
    into_c = dm * o * (1 - squashed.square())
    dc = linear_recurrence(kept, into_c, torch.zeros_like(into_c[0]), reverse=not reverse)
    return replace(run, dh=dh, dc=dc)


def _previous(values: Tensor, start: Tensor, reverse: bool) -> Tensor:
    """At each step what ``values`` was one step before, as the direction reads; ``start`` at its first."""
    first = start.unsqueeze(0)
    return torch.cat([values[1:], first] if reverse else [first, values[:-1]])


def _next(values: Tensor, reverse: bool) -> Tensor:
    """At each step what ``values`` will be one step later, as the direction reads; zero at its last."""
    return _previous(values, torch.zeros_like(values[0]), not reverse)

"""Which step a weight's gradient comes from: every (loss step, earlier step) contribution, itemised.

A weight is used at each step, and each use is felt by every later loss. With a loss L_t at each step, the
gradient is a sum over pairs (Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, equations 3 to 5)::

    dL/dW = sum over t and k <= t of C(t, k),    C(t, k) = dL_t/ds_t  ds_t/ds_k  ds_k/dW

where the last factor is the immediate one, through step k's use of W alone. To draw these contributions is the
idea of RNNbow (Cashman et al. 2019, arXiv:1907.12545).

A contribution is a matrix of W's shape, and there are T(T+1)/2 of them, but none is formed. In every cell a row
of W takes part in one scalar product a step, ``W[i] . u_i``: so ``C(t, k)[i] = delta_i(t, k) u_i(k)``, its size
follows from the deltas and the sizes of the u, and both are observed on the step function as it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import linear
from torch.overrides import TorchFunctionMode

from rnnviz.gradients import step_norms
from rnnviz.inputs import State, prepare
from rnnviz.problem import Layer
from rnnviz.registry import cell_named
from rnnviz.scan import scan
from rnnviz.unknown import no_number

LEAST = 1e-250
"""A row of derivatives all smaller than this is given up: float64 ends at 2.2e-308, and sizes are squared."""

_AGAIN = 0.7
"""When only this share of the rows is left, the step is recorded anew for them alone."""


@dataclass(frozen=True, eq=False)
class Blame:
    """Every contribution C(t, k) to the gradient of ``weight``, in float64; row t, column k, counted from 0.

    ``size`` is the Frobenius norm of C(t, k). ``share`` is ``<C(t, k), G> / <G, G>``: how far it goes along the
    whole gradient G, negative where it pulls against it; all shares sum to 1 (NaN where G is 0). Both are 0 where
    k > t. ``lost`` marks the pairs of size 0: in truth (a start state of 0 at k = 0, ReLUs that are off), or
    because they are below 1e-250 and were given up. What went beyond float64 is NaN or infinite, and so is all
    that depends on it; NaN too is what crosses a ReLU with a state that did (:mod:`rnnviz.unknown`). ``total`` is
    the sum of the contributions and ``gradient`` what autograd says of the same loss, computed apart: they agree to
    rounding.
    """

    weight: str
    size: Float[Tensor, "T T"]
    share: Float[Tensor, "T T"]
    lost: Bool[Tensor, "T T"]
    total: Float[Tensor, "R N"]
    gradient: Float[Tensor, "R N"]

    @property
    def size_by_distance(self) -> Float[Tensor, " T"]:
        """The sizes summed over all pairs of one distance t - k, entry 0 for a step's use by its own loss."""
        return by_distance(self.size)

    @property
    def share_by_distance(self) -> Float[Tensor, " T"]:
        """The shares summed over all pairs of one distance.

        The sum of the first n is how much of the gradient, along its own direction, backpropagation that is
        truncated to n steps would keep.
        """
        return by_distance(self.share)


def weight_of(cell: str) -> str:
    """The matrix whose gradient is itemised: W_hh, or W_ih where a cell has no other (the minGRU)."""
    return cell_named(cell).recurrent or "weight_ih"


def by_distance(triangle: Float[Tensor, "T T"]) -> Float[Tensor, " T"]:
    """The sums along the diagonals t - k = 0, 1, ..., T - 1."""
    return torch.stack([triangle.diagonal(-lag).sum() for lag in range(len(triangle))])


@torch.inference_mode(False)
@torch.no_grad()
def blame(
    module: nn.Module, x: Tensor, state: State = None, *, report: Callable[[float], None] | None = None
) -> Blame:
    """Itemise dL/dW of one sequence (B = 1), for ``L = sum over t of L_t`` with ``L_t = sum of h_t``.

    W is the recurrent matrix of a module of one layer and one direction; the minGRU has none, and there it is
    ``weight_ih``. ``module``, ``x`` and ``state`` as in :func:`rnnviz.trace`; all is computed in float64 from
    the module's weights as they are. ``report`` is called now and then with the share that is done, from 0
    to 1.

    All pairs of one distance t - k are pulled back at once, each from its step to the one before, by autograd
    on the step function: T such passes, on T, T - 1, ... rows of 4H numbers. Raises ``ValueError`` for several
    layers, directions or sequences, and what :func:`rnnviz.trace` raises.
    """
    layer, inputs = _single(module, x, state)
    weight = weight_of(layer.cell)
    before, gradient = _run(layer, inputs, weight)
    along = gradient / _length(gradient)
    T, S = len(inputs), sum(part.shape[-1] for part in before)
    size, share = inputs.new_zeros(T, T), inputs.new_zeros(T, T)
    used = inputs.new_zeros(T, len(gradient))  # the deltas of each use of W, all losses together
    lost = torch.ones(T, T, dtype=torch.bool, device=inputs.device).tril()
    # Row k holds dL_t/ds_k for t = k + lag. At lag 0 that is the loss itself, which reads h alone.
    rows = inputs.new_zeros(T, S)
    rows[:, : before[0].shape[-1]] = 1
    whole = seen = _Record(layer, weight, inputs, before, along)
    for lag in range(T):
        n = T - lag
        if n < _AGAIN * seen.steps:
            seen = _Record(layer, weight, inputs[:n], [part[:n] for part in before], along)
        rows, delta = seen.pull(rows)
        size.diagonal(-lag).copy_(seen.sizes(delta))
        share.diagonal(-lag).copy_((delta * seen.along[:n]).sum(-1))
        used[:n] += delta
        rows = rows[1:]
        faint = rows.abs().amax(1) < LEAST
        rows = torch.where(faint[:, None], 0, rows)
        if report is not None and lag % 8 == 0:
            report(1 - (n / T) ** 2)
        if bool(faint.all()):
            break
    beyond = no_number(layer.cell, whole.after.detach()).cumsum(0)
    crossed = beyond[:, None] > torch.cat([beyond.new_zeros(1), beyond[:-1]])  # from k on, up to t
    size = torch.where(crossed.tril(), torch.nan, size)
    lost &= size == 0
    return Blame(weight, size, share / _length(gradient), lost, whole.matrix(used), gradient)


class _Watch(TorchFunctionMode):
    """Sees each product with rows of ``weight``: what it multiplied, and, by a zero added to it, its slopes."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = weight
        self.uses: list[tuple[int, Tensor, Tensor]] = []  # first row, what it multiplied, the zero

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if func is not linear or args[1].untyped_storage().data_ptr() != self.weight.data_ptr():
            return result
        zero = torch.zeros_like(result, requires_grad=True)
        self.uses.append((args[1].storage_offset() // self.weight.shape[1], args[0].detach(), zero))
        return result + zero


class _Record:
    """The step function at several steps side by side, ready to pull derivatives back from each to the last.

    ``along[k]`` holds, for each row i of W, ``<u_i(k), G[i]> / |G|``: a contribution lies along G by as much as
    its deltas say.
    """

    def __init__(
        self, layer: Layer, weight: str, inputs: Tensor, before: list[Tensor], along: Tensor
    ) -> None:
        self.steps = len(inputs)
        self.before = [part.clone().requires_grad_() for part in before]
        watch = _Watch(layer.params[weight])
        with torch.enable_grad(), watch:
            state = layer.step(layer.params, inputs, tuple(self.before)).state
            self.after = torch.cat(state, -1)
        self.uses = sorted(watch.uses, key=lambda use: use[0])
        at = 0
        for first, _, zero in self.uses:
            if first != at:
                break
            at += zero.shape[1]
        if at != len(along):
            raise ValueError(
                f"expected the step of {layer.cell!r} to multiply each row of {weight} once, by linear(); got "
                f"{[(first, zero.shape[1]) for first, _, zero in self.uses]} as (first row, rows) of "
                f"{len(along)}; write it so"
            )
        self.heights = [zero.shape[1] for *_, zero in self.uses]
        self.lengths = [_norms(u) for _, u, _ in self.uses]
        self.along = torch.cat(
            [linear(u, along[first : first + zero.shape[1]]) for first, u, zero in self.uses], -1
        )

    def pull(self, rows: Float[Tensor, "n S"]) -> tuple[Float[Tensor, "n S"], Float[Tensor, "n R"]]:
        """From the derivatives by the states after the first n steps to those by the states before, and deltas."""
        n, given = len(rows), rows
        if n < self.steps:
            given = torch.cat([rows, rows.new_zeros(self.steps - n, rows.shape[1])])
        wanted = [*self.before, *(zero for *_, zero in self.uses)]
        found = torch.autograd.grad(self.after, wanted, given, retain_graph=True, materialize_grads=True)
        parts = len(self.before)
        return torch.cat(found[:parts], -1)[:n], torch.cat(found[parts:], -1)[:n]

    def sizes(self, delta: Float[Tensor, "n R"]) -> Float[Tensor, " n"]:
        """The norms of the contributions: a block of rows with one u is the outer product of delta and u."""
        n, blocks = len(delta), torch.split(delta, self.heights, -1)
        sizes = [_norms(block) * u[:n] for block, u in zip(blocks, self.lengths, strict=True)]
        return sizes[0] if len(sizes) == 1 else _norms(torch.stack(sizes, 1))

    def matrix(self, delta: Float[Tensor, "T R"]) -> Float[Tensor, "R N"]:
        """The sum of the contributions with these deltas."""
        blocks = torch.split(delta, self.heights, -1)
        return torch.cat([block.mT @ u for block, (_, u, _) in zip(blocks, self.uses, strict=True)])


def _single(module: nn.Module, x: Tensor, state: State) -> tuple[Layer, Float[Tensor, "T D"]]:
    """The one layer in float64, unbatched, and its input."""
    problem = prepare(module, x, state)
    layers = [layer for level in problem.levels for layer in level]
    if len(layers) != 1 or problem.x.shape[1] != 1:
        raise ValueError(
            "expected one sequence and a module of one layer and one direction, got a batch of "
            f"{problem.x.shape[1]} and {len(layers)} layers and directions; pass one at a time"
        )
    params = {name: parameter.double().clone() for name, parameter in layers[0].params.items()}
    start = tuple(part[0].double() for part in layers[0].state)
    return replace(layers[0], params=params, state=start), problem.x[:, 0].double()


def _run(layer: Layer, inputs: Tensor, weight: str) -> tuple[list[Tensor], Tensor]:
    """The states before each step, (T, H) each, and dL/dW by autograd through the whole run."""
    W = layer.params[weight].clone().requires_grad_()
    with torch.enable_grad():
        steps = scan(layer.step, {**layer.params, weight: W}, inputs, layer.state)
        loss = torch.stack([step.state[0] for step in steps]).sum()
        (gradient,) = torch.autograd.grad(loss, W)
    after = [torch.stack(part).detach() for part in zip(*(step.state for step in steps), strict=True)]
    return [
        torch.cat([start[None], part[:-1]]) for start, part in zip(layer.state, after, strict=True)
    ], gradient


def _norms(rows: Float[Tensor, "n R"]) -> Float[Tensor, " n"]:
    """The Euclidean norm of each row, however small."""
    return step_norms(rows.unsqueeze(1))


def _length(matrix: Float[Tensor, "R N"]) -> Float[Tensor, ""]:
    return _norms(matrix.reshape(1, -1))[0]

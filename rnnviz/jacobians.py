"""How one state moves the next: step Jacobians, the norms of dh_t/dh_k, Lyapunov exponents.

A state is the whole of what a cell carries on: h (S = H numbers), or h then c for an LSTM (S = 2H; P + H with
``proj_size`` P). Everything follows from the cell's step function by ``torch.func``: the module is not called
and not touched, and ``torch.no_grad()`` around a call makes no difference.

Each function takes an ``nn.RNN``, ``nn.LSTM``, ``nn.GRU`` or :class:`~rnnviz.modules.CellModule` of one layer
and one direction, with ``x`` and ``state`` in the form that the module itself takes, ``batch_first`` and
unbatched too, and returns tensors off every graph, in the module's dtype. Raises ``ValueError`` for several
layers or directions, and what :func:`rnnviz.trace` raises.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import jacrev, jvp, vmap

from rnnviz import fused, unrolled
from rnnviz.cells import STEPS
from rnnviz.inputs import State, prepare
from rnnviz.problem import Layer, Problem
from rnnviz.scan import fold

Norm = Literal["spectral", "frobenius"]

_CHUNK = 1 << 23
"""How many numbers a temporary may hold: 64 MiB in float64."""


@torch.inference_mode(False)
@torch.no_grad()
def jacobians(module: nn.Module, x: Tensor, state: State = None) -> Float[Tensor, "T B S S"]:
    """The Jacobian of every step: ``J[t, b] = d state[t] / d state[t-1]``, where ``state[-1]`` is the start.

    Row i, column j holds d state_i[t] / d state_j[t-1]. For an LSTM the first H rows and columns are h and
    the others c: the lower right block is the direct path from c_{t-1} to c_t, diag(f_t) without peepholes,
    and what runs through h_{t-1} is in the others. The slope of a ReLU at 0 is 0, as in autograd.

    The states are recorded once, then all steps are differentiated side by side.
    """
    return _jacobians(*_single_layer(module, x, state))


@torch.inference_mode(False)
@torch.no_grad()
def gradient_triangle(
    module: nn.Module, x: Tensor, norm: Norm | str = "spectral", state: State = None
) -> Float[Tensor, "T T"]:
    """The norm of ``d state[t] / d state[k]`` at ``[t, k]``, for every pair of steps of one sequence (B = 1).

    That derivative is the product J[t] ... J[k+1] of step Jacobians, later steps on the left (Pascanu,
    Mikolov & Bengio 2013, arXiv:1211.5063, equation 5). ``norm`` is "spectral", the largest singular value,
    or "frobenius". The diagonal holds the norm of the identity, 1 or sqrt(S); above it, where k > t, is 0.

    The products are rescaled by powers of two on their way, so that an entry is 0 (or inf) only where the
    norm itself lies below (or above) what the module's dtype can hold. A product that is not finite gives
    NaN. ``ValueError`` for more than one sequence or another norm.

    There are about T^2/2 products of S x S matrices. All of one lag are multiplied at once, and only one lag
    is kept, T S^2 numbers. The largest singular value is the root of the largest eigenvalue of the Gram
    matrix, exact to rounding, in float64 whatever the module's dtype; it costs some ten times the Frobenius
    norm. At T=100, H=32 on two cores: 15 ms Frobenius and 0.15 s spectral, 40 ms and 0.6 s for an LSTM; the
    time grows as T^2 S^3, to a minute or two of Frobenius norms at T=500, H=128 (and below 1 GB).
    """
    if norm not in ("spectral", "frobenius"):
        raise ValueError(f"norm must be one of 'spectral', 'frobenius'; got {norm!r}")
    problem, layer = _single_layer(module, x, state)
    _require_one_sequence(problem, "gradient_triangle")
    J = _jacobians(problem, layer)[:, 0]
    T, S = J.shape[:2]
    measure = _spectral if norm == "spectral" else _frobenius
    triangle = torch.eye(T, dtype=J.dtype, device=J.device) * (1.0 if norm == "spectral" else math.sqrt(S))
    # A loop over the lag, not over time: product[i] * 2^power[i] is d state[i + lag] / d state[i].
    product = J[1:].clone()
    power = torch.zeros(T - 1, dtype=torch.int32, device=J.device)
    for lag in range(1, T):
        if lag > 1:
            product, power = J[lag:] @ product[:-1], power[:-1]
        power = power + _rescale(product)
        triangle.diagonal(-lag).copy_(_scaled(measure(product), power))
    return triangle


@torch.inference_mode(False)
@torch.no_grad()
def lyapunov_exponents(
    module: nn.Module, x: Tensor, state: State = None, *, count: int | None = None, discard: int = 0
) -> Float[Tensor, " S"]:
    """The Lyapunov exponents of one driven run (B = 1), per step, in descending order.

    How fast S neighbouring directions grow or shrink: ``mean over t of log |R_t[i, i]|`` with the QR
    decomposition ``J_t Q_{t-1} = Q_t R_t`` (Benettin et al. 1980, doi:10.1007/BF02128236; for recurrent
    networks Engelken, Wolf & Abbott 2023, doi:10.1103/PhysRevResearch.5.043044). Over finitely many steps
    each is an estimate; their sum is exactly the mean of log |det J_t|. -inf means that a direction is lost
    altogether.

    ``count`` follows only that many directions, for the leading exponents of a large network: with count=1 no
    step costs more than two runs of the cell. They start from a fixed random subspace, all S from the unit
    vectors. ``discard`` leaves the first steps out of the mean, in which state and directions settle.
    ``ValueError`` unless 1 <= count <= S and 0 <= discard < T.
    """
    problem, layer = _single_layer(module, x, state)
    _require_one_sequence(problem, "lyapunov_exponents")
    advance = _advance(layer)
    before = torch.cat(layer.state, -1)[0]
    T, S = len(problem.x), len(before)
    if count is not None and not 1 <= count <= S:
        raise ValueError(
            f"expected count from 1 to {S}, the size of the state, got {count}; leave it out to follow all"
        )
    if not 0 <= discard < T:
        raise ValueError(f"expected discard from 0 to {T - 1}, got {discard}; keep at least one of {T} steps")
    Q = torch.eye(S, dtype=before.dtype, device=before.device)
    if count is not None and count < S:
        # Unit vectors could be special to the cell, whose other directions would then never be seen.
        generator = torch.Generator().manual_seed(0)
        Q = torch.linalg.qr(torch.randn(S, count, dtype=torch.float64, generator=generator)).Q.to(Q)

    def follow(carry: tuple[Tensor, ...], x_t: Tensor) -> tuple[Tensor, ...]:
        before, Q, _ = carry
        n = Q.shape[1]
        copies = x_t.repeat(n, 1)
        after, moved = jvp(lambda s: advance(s, copies), (before.repeat(n, 1),), (Q.mT.contiguous(),))[:2]
        Q, R = torch.linalg.qr(moved.mT)
        return after[0], Q, R.diagonal().abs().double().log()

    # In pieces, because fold keeps every carry, and of the Qs only the last one is wanted.
    carry: tuple[Tensor, ...] = (before, Q, Q[0])
    logs: list[Tensor] = []
    for piece in torch.split(problem.x[:, 0], max(_CHUNK // Q.numel(), 1)):
        kept = fold(follow, (piece,), carry)
        logs += [after[2] for after in kept]
        carry = kept[-1]
    return torch.stack(logs[discard:]).mean(0).sort(descending=True).values.to(before.dtype)


def _single_layer(module: nn.Module, x: Tensor, state: State) -> tuple[Problem, Layer]:
    problem = prepare(module, x, state)
    layers = [layer for level in problem.levels for layer in level]
    if len(layers) != 1:
        raise ValueError(
            "expected a module of one layer and one direction, whose state is all that a step hands on, got "
            f"{len(problem.levels)} layer(s) of {len(problem.levels[0])} direction(s); build one layer alone"
        )
    return problem, layers[0]


def _require_one_sequence(problem: Problem, function: str) -> None:
    batch = problem.x.shape[1]
    if batch != 1:
        raise ValueError(
            f"expected one sequence (B = 1) in {function}, got a batch of {batch}; pass one at a time"
        )


def _advance(layer: Layer) -> Callable[[Tensor, Tensor], Tensor]:
    """The step on the whole state as one vector, h then c."""
    step, sizes = STEPS[layer.cell], [part.shape[-1] for part in layer.state]
    return lambda s, x: torch.cat(step(layer.params, x, torch.split(s, sizes, -1)).state, -1)


def _jacobians(problem: Problem, layer: Layer) -> Float[Tensor, "T B S S"]:
    run = (fused if problem.built_in else unrolled).run(problem).layers[0]
    after = run.h if run.c is None else torch.cat([run.h, run.c], -1)
    before = torch.cat([torch.cat(layer.state, -1)[None], after[:-1]])
    T, B, S = before.shape
    # Reverse mode holds, for each step at work, S rows of the widest pre-activation (4H for an LSTM).
    chunk = max(_CHUNK // (S * 4 * layer.state[-1].shape[-1]), 1)
    every = vmap(jacrev(_advance(layer)), chunk_size=chunk)
    J: Tensor = every(before.flatten(0, 1), run.x.flatten(0, 1))
    return J.reshape(T, B, S, S)


def _rescale(product: Float[Tensor, "N S S"]) -> Tensor:
    """Divide each matrix by a power of two, in place, so that its largest entry is near 1; the exponents."""
    largest = product.abs().amax((1, 2))
    exponent = torch.frexp(largest).exponent
    # Powers of two cost no accuracy. Beyond the clamp 2^exponent would not be a normal float32.
    exponent = torch.where(largest.isfinite(), exponent.clamp(-120, 120), 0)
    product *= torch.exp2(-exponent.to(product.dtype))[:, None, None]
    return exponent


def _scaled(norms: Float[Tensor, " N"], power: Tensor) -> Float[Tensor, " N"]:
    """``norms * 2^power``, in two halves: a power that is too large alone may not be so for a small norm."""
    half = power // 2
    return norms * torch.exp2(half.double()) * torch.exp2((power - half).double())


def _frobenius(matrices: Float[Tensor, "N S S"]) -> Float[Tensor, " N"]:
    norms = torch.linalg.vector_norm(matrices, dim=(1, 2)).double()
    return torch.where(norms.isfinite(), norms, torch.nan)


def _spectral(matrices: Float[Tensor, "N S S"]) -> Float[Tensor, " N"]:
    norms = [
        _largest_singular_value(piece)
        for piece in torch.split(matrices, max(_CHUNK // matrices[0].numel(), 1))
    ]
    return torch.cat(norms)


def _largest_singular_value(matrices: Float[Tensor, "N S S"]) -> Float[Tensor, " N"]:
    """By the Gram matrix: squaring halves the digits of the small singular values, not of the largest."""
    wide = matrices.double()
    finite = wide.isfinite().all(-1).all(-1)
    wide = torch.where(finite[:, None, None], wide, 0)  # LAPACK refuses NaN
    squares = torch.linalg.eigvalsh(wide.mT @ wide)[:, -1]
    return torch.where(finite, squares.clamp_min(0).sqrt(), torch.nan)

"""The triangle of ||dh_t/dh_k||: how strongly each step still depends on each earlier one.

A state is the whole of what a cell carries on: h (S = H numbers), or h then c for an LSTM (S = 2H).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from rnnviz import onestep
from rnnviz.inputs import State
from rnnviz.problem import Layer
from rnnviz.scan import fold

Norm = Literal["spectral", "frobenius"]
Report = Callable[[float], None]
"""What is called now and then with the share that is done, from 0 to 1; what it raises ends the computation."""

STRIDES = (1, 2, 5, 10, 20, 50)

_CHUNK = 1 << 22
"""How many numbers the Jacobians at work at a time may hold: 32 MiB in float64."""

_JACOBIANS = 0.3
"""The share of the work that counts as done when all step Jacobians are there."""


def grid(steps: int, stride: int = 1) -> range:
    """The steps that a triangle holds, counted from 0: every ``stride``-th one, so that the last is among them.

    Where ``stride`` divides the number of steps these are, counted from 1, its multiples.
    """
    return range((steps - 1) % stride, steps, stride)


def work(steps: int, size: int, norm: Norm | str, stride: int = 1) -> float:
    """About how many multiply-adds a triangle takes; one CPU core does some 2e10 to 4e10 a second.

    With N = steps/stride: all Jacobians, multiplied along each stretch; N^2/2 products of S x S matrices and
    the norm of each; and the spectral norm of N factors. A spectral norm is worth some 6 S^3 + 700 S^2, and
    reading a product 30 S^2, as measured for S from 16 to 256.
    """
    N = len(grid(steps, stride))
    product, spectral = size**3 + 30 * size**2, 6 * size**3 + 700 * size**2
    pairs = N * (N - 1) / 2
    return 2 * steps * product + N * spectral + pairs * (product + (spectral if norm == "spectral" else 0))


def stride_for(steps: int, size: int, norm: Norm | str, budget: int | float, *, most: int = 500) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 with which a triangle takes at most ``budget`` multiply-adds.

    ``steps`` is T, ``size`` the state's S; see :func:`work`. A stride also leaves at most ``most`` steps. 50
    where none is enough.
    """
    fitting = (
        stride
        for stride in STRIDES
        if work(steps, size, norm, stride) <= budget and len(grid(steps, stride)) <= most
    )
    return next(fitting, STRIDES[-1])


@torch.inference_mode(False)
@torch.no_grad()
def gradient_triangle(
    module: nn.Module,
    x: Tensor,
    norm: Norm | str = "spectral",
    state: State = None,
    *,
    stride: int = 1,
    report: Report | None = None,
) -> Float[Tensor, "N N"]:
    """The norm of ``d state[t] / d state[k]`` at ``[t, k]``, for every pair of steps of one sequence (B = 1).

    That derivative is the product J[t] ... J[k+1] of step Jacobians, later steps on the left (Pascanu,
    Mikolov & Bengio 2013, arXiv:1211.5063, equation 5). ``norm`` is "spectral", the largest singular value,
    or "frobenius". The diagonal holds the norm of the identity, 1 or sqrt(S); above it, where k > t, is 0.

    With ``stride`` > 1 only the pairs among every stride-th step, those of :func:`grid`, are there (N of
    them), each as exact as before: the Jacobians between two of these steps are multiplied first.
    :func:`stride_for` picks a stride. ``report`` is called with the share that is done.

    The products are rescaled by powers of two on their way, so that an entry is 0 (or inf) only where the
    norm itself lies below (or above) what the module's dtype can hold. A product that is not finite gives
    NaN. ``ValueError`` for more than one sequence, another norm, or a stride below 1.

    Module, ``x`` and ``state`` are as for :func:`rnnviz.jacobians`. There are about N^2/2 products of S x S
    matrices, in the module's dtype. All of one row come from those of the row above by one matrix product,
    and only one row is kept, N S^2 numbers. The largest singular value is the root of the largest eigenvalue
    of the Gram matrix, by LAPACK and in float64 whatever the module's dtype: exact to rounding.
    """
    return norms_of(factors_of(module, x, norm, state, stride, report), norm, report)[0]


@dataclass(frozen=True, eq=False)
class Factors:
    """``J[m] * 2^power[m]`` is the derivative of the state at ``steps[m + 1]`` by that at ``steps[m]``."""

    layer: Layer
    steps: range
    J: Float[Tensor, "M S S"]
    power: Float[Tensor, " M"]


def factors_of(
    module: nn.Module, x: Tensor, norm: str, state: State, stride: int, report: Report | None
) -> Factors:
    """The derivatives along the grid; raises what :func:`gradient_triangle` does."""
    if norm not in ("spectral", "frobenius"):
        raise ValueError(f"norm must be one of 'spectral', 'frobenius'; got {norm!r}")
    if stride < 1:
        raise ValueError(f"expected a stride of at least 1, got {stride}; 1 keeps every step")
    problem, layer = onestep.single_layer(module, x, state)
    onestep.require_one_sequence(problem, "gradient_triangle")
    before, inputs = onestep.recorded(problem, layer)
    T, _, S = before.shape
    steps = grid(T, stride)
    J = before.new_empty(len(steps) - 1, S, S)
    power = torch.zeros(len(J), dtype=torch.float64, device=J.device)
    # In pieces of whole strides, so that only the products of the Jacobians are kept.
    piece = max(_CHUNK // (stride * S * S), 1)
    for first in range(0, len(J), piece):
        part = slice(first, min(first + piece, len(J)))
        every = slice(steps[part.start] + 1, steps[part.stop] + 1)
        one, exponent = rescaled(onestep.jacobians_at(layer, before[every, 0], inputs[every, 0]))
        one, exponent = one.view(-1, stride, S, S), exponent.view(-1, stride)
        product, power[part] = one[:, 0], exponent.sum(1)
        for step in range(1, stride):
            product, more = rescaled(one[:, step] @ product)
            power[part] += more
        J[part] = product
        if report is not None:
            report(_JACOBIANS * part.stop / len(J))
    return Factors(layer, steps, J, power)


def norms_of(
    found: Factors, norm: str, report: Report | None
) -> tuple[Float[Tensor, "N N"], Bool[Tensor, "N N"]]:
    """The norm of every product of neighbouring factors, and which products are 0 in every entry.

    A norm may be 0 in the module's dtype without that: it is too small for it, and its product is not.
    """
    J = found.J
    M, S = J.shape[:2]
    sizes = torch.zeros(M + 1, M + 1, dtype=torch.float64, device=J.device)
    # sizes * 2^power are the norms; before any rescaling the powers are those of the factors, summed.
    total = torch.cat([found.power.new_zeros(1), found.power.cumsum(0)])
    power = total[:, None] - total
    # The derivatives of one step by all before it, transposed and one below the other, so that the next row is
    # one product of two plain matrices. Two rows take turns.
    rows = J.new_empty(2, M, S, S)

    def extend(above: Tensor, J_t: Tensor) -> Tensor:
        n = len(above)
        row = rows[n % 2, : n + 1]
        torch.mm(above.view(-1, S), J_t.mT, out=row[:n].view(-1, S))
        row[n] = J_t.mT
        measured = torch.linalg.vector_norm(row, dim=(1, 2))
        low, high = torch.aminmax(measured)
        # Needed now and then, as no factor has an entry above 1; within this range float32 squares are sound.
        if not (low > 2**-20 and high < 2**20):
            scaled, more = rescaled(row)
            row.copy_(scaled)
            power[n + 1 :, : n + 1] += more
            measured = torch.linalg.vector_norm(row, dim=(1, 2))
        sizes[n + 1, : n + 1] = spectral(row) if norm == "spectral" else measured
        if report is not None:
            report(_JACOBIANS + (1 - _JACOBIANS) * ((n + 1) / M) ** 2)
        return row

    fold(extend, (J,), rows[0, :0])
    sizes.fill_diagonal_(1.0 if norm == "spectral" else math.sqrt(S))
    sizes = torch.where(sizes.isfinite(), sizes, torch.nan)
    below = torch.ones_like(sizes, dtype=torch.bool).tril()
    return torch.where(below, _scaled(sizes, power), 0).to(J.dtype), below & (sizes == 0)


def rescaled(matrices: Float[Tensor, "N S S"]) -> tuple[Float[Tensor, "N S S"], Float[Tensor, " N"]]:
    """The matrices divided by a power of two each, so that the largest entry is near 1; the exponents."""
    largest = torch.linalg.vector_norm(matrices, math.inf, dim=(1, 2))
    exponent = torch.frexp(largest).exponent
    # Powers of two cost no accuracy. Beyond the clamp 2^exponent would not be a normal float32.
    exponent = torch.where(largest.isfinite(), exponent.clamp(-120, 120), 0)
    return matrices * torch.exp2(-exponent.to(matrices.dtype))[:, None, None], exponent.double()


def _scaled(norms: Float[Tensor, "N N"], power: Float[Tensor, "N N"]) -> Float[Tensor, "N N"]:
    """``norms * 2^power``, in two halves: a power that is too large alone may not be so for a small norm."""
    half = (power / 2).floor()
    return norms * torch.exp2(half) * torch.exp2(power - half)


def spectral(matrices: Float[Tensor, "N S S"]) -> Float[Tensor, " N"]:
    """The largest singular value of each matrix, in float64; NaN for one that is not finite."""
    if not len(matrices):
        return matrices.new_empty(0, dtype=torch.float64)
    pieces = torch.split(matrices, max(_CHUNK // matrices[0].numel(), 1))
    return torch.cat([_largest_singular_value(piece) for piece in pieces])


def _largest_singular_value(matrices: Float[Tensor, "N S S"]) -> Float[Tensor, " N"]:
    """By the Gram matrix: squaring halves the digits of the small singular values, not of the largest."""
    wide = matrices.double()
    finite = wide.isfinite().all(-1).all(-1)
    wide = torch.where(finite[:, None, None], wide, 0)  # LAPACK refuses NaN
    squares = torch.linalg.eigvalsh(wide.mT @ wide)[:, -1]
    return torch.where(finite, squares.clamp_min(0).sqrt(), torch.nan)

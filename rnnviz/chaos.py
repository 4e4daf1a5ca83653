"""The edge of chaos: does a large random network forget where it started, or do neighbours part?

The network is ``h_t = tanh(g W h_{t-1} + drive * xi_t)`` with W ~ N(0, 1/N), g the gain, and xi_t white noise of
variance 1 of each unit's own. The sign of its leading Lyapunov exponent tells order (below 0) from chaos (above).

Without input and as N grows, chaos sets in at g = 1: Sompolinsky, Crisanti & Sommers 1988,
doi:10.1103/PhysRevLett.61.259, in continuous time. In discrete time as here, and with noise, which moves the edge
to larger gains: Molgedey, Schuchhardt & Schuster 1992, doi:10.1103/PhysRevLett.69.3717; the same in continuous time:
Schuecker, Goedeke & Helias 2018, doi:10.1103/PhysRevX.8.041029. A network of finite N has its edge near by, each at
a place of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from rnnviz.gradients import step_norms
from rnnviz.scan import fold

STEPS, DISCARD = 400, 100
"""Steps run for an exponent, and how many of the first are left out while state and direction settle."""

START = 0.5
"""Standard deviation of each unit's start state."""

GAINS: tuple[float, ...] = tuple([k / 10 for k in range(3, 20)] + [k / 4 for k in range(8, 17)])
"""The gains of a curve: every 0.1 from 0.3 to 1.9, where the edge lies, then every 0.25 from 2 to 4."""

_PIECE = 20
"""Steps between two reports of progress; so many states are kept at a time."""

_NOTHING = 1e-20
"""A state this small is as good as 0: the slope 1 - h^2 is 1. Below it arithmetic would become slow."""

Report = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Networks:
    """Random networks of N units, one a seed, and what each starts from and reads, at strength 1.

    ``W`` ~ N(0, 1/N) in [to, from]; ``start`` ~ N(0, START^2); ``noise`` ~ N(0, 1) at each step.
    """

    W: Float[Tensor, "S N N"]
    start: Float[Tensor, "S N"]
    noise: Float[Tensor, "T S N"]


def networks(
    units: int, seeds: Sequence[int], *, steps: int = STEPS, dtype: torch.dtype = torch.float32
) -> Networks:
    """The networks of these seeds, drawn in float32. ``ValueError`` unless all sizes are at least 1."""
    if units < 1 or steps < 1 or not seeds:
        raise ValueError(
            f"expected at least 1 unit, 1 step and 1 seed, got {units}, {steps} and {len(seeds)}; "
            "choose positive sizes"
        )
    drawn = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        W = torch.randn(units, units, generator=generator) / math.sqrt(units)
        start = START * torch.randn(units, generator=generator)
        drawn.append((W, start, torch.randn(steps, units, generator=generator)))
    W, start, noise = (torch.stack(part) for part in zip(*drawn, strict=True))
    return Networks(W.to(dtype), start.to(dtype), noise.transpose(0, 1).contiguous().to(dtype))


@torch.no_grad()
def leading_exponents(
    nets: Networks,
    gains: Sequence[int | float],
    drive: int | float = 0.0,
    *,
    discard: int = DISCARD,
    report: Report | None = None,
) -> Float[Tensor, "G S"]:
    """The leading Lyapunov exponent per step of each network at each gain, by one tangent vector.

    ``mean over t of log |J_t v_{t-1}|`` with v kept at length 1 (Benettin et al. 1980, doi:10.1007/BF02128236),
    over the steps after the first ``discard``. All gains share the networks, so a step is one batched matrix
    product. The tangent starts where that of ``lyapunov_exponents(count=1)`` does. -inf at a gain of 0.
    ``report`` is called with the share that is done. ``ValueError`` unless 0 <= discard < T, the gains and the
    drive are finite and not negative, and there is a gain.
    """
    T, S, N = nets.noise.shape
    if not 0 <= discard < T:
        raise ValueError(f"expected discard from 0 to {T - 1}, got {discard}; keep at least one of {T} steps")
    _check(gains, drive)
    like = nets.W
    g = torch.tensor(list(gains), dtype=like.dtype).view(1, 1, -1, 1)
    G = g.shape[2]
    back = nets.W.mT.contiguous()
    v = torch.randn(N, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))[:, 0]
    pair = torch.stack([nets.start, (v / v.norm()).to(like).expand(S, N)], 1)
    pairs = pair[:, :, None, :].expand(S, 2, G, N).contiguous()

    def follow(carry: tuple[Tensor, Tensor], u: Tensor) -> tuple[Tensor, Tensor]:
        into = (carry[0].view(S, 2 * G, N) @ back).view(S, 2, G, N).mul_(g)
        h = torch.tanh(into[:, 0] + drive * u[:, None] if drive else into[:, 0])
        h = torch.nn.functional.hardshrink(h, _NOTHING)
        moved = into[:, 1] * (1 - h * h)
        stretch = moved.norm(dim=-1, keepdim=True)
        moved = moved / stretch.clamp_min(torch.finfo(like.dtype).tiny)
        return torch.stack([h, moved], 1), stretch[..., 0].double().log()

    carry = (pairs, pairs.new_zeros(S, G))
    total, done = torch.zeros(S, G, dtype=torch.float64), 0
    for piece in torch.split(nets.noise, _PIECE):
        kept = fold(follow, (piece,), carry)
        carry = kept[-1]
        total += sum(
            (logs for t, (_, logs) in enumerate(kept, done) if t >= discard), start=torch.zeros_like(total)
        )
        done += len(piece)
        if report is not None:
            report(done / T)
    return (total / (T - discard)).mT.contiguous()


@dataclass(frozen=True, eq=False)
class Parting:
    """Two runs of one network from neighbouring states, with the same input.

    ``distance[t]`` is the Euclidean distance of the two states t steps after they were set ``distance[0]`` apart.
    ``rounded`` marks where it is no larger than what float64 rounds away, and so is no number to read.
    """

    distance: Float[Tensor, " T1"]
    rounded: Bool[Tensor, " T1"]


@torch.no_grad()
def part(
    nets: Networks,
    gain: int | float,
    drive: int | float = 0.0,
    *,
    apart: float = 1e-6,
    settle: int = DISCARD,
    steps: int = 200,
) -> Parting:
    """Run the first network twice, in float64: first ``settle`` steps alone, then from states ``apart``.

    The second starts at the first's state moved by that much in a random direction. ``ValueError`` unless the
    network's noise lasts ``settle + steps`` steps, and for what :func:`leading_exponents` refuses.
    """
    _check([gain], drive)
    T, _, N = nets.noise.shape
    if settle < 0 or steps < 1 or settle + steps > T:
        raise ValueError(
            f"expected settle + steps of at most {T}, the noise's steps, got {settle} + {steps}; ask for fewer"
        )
    back, u = gain * nets.W[0].double().mT, drive * nets.noise[:, 0].double()

    def advance(h: Tensor, u_t: Tensor) -> Tensor:
        return torch.tanh(h @ back + u_t)

    h = nets.start[:1].double()
    if settle:
        h = fold(advance, (u[:settle],), h)[-1]
    direction = torch.randn(N, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    both = torch.cat([h, h + apart * direction / direction.norm()])
    states = torch.stack([both, *fold(advance, (u[settle : settle + steps],), both)])
    distance, size = step_norms(states[:, 1:] - states[:, :1]), step_norms(states[:, :1])
    # What two sums of N products may differ by, though their terms are the same.
    rounded = (distance <= 4 * torch.finfo(torch.float64).eps * size) | (
        distance < torch.finfo(torch.float64).tiny
    )
    return Parting(distance, rounded)


def mean_field(gains: Sequence[int | float], drive: int | float = 0.0) -> Float[Tensor, " G"]:
    """The leading exponent as N grows without bound: ``log g + 1/2 log <(1 - tanh^2 x)^2>``, x ~ N(0, q).

    The variance q of what a unit takes in solves ``q = g^2 <tanh^2 x> + drive^2`` (Molgedey, Schuchhardt &
    Schuster 1992). Without input and for g <= 1, q = 0 and the exponent is log g. ``ValueError`` for what
    :func:`leading_exponents` refuses.
    """
    _check(gains, drive)
    g = torch.tensor(list(gains), dtype=torch.float64)
    z = torch.linspace(-9, 9, 2401, dtype=torch.float64)
    weight = torch.exp(-z.square() / 2)
    weight = weight / weight.sum()

    def mean(of: Callable[[Tensor], Tensor], q: Tensor) -> Tensor:
        return of(torch.tanh(q.sqrt()[:, None] * z)) @ weight

    # The right side is concave in q and bounded: it lies above q up to the stable solution, and below it after.
    low, high = torch.zeros_like(g), g.square() + drive**2
    for _ in range(60):
        q = (low + high) / 2
        above = g.square() * mean(torch.square, q) + drive**2 > q
        low, high = torch.where(above, q, low), torch.where(above, high, q)
    q = torch.where(low > 1e-9, low, 0)
    return g.log() + mean(lambda h: (1 - h * h).square(), q).log() / 2


def _check(gains: Sequence[int | float], drive: int | float) -> None:
    numbers = [*gains, drive]
    if not gains or not all(math.isfinite(value) and value >= 0 for value in numbers):
        raise ValueError(
            f"expected gains and a drive that are finite and not negative, got {list(gains)} and {drive}; "
            "choose 0 or more"
        )

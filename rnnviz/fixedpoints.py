"""Fixed points: the states that a step leaves where they are, what kind each is, and where the paths from it lead.

A network with a constant input x is a map s -> F(s, x) of its whole state. Near a fixed point s* = F(s*, x) it moves as
its Jacobian does, so that the eigenvalues there say whether states return to s* (Sussillo & Barak 2013, Neural
Computation 25:626-649).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn

from rnnviz.fixedpoints_search import ROUNDS, ZERO, search, slopes
from rnnviz.onestep import autonomous

__all__ = [
    "EVEN",
    "LARGEST",
    "ROUNDS",
    "SAME",
    "WIDE",
    "ZERO",
    "FixedPoints",
    "Kind",
    "Way",
    "ends",
    "fixed_points",
    "ways",
]

Kind = Literal["stable", "saddle", "unstable", "marginal"]

LARGEST = 256
"""The most numbers of a state: a Jacobian of each point is taken in every round."""

SAME = 1e-4
"""Points nearer to each other than this (root mean square over units) are one."""

EVEN = 1e-5
"""An eigenvalue whose modulus is so near to 1 decides nothing."""

WIDE = 5e-3
"""Marginal points nearer to each other than this are one: beside it the speed of a tanh unit falls with the cube of the
distance, and is below :data:`ZERO` already 0.0015 away."""


@dataclass(frozen=True, eq=False)
class Way:
    """The states (N, S) that follow one beside a saddle, and the stable point at their end, None for none of those.

    Both are numbers of :class:`FixedPoints`.
    """

    saddle: int
    states: Float[Tensor, "N S"]
    end: int | None


@dataclass(frozen=True, eq=False)
class FixedPoints:
    """K fixed points of a layer whose state has S numbers, in float64, the stable ones first.

    ``points`` (K, S); ``speed`` (K,): |F(s) - s|, root mean square over units; ``eigenvalues`` (K, S) of the Jacobian
    there, largest modulus first; at a bend of ReLU of that beside it, where a small push goes on. ``kinds``: "stable"
    where all moduli are below 1, "unstable" where all are above, "saddle" where some are, "marginal" where one is 1 and
    none above. ``lost``: starts from which no fixed point was reached; for ``cut`` of them only because the rounds were
    at their end.
    """

    points: Float[Tensor, "K S"]
    speed: Float[Tensor, " K"]
    eigenvalues: Complex[Tensor, "K S"]
    kinds: tuple[Kind, ...]
    lost: int
    cut: int = 0

    def count(self, kind: Kind) -> int:
        """How many there are of a kind."""
        return self.kinds.count(kind)


def fixed_points(
    module: nn.Module,
    x: Float[Tensor, ...],
    starts: Float[Tensor, ...],
    on_round: Callable[[float], None] | None = None,
    rounds: int = ROUNDS,
) -> FixedPoints:
    """The fixed points of one layer under the constant input ``x`` (D,) that are found from ``starts`` (N, S).

    From each start q = 1/2 |F(s) - s|^2 is made smaller by Levenberg's and Marquardt's steps, all starts side by side
    in float64, until it is 0. What can be found so depends on the starts: states that the network visits, and others
    near them. ``rounds`` bound the time. ``on_round`` is called with the share that is done, and may raise.
    ``ValueError`` for several layers or directions, more than 256 numbers of state, or shapes that do not fit.
    """
    step, size, width = _map(module, x)
    if starts.dim() != 2 or starts.shape[1] != size or not len(starts):
        raise ValueError(
            f"expected starts of shape (N, {size}), at least one, got {tuple(starts.shape)}; a state is h, or h and c"
        )
    s, moved, going = search(step, starts.detach().double().clone(), width, on_round, rounds)
    speed = moved.square().mean(1).sqrt()
    found = s[speed <= ZERO]
    points = _apart(found)
    values = torch.linalg.eigvals(slopes(step, points, width))
    values = values.gather(1, values.abs().argsort(1, descending=True))
    speed_there = (step(points) - points).square().mean(1).sqrt()
    kinds = [_kind(moduli) for moduli in values.abs()]
    order = sorted(
        _once(points, speed_there, kinds),
        key=lambda k: (int((values[k].abs() > 1 + EVEN).sum()), kinds[k] == "marginal"),
    )
    return FixedPoints(
        points[order],
        speed_there[order],
        values[order],
        tuple(kinds[k] for k in order),
        len(s) - len(found),
        int((going & ~(speed <= ZERO)).sum()),
    )


@torch.no_grad()
def ways(module: nn.Module, x: Float[Tensor, ...], found: FixedPoints, steps: int = 2000) -> tuple[Way, ...]:
    """The paths that leave the saddles: on both sides along each direction that grows, up to ``steps`` steps."""
    step, _, width = _map(module, x)
    begin = [
        (k, s)
        for k, kind in enumerate(found.kinds)
        if kind == "saddle"
        for s in _beside(step, found, k, width)
    ]
    if not begin:
        return ()
    states = [torch.stack([s for _, s in begin])]
    while len(states) <= steps and not (len(states) > 1 and (states[-1] - states[-2]).abs().max() < ZERO):
        states.append(step(states[-1]))
    paths = torch.stack(states, 1)  # paths x steps x S
    stable = [k for k, kind in enumerate(found.kinds) if kind == "stable"]
    result = []
    for (k, _), path in zip(begin, paths, strict=True):
        away = [(path[-1] - found.points[near]).square().mean().sqrt() for near in stable]
        end = next((near for near, far in zip(stable, away, strict=True) if far < 100 * SAME), None)
        result.append(Way(k, path, end))
    return tuple(result)


def ends(
    module: nn.Module, x: Float[Tensor, ...], found: FixedPoints, steps: int = 2000
) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """For each saddle, by its number, the stable points that states end at which start beside it; see :func:`ways`."""
    reached: dict[int, set[int]] = {k: set() for k, kind in enumerate(found.kinds) if kind == "saddle"}
    for way in ways(module, x, found, steps):
        if way.end is not None:
            reached[way.saddle].add(way.end)
    return tuple((k, tuple(sorted(near))) for k, near in reached.items())


def _beside(step: Callable[[Tensor], Tensor], found: FixedPoints, k: int, width: int) -> Float[Tensor, "N S"]:
    """States a little off a saddle, on both sides along each direction that grows."""
    values, vectors = torch.linalg.eig(slopes(step, found.points[k : k + 1], width)[0])
    away = vectors[:, values.abs() > 1 + EVEN]
    directions = torch.cat([away.real, away.imag], 1).T
    directions = directions[directions.norm(dim=1) > 1e-6]
    directions = directions / directions.norm(dim=1, keepdim=True)
    return found.points[k] + 1e-3 * torch.cat([directions, -directions])


def _map(module: nn.Module, x: Tensor) -> tuple[Callable[[Tensor], Tensor], int, int]:
    """The step under a constant input, how many numbers it moves, and the widest that it computes."""
    step, sizes, width = autonomous(module, x)
    S = sum(sizes)
    if S > LARGEST:
        raise ValueError(
            f"expected a state of at most {LARGEST} numbers, got {S}; choose a smaller hidden size"
        )
    return step, S, width


def _once(points: Float[Tensor, "K S"], speed: Float[Tensor, " K"], kinds: list[Kind]) -> list[int]:
    """The numbers of the points without those that stand for a marginal point a second time: the stillest stays."""
    kept: list[int] = []
    for k in sorted(range(len(points)), key=lambda k: float(speed[k])):
        near = (other for other in kept if kinds[k] == kinds[other] == "marginal")
        if all((points[k] - points[other]).square().mean().sqrt() > WIDE for other in near):
            kept.append(k)
    return sorted(kept)


def _apart(points: Float[Tensor, "N S"]) -> Float[Tensor, "K S"]:
    """One of each group of points that are the same."""
    kept: list[Tensor] = []
    for point in points:
        if all((point - other).square().mean().sqrt() > SAME for other in kept):
            kept.append(point)
    return torch.stack(kept) if kept else points[:0]


def _kind(moduli: Float[Tensor, " S"]) -> Kind:
    if bool((moduli < 1 - EVEN).all()):
        return "stable"
    if not bool((moduli > 1 + EVEN).any()):
        return "marginal"
    return "unstable" if bool((moduli > 1 + EVEN).all()) else "saddle"

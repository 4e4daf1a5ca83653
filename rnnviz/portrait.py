"""The portrait of a layer: its run, its flow under a held input, and its fixed points, seen in one plane.

A state of two numbers fills the plane, which is then the phase portrait of textbooks (Strogatz 2015, Nonlinear
Dynamics and Chaos). Of a larger state the plane is that of the first two principal components of the run. A state of
one number has a graph instead: its next value over its present one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from rnnviz.dynamics import project
from rnnviz.fixedpoints import LARGEST, FixedPoints, fixed_points
from rnnviz.flow import Flow, flow
from rnnviz.onestep import autonomous, module_of, states_of
from rnnviz.scan import fold
from rnnviz.statistics import state_kind
from rnnviz.trace import LayerTrace

FAR = 30.0
"""Larger states of the run decide nothing about the plane: an exploding run would leave all else a dot."""

QUICK = ((2, 45, 25), (32, 24, 25), (64, 12, 20), (128, 6, 15), (LARGEST, 3, 10))
"""Up to a state of so many numbers: the starts and rounds of a search while a slider moves."""

HARD = ((32, 300, 100), (64, 120, 100), (128, 60, 60), (LARGEST, 24, 40))
"""The same for a search that somebody has asked for."""

SETTLING = 60
"""States that a start is left to itself for."""

GRIDS = ((32, 61), (64, 43), (LARGEST, 25))
"""Up to a state of so many numbers: the points along each side of the plane."""

ARRIVED = 0.01
"""A state so near to a fixed point (root mean square over units) is at it."""

ACROSS = 5
"""States along each side of the plane that are left to themselves."""


@dataclass(frozen=True, eq=False)
class Plane:
    """The states ``centre`` (S,) + a ``axes[0]`` + b ``axes[1]`` with a and b from -``reach`` to ``reach``.

    ``shares`` are those of the variance of the run that the axes carry; None where the plane is all there is.
    """

    centre: Float[Tensor, " S"]
    axes: Float[Tensor, "2 S"]
    reach: float
    shares: tuple[float, float] | None

    def within(self, states: Float[Tensor, "*B S"]) -> Float[Tensor, "*B 2"]:
        """The places of states in the plane, seen along what leaves it."""
        places: Tensor = (states - self.centre) @ self.axes.T
        return places

    def beside(self, states: Float[Tensor, "*B S"]) -> Float[Tensor, "*B"]:
        """How far states lie from the plane."""
        distance: Tensor = (states - self.centre - self.within(states) @ self.axes).norm(dim=-1)
        return distance


@dataclass(frozen=True, eq=False)
class Found:
    """Fixed points, and how hard they were searched: from how many ``starts``, in at most how many ``rounds``.

    ``beyond`` is how many more there were where no state can be: in float64 a gate z that rounds to 1 keeps any h, but
    the h of such a cell lies between -1 and 1.
    """

    points: FixedPoints
    starts: int
    rounds: int
    beyond: int = 0


@dataclass(frozen=True, eq=False)
class Portrait:
    """All in float64. ``run`` (T+1, 2): the start state and the states of the run. ``free`` (T+1, M, 2): M states of
    the plane left to themselves under the held input, or None; ``arrived`` of them are at a stable point at the end.
    ``spots`` (K, 2) and ``off`` (K,): the fixed points in the plane, and how far from it they lie.
    """

    plane: Plane
    flow: Flow
    run: Float[Tensor, "T 2"]
    free: Float[Tensor, "T M 2"] | None
    found: Found
    spots: Float[Tensor, "K 2"]
    off: Float[Tensor, " K"]
    arrived: int


@dataclass(frozen=True, eq=False)
class Graph:
    """Of a state of one number: ``places`` (G,) up to ``reach`` and the ``values`` (G,) that follow, the ``run``
    (T+1,), and the rest as in :class:`Portrait`.
    """

    places: Float[Tensor, " G"]
    values: Float[Tensor, " G"]
    run: Float[Tensor, " T"]
    free: Float[Tensor, "T M"] | None
    found: Found
    reach: float
    arrived: int


def plane_of(layer: LayerTrace) -> Plane:
    """The plane that shows most of the run, or all states there are. ``ValueError`` for a state of one number."""
    states = states_of(layer)
    S = states.shape[1]
    if S < 2:
        raise ValueError("expected a state of at least two numbers, got one; draw its graph")
    near = torch.where(states.norm(dim=1, keepdim=True) <= FAR, states, torch.nan)
    bounded = state_kind(layer.cell, residual=layer.residual) == "tanh"
    if S == 2:
        widest = float(near.nan_to_num().abs().amax())
        reach = 1.05 if bounded and widest <= 1.05 else _round_up(1.15 * max(widest, 0.5))
        return Plane(torch.zeros(2).double(), torch.eye(2).double(), reach, None)
    found = project(near[:, None], 2)
    widest = float(found.points[found.finite].abs().amax()) if bool(found.finite.any()) else 0.0
    first, second = found.explained.tolist()
    return Plane(found.mean, found.axes, _round_up(1.35 * widest) if widest > 1e-6 else 1.0, (first, second))


def starts_of(layer: LayerTrace, x: Float[Tensor, ...], count: int) -> Float[Tensor, "N S"]:
    """Up to 2 ``count`` states to search from under the constant input ``x`` (D,).

    A third of ``count`` are states of the run, a third lie beside these, a third all over the plane; from these come
    saddles. Of as many more, fewer of a large state, each begins beside the run and is left to itself for a while: so
    it comes to what is stable.
    """
    states = states_of(layer)
    S = states.shape[1]
    near = states[(states.norm(dim=1) <= FAR).nonzero().flatten()]
    near = near if len(near) else states.new_zeros(1, S)
    generator = torch.Generator().manual_seed(0)
    spread = 0.5 + near.std(correction=0)

    def beside(many: int) -> tuple[Tensor, Tensor]:
        picked = near[torch.linspace(0, len(near) - 1, many).round().long()]
        return picked, picked + spread * torch.randn(many, S, generator=generator, dtype=torch.float64)

    third = max(count // 3, 1)
    picked, moved = beside(third)
    rest = left_alone(layer, x, beside(count if S <= 32 else third)[1], SETTLING)[-1]
    over = torch.linspace(-3, 3, third).double()[:, None]
    if S > 1:
        over = _grid(plane_of(layer), max(math.isqrt(third), 2))
    return torch.cat([picked, moved, over, rest[rest.norm(dim=1) <= FAR]])


def search(
    layer: LayerTrace,
    x: Float[Tensor, ...],
    *,
    hard: bool = False,
    on_round: Callable[[float], None] | None = None,
) -> Found:
    """The fixed points of the layer under the constant input ``x`` (D,).

    Quick enough for a slider, or ``hard``: from more starts, over more rounds. ``on_round`` as in
    :func:`rnnviz.fixedpoints.fixed_points`, and so the errors.
    """
    S = states_of(layer).shape[1]
    _, count, rounds = next(size for size in (HARD if hard else QUICK) if size[0] >= S)
    starts = starts_of(layer, x, count)
    found = fixed_points(module_of(layer), x, starts, on_round, rounds)
    if state_kind(layer.cell, residual=layer.residual) != "tanh":
        return Found(found, len(starts), rounds)
    reached = (found.points[:, : layer.h.shape[2]].abs() <= 1 + 1e-6).all(1)
    beyond = int((~reached).sum())
    kinds = tuple(kind for kind, kept in zip(found.kinds, reached.tolist(), strict=True) if kept)
    kept = FixedPoints(
        found.points[reached], found.speed[reached], found.eigenvalues[reached], kinds, found.lost, found.cut
    )
    return Found(kept, len(starts), rounds, beyond)


def portrait(layer: LayerTrace, x: Float[Tensor, ...], found: Found, *, free: bool = False) -> Portrait:
    """The portrait of a layer with a state of at least two numbers, under the constant input ``x`` (D,).

    ``found`` are its fixed points under it, of :func:`search`; with ``free`` states are left to themselves, too.
    """
    states, plane, module = states_of(layer), plane_of(layer), module_of(layer)
    S = states.shape[1]
    count = next(count for most, count in GRIDS if most >= S)
    alone = left_alone(layer, x, _grid(plane, ACROSS), len(states)) if free else None
    return Portrait(
        plane,
        flow(module, x, plane.centre, plane.axes, plane.reach, count),
        plane.within(states),
        None if alone is None else plane.within(alone),
        found,
        plane.within(found.points.points),
        plane.beside(found.points.points) if S > 2 else torch.zeros(len(found.points.points)).double(),
        _arrived(alone, found.points),
    )


def graph(layer: LayerTrace, x: Float[Tensor, ...], found: Found, *, free: bool = False) -> Graph:
    """The same of a layer with a state of one number: what a step makes of each value."""
    run = states_of(layer).flatten()
    near = run[run.abs() <= FAR]
    bounded = state_kind(layer.cell, residual=layer.residual) == "tanh"
    reach = 1.05 if bounded else _round_up(1.15 * max(float(near.abs().amax()) if len(near) else 0.0, 0.5))
    places = torch.linspace(-reach, reach, 161, dtype=torch.float64)
    step, _, _ = autonomous(module_of(layer), x)
    with torch.no_grad():
        values = step(places[:, None]).flatten()
    begin = torch.linspace(-0.9 * reach, 0.84 * reach, ACROSS, dtype=torch.float64)[:, None]
    alone = left_alone(layer, x, begin, len(run)) if free else None
    once = None if alone is None else alone.squeeze(-1)
    return Graph(places, values, run, once, found, reach, _arrived(alone, found.points))


@torch.no_grad()
def left_alone(
    layer: LayerTrace, x: Float[Tensor, ...], begin: Float[Tensor, "M S"], count: int
) -> Float[Tensor, "T M S"]:
    """``count`` states of M runs under the constant input ``x`` (D,), the start states first."""
    step, _, _ = autonomous(module_of(layer), x)
    return torch.stack([begin, *fold(lambda state, _: step(state), (range(count - 1),), begin)])


def _arrived(alone: Float[Tensor, "T M S"] | None, found: FixedPoints) -> int:
    """How many of the last states are at a stable point."""
    stable = found.points[[k for k, kind in enumerate(found.kinds) if kind == "stable"]]
    if alone is None or not len(stable):
        return 0
    away = (alone[-1][:, None] - stable).square().mean(-1).sqrt().amin(1)
    return int((away < ARRIVED).sum())


def _grid(plane: Plane, side: int) -> Float[Tensor, "N S"]:
    """side x side states of the plane, off its rim and off its axes, which are often borders of basins."""
    places = torch.linspace(-0.85 * plane.reach, 0.79 * plane.reach, side, dtype=torch.float64)
    return plane.centre + torch.cartesian_prod(places, -places) @ plane.axes


def _round_up(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 4, 5, 7 times a power of ten, so that the plane rests while a slider moves."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(digit * power for digit in (1, 1.5, 2, 3, 4, 5, 7, 10) if value <= digit * power * (1 + 1e-9))

"""The cliff: how one step of gradient descent can undo all others, and how clipping prevents it.

One unit, fifty steps, two parameters (Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, section 2.3 and
figure 6)::

    x_t = w sigmoid(x_{t-1}) + b,    x_0 = 0.5,    E = (sigmoid(x_50) - 0.7)^2

Over the (w, b) plane E has two plateaus. Where w > 4 a step falls between them, as there the unit has two stable
states for some b, and which of them x_50 comes to changes at once. All is computed in float64.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from rnnviz.gradients import clip

TIME = 50
"""How many steps the unit runs."""

START = 0.5
"""Its state before the first one."""

TARGET = 0.7
"""What its output is to be after the last one."""

DESCENT = 100
"""Steps of a descent, unless said otherwise."""


@dataclass(frozen=True, eq=False)
class Surface:
    """``error[i, j]`` is E at ``w[j]``, ``b[i]``."""

    w: Float[Tensor, " W"]
    b: Float[Tensor, " B"]
    error: Float[Tensor, "B W"]


class Slope(NamedTuple):
    """E at a point of the plane, its derivatives by w and b, and ``kept``, that of x_50 by x_0."""

    error: float
    w: float
    b: float
    kept: float

    @property
    def norm(self) -> float:
        """The length of the gradient."""
        return math.hypot(self.w, self.b)


@dataclass(frozen=True, eq=False)
class Descent:
    """A path of gradient descent: N steps from entry 0, the start, to entry N.

    ``norm`` is the length of the gradient at each point *before* clipping, and entry k of ``w``, ``b`` and the
    others belongs to the point that k steps lead to. Once a gradient is beyond float64 there is no next point:
    entries from there on are NaN.
    """

    w: Float[Tensor, " N"]
    b: Float[Tensor, " N"]
    error: Float[Tensor, " N"]
    norm: Float[Tensor, " N"]


def error(w: Float[Tensor, "*P"], b: Float[Tensor, "*P"]) -> Float[Tensor, "*P"]:
    """E at the points (w, b), each for itself; autograd sees through it."""
    x = torch.full_like(w, START)
    for _ in range(TIME):
        x = w * torch.sigmoid(x) + b
    return (torch.sigmoid(x) - TARGET).square()


def surface(w: tuple[float, float], b: tuple[float, float], columns: int, rows: int) -> Surface:
    """E on an even grid between and with the given ends. Raises ``ValueError`` for a grid below 2 x 2."""
    if columns < 2 or rows < 2:
        raise ValueError(f"expected at least 2 columns and 2 rows, got {columns} and {rows}; ask for more")
    across = torch.linspace(*w, columns, dtype=torch.float64)
    up = torch.linspace(*b, rows, dtype=torch.float64)
    grid = torch.meshgrid(up, across, indexing="ij")
    return Surface(across, up, error(grid[1], grid[0]))


def slope(w: int | float, b: int | float) -> Slope:
    """E and its exact gradient at one point, by the chain rule forward in time.

    With x_t go its derivatives by w, b and x_0; they obey ``dx_t = w sigmoid'(x_{t-1}) dx_{t-1}`` plus what is
    immediate, sigmoid(x_{t-1}) for w and 1 for b. On plain numbers that takes some 20 microseconds, a fortieth
    of one of autograd's passes, and gives the same.
    """
    x, by_w, by_b, by_start = START, 0.0, 0.0, 1.0
    for _ in range(TIME):
        out = _sigmoid(x)
        factor = w * out * _sigmoid(-x)
        by_w, by_b, by_start = out + factor * by_w, 1 + factor * by_b, factor * by_start
        x = w * out + b
    out = _sigmoid(x)
    miss = out - TARGET
    outer = 2 * miss * out * _sigmoid(-x)
    return Slope(miss * miss, outer * by_w, outer * by_b, by_start)


def descend(
    w: int | float,
    b: int | float,
    rate: int | float,
    max_norm: int | float | None = None,
    steps: int = DESCENT,
) -> Descent:
    """``steps`` steps of gradient descent from (w, b): against the gradient, ``rate`` times its length far.

    With ``max_norm`` each gradient goes through :func:`rnnviz.gradients.clip` first. Raises ``ValueError`` for
    a start or a rate that is not finite, fewer than 0 steps, or a ``max_norm`` that is not positive.
    """
    if not all(math.isfinite(value) for value in (w, b, rate)):
        raise ValueError(f"expected finite w, b and rate, got {w}, {b} and {rate}; start elsewhere")
    if steps < 0:
        raise ValueError(f"expected at least 0 steps, got {steps}; ask for more")
    at = torch.tensor([w, b], dtype=torch.float64)
    rows = torch.full((steps + 1, 4), torch.nan, dtype=torch.float64)
    for k in range(steps + 1):
        w, b = at.tolist()
        found = slope(w, b)
        if not math.isfinite(found.norm):
            break
        rows[k] = torch.tensor([w, b, found.error, found.norm], dtype=torch.float64)
        gradient = torch.tensor([found.w, found.b], dtype=torch.float64)
        at = at - rate * (gradient if max_norm is None else clip(gradient, float(max_norm)))
    return Descent(*rows.unbind(1))


class Leap(NamedTuple):
    """A step of a descent: the how manieth it is, its length, and where it leads."""

    step: int
    length: float
    w: float
    b: float


def longest_step(path: Descent) -> Leap | None:
    """The longest step of a descent, or None where it has none."""
    lengths = torch.hypot(path.w.diff(), path.b.diff())
    if not bool(lengths.isfinite().any()):
        return None
    k = int(lengths.nan_to_num(-1, posinf=-1).argmax())
    return Leap(k + 1, float(lengths[k]), float(path.w[k + 1]), float(path.b[k + 1]))


def leaves(ground: Surface, path: Descent) -> tuple[float, float] | None:
    """The place (w, b) on the edge of the surface where a descent first leaves it, or None."""
    points = torch.stack([path.w, path.b], 1)
    low, high = (torch.stack([ground.w[end], ground.b[end]]) for end in (0, -1))
    out = ((points < low) | (points > high)).any(1)
    k = int(out.int().argmax())
    if k == 0:  # never, or before the first step
        return None
    before, moved = points[k - 1], points[k] - points[k - 1]
    # Of the edges ahead, the one that the step meets first.
    parts = torch.where(moved == 0, torch.inf, (torch.where(moved > 0, high, low) - before) / moved)
    w, b = (before + parts.min() * moved).tolist()
    return w, b


def _sigmoid(x: float) -> float:
    """The logistic function, without overflow; its slope is ``_sigmoid(x) * _sigmoid(-x)``, exact at both ends."""
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    grown = math.exp(x)
    return grown / (1 + grown)

"""Ways of right angles between boxes, found one after the other on a lattice of lines.

Each way is a shortest one (Dijkstra's), where a bend and a crossing count as lengths of their own. A way from a box that
has one already may leave it at any point, so that the ways of a box make a tree. Ways of two boxes cross at right
angles or not at all: they share no stretch and no corner.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise

Point = tuple[float, float]
Step = tuple[int, int]

BEND, CROSSING, PART = 14.0, 60.0, 6.0
"""What a bend, a crossing and a branching cost, in units of length."""

CLEAR = 5.0
"""The least distance between a way and a box that it does not belong to."""

APART = 7.0
"""The least distance between two lines of the lattice, and so between two ways side by side."""

_STEPS: tuple[Step, ...] = ((1, 0), (0, 1), (-1, 0), (0, -1))


@dataclass(frozen=True)
class Block:
    """A rectangle that no way may enter, by its sides."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Port:
    """Where a way may begin or end: a point of a rim, the direction outwards, and what it costs to use it."""

    x: float
    y: float
    out: Step
    cost: float = 0.0


@dataclass
class _Tree:
    """The ways of one box so far: how each cell of the lattice on them is reached, and in which directions used."""

    trail: dict[Step, list[Point]] = field(default_factory=dict)
    used: dict[Step, set[Step]] = field(default_factory=dict)


class Router:
    """Finds ways among ``blocks`` on the lines ``xs`` and ``ys``; ``liked`` lines cost half to the box named."""

    def __init__(
        self,
        blocks: Iterable[Block],
        xs: Iterable[float],
        ys: Iterable[float],
        liked: Mapping[str, tuple[str, float]],
    ) -> None:
        self.blocks = tuple(blocks)
        self.xs, self.ys = _lattice(xs), _lattice(ys)
        self.liked = liked
        self.trees: dict[str, _Tree] = {}
        self.taken: dict[Port, str] = {}
        self.over: dict[Step, dict[str, set[Step]]] = {}
        self.cost = 0.0
        self.crossings = 0
        self._open = {
            (i, j, d): self._free(self._at(i, j), self._at(i + d[0], j + d[1]))
            for i in range(len(self.xs))
            for j in range(len(self.ys))
            for d in _STEPS[:2]
            if i + d[0] < len(self.xs) and j + d[1] < len(self.ys)
        }

    def way(self, of: str, start: Iterable[Port], end: Iterable[Port]) -> tuple[Point, ...]:
        """The corners of the best way from a port of ``of``, or from a way of it, to one of the ports ``end``.

        ``ValueError`` where there is none.
        """
        tree = self.trees.setdefault(of, _Tree())
        best: dict[tuple[Step, Step], float] = {}
        came: dict[tuple[Step, Step], tuple[Step, Step] | None] = {}
        first: dict[tuple[Step, Step], Port] = {}
        queue: list[tuple[float, Step, Step]] = []

        def offer(cost: float, cell: Step, d: Step, before: tuple[Step, Step] | None) -> bool:
            if cost >= best.get((cell, d), float("inf")):
                return False
            best[cell, d], came[cell, d] = cost, before
            heappush(queue, (cost, cell, d))
            return True

        for port in start:
            if port not in self.taken and (cell := self._mouth(port)):
                there = self._at(*cell)
                away = abs(there[0] - port.x) + abs(there[1] - port.y)
                if offer(port.cost + away + (PART if tree.trail else 0), cell, port.out, None):
                    first[cell, port.out] = port
        for cell, used in tree.used.items():
            if not any(name != of for name in self.over.get(cell, ())):
                for d in _STEPS:
                    if d not in used:
                        offer(PART, cell, d, None)
        ends: dict[Step, list[Port]] = {}
        for port in end:
            if port not in self.taken and (mouth := self._mouth(port)):
                ends.setdefault(mouth, []).append(port)
        goal: tuple[float, tuple[Step, Step], Port] | None = None
        while queue:
            cost, cell, d = heappop(queue)
            if cost > best[cell, d] or (goal and cost >= goal[0]):
                continue
            for port in ends.get(cell, ()):
                inward = (-port.out[0], -port.out[1])
                if d == (-inward[0], -inward[1]) or (d != inward and not self._alone(of, cell)):
                    continue
                x, y = self._at(*cell)
                whole = cost + port.cost + abs(x - port.x) + abs(y - port.y) + (BEND if d != inward else 0)
                if goal is None or whole < goal[0]:
                    goal = (whole, (cell, d), port)
            for turn in _STEPS:
                if turn == (-d[0], -d[1]):
                    continue
                if turn != d and (
                    not self._alone(of, cell) or (came[cell, d] is None and (cell, d) not in first)
                ):
                    continue
                step = self._step(of, cell, turn)
                if step is not None:
                    beyond = (cell[0] + turn[0], cell[1] + turn[1])
                    offer(cost + step + (BEND if turn != d else 0), beyond, turn, (cell, d))
        if goal is None:
            raise ValueError(f"expected room for a way from {of}, got none; move the boxes apart")
        return self._lay(of, tree, goal, came, first)

    def dots(self) -> list[tuple[str, float, float]]:
        """Where the ways of a box part."""
        return [
            (of, *self._at(*cell))
            for of, tree in self.trees.items()
            for cell, used in tree.used.items()
            if len(used) > 2
        ]

    def _lay(
        self,
        of: str,
        tree: _Tree,
        goal: tuple[float, tuple[Step, Step], Port],
        came: dict[tuple[Step, Step], tuple[Step, Step] | None],
        first: dict[tuple[Step, Step], Port],
    ) -> tuple[Point, ...]:
        cost, state, port = goal
        self.cost += cost
        states = [state]
        while (before := came[states[-1]]) is not None:
            states.append(before)
        cells = [cell for cell, _ in reversed(states)]
        begin = first.get(states[-1])
        if begin and cells[0] not in tree.trail:
            self.taken[begin] = of
            points = [(begin.x, begin.y), self._at(*cells[0])]
            self._use(of, tree, cells[0], (-begin.out[0], -begin.out[1]))
        else:
            points = list(tree.trail[cells[0]])
        tree.trail.setdefault(cells[0], list(points))
        for one, other in pairwise(cells):
            d = (other[0] - one[0], other[1] - one[1])
            self._use(of, tree, one, d)
            self._use(of, tree, other, (-d[0], -d[1]))
            points = [*points, self._at(*other)]
            tree.trail.setdefault(other, list(points))
        self.taken[port] = of
        self._use(of, tree, cells[-1], (-port.out[0], -port.out[1]))
        return _corners([*points, (port.x, port.y)])

    def _use(self, of: str, tree: _Tree, cell: Step, d: Step) -> None:
        others = [name for name in self.over.get(cell, ()) if name != of]
        if others and len(tree.used.get(cell, ())) == 0:
            self.crossings += 1
        tree.used.setdefault(cell, set()).add(d)
        self.over.setdefault(cell, {})[of] = tree.used[cell]

    def _alone(self, of: str, cell: Step) -> bool:
        return all(name == of for name in self.over.get(cell, ()))

    def _step(self, of: str, cell: Step, d: Step) -> float | None:
        """What one step of the lattice costs, or None where it is closed."""
        low = cell if d in _STEPS[:2] else (cell[0] + d[0], cell[1] + d[1])
        if not self._open.get((*low, _STEPS[:2][d[0] == 0]), False):
            return None
        beyond = (cell[0] + d[0], cell[1] + d[1])
        cost = 0.0
        for name, used in self.over.get(beyond, {}).items():
            if name == of or d in used or (-d[0], -d[1]) in used or len(used) != 2:
                return None  # its own tree, a stretch or a corner of another, or a branching
            cost += CROSSING
        if d in self.over.get(cell, {}).get(of, ()):
            return None
        x, y = self._at(*cell)
        length = abs(self._at(*beyond)[0] - x) + abs(self._at(*beyond)[1] - y)
        axis, line = self.liked.get(of, ("", 0.0))
        liked = (axis == "y" and d[0] != 0 and y == line) or (axis == "x" and d[1] != 0 and x == line)
        return cost + length * (0.5 if liked else 1.0)

    def _mouth(self, port: Port) -> Step | None:
        """The first cell of the lattice before a port, if the way there is free."""
        dx, dy = port.out
        if dx:
            if port.y not in self.ys:
                return None
            ahead = [i for i, x in enumerate(self.xs) if (x - port.x) * dx > CLEAR]
            if not ahead:
                return None
            cell = (min(ahead, key=lambda i: abs(self.xs[i] - port.x)), self.ys.index(port.y))
        else:
            if port.x not in self.xs:
                return None
            ahead = [j for j, y in enumerate(self.ys) if (y - port.y) * dy > CLEAR]
            if not ahead:
                return None
            cell = (self.xs.index(port.x), min(ahead, key=lambda j: abs(self.ys[j] - port.y)))
        there = self._at(*cell)
        beyond = (port.x + dx * (CLEAR + 0.1), port.y + dy * (CLEAR + 0.1))
        return cell if self._free(beyond, there) else None

    def _at(self, i: int, j: int) -> Point:
        return self.xs[i], self.ys[j]

    def _free(self, one: Point, other: Point) -> bool:
        (left, right), (top, bottom) = sorted((one[0], other[0])), sorted((one[1], other[1]))
        return not any(
            left < block.right + CLEAR
            and right > block.left - CLEAR
            and top < block.bottom + CLEAR
            and bottom > block.top - CLEAR
            for block in self.blocks
        )


def _lattice(lines: Iterable[float]) -> list[float]:
    """The lines in order, without those too near to one that was named before."""
    kept: list[float] = []
    for line in lines:
        if all(abs(line - other) >= APART for other in kept):
            kept.append(line)
    return sorted(kept)


def _corners(points: list[Point]) -> tuple[Point, ...]:
    """The points of a line without those on the way straight on."""
    kept = points[:1]
    for point, beyond in pairwise([*points[1:], points[-1]]):
        if point == kept[-1]:
            continue
        (ax, ay), (bx, by), (cx, cy) = kept[-1], point, beyond
        if point != beyond and ((ax == bx == cx) or (ay == by == cy)):
            continue
        kept.append(point)
    return tuple(kept)

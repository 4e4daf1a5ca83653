"""Ways of right angles between boxes, found one after the other on a lattice of lines.

Each way is a shortest one (Dijkstra's), where a bend and a crossing count as lengths of their own. A way from a box
that has one already may leave it at any point, so that the ways of a box make a tree. Ways of two boxes cross at right
angles or not at all: they share no stretch and no corner.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from rnnviz.figures.cell_layout_lattice import Lattice, Point, Port

State = tuple[int, int]
"""A cell of the lattice, by its number, and the direction in which it is reached."""

_STRAIGHT = (0b0101, 0b1010)  # the directions used where a way runs straight on, by its axis

BEND, CROSSING, PART = 14.0, 60.0, 6.0
"""What a bend, a crossing and a branching cost, in units of length."""

LIKED, FOREIGN = 0.5, 3.0
"""What lengths count for on the line that is kept for a box, and on that of another."""

BARE = 11.0
"""The least distance of a branching to the rim before and behind it."""

_PORT, _BRANCH = -1, -2
"""What stands for the cell before the first one of a way: it comes from a port of its box, or from another way."""


@dataclass
class _Tree:
    """The ways of one box so far: how each cell on them is reached from it, and where none may branch off."""

    trail: dict[int, list[Point]] = field(default_factory=dict)
    bare: set[int] = field(default_factory=set)


class Router:
    """Finds ways on a ``lattice``.

    ``kept`` names a line by the box whose ways should run on it: "x" or "y", and where. ``crossings`` counts those of
    all ways so far.
    """

    def __init__(self, lattice: Lattice, kept: Mapping[str, tuple[str, float]]) -> None:
        self._points, self._beside, self._mouth = lattice.points, lattice.beside, lattice.mouth
        self.kept = kept
        self.crossings = 0
        self._trees: defaultdict[str, _Tree] = defaultdict(_Tree)
        self._taken: set[Port] = set()
        self._over: defaultdict[int, dict[str, int]] = defaultdict(dict)  # by cell and box: directions used

    def way(
        self, of: str, start: Iterable[Port], end: Iterable[Port], *, late: bool = False
    ) -> tuple[Point, ...]:
        """The corners of the best way from a port of ``of``, or from a way of it, to one of the ports ``end``.

        Of ways equally good it is that with the earliest bends, or with the latest if ``late``. ``ValueError`` where
        there is none.
        """
        tree, weights, prefer = self._trees[of], self._weights(of), -0.001 if late else 0.001
        begins = [(port, at) for port in start if port not in self._taken and (at := self._mouth(port))]
        queue: list[tuple[float, State, State]] = [
            (port.cost + away + PART * bool(tree.trail), (cell, port.out), (_PORT, k))
            for k, (port, (cell, away)) in enumerate(begins)
        ]
        queue += [
            (PART, (cell, d), (_BRANCH, 0))
            for cell in tree.trail
            if cell not in tree.bare and len(self._over[cell]) == 1
            for d in range(4)
            if not self._over[cell][of] >> d & 1
        ]
        heapify(queue)
        ends: defaultdict[int, list[tuple[Port, float]]] = defaultdict(list)
        for port in end:
            if port not in self._taken and (mouth := self._mouth(port)):
                ends[mouth[0]].append((port, mouth[1]))
        came: dict[State, State] = {}
        goal: tuple[float, State, Port] | None = None
        while queue:
            cost, state, before = heappop(queue)
            if goal and cost >= goal[0]:
                break
            if state in came:
                continue
            came[state] = before
            cell, d = state
            alone = self._over[cell].keys() <= {of}
            for port, away in ends.get(cell, ()):
                bends = d != port.out ^ 2
                whole = cost + port.cost + away + (BEND + cost * min(prefer, 0.0)) * bends
                if d != port.out and (alone or not bends) and (goal is None or whole < goal[0]):
                    goal = (whole, state, port)
            for turn in (d, d ^ 1, d ^ 3) if alone and before[0] != _BRANCH else (d,):
                beyond, length = self._beside[cell][turn]
                if beyond < 0 or (beyond, turn) in came:
                    continue
                if crossed := self._over.get(beyond):
                    across = _STRAIGHT[1 - (turn & 1)]
                    if of in crossed or any(used != across for used in crossed.values()):
                        continue  # a way of its own, or a stretch, a corner or a branching of another
                length *= weights.get((turn & 1, self._points[beyond][1 - (turn & 1)]), 1.0)
                bend = (BEND + cost * prefer) * (turn != d)
                further = cost + length + bend + CROSSING * len(crossed or ())
                heappush(queue, (further, (beyond, turn), state))
        if goal is None:
            raise ValueError(f"expected room for a way from {of}, got none; move the boxes apart")
        ways = [goal[1]]
        while came[ways[-1]][0] >= 0:
            ways.append(came[ways[-1]])
        origin, k = came[ways[-1]]
        return self._lay(of, ways[::-1], begins[k][0] if origin == _PORT else None, goal[2])

    def dots(self) -> list[tuple[str, float, float]]:
        """Where the ways of a box part."""
        return [
            (of, *self._points[cell])
            for cell, used in self._over.items()
            for of, directions in used.items()
            if directions.bit_count() > 2
        ]

    def _lay(self, of: str, states: list[State], begin: Port | None, port: Port) -> tuple[Point, ...]:
        """Take a way, which comes from a port or from another way of its box, and give its corners."""
        tree, cells = self._trees[of], [cell for cell, _ in states]
        if begin:
            self._taken.add(begin)
            self._use(of, cells[0], begin.out ^ 2)
            tree.trail[cells[0]] = [(begin.x, begin.y), self._points[cells[0]]]
        points = tree.trail[cells[0]]
        for one, (other, d) in zip(cells, states[1:], strict=False):
            self._use(of, one, d)
            self._use(of, other, d ^ 2)
            tree.trail[other] = points = [*points, self._points[other]]
        self._taken.add(port)
        self._use(of, cells[-1], port.out ^ 2)
        for cell in cells:
            x, y = self._points[cell]
            if any(abs(x - rim.x) + abs(y - rim.y) < BARE for rim in (port, begin) if rim):
                tree.bare.add(cell)
        return _corners([*points, (port.x, port.y)])

    def _use(self, of: str, cell: int, d: int) -> None:
        used = self._over[cell]
        if of not in used:
            self.crossings += len(used)
        used[of] = used.get(of, 0) | 1 << d

    def _weights(self, of: str) -> dict[tuple[int, float], float]:
        """What a length counts for on the lines that are kept for somebody, by their axis and place."""
        return {
            (axis == "x", line): LIKED if name == of else FOREIGN for name, (axis, line) in self.kept.items()
        }


def _corners(points: list[Point]) -> tuple[Point, ...]:
    """The points of a line without those on the way straight on."""
    points = [point for point, before in zip(points, [None, *points], strict=False) if point != before]
    inner = [
        (bx, by)
        for (ax, ay), (bx, by), (cx, cy) in zip(points, points[1:], points[2:], strict=False)
        if not (ax == bx == cx or ay == by == cy)
    ]
    return (points[0], *inner, points[-1])

"""Ways of right angles between boxes, found one after the other on a lattice of lines.

Each way is a shortest one (Dijkstra's), where a bend and a crossing count as lengths of their own. A way from a box
that has one already may leave it at any point, so that the ways of a box make a tree. Ways of two boxes cross at right
angles or not at all: they share no stretch and no corner.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush

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


@dataclass
class _Tree:
    """The ways of one box so far: how each cell on them is reached from it, and where none may branch off."""

    trail: dict[int, list[Point]] = field(default_factory=dict)
    bare: set[int] = field(default_factory=set)


@dataclass
class _Search:
    """What is known of one way while it is looked for."""

    best: dict[State, float] = field(default_factory=dict)
    came: dict[State, State | None] = field(default_factory=dict)
    first: dict[State, Port] = field(default_factory=dict)
    queue: list[tuple[float, State]] = field(default_factory=list)

    def offer(self, cost: float, state: State, before: State | None) -> bool:
        if cost >= self.best.get(state, float("inf")):
            return False
        self.best[state], self.came[state] = cost, before
        heappush(self.queue, (cost, state))
        return True


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
        search, tree, weights = _Search(), self._trees[of], self._weights(of)
        prefer = -0.001 if late else 0.001
        for port in start:
            if port not in self._taken and (mouth := self._mouth(port)):
                cell, away = mouth
                if search.offer(port.cost + away + PART * bool(tree.trail), (cell, port.out), None):
                    search.first[cell, port.out] = port
        for cell in tree.trail:
            if cell not in tree.bare and len(self._over[cell]) == 1:
                for d in range(4):
                    if not self._over[cell][of] >> d & 1:
                        search.offer(PART, (cell, d), None)
        ends: defaultdict[int, list[tuple[Port, float]]] = defaultdict(list)
        for port in end:
            if port not in self._taken and (mouth := self._mouth(port)):
                ends[mouth[0]].append((port, mouth[1]))
        goal: tuple[float, State, Port] | None = None
        while search.queue:
            cost, state = heappop(search.queue)
            if cost > search.best[state] or (goal and cost >= goal[0]):
                continue
            cell, d = state
            alone = self._over[cell].keys() <= {of}
            for port, away in ends.get(cell, ()):
                turns = d != port.out ^ 2
                if d == port.out or (turns and not alone):
                    continue
                whole = cost + port.cost + away + BEND * turns
                if goal is None or whole < goal[0]:
                    goal = (whole, state, port)
            begun = search.came[state] is not None or state in search.first
            for turn in (d, d ^ 1, d ^ 3) if alone and begun else (d,):
                beyond, length = self._beside[cell][turn]
                if beyond < 0 or (crossings := self._crossings(of, beyond, turn)) is None:
                    continue
                bend = (BEND + cost * prefer) * (turn != d)
                step = length * weights.get((turn & 1, self._points[beyond][1 - (turn & 1)]), 1.0)
                search.offer(cost + bend + step + CROSSING * crossings, (beyond, turn), state)
        if goal is None:
            raise ValueError(f"expected room for a way from {of}, got none; move the boxes apart")
        return self._lay(of, search, *goal[1:])

    def dots(self) -> list[tuple[str, float, float]]:
        """Where the ways of a box part."""
        return [
            (of, *self._points[cell])
            for cell, used in self._over.items()
            for of, directions in used.items()
            if directions.bit_count() > 2
        ]

    def _lay(self, of: str, search: _Search, state: State, port: Port) -> tuple[Point, ...]:
        tree, states = self._trees[of], [state]
        while (before := search.came[states[-1]]) is not None:
            states.append(before)
        states.reverse()
        cells = [cell for cell, _ in states]
        begin = search.first.get(states[0])
        points = list(tree.trail[cells[0]]) if begin is None else [(begin.x, begin.y), self._points[cells[0]]]
        if begin is not None:
            self._taken.add(begin)
            self._use(of, cells[0], begin.out ^ 2)
            tree.trail[cells[0]] = list(points)
        for one, (other, d) in zip(cells, states[1:], strict=False):
            self._use(of, one, d)
            self._use(of, other, d ^ 2)
            points = [*points, self._points[other]]
            tree.trail[other] = list(points)
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

    def _crossings(self, of: str, cell: int, d: int) -> int | None:
        """How many ways are crossed in a cell that is entered in direction ``d``, or None where that may not be."""
        used = self._over.get(cell)
        if not used:
            return 0
        across = _STRAIGHT[1 - (d & 1)]
        if of in used or any(directions != across for directions in used.values()):
            return None
        return len(used)

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

"""The lattice of lines that the wires of a picture run on, and what of it boxes close."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Point = tuple[float, float]

RIGHT, DOWN, LEFT, UP = range(4)
_STEPS = ((1, 0), (0, 1), (-1, 0), (0, -1))

CLEAR, APART = 6.0, 7.0
"""The least distance of a way to a box, and of ways side by side."""


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
    out: int
    cost: float = 0.0


class Lattice:
    """Cells where the lines ``xs`` and ``ys`` meet, of which ``blocks`` close those in and near them.

    Lines too near to one that was named before are left out. Each block needs a line through it either way. ``points``
    are the cells' places by their number; ``beside`` says for each which are next to it in the four directions, and
    how far they are, -1 where the way is closed.
    """

    def __init__(self, blocks: Iterable[Block], xs: Iterable[float], ys: Iterable[float]) -> None:
        self._xs, self._ys = _apart(xs), _apart(ys)
        self.points = [(x, y) for x in self._xs for y in self._ys]
        self._closed = {
            i * len(self._ys) + j
            for block in blocks
            for i in _near(self._xs, block.left, block.right)
            for j in _near(self._ys, block.top, block.bottom)
        }
        self.beside = [self._neighbours(cell) for cell in range(len(self.points))]
        self._mouths: dict[Port, tuple[int, float] | None] = {}

    def mouth(self, port: Port) -> tuple[int, float] | None:
        """The first cell before a port and its distance, if there is one and it is free."""
        if port not in self._mouths:
            self._mouths[port] = self._look(port)
        return self._mouths[port]

    def _look(self, port: Port) -> tuple[int, float] | None:
        dx, dy = _STEPS[port.out]
        if (port.y not in self._ys) if dx else (port.x not in self._xs):
            return None
        lines, here, sense = (self._xs, port.x, dx) if dx else (self._ys, port.y, dy)
        ahead = [((line - here) * sense, k) for k, line in enumerate(lines) if (line - here) * sense >= CLEAR]
        if not ahead:
            return None
        away, k = min(ahead)
        i, j = (k, self._ys.index(port.y)) if dx else (self._xs.index(port.x), k)
        cell = i * len(self._ys) + j
        return None if cell in self._closed else (cell, away)

    def _neighbours(self, cell: int) -> tuple[tuple[int, float], ...]:
        i, j = divmod(cell, len(self._ys))
        found = []
        for dx, dy in _STEPS:
            inside = 0 <= i + dx < len(self._xs) and 0 <= j + dy < len(self._ys)
            beyond = cell + dx * len(self._ys) + dy
            if not inside or cell in self._closed or beyond in self._closed:
                found.append((-1, 0.0))
            else:
                (ax, ay), (bx, by) = self.points[cell], self.points[beyond]
                found.append((beyond, abs(bx - ax) + abs(by - ay)))
        return tuple(found)


def _near(lines: list[float], low: float, high: float) -> list[int]:
    return [k for k, line in enumerate(lines) if low - CLEAR < line < high + CLEAR]


def _apart(lines: Iterable[float]) -> list[float]:
    kept: list[float] = []
    for line in lines:
        if all(abs(line - other) >= APART for other in kept):
            kept.append(line)
    return sorted(kept)

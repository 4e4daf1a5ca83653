"""The ways of arrows between boxes: straight where the way is free, else round what stands there.

Lengths are those of the picture, with y downwards. Nothing here knows what a box means.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

CLEAR = 5.0
"""How far an arrow keeps from a box that is not its own."""

GAP = 3.0
"""What is left free between an arrow and the boxes at its ends."""

LANE = 6.0
"""How far beside a column an arrow runs that leads past something."""

FAR = 90.0
"""Sideways from here on another column is far."""

_ROUND = 11.0
"""Radius of a corner."""


class Point(NamedTuple):
    """A place in the picture."""

    x: float
    y: float

    def towards(self, other: Point, by: int | float) -> Point:
        """The point that lies so far from here on the way to another, at most half of it."""
        length = math.dist(self, other) or 1.0
        share = min(by / length, 0.5)
        return Point(self.x + share * (other.x - self.x), self.y + share * (other.y - self.y))


class Place(NamedTuple):
    """A rectangle: its centre and half of its sides."""

    x: float
    y: float
    w: float
    h: float

    def meets(self, other: Place, room: int | float = 0.0) -> bool:
        """Whether two rectangles overlap, or come nearer than ``room``."""
        return (
            abs(other.x - self.x) < self.w + other.w + room
            and abs(other.y - self.y) < self.h + other.h + room
        )

    def rim(self, towards: Point) -> Point:
        """Where the line from its centre to a point outside leaves it, ``GAP`` further on."""
        dx, dy = towards.x - self.x, towards.y - self.y
        if dx == dy == 0:
            return Point(self.x, self.y)
        share = min(self.w / abs(dx) if dx else math.inf, self.h / abs(dy) if dy else math.inf)
        share += GAP / math.hypot(dx, dy)
        return Point(self.x + share * dx, self.y + share * dy)

    def side(self, dx: int, dy: int) -> Point:
        """The middle of a side, a little outside: (1, 0) is the right one, (0, -1) the upper one."""
        return Point(self.x + dx * (self.w + GAP), self.y + dy * (self.h + GAP))


class Route(NamedTuple):
    """A way along straight pieces with round corners."""

    points: tuple[Point, ...]

    @property
    def path(self) -> str:
        """It as SVG writes it."""
        first, last = self.points[0], self.points[-1]
        parts = [f"M{first.x:.1f} {first.y:.1f}"]
        for before, corner, after in zip(self.points, self.points[1:], self.points[2:], strict=False):
            begin, end = corner.towards(before, _ROUND), corner.towards(after, _ROUND)
            parts.append(
                f"L{begin.x:.1f} {begin.y:.1f}Q{corner.x:.1f} {corner.y:.1f} {end.x:.1f} {end.y:.1f}"
            )
        return "".join([*parts, f"L{last.x:.1f} {last.y:.1f}"])

    def hits(self, box: Place) -> bool:
        """Whether it comes too near to a box."""
        return any(_crosses(a, b, box) for a, b in pairwise(self.points))

    def along(self, other: Route) -> bool:
        """Whether an upright piece of it runs on one of another way, or next to it."""
        return any(
            abs(a.x - c.x) < 4
            and abs(a.x - b.x) < 1 > abs(c.x - d.x)
            and max(min(a.y, b.y), min(c.y, d.y)) < min(max(a.y, b.y), max(c.y, d.y)) - 1
            for a, b in pairwise(self.points)
            for c, d in pairwise(other.points)
        )

    def longest(self) -> tuple[Point, Point]:
        """The ends of its longest straight piece."""
        return max(pairwise(self.points), key=lambda ends: math.dist(*ends))


def route(
    start: Place,
    end: Place,
    others: Sequence[Place],
    drawn: Sequence[Route] = (),
    *,
    past: bool = False,
    fed: bool = False,
    angled: bool = False,
    rising: bool = False,
) -> Route:
    """The way from one box to another that hits the fewest of the others, the simplest of those.

    ``past``: it leads round what stands between the two, however free the straight way is, and not along ways that are
    ``drawn`` already. ``fed``: it comes in from above or below where the state comes in from the side. ``angled``: to
    another column it goes along a row and a column rather than aslant; ``rising``: along the column first.
    """
    aslant = not angled or abs(start.x - end.x) < FAR or abs(start.y - end.y) < end.h
    column = abs(start.x - end.x) < 1
    round_about = _beside(start, end, others) if column else _bent(start, end, others, rising=rising)
    straight = () if past else tuple(_straight(start, end))
    parts = (
        _fed(start, end) if fed else (),
        straight if aslant else (),
        round_about,
        () if aslant else straight,
    )
    best: tuple[tuple[int, int], Route] | None = None
    for way in chain(*parts):
        cost = hits(way, others), sum(map(way.along, drawn)) if past else 0
        if best is None or cost < best[0]:
            best = cost, way
        if cost == (0, 0):
            break
    assert best is not None  # there is always a way round
    return best[1]


def hits(way: Route, others: Iterable[Place]) -> int:
    """How many boxes it comes too near to."""
    return sum(way.hits(other) for other in others)


def _straight(start: Place, end: Place) -> Iterator[Route]:
    """From rim to rim, along one line."""
    yield Route((start.rim(Point(end.x, end.y)), end.rim(Point(start.x, start.y))))


def _fed(start: Place, end: Place) -> Iterator[Route]:
    """Out at the side, between the columns, and in at the near corner from above or below."""
    dx, dy = (1 if end.x > start.x else -1), (1 if end.y > start.y else -1)
    first = start.side(dx, 0)
    last = Point(end.x - dx * 0.55 * end.w, end.y - dy * (end.h + GAP))
    if abs(end.x - start.x) > start.w + end.w:
        lane = end.x - dx * (end.w + LANE)
        if dx * (lane - first.x) > 2:
            yield Route((first, Point(lane, first.y), Point(lane, (first.y + 3 * last.y) / 4 - dy * 2), last))
        yield Route((first, Point(last.x, first.y), last))


def _beside(start: Place, end: Place, others: Sequence[Place]) -> Iterator[Route]:
    """Up or down beside the column that both stand in."""
    low, high = min(start.y, end.y), max(start.y, end.y)
    column = [o.w for o in others if abs(o.x - start.x) < 1 and low <= o.y <= high]
    widest = max(start.w, end.w, *column) if column else max(start.w, end.w)
    for lane in (LANE, 2 * LANE, 4 * LANE):
        for side in (1, -1):
            x = start.x + side * (widest + lane)
            first, last = start.side(side, 0), end.side(side, 0)
            yield Route((first, Point(x, first.y), Point(x, last.y), last))


def _bent(start: Place, end: Place, others: Sequence[Place], *, rising: bool) -> Iterator[Route]:
    """Along a row and then a column, or the other way round; or under or over a row."""
    dx, dy = (1 if end.x > start.x else -1), (1 if end.y > start.y else -1)
    if abs(end.y - start.y) > end.h:
        foot, flank = end.side(0, -dy), end.side(-dx, 0)
        ways = [
            Route((start.side(dx, 0), Point(foot.x, start.y), foot)),
            Route((start.side(0, dy), Point(start.x, flank.y), flank)),
        ]
        yield from reversed(ways) if rising else ways
    # Under the row, or over it: first where fewer boxes stand.
    low, high = min(start.x, end.x), max(start.x, end.x)

    def crowd(side: int) -> int:
        return sum(low - 1 <= o.x <= high + 1 and 0 < side * (o.y - end.y) < 4 * end.h + 20 for o in others)

    for side in sorted((1, -1), key=crowd):
        for far in (16.0, 24.0, 34.0, 60.0):
            edge = max if side > 0 else min
            y = edge(start.y + side * start.h, end.y + side * end.h) + side * far
            first, last = start.side(0, side), end.side(0, side)
            yield Route((first, Point(first.x, y), Point(last.x, y), last))


def _crosses(a: Point, b: Point, box: Place) -> bool:
    """Whether a straight piece meets a box with some room around it (after Liang and Barsky)."""
    low, high = 0.0, 1.0
    for start, way, middle, half in (
        (a.x, b.x - a.x, box.x, box.w + CLEAR),
        (a.y, b.y - a.y, box.y, box.h + CLEAR),
    ):
        if abs(way) < 1e-9:
            if abs(start - middle) >= half:
                return False
            continue
        one, other = (middle - half - start) / way, (middle + half - start) / way
        low, high = max(low, min(one, other)), min(high, max(one, other))
    return low < high

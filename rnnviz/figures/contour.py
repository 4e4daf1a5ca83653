"""The lines along which a grid of numbers is 0."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Grid = NDArray[np.float64]


def contour(x: Grid, y: Grid, z: Grid, *, island: int = 0) -> tuple[Grid, Grid]:
    """The lines along which ``z`` (Y, X), linear between its points, is 0: their corners, NaN between lines.

    Marching squares (Lorensen & Cline 1987, doi:10.1145/37401.37422, in two dimensions). Squares with a corner
    that is no finite number are left out, and so are closed lines of up to ``island`` corners. (NaN, NaN)
    alone where there is no line.
    """
    above = z >= 0
    whole = np.isfinite(z)
    good = whole[:-1, :-1] & whole[1:, :-1] & whole[:-1, 1:] & whole[1:, 1:]
    sum_ = above[:-1, :-1].astype(int) + above[1:, :-1] + above[:-1, 1:] + above[1:, 1:]
    # A place is named by the edge it is on: ("h", j, i) to the right of point (j, i), ("v", j, i) upwards.
    links: dict[tuple[str, int, int], list[tuple[str, int, int]]] = {}
    for j, i in np.argwhere(good & (sum_ > 0) & (sum_ < 4)).tolist():
        around = [("h", j, i), ("v", j, i + 1), ("h", j + 1, i), ("v", j, i)]
        corners = [above[j, i], above[j, i + 1], above[j + 1, i + 1], above[j + 1, i], above[j, i]]
        cut = [edge for edge, a, b in zip(around, corners, corners[1:], strict=False) if a != b]
        if len(cut) == 4 and (z[j : j + 2, i : i + 2].mean() >= 0) != above[j, i]:
            cut = cut[1:] + cut[:1]  # a saddle: the middle belongs to the other corners
        for a, b in zip(cut[::2], cut[1::2], strict=True):
            links.setdefault(a, []).append(b)
            links.setdefault(b, []).append(a)

    def place(edge: tuple[str, int, int]) -> tuple[float, float]:
        way, j, i = edge
        j1, i1 = (j, i + 1) if way == "h" else (j + 1, i)
        share = z[j, i] / (z[j, i] - z[j1, i1])
        return x[i] + share * (x[i1] - x[i]), y[j] + share * (y[j1] - y[j])

    points: list[tuple[float, float]] = []
    while links:
        edge: tuple[str, int, int] | None = next(
            (e for e, n in links.items() if len(n) == 1), next(iter(links))
        )
        line = []
        while edge is not None:
            line.append(place(edge))
            following = next(iter(links.get(edge, [])), None)
            if following is not None:
                _unlink(links, edge, following)
            edge = following
        if line[0] != line[-1] or len(line) > island:
            points += [(math.nan, math.nan), *line]
    found = np.array(points[1:] or [(math.nan, math.nan)])
    return found[:, 0], found[:, 1]


def _unlink(links: dict[Any, list[Any]], a: Any, b: Any) -> None:
    for one, other in ((a, b), (b, a)):
        links[one].remove(other)
        if not links[one]:
            del links[one]

"""One row of the triangle of ||dh_t/dh_k|| as a curve, beside its bound and its rate in the long run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures import base, log_axis
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import CELL_COLOURS, CELL_DASHES, CELL_SYMBOLS, NEUTRAL
from rnnviz.figures.triangle import DECADES, Values, largest, symbol_of, values
from rnnviz.registry import Cell
from rnnviz.theory import Triangle

NAMES = ("measured", "bound", "long run")
"""The three lines."""

_FACTORS = (1.25, 2.0, 5.0, 10.0, 100.0, 1000.0)
_BOUND_ROOM = 10.0
_BOUND_FACTOR = 2.0
_LABEL_ROOM = 0.26
_ROW = 0.06


class _Axis(NamedTuple):
    """The y axis: from ``low`` to ``high``, and a band to ``bottom`` or ``top`` for what is no number there."""

    low: float
    high: float
    bottom: float
    top: float
    layout: dict[str, Any]


@Drawing
def row_curve(
    triangle: Triangle,
    cell: Cell,
    row: int,
    steps: int,
    *,
    relative: bool = False,
    labels: Sequence[str] | None = None,
) -> Spec:
    """||dh_t/dh_k|| against k for the t of one row of the grid, with its bound and its rate in the long run.

    ``steps`` is T. The axis is logarithmic and the same for all rows; a bound far above it leaves the picture.
    With ``relative`` each value is a factor per step, (norm / norm of the identity)^(1/(t-k)), on a linear
    axis, so that a constant rate lies level. Norms outside the dtype's range are crosses under the axis or
    triangles above it, never numbers; a true 0 is a ring.
    """
    found = values(triangle)
    t = triangle.steps[row] + 1
    k = np.asarray(triangle.steps[: row + 1]) + 1
    if relative:
        k, heights, axis = k[:-1], _factors(triangle, found, row), _factor_axis(triangle, found)
        shown = "× %{y:.4g} per step"
    else:
        theory = [line.cpu().numpy() for line in (triangle.bound(row), triangle.asymptote(row))]
        # Nothing at 0 has a place on this axis; and none goes beyond the others' bounds, a float64 hardly.
        theory = [np.where(np.isinf(line), np.nan, np.clip(line, -300, 300)) for line in theory]
        heights = [found.decades[row, : row + 1], *theory]
        axis = _decade_axis(triangle, found, symbol_of(cell))
        shown = f"{symbol_of(cell)} = %{{y:.3g}}"
    at = [word.replace("t =", "k =", 1) for word in base.hover_labels(labels, steps)]
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "name": name,
            "x": k,
            "y": line if relative else 10.0**line,
            "text": [at[step - 1] for step in k],
            "hovertemplate": f"{name}, %{{text}}: {shown}<extra></extra>",
            **look,
        }
        for name, line, look in zip(NAMES, heights, _looks(cell), strict=True)
    ]
    for name, mask, height, symbol in (
        ("underflow", found.lost, (axis.low + axis.bottom) / 2, "x-thin"),
        ("exactly 0", found.zero, (axis.low + axis.bottom) / 2, "circle-open"),
        ("overflow", found.beyond, (axis.high + axis.top) / 2, "triangle-up"),
    ):
        # As many points in every picture, most of them no number: so the browser need not build the chart anew.
        # A mark may stand beyond the last number of float64, which then stands in for its place.
        place = height if relative else 10.0 ** min(max(height, -320.0), 308.0)
        y = np.where(mask[row, : len(k)], place, np.nan)
        colour = CELL_COLOURS[cell.name]
        data.append(
            {
                "type": "scatter",
                "name": name,
                "mode": "markers",
                "x": k,
                "y": y,
                "text": [at[step - 1] for step in k],
                "marker": {
                    "symbol": symbol,
                    "color": colour,
                    "size": 6,
                    "line": {"color": colour, "width": 1.5},
                },
                "hovertemplate": f"{name}, %{{text}}<extra></extra>",
            }
        )
    layout = {
        "hovermode": "closest",
        "xaxis": {
            **base.time_axis(steps, labels, most=6),
            "range": [1 - _LABEL_ROOM * steps, steps * 1.02 + 0.5],
            "title": {"text": "earlier step k"},
        },
        "yaxis": {**axis.layout, "range": [axis.bottom, axis.top], "showgrid": True},
        "shapes": [base.upright(t)],
        "annotations": [
            *_names(heights, bool(found.beyond[row, 0]), axis, steps, cell),
            *_words(found, t, axis),
        ],
    }
    return base.spec("triangle-row", data, layout)


def _looks(cell: Cell) -> tuple[dict[str, Any], ...]:
    colour = CELL_COLOURS[cell.name]
    own = {
        "mode": "lines+markers",
        "line": {"color": colour, "dash": CELL_DASHES[cell.name]},
        "marker": {"color": colour, "symbol": CELL_SYMBOLS[cell.name], "maxdisplayed": 8},
    }
    dashes = ("dash", "dot")
    return own, *(
        {"mode": "lines", "line": {"color": NEUTRAL, "dash": dash, "width": 1.5}} for dash in dashes
    )


def _factors(triangle: Triangle, found: Values, row: int) -> list[NDArray[np.float64]]:
    """The row and its two lines as factors per step, without the diagonal, to which no step leads."""
    steps = np.asarray(triangle.steps, dtype=np.float64)
    lag, level = steps[row] - steps[:row], np.log10(triangle.identity)
    theory = (line.cpu().numpy()[:row] for line in (triangle.bound(row), triangle.asymptote(row)))
    return [found.factor[row, :row], *(10.0 ** ((line - level) / lag) for line in theory)]


def _factor_axis(triangle: Triangle, found: Values) -> _Axis:
    """A linear axis for all rows alike, with the bound over the whole run where that leaves room for the rest."""
    bound = _factors(triangle, found, len(triangle.steps) - 1)[1][:1].max(initial=0)
    most = max(largest(found.factor), min(float(bound), _BOUND_FACTOR))
    high = base.rung(min(most, _FACTORS[-1]), _FACTORS)
    bottom = -_ROW * high * bool(found.lost.any() or found.zero.any())
    top = high * (1 + _ROW * bool(found.beyond.any()))
    return _Axis(0.0, high, bottom, top, {"title": {"text": "factor per step"}, "zeroline": False})


def _decade_axis(triangle: Triangle, found: Values, symbol: str) -> _Axis:
    """A log axis for all rows alike, with the bound of the last one where that leaves room for the rest."""
    known = found.decades[np.isfinite(found.decades)]
    least = min([0.0, *known, *([float(found.floor)] if found.lost.any() else [])])
    most = max([0.0, *known])
    bound = float(triangle.bound(len(triangle.steps) - 1).max())
    low, high = -base.rung(-least, DECADES), base.rung(max(most, min(bound, _BOUND_ROOM)), DECADES)
    room = _ROW * (high - low)
    layout = {
        "type": "log",
        **log_axis.ticks(log_axis.named(low, high, 8)),
        "title": {"text": symbol},
    }
    bottom = low - room * bool(found.lost.any() or found.zero.any())
    top = high + room * bool(found.beyond.any())
    return _Axis(low, high, bottom, top, layout)


def _names(
    heights: Sequence[NDArray[np.float64]], over: bool, axis: _Axis, steps: int, cell: Cell
) -> list[dict[str, Any]]:
    """The name of each line, left of its first point, or as near to it as the picture goes."""
    named = [k for k, line in enumerate(heights) if len(line) and (k == 0 or np.isfinite(line[0]))]
    absent = axis.top if over else axis.bottom
    wanted = [float(np.clip(np.nan_to_num(heights[k][0], nan=absent), axis.bottom, axis.top)) for k in named]
    gap = _ROW * (axis.top - axis.bottom)
    places = base.apart(wanted, gap, axis.bottom + gap / 2, axis.top - gap / 2)
    colours = (CELL_COLOURS[cell.name], NEUTRAL, NEUTRAL)
    # A line that begins beyond the picture is named where it left.
    names = [
        f"{NAMES[k]} {'↑' if heights[k][0] > axis.top else '↓' if heights[k][0] < axis.bottom else ''}".strip()
        for k in named
    ]
    return [
        base.beside(name, colours[k], 1 - 0.02 * steps, place)
        for k, name, place in zip(named, names, places, strict=True)
    ]


def _words(found: Values, t: int, axis: _Axis) -> list[dict[str, Any]]:
    """The row's t, and what the marks outside the range mean."""
    notes: list[dict[str, Any]] = [
        {"text": f"t = {t}", "x": t, "y": 1, "yref": "y domain", "yanchor": "bottom", "showarrow": False}
    ]
    right = {"x": 1, "xref": "x domain", "xanchor": "right"}
    words = [f"underflow: below 10<sup>−{-found.floor}</sup>"] if found.lost.any() else []
    words += ["○ exactly 0"] if found.zero.any() else []
    if words:
        notes.append(base.remark("; ".join(words), **right, y=axis.low, yanchor="bottom"))
    if found.beyond.any():
        notes.append(base.remark("overflow: not finite", **right, y=axis.high, yanchor="top"))
    return notes

"""The small charts of the page of claims: a few lines, named at their ends."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.claims import Chart, Line
from rnnviz.figures import base, log_axis
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import CELL_COLOURS, NEUTRAL, PATH_COLOURS

_LEAST = 0.075


@Drawing
def lines(chart: Chart) -> Spec:
    """The lines of a claim over one pair of axes, each with its name in its colour at its end.

    On a log axis the range ends at whole decades, and what is exactly 0 stands as a cross on a row of its own
    under the axis, never as a number. What is not finite leaves a gap.
    """
    data: list[dict[str, Any]] = []
    x_low, x_top = _span([line.x for line in chart.lines])
    values = [np.asarray(line.y, dtype=np.float64) for line in chart.lines]
    shown = [np.where(np.isfinite(v) & ((v > 0) | (not chart.log)), v, np.nan) for v in values]
    low, top = _decades(shown) if chart.log else _linear(shown)
    zeros = [(v == 0) & chart.log for v in values]
    row = 0.09 * (top - low)
    bottom = low - (2.2 * row if any(z.any() for z in zeros) else 0)
    ends = []
    for line, y, zero in zip(chart.lines, shown, zeros, strict=True):
        data.append(_line(line, y, chart))
        if zero.any():
            at = np.flatnonzero(zero)
            named = [_places(line, chart)[k] for k in at]
            height, x = 10.0 ** (low - 1.5 * row), np.asarray(line.x)[at]
            data.append(log_axis.marks(line.name, "exactly 0", x, height, "x-thin", ink(line.ink), named))
        ends.append(_end(line, y, chart.log, low - 1.5 * row))
    places = base.apart([place for _, place in ends], _LEAST * (top - bottom), bottom, top)
    notes = [
        base.beside(line.name, ink(line.ink), x + 0.015 * (x_top - x_low), place, "right")
        for line, (x, _), place in zip(chart.lines, ends, places, strict=True)
    ]
    if bottom < low:
        place = {"x": 0.01, "xref": "x domain", "xanchor": "left", "y": low, "yanchor": "top"}
        notes.append(base.remark("exactly 0:", **place))
    layout = {
        "hovermode": "closest",
        "xaxis": {**_x_axis(chart, x_low, x_top), "title": {"text": chart.x}},
        "yaxis": {**_y_axis(chart, bottom, low, top), "title": {"text": chart.y}},
        "annotations": notes,
        "margin": {"l": 58, "r": 8, "t": 14, "b": 42 if chart.x else 26},
    }
    return base.spec(f"claim: {chart.alt}", data, layout)


def ink(name: str) -> str:
    """The colour of a line: a cell's, grey for what is stated or expected, else one of the palette."""
    if name == "plain":
        return NEUTRAL
    return CELL_COLOURS.get(name) or PATH_COLOURS["abcde".index(name)]


def _line(line: Line, y: NDArray[np.float64], chart: Chart) -> dict[str, Any]:
    points = line.style == "points"
    few = len(line.x) <= 12
    return {
        "type": "scatter",
        "mode": "markers" if points else "lines+markers" if few else "lines",
        "name": line.name,
        "x": np.asarray(line.x),
        "y": y,
        "line": {"color": ink(line.ink), "dash": "6px,4px" if line.style == "dash" else "solid"},
        "marker": {
            "color": ink(line.ink),
            "size": 9 if points else 6,
            "symbol": "diamond" if points else "circle",
        },
        "text": _places(line, chart),
        "hovertemplate": f"{line.name}, %{{text}}: %{{y:.3g}}<extra></extra>",
    }


def _places(line: Line, chart: Chart) -> list[str]:
    """How each point is named when pointed at."""
    if chart.labels is not None:
        return [chart.labels[int(x) - 1] for x in line.x]
    return [f"{chart.x} {x:.4g}" for x in line.x]


def _end(line: Line, y: NDArray[np.float64], log: bool, floor: float) -> tuple[float, float]:
    """Where a line ends: its x, and its y in the axis' own unit; the row of zeros where nothing else is."""
    good = np.flatnonzero(np.isfinite(y))
    if not len(good):
        return line.x[-1], floor
    last = float(y[good[-1]])
    return line.x[int(good[-1])], math.log10(last) if log else last


def _span(places: list[tuple[float, ...]]) -> tuple[float, float]:
    every = [x for line in places for x in line]
    return min(every), max(every)


def _decades(values: list[NDArray[np.float64]]) -> tuple[float, float]:
    """Whole decades around all values that are numbers."""
    found = np.concatenate(values)
    found = np.log10(found[np.isfinite(found)])
    if not len(found):
        return -1.0, 1.0
    low, top = math.floor(found.min() - 1e-9), math.ceil(found.max() + 1e-9)
    pad = 0.02 * max(top - low, 1)
    return low - pad, max(top, low + 1) + pad


def _linear(values: list[NDArray[np.float64]]) -> tuple[float, float]:
    found = np.concatenate(values)
    found = found[np.isfinite(found)]
    low, top = (float(found.min()), float(found.max())) if len(found) else (0.0, 1.0)
    low = 0.0 if 0 <= low < 0.5 * top else low
    pad = 0.04 * (top - low or 1.0)
    return low - pad, top + pad


def _x_axis(chart: Chart, low: float, top: float) -> dict[str, Any]:
    span = top - low
    room = 0.06 + 0.025 * max(len(line.name) for line in chart.lines)  # for the names at the ends
    reach = [low - 0.03 * span, top + room * span]
    if chart.labels is not None:
        return {**base.time_axis(int(top), chart.labels, most=8), "range": reach}
    exact = sorted({x for line in chart.lines for x in line.x})
    if len(exact) > 12:
        step = base.step_for(math.ceil(span), 6) if span > 2 else 0.25
        exact = [k * step for k in range(math.floor(low / step), math.ceil(top / step) + 1)]
        exact = [
            x for x in exact if low - step / 2 <= x <= top + step / 2 and (x > 0 or low <= 0 or span <= 2)
        ]
    ticks = {"tickvals": exact, "ticktext": [f"{x:.3g}" for x in exact]}
    return {"range": reach, "showgrid": False, "zeroline": False, **ticks}


def _y_axis(chart: Chart, bottom: float, low: float, top: float) -> dict[str, Any]:
    if not chart.log:
        return {"range": [bottom, top], "showgrid": True, "zeroline": False, "nticks": 6}
    return {
        "type": "log",
        "range": [bottom, top],
        **log_axis.ticks(log_axis.named(low, top, 6)),
        "showgrid": True,
    }

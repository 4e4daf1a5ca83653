"""The edge of chaos: the leading exponent by gain, and two neighbouring runs that meet or part."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures import base
from rnnviz.figures.chaos_common import COLOURS, SYMBOLS, Curve
from rnnviz.figures.chaos_distance import distance
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import NEUTRAL

__all__ = ["Curve", "distance", "exponents"]

_LOW, _TOP = -1.0, 0.6
"""The axis of the exponents, whatever they are: a curve of small gains comes up from below it."""


@Drawing
def exponents(curves: Sequence[Curve], gain: int | float, units: int) -> Spec:
    """The leading exponent against the gain: mean and range over the networks, rings at ``gain``.

    Above 0 is chaos, below it order. Dashed is the limit of large N, dotted log g. The axis is always the same; a
    ring below it stands at its edge as a triangle.
    """
    means = [np.asarray(base.array(curve.exponents).mean(1), dtype=np.float64) for curve in curves]
    rings = [float(np.asarray(curve.at, dtype=np.float64).mean()) for curve in curves]
    data: list[dict[str, Any]] = []
    for curve, colour in zip(curves, COLOURS, strict=False):
        data += [_band(curve, colour), _limit(curve, colour)]
    data.append(_log())
    for k, (curve, mean) in enumerate(zip(curves, means, strict=True)):
        data.append(_mean(curve, mean, k, units))
    for k, (curve, ring) in enumerate(zip(curves, rings, strict=True)):
        data.append(_ring(curve, ring, k, gain))
    last = curves[0].gains[-1]
    places = base.apart([float(mean[-1]) for mean in means], 0.055 * (_TOP - _LOW), _LOW, _TOP)
    notes = [
        base.beside(curve.name.partition(",")[0], colour, last + 0.08, place, "right")
        for curve, colour, place in zip(curves, COLOURS, places, strict=False)
    ]
    zone: dict[str, Any] = {"showarrow": False, "xref": "x", "x": 0.06, "xanchor": "left"}
    remark: dict[str, Any] = {"opacity": 0.75, "xref": "x domain", "yref": "y domain"}
    notes += [
        {**zone, "text": "<b>chaos</b>: neighbours part", "y": 0.93 * _TOP, "yanchor": "top"},
        {
            **zone,
            "text": "<b>order</b>: they meet",
            "x": last,
            "xanchor": "right",
            "y": 0.5 * _LOW,
            "yanchor": "middle",
        },
        base.note("dashed: the limit of large N; dotted: log g", 0.0, 1.0, **remark),
    ]
    above = {"type": "rect", "xref": "x domain", "x0": 0, "x1": 1, "y0": 0, "y1": _TOP}
    zero = {"type": "line", "xref": "x domain", "x0": 0, "x1": 1, "y0": 0, "y1": 0}
    upright = {"type": "line", "x0": gain, "x1": gain, "yref": "y domain", "y0": 0, "y1": 1}
    layout = {
        "hovermode": "closest",
        "margin": {"r": 8},
        "xaxis": {
            "range": [0, 5.0],
            "tickvals": [0, 1, 2, 3, 4],
            "title": {"text": "gain g (the weight scale)"},
        },
        "yaxis": {
            "range": [_LOW, _TOP],
            "title": {"text": "leading Lyapunov exponent λ"},
            "tickformat": ".1f",
        },
        "shapes": [
            {**above, "fillcolor": NEUTRAL, "opacity": 0.1, "line": {"width": 0}, "layer": "below"},
            {**zero, "line": {"width": 1.2}, "layer": "below"},
            {**upright, "line": {"dash": "dot", "width": 1, "color": NEUTRAL}, "layer": "below"},
        ],
        "annotations": notes,
    }
    return base.spec("chaos-exponents", data, layout)


def _band(curve: Curve, colour: str) -> dict[str, Any]:
    """From the least to the largest of the networks."""
    values = np.asarray(base.array(curve.exponents), dtype=np.float64)
    x = np.asarray(curve.gains, dtype=np.float64)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"{curve.name}: all networks",
        "x": np.concatenate([x, x[::-1]]),
        "y": np.concatenate([values.max(1), values.min(1)[::-1]]),
        "fill": "toself",
        "fillcolor": _faint(colour),
        "line": {"width": 0, "color": colour},
        "hoverinfo": "skip",
    }


def _limit(curve: Curve, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"{curve.name}: limit of large N",
        "x": np.asarray(curve.gains, dtype=np.float64),
        "y": np.asarray(base.array(curve.limit), dtype=np.float64),
        "line": {"color": colour, "dash": "4px,4px", "width": 1.2},
        "hovertemplate": f"{curve.name}, g = %{{x:.3g}}: λ → %{{y:.3f}} as N grows<extra></extra>",
    }


def _log() -> dict[str, Any]:
    x = np.linspace(math.exp(_LOW), math.exp(_TOP), 60)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "log g",
        "x": x,
        "y": np.log(x),
        "line": {"color": NEUTRAL, "dash": "dot", "width": 1.2},
        "hovertemplate": "log g = %{y:.3f} at g = %{x:.3g}<extra></extra>",
    }


def _mean(curve: Curve, mean: NDArray[np.float64], k: int, units: int) -> dict[str, Any]:
    values = np.asarray(base.array(curve.exponents), dtype=np.float64)
    count = values.shape[1]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": curve.name,
        "x": np.asarray(curve.gains, dtype=np.float64),
        "y": mean,
        "line": {"color": COLOURS[k]},
        "marker": {"symbol": SYMBOLS[k], "size": 5},
        "text": [f"{row.min():.3f} to {row.max():.3f}" for row in values],
        "hovertemplate": f"{curve.name}, g = %{{x:.3g}}: λ = %{{y:.3f}}<br>mean of {count} networks "
        f"of {units} units (%{{text}})<extra></extra>",
    }


def _ring(curve: Curve, ring: float, k: int, gain: int | float) -> dict[str, Any]:
    inside = ring >= _LOW
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{curve.name}: g chosen",
        "x": [float(gain)],
        "y": [ring if inside else _LOW],
        "cliponaxis": False,
        "marker": {
            "symbol": "circle-open" if inside else "triangle-down-open",
            "size": 14,
            "color": COLOURS[k],
            "line": {"width": 2.5},
        },
        "hovertemplate": f"{curve.name}, g = {gain:g}: λ = {ring:.3f}".replace("-inf", "−∞")
        + "<extra></extra>",
    }


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"

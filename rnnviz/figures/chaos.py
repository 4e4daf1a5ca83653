"""The edge of chaos: the leading exponent by gain, and two neighbouring runs that meet or part."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.chaos import Parting
from rnnviz.figures import base
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import NEUTRAL, PATH_COLOURS

COLOURS = PATH_COLOURS[:2]
"""Without input, and with it."""

_SYMBOLS = ("circle", "triangle-up")
_LOW, _TOP = -1.0, 0.6
"""The axis of the exponents, whatever they are: a curve of small gains comes up from below it."""

_LEAST, _MOST = -17.0, 3.0
"""Decades of the distances: from where float64 rounds to beyond where two states can be."""


@dataclass(frozen=True)
class Curve:
    """Leading exponents (G, S) of S networks at G gains, with or without input, and their limit (G,) for large N.

    ``name`` says which. ``at`` holds the exponents (S,) at the chosen gain, ``parting`` the two runs there.
    """

    name: str
    gains: Sequence[float]
    exponents: base.Numbers
    limit: base.Numbers
    at: base.Numbers
    parting: Parting


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
        _name(curve.name, colour, last + 0.08, place)
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


@Drawing
def distance(curves: Sequence[Curve], gain: int | float) -> Spec:
    """The distance of two runs from neighbouring states over time, on a log axis that is always the same.

    Dashed is how it would go by that very network's exponent alone. A line ends where rounding is all that is left
    of the distance; a cross marks the step.
    """
    steps = max(len(curve.parting.distance) for curve in curves) - 1
    data: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    ends, names = [], []
    for k, (curve, colour) in enumerate(zip(curves, COLOURS, strict=False)):
        values = np.asarray(curve.parting.distance, dtype=np.float64)
        rounded = np.asarray(curve.parting.rounded, dtype=bool)
        shown = np.where(rounded | ~(values > 0), np.nan, values)
        rate = float(np.asarray(curve.at, dtype=np.float64)[0])
        data.append(_alone(curve, values[0], rate, steps, colour))
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": curve.name,
                "x": np.arange(len(values), dtype=np.int16),
                "y": shown,
                "line": {"color": colour},
                "marker": {"symbol": _SYMBOLS[k], "maxdisplayed": 8},
                "hovertemplate": f"{curve.name}, step %{{x}}: distance %{{y:.2e}}<extra></extra>",
            }
        )
        good = np.log10(shown[np.isfinite(shown)])
        leaves = bool((good < _LEAST).any())  # below the axis, before there is nothing but rounding
        first = int(rounded.argmax()) if rounded.any() and not leaves else None
        marks.append(_rounded(curve, first, k, colour))
        ends.append(float(good[-1]) if first is None and not leaves else _LEAST + 1.5)
        names.append(_words(curve, rate))
    places = base.apart(ends, 2.9, _LEAST + 1.5, _MOST - 1.5)
    notes = [
        {**_name(name, colour, steps * 1.02, place), "yref": "y"}
        for name, colour, place in zip(names, COLOURS, places, strict=False)
    ]
    at_edge: dict[str, Any] = {"opacity": 0.75, "xref": "x domain", "yref": "y domain"}
    notes += [
        base.note(f"two runs at g = {gain:g}; dashed: 10<sup>−6</sup> · e<sup>λt</sup>", 0.0, 1.0, **at_edge),
    ]
    layout = {
        "hovermode": "closest",
        "margin": {"r": 8},
        "xaxis": {
            "range": [-2, steps * 1.36],
            "tickvals": list(range(0, steps + 1, base.step_for(steps, 5))),
            "title": {"text": "steps since they were set apart"},
        },
        "yaxis": {
            "type": "log",
            "range": [_LEAST, _MOST],
            "tickvals": [10.0**k for k in range(-15, 4, 3)],
            "ticktext": [f"10<sup>{k}</sup>".replace("-", "−") if k else "1" for k in range(-15, 4, 3)],
            "showgrid": True,
            "title": {"text": "distance of the two states"},
        },
        "annotations": notes,
    }
    return base.spec("chaos-distance", [*data, *marks], layout)


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
        "marker": {"symbol": _SYMBOLS[k], "size": 5},
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


def _alone(curve: Curve, start: float, rate: float, steps: int, colour: str) -> dict[str, Any]:
    """A straight line from the first distance, as far as it stays on the axis."""
    slope = rate / math.log(10)
    first = math.log10(start)
    edge = _MOST if slope > 0 else _LEAST
    end = min(steps, (edge - first) / slope) if math.isfinite(slope) and slope else steps if slope == 0 else 0
    x = np.array([0.0, end])
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"{curve.name}: by λ alone",
        "meta": {"fit": True},
        "x": x,
        "y": 10.0 ** (first + (slope if math.isfinite(slope) else 0.0) * x),
        "line": {"color": colour, "dash": "4px,4px", "width": 1.2},
        "hoverinfo": "skip",
    }


def _rounded(curve: Curve, first: int | None, k: int, colour: str) -> dict[str, Any]:
    """The step from which nothing but rounding is left; an empty trace where there is none."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{curve.name}: the same but for rounding",
        "x": [np.nan if first is None else float(first)],
        "y": [10.0 ** (_LEAST + 0.5)],
        "marker": {"symbol": "x-thin", "size": 8, "color": colour, "line": {"color": colour, "width": 2}},
        "hovertemplate": f"{curve.name}: from step %{{x}} on the two runs are the same but for rounding"
        "<extra></extra>",
    }


def _words(curve: Curve, rate: float) -> str:
    value = f"{rate:+.3f}".replace("-", "−").replace("inf", "∞")
    return f"{curve.name.partition(',')[0]}<br>λ = {value}"


def _name(text: str, colour: str, x: float, y: float) -> dict[str, Any]:
    place = {"x": x, "y": y, "xanchor": "left", "yanchor": "middle", "align": "left"}
    return {"text": text, "showarrow": False, "font": {"color": colour}, **place}


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"

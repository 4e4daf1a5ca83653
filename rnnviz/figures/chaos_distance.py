"""Two neighbouring runs of one network: whether they meet or part."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.figures import base, log_axis
from rnnviz.figures.chaos_common import COLOURS, SYMBOLS, Curve
from rnnviz.figures.drawing import Drawing, Spec

_LEAST, _MOST = -17.0, 3.0
"""Decades of the distances: from where float64 rounds to beyond where two states can be."""


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
                "marker": {"symbol": SYMBOLS[k], "maxdisplayed": 8},
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
        base.beside(name, colour, steps * 1.02, place, "right")
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
            **log_axis.ticks(range(-15, 4, 3)),
            "showgrid": True,
            "title": {"text": "distance of the two states"},
        },
        "annotations": notes,
    }
    return base.spec("chaos-distance", [*data, *marks], layout)


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

"""The portrait of a layer in a plane: where a step takes its states, its fixed points, and paths over it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures import base, flow_marks, log_axis
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import CELL_COLOURS, NEUTRAL
from rnnviz.fixedpoints import FixedPoints
from rnnviz.portrait import Portrait

DECADES = 2.5
"""How far the colours reach down from the top of their scale. Slower places look alike."""

_ARROWS = 15
"""Arrows along each side, about."""

_EDGE = "rgba(255,255,255,0.8)"  # around what is drawn on light and dark ground alike
RUN = CELL_COLOURS["gru"]
"""The colour of the run."""


@Drawing
def plane(
    portrait: Portrait,
    axes: tuple[str, str],
    *,
    chosen: int = 0,
    labels: Sequence[str] | None = None,
) -> Spec:
    """Speed as colour, its direction as arrows, the run or states left to themselves, and the fixed points.

    The colours are even in the decimal logarithm of the speed, over the two and a half decades below the fastest place.
    Arrows are longer where the step is, but far less than in proportion. Each fixed point is a trace of its own,
    the chosen one in a ring; those that lie off the plane by more than a tenth of its reach are fainter. Paths carry
    ``meta = {"path": k}``. ``axes`` names the axes.
    """
    reach = portrait.plane.reach
    places = portrait.flow.places.numpy()
    data = [_speed(portrait), _arrows(portrait)]
    if portrait.free is None:
        data += _run(portrait.run.numpy(), labels)
    else:
        data += _free(portrait.free.numpy())
    data += [_ring(portrait, chosen), *_points(portrait)]
    half = float(places[1] - places[0]) / 2
    axis = {"range": [-reach - half, reach + half], "nticks": 7, "tickformat": ".3~g", "constrain": "domain"}
    layout: dict[str, Any] = {
        "hovermode": "closest",
        "margin": {"t": 8, "r": 8},
        "xaxis": {
            **axis,
            "title": {"text": axes[0]},
            "constraintoward": "right",
        },  # towards the bar of colours
        "yaxis": {**axis, "title": {"text": axes[1]}, "scaleanchor": "x", "scaleratio": 1},
    }
    return base.spec("flow", data, layout)


def _speed(portrait: Portrait) -> dict[str, Any]:
    speed = portrait.flow.speed.numpy()
    top = _top(speed)
    with np.errstate(divide="ignore", invalid="ignore"):
        decades = np.log10(speed) - top
    places = portrait.flow.places.numpy()
    ticks = [top - DECADES, *(tick for k in range(1, 6) if (tick := top - k / 2) == int(tick))]
    words = [log_axis.power_of_ten(tick) if tick == int(tick) else f"{10**tick:.2g}" for tick in ticks]
    words = [f"≤ {words[0]}", *words[1:]] if ticks[0] not in ticks[1:] else words
    return {
        "type": "heatmap",
        "name": "speed",
        "z": np.maximum(decades, -DECADES).astype(np.float32),
        "x0": float(places[0]),
        "dx": float(places[1] - places[0]),
        "y0": float(places[0]),
        "dy": float(places[1] - places[0]),
        # From a negative number to 0: the slow places are the strong ones.
        "zmin": -DECADES,
        "zmax": 0,
        "autocolorscale": True,
        "colorbar": {
            "x": 1.01,
            "xanchor": "left",
            "len": 0.8,
            "title": {"text": "speed", "side": "top"},
            "tickvals": [tick - top for tick in ticks],
            "ticktext": words,
        },
        "hovertemplate": f"speed {10**top:.3g} × 10<sup>%{{z:.1f}}</sup><extra></extra>",
    }


def _top(speed: NDArray[np.float64]) -> float:
    """The end of the colours in decades, of the half ones the first that holds nearly every speed."""
    finite = speed[np.isfinite(speed) & (speed > 0)]
    return math.ceil(2 * math.log10(float(np.quantile(finite, 0.98)))) / 2 if len(finite) else 0.0


def _arrows(portrait: Portrait) -> dict[str, Any]:
    """All arrows as one line with gaps: from its place along the step, and back over the two barbs."""
    flow, reach = portrait.flow, portrait.plane.reach
    count = len(flow.places)
    skip = max(round(count / _ARROWS), 1)
    at = np.arange((count - 1) % skip // 2, count, skip)
    velocity = flow.velocity.numpy()[np.ix_(at, at)].reshape(-1, 2)
    x, y = np.meshgrid(flow.places.numpy()[at], flow.places.numpy()[at])
    start = np.stack([x.ravel(), y.ravel()], 1)
    size = np.linalg.norm(velocity, axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        direction = velocity / size
    top = np.nanmax(size) if np.isfinite(size).any() else 1.0
    length = 2 * reach / len(at) * (0.28 + 0.62 * (size / (top or 1.0)) ** 0.4)
    shaft = direction * length
    across = np.stack([-shaft[:, 1], shaft[:, 0]], 1)
    tail, tip = start - shaft / 2, start + shaft / 2
    barbs = [tip - 0.34 * shaft + side * 0.2 * across for side in (1, -1)]
    gap = np.full_like(tip, np.nan)
    points = np.stack([tail, tip, barbs[0], tip, barbs[1], gap], 1).reshape(-1, 2).astype(np.float32)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "a step",
        "x": np.ascontiguousarray(points[:, 0]),
        "y": np.ascontiguousarray(points[:, 1]),
        "connectgaps": False,
        "line": {"color": NEUTRAL, "width": 1.25},
        "hoverinfo": "skip",
    }


def _run(run: NDArray[np.float64], labels: Sequence[str] | None) -> list[dict[str, Any]]:
    """The run, a line in a pale edge, with its start as a ring."""
    x, y = (np.ascontiguousarray(run[:, c].astype(np.float32)) for c in (0, 1))
    line = {"type": "scatter", "mode": "lines", "x": x, "y": y}
    return [
        {**line, "name": "edge", "line": {"color": _EDGE, "width": 5}, "hoverinfo": "skip"},
        {
            **line,
            "name": "the run",
            "meta": {"path": 0},
            "line": {"color": RUN, "width": 2.25},
            "text": ["start state", *base.hover_labels(labels, len(x) - 1)],
            "hovertemplate": "%{text}<br>(%{x:.3f}, %{y:.3f})<extra></extra>",
        },
    ]


def _free(free: NDArray[np.float64]) -> list[dict[str, Any]]:
    """A path for each state that is left to itself."""
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": f"free {k}",
            "uid": f"free{k}",
            "meta": {"path": k},
            "x": np.ascontiguousarray(free[:, k, 0].astype(np.float32)),
            "y": np.ascontiguousarray(free[:, k, 1].astype(np.float32)),
            "line": {"color": RUN, "width": 1.25},
            "opacity": 0.75,
            "hoverinfo": "skip",
        }
        for k in range(free.shape[1])
    ]


def _points(portrait: Portrait) -> list[dict[str, Any]]:
    """The fixed points, the unstable ones first, so that what states end at lies on top."""
    found: FixedPoints = portrait.found.points
    result = []
    for k in reversed(range(len(found.kinds))):
        off = float(portrait.off[k])
        beside = f"<br>{off:.3g} beside the plane" if portrait.plane.shares is not None else ""
        result.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": flow_marks.told(found, k) + beside,
                "uid": f"point{k}",
                "meta": {"point": k},
                "x": np.array([float(portrait.spots[k, 0])]),
                "y": np.array([float(portrait.spots[k, 1])]),
                "marker": flow_marks.mark(found.kinds[k]),
                "cliponaxis": False,
                "opacity": 1 if off <= portrait.plane.reach / 10 else 0.45,
                "hovertemplate": "%{fullData.name}<extra></extra>",
            }
        )
    return result


def _ring(portrait: Portrait, chosen: int) -> dict[str, Any]:
    """Around the chosen point; nowhere where there is none."""
    spot = portrait.spots[chosen].tolist() if chosen < len(portrait.spots) else [math.nan, math.nan]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "chosen",
        "uid": "ring",
        "x": np.array([spot[0], spot[0]]),
        "y": np.array([spot[1], spot[1]]),
        "marker": {
            "symbol": "circle-open",
            "size": [26, 22],
            "opacity": 1,
            "color": ["#ffffff", "#000000"],
            "line": {"width": 2},
        },
        "hoverinfo": "skip",
    }

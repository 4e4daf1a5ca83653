"""Miniatures for the home page: the three pictures, without axes or words."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.dynamics import Projection
from rnnviz.figures import base
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.gradients import Curve
from rnnviz.figures.quantities import loose_reach, quantities
from rnnviz.figures.theme import CELL_COLOURS, CELL_DASHES, NEUTRAL, PATH_COLOURS
from rnnviz.registry import Cell
from rnnviz.trace import LayerTrace

_BARE: dict[str, Any] = {"visible": False, "fixedrange": True}
_NAMES = 0.34
"""Room for the names of the cells, as a share of the time axis."""
_MARGIN = {"l": 6, "r": 6, "t": 6, "b": 6}


@Drawing
def miniature_gates(layer: LayerTrace, cell: Cell, *, names: Sequence[str] | None = None) -> Spec:
    """Unit x time strips of the gates and states, under one another; ``names`` picks some of them."""
    found = quantities(layer, cell)
    chosen = [q for q in found if names is None or q.name in names] or found
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"margin": _MARGIN}
    for k, (q, place) in enumerate(zip(chosen, base.rows([1.0] * len(chosen), 0.05), strict=True)):
        low, top = q.limits(loose_reach(found))
        steps, units = q.values.shape
        data.append(
            {
                "type": "heatmap",
                "name": q.name,
                "z": q.values.T,
                "x0": 1,
                "zmin": low,
                "zmax": top,
                "autocolorscale": True,
                "showscale": False,
                "hoverinfo": "skip",
                "yaxis": base.ref("y", k),
            }
        )
        layout[base.key("y", k)] = {**_BARE, "domain": place, "range": [units - 0.5, -0.5], "anchor": "x"}
        layout["xaxis"] = {**_BARE, "range": [0.5, steps + 0.5]}
    return base.spec("small-gates", data, layout)


@Drawing
def miniature_trajectory(projection: Projection) -> Spec:
    """The paths in the plane of the first two principal components, their last point marked."""
    points = base.array(projection.points)
    if points.shape[2] < 2:
        points = np.concatenate([points, np.zeros_like(points)], axis=2)
    data: list[dict[str, Any]] = []
    for k in range(points.shape[1]):
        colour = PATH_COLOURS[k % len(PATH_COLOURS)]
        xy = {"x": np.ascontiguousarray(points[:, k, 0]), "y": np.ascontiguousarray(points[:, k, 1])}
        both = {"type": "scatter", "hoverinfo": "skip"}
        data.append({**both, "mode": "lines", "meta": {"path": k}, **xy, "line": {"color": colour}})
        end = {axis: values[-1:] for axis, values in xy.items()}
        data.append({**both, "mode": "markers", **end, "marker": {"color": colour}, "cliponaxis": False})
    ranges = [1.12 * base.extent(points[..., c]) for c in range(2)]
    layout = {
        "xaxis": {**_BARE, "range": [-ranges[0], ranges[0]]},
        "yaxis": {**_BARE, "range": [-ranges[1], ranges[1]], "scaleanchor": "x"},
        "margin": _MARGIN,
    }
    return base.spec("small-trajectory", data, layout)


@Drawing
def miniature_gradients(curves: Sequence[Curve], loss_at: int) -> Spec:
    """Gradient norms up to the loss on a log axis, a line for each cell with its name; zeros are gaps."""
    data: list[dict[str, Any]] = []
    names: list[tuple[Curve, float]] = []
    decades: list[float] = [-5.0, 0.5]
    for curve in curves:
        norms = np.asarray(curve.norms)
        shown = norms[: loss_at + 1].astype(np.float64)
        shown[~(np.isfinite(shown) & (shown >= np.finfo(norms.dtype).tiny))] = np.nan
        finite = shown[np.isfinite(shown)]
        logs = np.log10(finite).tolist()
        decades += logs
        names.append((curve, logs[0] if logs else -math.inf))
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": curve.label,
                "x": base.steps_of(len(shown)),
                "y": shown,
                "line": {"color": CELL_COLOURS[curve.cell], "dash": CELL_DASHES[curve.cell]},
                "hoverinfo": "skip",
            }
        )
    pad = 0.06 * (max(decades) - min(decades))
    low, high = min(decades) - pad, max(decades) + pad
    places = base.apart([max(place, low) for _, place in names], 0.1 * (high - low), low, high)
    notes = [
        {
            "text": "<br>".join(textwrap.wrap(curve.label, 14)),
            "align": "right",
            "font": {"color": CELL_COLOURS[curve.cell], "size": 11},
            "x": 1 - 0.02 * (loss_at + 1),
            "xanchor": "right",
            "y": place,
            "yanchor": "middle",
            "showarrow": False,
        }
        for (curve, _), place in zip(names, places, strict=True)
    ]
    upright = {"type": "line", "x0": loss_at + 1, "x1": loss_at + 1, "yref": "paper", "y0": 0, "y1": 1}
    layout = {
        "xaxis": {**_BARE, "range": [0.5 - _NAMES * (loss_at + 1), loss_at + 1.5]},
        "yaxis": {**_BARE, "type": "log", "range": [low, high]},
        "annotations": notes,
        "shapes": [{**upright, "line": {"color": NEUTRAL, "dash": "dot", "width": 1}}],
        "margin": _MARGIN,
    }
    return base.spec("small-gradients", data, layout)

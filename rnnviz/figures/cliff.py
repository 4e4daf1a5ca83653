"""The cliff: gradient descent over the error surface of one unit, with and without clipping, and what it met."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from rnnviz.cliff import Descent, Surface, leaves, longest_step
from rnnviz.figures import base, log_axis
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import CELL_COLOURS, NEUTRAL

PLAIN, CLIPPED = CELL_COLOURS["gru"], CELL_COLOURS["rnn"]
"""The colours of the two descents."""

_HALO = "rgba(255,255,255,0.75)"  # around lines and points, which lie on light and dark ground alike
_ROOTS = (0.0, 0.1, 0.3, 0.5, 0.7)
_LOW = (4.0, 8.0, 12.0, 20.0, 34.0, 100.0, 310.0)
_HIGH = (2.0, 4.0, 8.0, 16.0, 40.0, 310.0)
_TICKS = {"nticks": 7, "ticklabelstandoff": 4}
_CAMERA = {"eye": {"x": 1.7, "y": 0.9, "z": 0.7}, "center": {"x": 0, "y": 0, "z": -0.12}}


@Drawing
def plane(surface: Surface, plain: Descent, clipped: Descent) -> Spec:
    """E over the (w, b) plane as a heat map, with both descents on it, a point a step.

    The colours are even in the root of E, which is how far the output is from its target: so both the plateaus
    and the valley are seen. The longest step of the descent without clipping is told in words; where that
    descent leaves the picture stands a diamond on the edge, and squares stand at the ends.
    """
    w, b = surface.w.numpy(), surface.b.numpy()
    heat = {
        "type": "heatmap",
        "name": "E",
        "z": np.sqrt(surface.error.numpy()).astype(np.float32),
        "x0": float(w[0]),
        "dx": float(w[1] - w[0]),
        "y0": float(b[0]),
        "dy": float(b[1] - b[0]),
        "zmin": 0.0,
        "zmax": _ROOTS[-1],
        "autocolorscale": True,
        "colorbar": {
            "title": {"text": "E", "side": "top"},
            "tickvals": list(_ROOTS),
            "ticktext": [f"{root * root:.2g}" for root in _ROOTS],
        },
        "hovertemplate": "w = %{x:.2f}, b = %{y:.2f}, √E = %{z:.3f}<extra></extra>",
    }
    layout = {
        "hovermode": "closest",
        "xaxis": {"range": [float(w[0]), float(w[-1])], "title": {"text": "w"}, **_TICKS},
        "yaxis": {"range": [float(b[0]), float(b[-1])], "title": {"text": "b"}, **_TICKS},
        # The title of an axis, unlike other words, can be written anew without drawing all else again.
        "xaxis2": {
            "overlaying": "x",
            "matches": "x",
            "side": "top",
            "showticklabels": False,
            "range": [float(w[0]), float(w[-1])],
            "title": {"text": _words(plain), "font": {"color": PLAIN}, "standoff": 6},
        },
    }
    data = [heat]
    for path, colour, name in ((plain, PLAIN, "no clipping"), (clipped, CLIPPED, "clipped")):
        x, y = base.array(path.w), base.array(path.b)
        data += [_line(x, y, _HALO, 4.5, "halo"), {**_line(x, y, colour, 2.0, name), **_points(name)}]
        data[-1]["marker"] = {"color": colour, "size": 6, "line": {"color": _HALO, "width": 0.5}}
    data += [
        _mark(plain, 0, PLAIN, "start"),
        _mark(plain, -1, PLAIN, "end"),
        _mark(clipped, -1, CLIPPED, "end"),
    ]
    data.append(_edge(leaves(surface, plain)))
    return base.spec("cliff2", data, layout)


@Drawing
def relief(surface: Surface, plain: Descent, clipped: Descent) -> Spec:
    """The same as a surface in space, as in the paper; points beyond it are left out."""
    w, b, E = surface.w.numpy(), surface.b.numpy(), surface.error.numpy()
    ground = {
        "type": "surface",
        "name": "E",
        "x": w.astype(np.float32),
        "y": b.astype(np.float32),
        "z": E.astype(np.float32),
        "surfacecolor": np.sqrt(E).astype(np.float32),
        "cmin": 0.0,
        "cmax": _ROOTS[-1],
        "autocolorscale": True,
        "showscale": False,
        "lighting": {"ambient": 0.75, "diffuse": 0.5, "specular": 0.05, "roughness": 0.9},
        "contours": {axis: {"highlight": False} for axis in "xyz"},
        "hovertemplate": "w = %{x:.2f}, b = %{y:.2f}, E = %{z:.3f}<extra></extra>",
    }
    data: list[dict[str, Any]] = [ground]
    for path, colour, name in ((plain, PLAIN, "no clipping"), (clipped, CLIPPED, "clipped")):
        x, y, z = _above(surface, path)
        data.append(
            {
                "type": "scatter3d",
                "mode": "lines+markers",
                "name": name,
                "x": x,
                "y": y,
                "z": z,
                "line": {"color": colour, "width": 5},
                "marker": {"color": colour, "size": 3.5},
                "text": _names(len(x)),
                "hovertemplate": f"{name}, %{{text}}: w = %{{x:.3f}}, b = %{{y:.3f}}<extra></extra>",
            }
        )
    axis = {"showgrid": True, "zeroline": False, "nticks": 6}
    scene = {
        "xaxis": {**axis, "range": [float(w[0]), float(w[-1])], "title": {"text": "w"}},
        "yaxis": {**axis, "range": [float(b[0]), float(b[-1])], "title": {"text": "b"}},
        "zaxis": {**axis, "range": [0, 0.52], "title": {"text": "E"}},
        "aspectmode": "manual",
        "aspectratio": {"x": 1.15, "y": 1.15, "z": 0.62},
        "camera": _CAMERA,
        "dragmode": "turntable",
    }
    note = base.note(_words(plain), 0.0, 0.95, font={"color": PLAIN})
    layout = {"scene": scene, "margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "annotations": [note]}
    return base.spec("cliff3", data, layout)


@Drawing
def progress(plain: Descent, clipped: Descent, threshold: int | float) -> Spec:
    """E at each step of both descents, and the norm of the gradient before clipping, on log axes.

    The dotted line is the threshold. The axes end at a few fixed powers of ten; what is below is off the axis.
    """
    high, low = base.rows([1.0, 1.0], 0.16)
    steps = len(plain.w) - 1
    data = []
    for axis, name in ((0, "error"), (1, "norm")):
        where = {"xaxis": base.ref("x", axis), "yaxis": base.ref("y", axis)}
        symbol = "E" if name == "error" else "‖∇E‖"
        for path, colour, words in ((plain, PLAIN, "no clipping"), (clipped, CLIPPED, "clipped")):
            values = getattr(path, name).numpy()
            y = np.where(values > 0, values, np.nan)
            hover = f"{words}, step %{{x}}: {symbol} = %{{y:.3g}}<extra></extra>"
            line = _line(np.arange(steps + 1, dtype=np.int16), y, colour, 2.0, words)
            data.append({**line, **where, "hoverinfo": "all", "hovertemplate": hover})
    ends = np.array([0, steps], dtype=np.int16)
    limit = _line(ends, np.full(2, float(threshold)), NEUTRAL, 1.5, "threshold")
    limit["line"]["dash"] = "dot"
    data.append({**limit, "xaxis": "x2", "yaxis": "y2"})
    x = {"range": [-0.02 * steps, 1.02 * steps], "nticks": 6}
    errors, norms = _ends(plain.error, clipped.error, up=(0.0,)), _ends(plain.norm, clipped.norm)
    words = f"<span style='color:{PLAIN}'>no clipping</span>  <span style='color:{CLIPPED}'>clipped</span>"
    layout = {
        "hovermode": "closest",
        "xaxis": {**x, "domain": [0, 1], "anchor": "y", "matches": "x2", "showticklabels": False},
        "xaxis2": {**x, "domain": [0, 1], "anchor": "y2", "title": {"text": "step of the descent"}},
        "yaxis": {**_log_axis(*errors), "domain": high, "anchor": "x"},
        "yaxis2": {**_log_axis(*norms), "domain": low, "anchor": "x2"},
        "annotations": [
            base.title("<b>error E</b>", 0),
            base.note(words, 1.0, 1.0, "right", yshift=2.0),
            base.title("<b>norm of the gradient</b> (dotted: threshold)", 1),
        ],
    }
    return base.spec("cliff-progress", data, layout)


def _words(plain: Descent) -> str:
    """The longest step, in plain text."""
    leap = longest_step(plain)
    if leap is None:
        return ""
    return f"unclipped step {leap.step}: {_short(leap.length)} long, to ({_short(leap.w)}, {_short(leap.b)})"


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−") if abs(value) < 1e4 else f"{value:.0e}".replace("-", "−")


def _line(x: Any, y: Any, colour: str, width: float, name: str) -> dict[str, Any]:
    line = {"type": "scatter", "mode": "lines", "name": name, "x": x, "y": y, "hoverinfo": "skip"}
    return {**line, "line": {"color": colour, "width": width}}


def _names(count: int) -> list[str]:
    return ["start", *(f"step {k}" for k in range(1, count))]


def _points(name: str) -> dict[str, Any]:
    return {
        "mode": "lines+markers",
        "hoverinfo": "all",
        "hovertemplate": f"{name}, step %{{pointNumber}}: w = %{{x:.3f}}, b = %{{y:.3f}}<extra></extra>",
    }


def _mark(path: Descent, at: int, colour: str, name: str) -> dict[str, Any]:
    """A ring around the start, or a square at the end."""
    points = torch.stack([path.w, path.b], 1)
    points = points[points.isfinite().all(1)]
    symbol = {"symbol": "circle-open", "size": 13} if name == "start" else {"symbol": "square", "size": 9}
    marker = {**symbol, "color": colour, "line": {"color": colour if at == 0 else _HALO, "width": 2}}
    return _point(name, base.array(points[[at], 0]), base.array(points[[at], 1]), marker)


def _edge(place: tuple[float, float] | None) -> dict[str, Any]:
    """A diamond on the edge, where the plain descent leaves."""
    w, b = place or (math.nan, math.nan)
    marker = {"symbol": "diamond", "size": 13, "color": PLAIN, "line": {"color": _HALO, "width": 1.5}}
    point = _point("leaves the picture", np.array([w], np.float32), np.array([b], np.float32), marker)
    return {**point, "xaxis": "x2", "cliponaxis": False}


def _point(name: str, x: base.Floats, y: base.Floats, marker: dict[str, Any]) -> dict[str, Any]:
    point = {"type": "scatter", "mode": "markers", "name": name, "x": x, "y": y, "hoverinfo": "skip"}
    return {**point, "marker": marker}


def _above(surface: Surface, path: Descent) -> tuple[base.Floats, base.Floats, base.Floats]:
    """The path a little above the ground; NaN beyond it."""
    w, b, E = (base.array(part) for part in (path.w, path.b, path.error))
    out = (w < float(surface.w[0])) | (w > float(surface.w[-1]))
    out |= (b < float(surface.b[0])) | (b > float(surface.b[-1]))
    for part in (w, b, E):
        part[out] = np.nan
    return w, b, E + np.float32(0.006)


def _ends(*values: Any, up: tuple[float, ...] = _HIGH) -> tuple[float, float]:
    """The decades at the ends of an axis, out of a few."""
    every = np.concatenate([part.numpy() for part in values])
    every = np.log10(every[np.isfinite(every) & (every > 0)])
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 0.0)
    return -base.rung(-low, _LOW), base.rung(high, up)


def _log_axis(low: float, high: float) -> dict[str, Any]:
    """A log axis between two decades."""
    ticks = log_axis.ticks(log_axis.named(low, high, 5))
    return {"type": "log", "range": [low, high], **ticks, "showgrid": True}

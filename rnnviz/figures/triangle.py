"""The norms ||dh_t/dh_k|| of all pairs of steps as a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures import base, log_axis
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.gradients import FLOORS
from rnnviz.figures.theme import NEUTRAL
from rnnviz.registry import Cell
from rnnviz.theory import Triangle

DECADES = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 40.0, 100.0, 200.0, 310.0)
"""The decades at which a scale may end, so that it rests while a slider moves."""

_CHANGES = (0.1, 0.25, 0.5, 1.0)
_SPACER = "<br><span style='font-size:5px'> </span>"
"""Keeps the subscripts of a title clear of the number below it."""


class Values(NamedTuple):
    """What is drawn of a triangle, (N, N) each.

    ``decades`` is log10 of the norms. ``factor`` is the geometric mean per step, norm / norm of the identity
    to the power 1/(t-k), below the diagonal only. Both are NaN above the diagonal, and where the norm is
    ``lost``, below the least normal number of its dtype (about 10^``floor``), ``zero`` in mathematics too, or
    ``beyond``, not finite in the dtype.
    """

    decades: NDArray[np.float64]
    factor: NDArray[np.float64]
    lost: NDArray[np.bool_]
    zero: NDArray[np.bool_]
    beyond: NDArray[np.bool_]
    floor: int


def values(triangle: Triangle) -> Values:
    """The numbers behind the picture; see :class:`Values`."""
    norms = triangle.norms.cpu().numpy()
    below = np.tri(len(norms), dtype=bool)
    beyond = below & ~np.isfinite(norms)
    zero = triangle.zero.cpu().numpy()
    lost = below & ~beyond & ~zero & (norms < np.finfo(norms.dtype).tiny)
    good = below & ~lost & ~zero & ~beyond
    decades = np.full(norms.shape, np.nan)
    decades[good] = np.log10(norms[good].astype(np.float64))
    steps = np.asarray(triangle.steps, dtype=np.float64)
    lag = np.where(np.tri(len(steps), k=-1), steps[:, None] - steps, np.nan)
    factor = 10.0 ** ((decades - np.log10(triangle.identity)) / lag)
    return Values(decades, factor, lost, zero, beyond, FLOORS.get(str(norms.dtype), -38))


@Drawing
def heat_map(
    triangle: Triangle,
    cell: Cell,
    row: int,
    steps: int,
    *,
    relative: bool = False,
    labels: Sequence[str] | None = None,
) -> Spec:
    """||dh_t/dh_k|| for t >= k: k across, t downwards; the row of the grid with index ``row`` is marked.

    ``steps`` is T. Colours are log10 of the norm on both sides of that of the identity, no change, and end some
    decades from it; with ``relative`` they are the change per step, (norm / norm of the identity)^(1/(t-k)) - 1.
    What lies outside the dtype's range is grey. A stride above 1 is said in the empty half.
    """
    found = values(triangle)
    stride, first = triangle.steps.step, triangle.steps[0] + 1
    z, centre, reach, ticks = _changes(found) if relative else _powers(found, triangle.identity)
    time = base.time_axis(steps, labels, most=6)
    symbol = symbol_of(cell)
    shown = "%{z:+.3~%} per step" if relative else f"{symbol} = 10<sup>%{{z:.2f}}</sup>"
    trace = {
        "type": "heatmap",
        "name": "norms",
        "z": z,
        "x0": first,
        "dx": stride,
        "y0": first,
        "dy": stride,
        "zmin": centre - reach,
        "zmax": centre + reach,
        "autocolorscale": True,
        "hoverongaps": False,
        "colorbar": {
            "title": {"text": ("per step" if relative else symbol) + _SPACER, "side": "top"},
            "tickvals": list(ticks),
            "ticktext": list(ticks.values()),
            "x": 1.01,
            "xanchor": "left",
            "y": 0,
            "yanchor": "bottom",
            "len": 0.96,
        },
        "hovertemplate": f"t = %{{y:d}}, k = %{{x:d}}: {shown}<extra></extra>",
    }
    layout = {
        "hovermode": "closest",
        # Room at the right for the pointer at the last row.
        "xaxis": {**time, "range": [0.5, 1.03 * steps + 0.5], "title": {"text": "earlier step k"}},
        "yaxis": {**time, "range": time["range"][::-1], "title": {"text": "later step t"}},
        "shapes": [*_ground(triangle), *_marked(triangle, row)],
        "annotations": [_words(found, stride)],
    }
    return base.spec("triangle", [trace], layout)


def symbol_of(cell: Cell) -> str:
    """How the norm is written for a cell: s is the whole state (h, c) where there is a memory."""
    letter = "s" if len(cell.states) > 1 else "h"
    return f"‖∂{letter}<sub>t</sub>/∂{letter}<sub>k</sub>‖"


def largest(array: NDArray[np.float64]) -> float:
    """The largest size among the numbers; 0 where there is none."""
    finite = np.abs(array[np.isfinite(array)])
    return float(finite.max()) if finite.size else 0.0


_Scale = tuple[NDArray[np.float64], float, float, dict[float, str]]
"""What is coloured, the middle of the scale, how far it reaches to both sides, and its ticks."""


def _powers(found: Values, identity: float) -> _Scale:
    centre = float(np.log10(identity))
    outside = bool(found.lost.any() or found.beyond.any())
    reach = base.rung(max(largest(found.decades - centre), -found.floor if outside else 2.0), DECADES)
    every = base.step_for(round(2 * reach), 6)
    most = int(reach + centre) // every
    decades = [k * every for k in range(-most, most + 1) if abs(k * every - centre) <= reach]
    ticks = {float(k): log_axis.power_of_ten(k) for k in decades if abs(k - centre) > every / 2}
    return found.decades, centre, reach, {**ticks, centre: f"{identity:.3g}"}


def _changes(found: Values) -> _Scale:
    change = found.factor - 1
    reach = base.rung(min(largest(change), _CHANGES[-1]), _CHANGES)
    ticks = {k * reach / 2: f"× {1 + k * reach / 2:.4g}" for k in range(-2, 3)}
    if largest(change) > reach * (1 + 1e-6):
        ticks[reach] = "≥ × 2"
    return change, 0.0, reach, ticks


def _words(found: Values, stride: int) -> dict[str, Any]:
    """In the empty half: why it is empty, the stride, and what grey means."""
    lines = ["k > t: what comes later", "has no influence"]
    if stride > 1:
        lines += ["", f"every {stride}{'nd' if stride == 2 else 'th'} step;", "each value exact"]
    if found.lost.any():
        lines += ["", "grey: underflow,", f"below 10<sup>−{-found.floor}</sup>"]
    if found.zero.any():
        lines += ["", "grey: exactly 0"]
    if found.beyond.any():
        lines += ["", "grey: overflow,", "not finite"]
    place = {
        "x": 0.98,
        "y": 0.97,
        "xref": "x domain",
        "yref": "y domain",
        "xanchor": "right",
        "yanchor": "top",
    }
    return base.remark("<br>".join(lines), align="right", **place)


def _ground(triangle: Triangle) -> list[dict[str, Any]]:
    """Grey under all cells below the diagonal, seen where the map leaves a hole, and a thin line around the map."""
    half = triangle.steps.step / 2
    edges = [step + 1 - half for step in triangle.steps] + [triangle.steps[-1] + 1 + half]
    grey = {"fillcolor": NEUTRAL, "opacity": 0.35, "line": {"width": 0}}
    outline = {"fillcolor": "rgba(0,0,0,0)", "opacity": 0.5, "line": {"width": 0.75}}
    return [
        {"type": "path", "path": _stairs(edges, whole=False), **grey, "layer": "below"},
        {"type": "path", "path": _stairs(edges, whole=True), **outline},
    ]


def _stairs(edges: Sequence[float], *, whole: bool) -> str:
    """A path around the cells below the diagonal, and with ``whole`` those on it, whose edges these are."""
    around = [f" H {x:g} V {x:g}" for x in edges[1:]]
    within = [*(f" V {y:g} H {y:g}" for y in edges[1:-1]), f" V {edges[-1]:g}"]
    return f"M {edges[0]:g} {edges[0]:g}{''.join(around if whole else within)} H {edges[0]:g} Z"


def _marked(triangle: Triangle, row: int) -> list[dict[str, Any]]:
    """A frame around the chosen row, and a pointer at its end on the diagonal."""
    half, t = triangle.steps.step / 2, triangle.steps[row] + 1
    frame = {"x0": triangle.steps[0] + 1 - half, "x1": t + half, "y0": t - half, "y1": t + half}
    pointer = {
        "type": "path",
        "path": "M 2 0 L 10 -5 L 10 5 Z",
        "xsizemode": "pixel",
        "ysizemode": "pixel",
        "xanchor": t + half,
        "yanchor": t,
        "line": {"width": 0},
    }
    return [{"type": "rect", **frame, "fillcolor": "rgba(0,0,0,0)"}, pointer]

"""States and gradients of every clock of a network, one over the other on the time of the input."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.architectures.seen import Strip
from rnnviz.figures import architecture_common as common
from rnnviz.figures import base, log_axis
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.gradients import FLOORS

NORMAL = 10.0 ** FLOORS["float32"]
"""About the least normal number of float32: below it digits are lost."""

_FLOORS = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0, 38.0)
"""How many decades below 1 the axis may end."""


@Drawing
def strips(strips: Sequence[Strip], *, beside: Sequence[Strip] = (), reach: Sequence[Strip] = ()) -> Spec:
    """A heat map of h for each clock over its steps, and under them ||dL/dh_t|| of each on one log axis.

    A step of a slow clock is as wide as the steps that it stands for; a decoder goes on where the input ends. The log
    axis ends at a few fixed decades; norms too small for float32 are crosses in a row under it, never numbers.
    ``beside`` are strips of another network to hold the gradients against, thin and dotted; ``reach`` such as are drawn
    elsewhere and to be on the same axis. ``ValueError`` for none.
    """
    if not strips:
        raise ValueError("expected at least one strip of states, got none; pass those of Seen.strips")
    rows, steps = common.rows_of(strips), common.last_step(strips)
    places = base.rows([1.0] * len(rows) + [1.5], 0.3 / (len(rows) + 1.5))
    data: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"hovermode": "closest"}
    for row, members in enumerate(rows):
        for k in members:
            data.append({**_states(strips[k]), "yaxis": base.ref("y", row), "showscale": False})
        units = strips[members[0]].h.shape[1]
        layout[base.key("y", row)] = {
            **base.unit_axis(units),
            "domain": places[row],
            "anchor": "x",
            "nticks": 3,
        }
        notes.append(_title(_names(strips, members, row), row))
    data[0] |= {"showscale": True, "colorbar": _bar(places[0][1], places[len(rows) - 1][0])}
    axis = len(rows)
    lines, marked, low, top, bottom = _gradients(strips, rows, beside, reach, axis)
    data += [*lines, *marked]
    layout["xaxis"] = {**common.steps_axis(steps), "anchor": base.ref("y", axis), "domain": [0, 1]}
    layout[base.key("y", axis)] = {
        "type": "log",
        "range": [bottom, top + 0.05 * (top - low)],
        "domain": places[-1],
        "anchor": "x",
        "showgrid": True,
        **log_axis.ticks(log_axis.named(low, top, 5)),
    }
    notes.append(_title(_gradient_words(low, bool(marked), bool(beside)), axis))
    return base.spec(f"strips-{len(rows)}", data, {**layout, "annotations": notes})


def _states(strip: Strip) -> dict[str, Any]:
    """The heat map of one clock: each step as wide as the steps it stands for."""
    spans = [common.span(name) for name in strip.t]
    edges = np.array([spans[0][0] - 0.5, *(last + 0.5 for _, last in spans)], dtype=np.float32)
    h = base.array(strip.h)
    return {
        "type": "heatmap",
        "name": base.visible(f"h, {strip.name}"),
        "x": edges,
        "y0": 0,
        "z": np.ascontiguousarray(h.T),
        "zmin": -1.0,
        "zmax": 1.0,
        "autocolorscale": True,
        "hoverongaps": False,
        "text": [[f"t = {name}" for name in strip.t]] * h.shape[1],
        "hovertemplate": f"{base.visible(strip.name)}, %{{text}}, unit %{{y}}: h = %{{z:.3f}}<extra></extra>",
    }


def _bar(top: float, bottom: float) -> dict[str, Any]:
    return {
        "title": {"text": "h", "side": "top"},
        "tickvals": [-1, 0, 1],
        "x": 1.01,
        "xanchor": "left",
        "y": (top + bottom) / 2,
        "yanchor": "middle",
        "len": max(top - bottom, 0.2),
    }


def _gradients(
    strips: Sequence[Strip],
    rows: Sequence[Sequence[int]],
    beside: Sequence[Strip],
    reach: Sequence[Strip],
    axis: int,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], float, float, float]:
    """The lines, the marks of what has no place on the axis, and the axis: its ends in decades, and that with marks."""
    lines, lost = [], []
    for row, members in enumerate(rows):
        look = {"color": common.ROWS[row % len(common.ROWS)], "dash": common.DASHES[row % 4]}
        for k in members:
            lines.append(_line(strips[k], look, axis))
            lost.append((strips[k], look["color"]))
    for k, strip in enumerate(beside):
        look = {"color": common.ROWS[k % len(common.ROWS)], "dash": "dot"}
        line = _line(strip, look, axis, " without skips")
        lines.append({**line, "mode": "lines", "line": {**look, "width": 1.2}})
    low, top = _ends([*strips, *beside, *reach])
    row_high = 0.12 * (top - low)
    marks = []
    for strip, colour in lost:
        for gone, symbol, words in _missing(strip):
            if len(gone):
                x = np.array([_middle(strip.t[t]) for t in gone])
                names = [f"t = {strip.t[t]}" for t in gone]
                under = 10.0 ** (low - row_high)
                mark = log_axis.marks(strip.name, words, x, under, symbol, colour, names)
                marks.append({**mark, "yaxis": base.ref("y", axis)})
    return lines, marks, low, top, low - (1.7 * row_high if marks else 0.05 * (top - low))


def _ends(strips: Sequence[Strip]) -> tuple[float, float]:
    """The decades between which all gradients lie: whole ones, few of them, at least two apart."""
    seen = [_norms(strip) for strip in strips]
    every = np.concatenate([np.empty(0), *(one[np.isfinite(one)] for one in seen)])
    if not every.size:
        return -2.0, 0.0
    low, top = math.floor(math.log10(every.min()) + 1e-9), math.ceil(math.log10(every.max()) - 1e-9)
    low = -round(base.rung(-low, _FLOORS)) if low < 0 else low
    return float(min(low, top - 2)), float(top)


def _norms(strip: Strip) -> NDArray[np.float64]:
    """||dL/dh_t|| with gaps where it has no place on a log axis."""
    if strip.dh is None:
        return np.full(len(strip.t), np.nan)
    norms = strip.dh.double().numpy()
    return np.where(np.isfinite(norms) & (norms >= NORMAL), norms, np.nan)


def _line(strip: Strip, look: dict[str, str], axis: int, more: str = "") -> dict[str, Any]:
    x = np.array([_middle(name) for name in strip.t], dtype=np.float32)
    y = _norms(strip)
    name = base.visible(f"{strip.name}{more}")
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": x,
        "y": y,
        "line": look,
        "marker": {"size": 5, "color": look["color"]},
        "text": [f"t = {step}" for step in strip.t],
        "hovertemplate": f"{name}, %{{text}}: ‖∂L/∂h‖ = %{{y:.3g}}<extra></extra>",
        "yaxis": base.ref("y", axis),
        "cliponaxis": False,
    }


def _missing(strip: Strip) -> list[tuple[list[int], str, str]]:
    """Steps (from 0) without a place on the axis, each kind with its symbol and what it means."""
    if strip.dh is None:
        return [(list(range(len(strip.t))), "circle-open", "no gradient flows here")]
    norms = strip.dh.tolist()
    return [
        (
            [t for t, one in enumerate(norms) if 0 < one < NORMAL],
            "x-thin",
            "underflow, too small for float32",
        ),
        (
            [t for t, one in enumerate(norms) if one == 0],
            "circle-open",
            "0: nothing flows, or too little for float32",
        ),
        ([t for t, one in enumerate(norms) if not math.isfinite(one)], "triangle-up", "not finite"),
    ]


def _middle(name: str) -> float:
    first, last = common.span(name)
    return (first + last) / 2


def _names(strips: Sequence[Strip], members: Sequence[int], row: int) -> str:
    colour = common.ROWS[row % len(common.ROWS)]
    words = "  ·  ".join(base.visible(strips[k].name) for k in members)
    units = strips[members[0]].h.shape[1]
    return f"<b>h</b>  {common.legend((words, colour))}  {units} units"


def _gradient_words(low: float, marked: bool, beside: bool) -> str:
    parts = [f"<b>‖∂L/∂h<sub>t</sub>‖</b>  the axis ends at {log_axis.power_of_ten(low)}"]
    if marked:
        parts.append("×, ○: none, or too small for float32")
    if beside:
        parts.append("dotted: the same weights without the skips")
    return "; ".join(parts)


def _title(text: str, axis: int) -> dict[str, Any]:
    place = {"x": 0, "xref": "x domain", "xanchor": "left", "y": 1, "yref": f"{base.ref('y', axis)} domain"}
    return {"text": text, "showarrow": False, "yanchor": "bottom", "yshift": 1, **place}

"""Where a weight's gradient comes from: the triangle of contributions, and how many steps back they reach."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.blame import Blame
from rnnviz.figures import base, log_axis
from rnnviz.figures.blame_parts import MOST, Numbers, Parts, parts, reach
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import CELL_COLOURS, NEUTRAL

DECADES = 8
"""How many powers of ten the colours of sizes span. float32 would not notice a smaller part (2^-24 is 6e-8)."""

_REACH = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_GROUPS = 20


@Drawing
def pairs(found: Blame, measure: str = "size", *, labels: Sequence[str] | None = None) -> Spec:
    """Every contribution as a heat map: the step k that used the weight across, the step t of the loss downwards.

    ``measure`` "size" shows each norm over the sum of all, on a log scale of eight decades whose top moves in
    whole decades; "share" the signed shares on a symmetric one, which add up to 1. Pairs without any
    contribution are blank. ``labels`` name the T steps. ``ValueError`` for another measure.
    """
    drawn = parts(found, measure)
    T = len(drawn.each)
    time = base.time_axis(T, labels, most=7)
    heat = _shares(drawn) if measure == "share" else _sizes(drawn)
    words = f"<b>size of each contribution</b>, as a part of {drawn.of}"
    if measure == "share":
        words = "<b>share of each contribution</b> in the gradient"
    notes = [base.title(words, 0), _inside("a loss blames<br>no later step", 0.97, 0.97, "right", "top")]
    if drawn.words:
        notes.append(_inside(drawn.words, 0.4, 0.25, "center", "middle"))
    layout = {
        "xaxis": {**time, "title": {"text": f"{_letter(found)} used at step k"}},
        "yaxis": {**time, "range": [T + 0.5, 0.5], "title": {"text": "loss at step t"}},
        "annotations": notes,
    }
    return base.spec(f"blame-{measure}", [heat], layout)


@Drawing
def distances(found: Blame, cell: str, measure: str = "size") -> Spec:
    """How far back the contributions come from: their sums by distance t - k as bars, added up by the line.

    The bars are the diagonals of :func:`pairs`; on a long axis each stands for several distances. With sizes,
    the dotted line marks how many steps 90 % come from. The axis ends at the first of a few lengths that holds
    all but 0.5 %. ``ValueError`` for another measure than "size" and "share".
    """
    drawn = parts(found, measure)
    far = _far(drawn.by_distance)
    group = base.step_for(far, _GROUPS)
    marked = reach(drawn.by_distance) if measure == "size" else None
    words = "<b>how far back it comes from</b>"
    words += " (line: added up)" if group == 1 else f", by {group} steps (line: added up)"
    notes = [base.title(words, 0)]
    if drawn.words:
        notes.append(_inside(drawn.words, 0.5, 0.5, "center", "middle"))
    if marked is not None:
        notes.append(_reached(marked, far))
    ends, step = _height(drawn)
    ticks = [k * step for k in range(math.ceil(ends[0] / step), math.floor(ends[1] / step) + 1)]
    layout = {
        "hovermode": "x",
        "xaxis": {
            "range": [-0.6, far - 0.4],
            "tickvals": list(range(0, far, base.step_for(far, 8))),
            "title": {"text": "steps back from the loss, t − k"},
        },
        "yaxis": {
            "range": list(ends),
            "tickvals": ticks,
            "ticktext": [_percent(tick) for tick in ticks],
            "showgrid": True,
            "zeroline": True,
            "title": {"text": f"part of {drawn.of}"},
        },
        "annotations": notes,
    }
    data = [*_bars(drawn, far, group, CELL_COLOURS[cell]), _sum(drawn), _mark(marked)]
    return base.spec(f"distances-{measure}", data, layout)


def _letter(found: Blame) -> str:
    return "W<sub>ih</sub>" if found.weight == "weight_ih" else "W<sub>hh</sub>"


def _inside(text: str, x: float, y: float, side: str, height: str) -> dict[str, Any]:
    """Quiet words at a place of the panel, in shares of it."""
    place = {"xref": "x domain", "yref": "y domain", "x": x, "y": y, "xanchor": side, "yanchor": height}
    return base.remark(text, align=side, **place)


_WHERE = "used at k = %{x}, loss at t = %{y}: "
_HEAT = {"type": "heatmap", "x0": 1, "y0": 1, "autocolorscale": True, "hoverongaps": False}


def _shares(drawn: Parts) -> dict[str, Any]:
    z = base.array(drawn.each)
    most = base.reach(z)
    ticks = [-most, -most / 2, 0, most / 2, most]
    words = [_percent(tick) for tick in ticks]
    return {
        **_HEAT,
        "name": "share",
        "z": z,
        "zmin": -most,
        "zmax": most,
        "colorbar": {"tickvals": ticks, "ticktext": words},
        "hovertemplate": f"{_WHERE}%{{z:.3%}} of {drawn.of}<extra></extra>",
    }


def _sizes(drawn: Parts) -> dict[str, Any]:
    with np.errstate(all="ignore"):
        decades = np.log10(drawn.each)
    found = decades[np.isfinite(decades)]
    top = min(math.ceil(float(found.max()) - 1e-9), 0) if len(found) else 0
    ticks = list(range(top - DECADES, top + 1, 2))
    words = [_power(k) for k in ticks]
    words[0] = f"≤ {words[0]}"
    return {
        **_HEAT,
        "name": "size",
        "z": base.array(decades),
        "zmin": top - DECADES,
        "zmax": top,
        # Below 0 Plotly takes the scale for negative numbers, which runs the other way.
        "reversescale": True,
        "colorbar": {"tickvals": ticks, "ticktext": words},
        "hovertemplate": f"{_WHERE}10<sup>%{{z:.1f}}</sup> of {drawn.of}<extra></extra>",
    }


def _percent(part: int | float) -> str:
    return f"{100 * part:.3g} %".replace("-", "−")


def _power(k: int) -> str:
    return {0: "100 %", -1: "10 %", -2: "1 %", -3: "0.1 %"}.get(k, log_axis.power_of_ten(k))


def _far(by_distance: Numbers) -> int:
    """How many distances the axis shows: as many as hold all but 0.5 %, rounded up to a few lengths."""
    sizes = np.abs(np.nan_to_num(by_distance))
    enough = reach(sizes / sizes.sum(), 0.995) if sizes.any() else None
    return next((rung for rung in _REACH if rung >= (enough or 0)), len(by_distance))


def _height(drawn: Parts) -> tuple[tuple[float, float], float]:
    """The ends of the axis of parts and the step of its marks: 0 to 1, or as far as signed parts go."""
    both = np.concatenate([drawn.by_distance, np.cumsum(drawn.by_distance)])
    both = both[np.isfinite(both)]
    low, high = (float(both.min()), float(both.max())) if len(both) else (0.0, 1.0)
    top = 1.0 if high <= 1.06 else base.round_up(high)
    bottom = 0.0 if low > -0.005 else -0.2 if low > -0.19 else -base.round_up(-low)
    step = base.round_up((top - bottom) / 6)
    return (bottom - 0.02 * (bottom < 0), 1.08 * top), step


def _bars(drawn: Parts, far: int, group: int, colour: str) -> list[dict[str, Any]]:
    """The sums of each group of distances, 10 or 20 of them, as thick strokes, and their tops to be pointed at.

    Unlike bars, strokes are repainted at once while a slider moves.
    """
    first = np.arange(0, far, group)
    padded = np.zeros(len(first) * group)
    count = min(far, len(drawn.by_distance))
    padded[:count] = drawn.by_distance[:count]
    middle, sums = (first + (group - 1) / 2).astype(np.float32), padded.reshape(-1, group).sum(1)
    x, y = np.full((2, len(first), 3), np.nan, np.float32)
    x[:, 0] = x[:, 1] = middle
    y[:, 0], y[:, 1] = 0, sums
    strokes = {
        "type": "scatter",
        "mode": "lines",
        "name": "bars",
        "x": x.ravel(),
        "y": y.ravel(),
        "line": {"color": colour, "width": 24 if len(first) <= _GROUPS // 2 else 12, "simplify": False},
        "hoverinfo": "skip",
    }
    tops = {
        "type": "scatter",
        "mode": "markers",
        "name": f"part of {drawn.of}",
        "x": middle,
        "y": sums.astype(np.float32),
        "marker": {"color": colour, "opacity": 0},
        "text": [f"{k}" if group == 1 else f"{k} to {k + group - 1}" for k in first.tolist()],
        "hovertemplate": f"t − k = %{{text}}: %{{y:.3%}} of {drawn.of}<extra></extra>",
    }
    return [strokes, tops]


def _sum(drawn: Parts) -> dict[str, Any]:
    """The parts added up from the nearest use backwards."""
    total = np.cumsum(drawn.by_distance)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "added up",
        "x": np.arange(len(total), dtype=np.int16),
        "y": base.array(total),
        "line": {"color": NEUTRAL},
        "hovertemplate": f"t − k ≤ %{{x}}: %{{y:.3%}} of {drawn.of}<extra></extra>",
    }


def _mark(marked: int | None) -> dict[str, Any]:
    """The dotted line at the steps that 90 % come from."""
    x, y = (math.nan, math.nan) if marked is None else (marked - 1, MOST)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "90 %",
        "x": np.array([x, x], np.float32),
        "y": np.array([0, y], np.float32),
        "line": {"color": NEUTRAL, "dash": "dot", "width": 1.5},
        "hoverinfo": "skip",
    }


def _reached(marked: int, far: int) -> dict[str, Any]:
    """The words beside the dotted line, where the line that adds up does not run."""
    left = marked > 0.5 * far
    return {
        "text": f"<b>90 %</b>: last {'step' if marked == 1 else f'{marked} steps'}",
        "showarrow": False,
        "x": marked - 1 + (-0.015 if left else 0.05 if marked == 1 else 0.015) * far,
        "y": 0.98 if left else 0.75,
        "xanchor": "right" if left else "left",
        "yanchor": "middle",
    }

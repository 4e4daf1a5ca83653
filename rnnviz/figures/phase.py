"""Phase diagrams side by side: the gradient ratio by weight scale and length, or forget bias, for each cell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.figures import base, log_axis
from rnnviz.figures.contour import Grid, contour
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import NEUTRAL
from rnnviz.registry import CELLS
from rnnviz.sweep import Diagram

_LIMITS = (1.0, 2.0, 5.0, 10.0)
"""Decades at which the colours end. Beyond the last a gradient is as good as gone, whatever its size."""

_ISLAND = 9
"""Corners of closed lines that are not drawn: what surrounds a point or two is the seeds' noise."""

_WORDS = {"length": "length T", "forget": "forget bias"}


@Drawing
def phase(
    diagrams: Sequence[Diagram], own: tuple[float, float] | None = None, *, coarse: bool = False
) -> Spec:
    """A heat map a cell of log10 of the median ratio, all on one diverging scale with ratio 1 in its middle.

    x is the weight scale, y the length or the forget bias, whichever the diagrams are against. A line runs
    where the ratio is 1, but for islands of a point or two. What float32 cannot hold, or is no number, is grey. ``own``
    is a (scale, value) to ring. Up to three panels stand in a row. ``coarse`` states points and seeds on the picture.
    ``ValueError`` without a diagram, or with diagrams of different axes.
    """
    if len({(one.against, one.scales, one.values) for one in diagrams}) != 1:
        raise ValueError(
            f"expected diagrams of one pair of axes, got {len(diagrams)}; compute them for equal values"
        )
    first = diagrams[0]
    down = 1 if len(diagrams) <= 3 else 2
    across = math.ceil(len(diagrams) / down)
    wide, high = base.domains(across, 0.03 if across > 1 else 0.0), base.rows([1.0] * down, 0.13)
    limit = _limit(diagrams)
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"hovermode": "closest", "margin": {"r": 8}}
    notes = []
    for k, one in enumerate(diagrams):
        row, column = divmod(k, across)
        axes = {"xaxis": base.ref("x", k), "yaxis": base.ref("y", k)}
        panel = base.present([_map(one, limit), _beyond(one), _nothing(one), _line(one), _ring(own)])
        data += [{**trace, **axes} for trace in panel]
        lowest = k + across >= len(diagrams)
        layout[base.key("x", k)] = {
            **_axis(first.scales, 0.0),
            "tickvals": [0, 1, 2, 3, 4],
            "domain": wide[column],
            "anchor": base.ref("y", k),
            "showticklabels": lowest,
            **({"title": {"text": "weight scale"}} if lowest else {}),
            **({"matches": "x"} if k else {}),
        }
        layout[base.key("y", k)] = {
            **_axis(first.values, None),
            "domain": high[row],
            "anchor": base.ref("x", k),
            "showticklabels": column == 0,
            **({"title": {"text": _WORDS[first.against]}} if column == 0 else {}),
            **({"matches": "y"} if k else {}),
        }
        notes.append(base.title(f"<b>{CELLS[one.cell].label}</b>", k))
    data[0] |= {"showscale": True, "colorbar": _bar(limit)}
    if coarse:
        notes.append(base.note(_size(first), 1.0, 1.0, "right", yshift=2.0, opacity=0.75))
    layout["annotations"] = notes
    return base.spec(f"phase-{first.against}", data, layout)


def _map(one: Diagram, limit: float) -> dict[str, Any]:
    """The ratios themselves; a gap where they are no numbers."""
    median = _numbers(one)
    quartiles = np.stack([_grid(quartile) for quartile in one.quartiles], -1)
    label, what = CELLS[one.cell].label, "T" if one.against == "length" else "forget bias"
    return {
        "type": "heatmap",
        "name": label,
        "x": np.array(one.scales),
        "y": np.array(one.values),
        "z": median.astype("f4"),
        "customdata": np.where(np.isfinite(quartiles), quartiles, np.nan).astype("f4"),
        "zmin": -limit,
        "zmax": limit,
        "autocolorscale": True,
        "showscale": False,
        "hoverongaps": False,
        "hovertemplate": f"{label}, scale %{{x:.3~g}}, {what} %{{y:.3~g}}<br>ratio: median 10<sup>%{{z:.1f}}</sup><br>"
        "half of the seeds from 10<sup>%{customdata[0]:.1f}</sup> to 10<sup>%{customdata[1]:.1f}</sup><extra></extra>",
    }


def _beyond(one: Diagram) -> dict[str, Any]:
    """Grey over the points that float32 cannot hold; their labels are those of the map below."""
    lost = ~np.isfinite(_grid(one.median)) | one.below.numpy() | one.above.numpy()
    return {
        "type": "heatmap",
        "name": f"{CELLS[one.cell].label}: beyond float32",
        "x": np.array(one.scales),
        "y": np.array(one.values),
        "z": lost.astype("f4"),
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, "rgba(0, 0, 0, 0)"], [1, NEUTRAL]],
        "showscale": False,
        "hoverinfo": "skip",
    }


def _nothing(one: Diagram) -> dict[str, Any] | None:
    """The labels of the points that are no numbers: a gradient of exactly 0, or an overflow."""
    median = _grid(one.median)
    gaps = ~np.isfinite(median)
    if not gaps.any():
        return None
    words = np.where(np.isneginf(median), "ratio: exactly 0", "overflow: not finite, even in float64")
    return {
        "type": "heatmap",
        "name": f"{CELLS[one.cell].label}: no number",
        "x": np.array(one.scales),
        "y": np.array(one.values),
        "z": np.where(gaps, 1, np.nan).astype("f4"),
        "text": np.where(gaps, words, "").tolist(),
        "colorscale": [[0, NEUTRAL], [1, NEUTRAL]],
        "showscale": False,
        "hoverongaps": False,
        "hovertemplate": f"{CELLS[one.cell].label}, scale %{{x:.3~g}}, %{{y:.3~g}}<br>%{{text}}<extra></extra>",
    }


def _line(one: Diagram) -> dict[str, Any]:
    """Where the median ratio is 1; a single gap where it is nowhere."""
    x, y = contour(np.array(one.scales), np.array(one.values), _grid(one.median), island=_ISLAND)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"{CELLS[one.cell].label}: ratio 1",
        "x": x,
        "y": y,
        "line": {"color": NEUTRAL, "width": 2.5},
        "hoverinfo": "skip",
    }


def _ring(own: tuple[float, float] | None) -> dict[str, Any]:
    """The experiment's own place: a white ring in a black one, to be seen on every colour."""
    scale, value = own or (math.nan, math.nan)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "this experiment",
        "x": np.array([scale, scale]),
        "y": np.array([value, value], dtype=np.float64),
        "cliponaxis": False,
        "hoverinfo": "skip",
        "marker": {
            "symbol": "circle-open",
            "size": [17, 12],
            "opacity": 1,
            "color": ["#000000", "#ffffff"],
            "line": {"width": 2.5},
        },
    }


def _numbers(one: Diagram) -> Grid:
    """The medians, NaN for what is none."""
    median = _grid(one.median)
    return np.where(np.isfinite(median), median, np.nan)


def _grid(values: Any) -> Grid:
    return np.asarray(values, dtype=np.float64)


def _limit(diagrams: Sequence[Diagram]) -> float:
    """The least rung that holds every ratio, or the last one."""
    sizes = [np.abs(_grid(one.median)) for one in diagrams]
    largest = max(float(size[np.isfinite(size)].max(initial=0.0)) for size in sizes)
    return base.rung(min(largest, _LIMITS[-1]), _LIMITS)


def _bar(limit: float) -> dict[str, Any]:
    ticks = [limit * k / 4 for k in (-4, -2, 0, 2, 4)]
    words = {tick: log_axis.power_of_ten(tick) for tick in ticks}
    words |= {-limit: f"≤ {words[-limit]}", limit: f"≥ {words[limit]}"}
    words |= {-0.75 * limit: "vanishes", 0.75 * limit: "explodes"}
    return {
        "x": 1.01,
        "xanchor": "left",
        "title": {"text": "ratio", "side": "top"},
        "tickvals": list(words),
        "ticktext": list(words.values()),
    }


def _axis(values: Sequence[float], least: float | None) -> dict[str, Any]:
    """From half a cell before the first value, or ``least``, to half a cell after the last."""
    half = (values[1] - values[0]) / 2 if len(values) > 1 else 0.5
    low = values[0] - half if least is None else least
    return {"range": [low, values[-1] + half], "showgrid": False, "zeroline": False}


def _size(one: Diagram) -> str:
    seeds = len(one.seeds)
    return f"{len(one.scales)} × {len(one.values)} points, {seeds} seed{'s' * (seeds > 1)}"

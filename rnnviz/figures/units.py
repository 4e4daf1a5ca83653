"""One unit's gates and states as lines over time, above the input that it saw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnviz.figures import base
from rnnviz.figures.base import Floats
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.quantities import Quantity, loose_reach, quantities
from rnnviz.figures.theme import GATE_COLOURS, NEUTRAL
from rnnviz.registry import Cell
from rnnviz.signals import SignalData
from rnnviz.trace import LayerTrace

_GATE_DASHES = {"o": "dash", "g": "dash", "n": "dash", "r": "dash", "c": "dot"}


@Drawing
def unit_lines(
    layer: LayerTrace,
    cell: Cell,
    unit: int,
    signal: SignalData,
    *,
    batch: int = 0,
    c_range: float | None = None,
) -> Spec:
    """The gates of one unit on [0, 1], its candidate and states below, and the input at the bottom.

    All panels share the axis of time. Each line carries its letter at the right end. ``c_range`` is the reach
    of unbounded values, by default that of all units of the layer, so that the axis stays when the unit
    changes. ``ValueError`` for a
    unit that the layer does not have.
    """
    found = quantities(layer, cell, batch)
    steps, units = found[0].values.shape
    if not 0 <= unit < units:
        raise ValueError(
            f"expected a unit from 0 to {units - 1}, got {unit}; choose one of the layer's {units}"
        )
    bound = c_range if c_range is not None else loose_reach(found)
    gates = [q for q in found if q.scale == "gate"]
    values = [q for q in found if q.scale != "gate"]
    reach = max([1.0 if q.scale == "tanh" else bound for q in values])
    groups = [
        *([("gates", gates, [0.0, 1.0])] if gates else []),
        ("candidate and states" if gates else "state", values, [-reach, reach]),
    ]
    shown, labels, channels = base.array(signal.x), signal.labels, signal.channels
    high = base.rows([*([1.0] * len(groups)), 0.55], 0.1)

    data: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    time = base.time_axis(steps, labels)
    layout: dict[str, Any] = {
        "xaxis": {
            **time,
            "domain": [0, 0.955],
            "anchor": base.ref("y", len(groups)),
            "title": {"text": "time step t"},
        },
        "hovermode": "x",
    }
    hover = base.hover_labels(labels, steps)
    for k, (heading, members, (low, top)) in enumerate(groups):
        pad = 0.04 * (top - low)
        layout[base.key("y", k)] = {
            "domain": high[k],
            "range": [low - pad, top + pad],
            "tickvals": [low, (low + top) / 2, top],
            "tickformat": ".3~g",
            "showgrid": True,
            "anchor": "x",
        }
        ends = [_last(q.values[:, unit], (low + top) / 2) for q in members]
        places = base.apart(ends, 0.17 * (top - low), low, top)
        for q, place in zip(members, places, strict=True):
            data.append(
                _line(q.name, q.values[:, unit], k, hover, GATE_COLOURS[q.name], _GATE_DASHES.get(q.name))
            )
            notes.append(_end_label(q, k, place))
        notes.append(_heading(f"unit {unit}: {heading}" if k == 0 else heading, k))
    data += _input(shown, len(groups), hover, channels)
    layout[base.key("y", len(groups))] = {**_input_axis(shown, channels), "domain": high[-1], "anchor": "x"}
    notes.append(_heading("input x", len(groups)))
    gaps = base.not_finite(*(q.values[:, unit] for q in found))
    return base.spec("unit", data, {**layout, "annotations": base.present([*notes, gaps])})


def _line(
    name: str, y: Floats, axis: int, hover: Sequence[str], colour: str, dash: str | None = None
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines" if len(y) > 2 else "lines+markers",
        "name": name,
        "x": base.steps_of(len(y)),
        "y": y,
        "yaxis": base.ref("y", axis),
        "line": {"color": colour, **({"dash": dash} if dash else {})},
        "text": hover,
        "hovertemplate": f"%{{text}}, {name} = %{{y:.3f}}<extra></extra>",
    }


def _last(y: Floats, otherwise: float) -> float:
    return otherwise if y[-1] != y[-1] else float(y[-1])


def _end_label(q: Quantity, axis: int, place: float) -> dict[str, Any]:
    return {
        "text": f"<b>{q.name}</b>",
        "hovertext": q.meaning,
        "showarrow": False,
        "font": {"color": GATE_COLOURS[q.name]},
        "x": 1,
        "xref": "x domain",
        "xanchor": "left",
        "xshift": 4,
        "y": place,
        "yref": base.ref("y", axis),
        "yanchor": "middle",
    }


def _heading(text: str, axis: int) -> dict[str, Any]:
    return {**base.title(text, axis), "xref": "x domain"}


def _input(
    x: Floats, axis: int, hover: Sequence[str], channels: Sequence[str] | None
) -> list[dict[str, Any]]:
    """The input: a line for one channel, a strip of rows for several."""
    if x.shape[1] == 1:
        return [_line("x", x[:, 0], axis, hover, NEUTRAL)]
    return [strip(x, channels) | {"yaxis": base.ref("y", axis)}]


def strip(x: Floats, channels: Sequence[str] | None = None) -> dict[str, Any]:
    """A heat map trace of an input x (T, D) with several channels, a row for each."""
    names = [base.visible(c) for c in channels] if channels else [f"channel {d}" for d in range(x.shape[1])]
    least = min(0.0, -base.reach(x)) if (x < 0).any() else 0.0
    return {
        "type": "heatmap",
        "name": "x",
        "z": x.T,
        "x0": 1,
        "y0": 0,
        "zmin": least,
        "zmax": base.reach(x),
        "autocolorscale": True,
        "showscale": False,
        "text": [[name] * len(x) for name in names],
        "hovertemplate": "%{text}, t = %{x:d}, x = %{z:.3f}<extra></extra>",
    }


def _input_axis(x: Floats, channels: Sequence[str] | None) -> dict[str, Any]:
    count = x.shape[1]
    if count > 1:
        # More names than these do not fit beside so low a panel; they show when pointed at.
        names = [base.visible(c) for c in channels or ()] if count <= 4 else []
        return {"range": [count - 0.5, -0.5], "tickvals": list(range(len(names))), "ticktext": names}
    return value_axis(x)


def value_axis(x: Floats) -> dict[str, Any]:
    """An axis for the values of a signal: from 0 or symmetric, its end rounded up to 1, 2 or 5."""
    top = base.reach(x)
    negative, positive = bool((x < 0).any()), bool((x > 0).any())
    low, high = (-top if negative else 0.0), (top if positive or not negative else 0.0)
    pad = 0.06 * (high - low)
    ticks = sorted({low, 0.0, high})
    return {"range": [low - pad, high + pad], "tickvals": ticks, "tickformat": ".3~g", "showgrid": True}

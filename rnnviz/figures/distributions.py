"""How the values of a gate are spread over the units, step by step, and how many are pinned at either end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnnviz.figures import base
from rnnviz.figures.theme import CELL_COLOURS, NEUTRAL
from rnnviz.registry import Cell
from rnnviz.statistics import Distribution, Saturation

_SHARE = 0.5
"""The share of units in one bin at which the colour is full: a narrow peak then still shows its flanks."""


def distribution(
    spreads: Mapping[str, Distribution], cell: Cell, *, labels: Sequence[str] | None = None
) -> go.Figure:
    """The spread of each gate or state over time: time x value, coloured by the share of units in each bin.

    ``spreads`` maps a letter to its :class:`~rnnviz.statistics.Distribution`, at most six. The colour runs
    from 0 to half of the units in one bin, for all gates and cells alike.
    """
    count = len(spreads)
    across = count if count < 4 else 2 if count == 4 else 3
    down = -(-count // across)
    wide, high = base.domains(across, 0.06), base.rows([1.0] * down, 0.115)
    meanings = {gate.name: gate.meaning for gate in cell.gates}
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    titles = []
    for k, (name, spread) in enumerate(spreads.items()):
        row, column = divmod(k, across)
        edges, density = base.array(spread.edges), base.array(spread.density)
        width = float(edges[1] - edges[0])
        data.append(
            {
                "type": "heatmap",
                "name": name,
                "z": density.T,
                "x0": 1,
                "y0": float(edges[0]) + width / 2,
                "dy": width,
                "zmin": 0,
                "zmax": _SHARE,
                "autocolorscale": True,
                "showscale": k == 0,
                "colorbar": {
                    "x": 1.01,
                    "xanchor": "left",
                    "title": {"text": "units", "side": "top"},
                    "tickvals": [0, 0.25, 0.5],
                    "ticktext": ["0 %", "25 %", "≥ 50 %"],
                },
                "xaxis": base.ref("x", k),
                "yaxis": base.ref("y", k),
                "hovertemplate": f"t = %{{x:d}}, {name} near %{{y:.2f}}: %{{z:.1%}} of units<extra></extra>",
            }
        )
        lowest = k + across >= count
        ends = [float(edges[0]), float(edges[-1])]
        layout[base.key("x", k)] = {
            **base.time_axis(density.shape[0], labels, most=max(3, 12 // across)),
            "domain": wide[column],
            "anchor": base.ref("y", k),
            "showticklabels": lowest,
            **({"title": {"text": "time step t"}} if lowest else {}),
            **({"matches": "x"} if k else {}),
        }
        layout[base.key("y", k)] = {
            "domain": high[row],
            "anchor": base.ref("x", k),
            "range": ends,
            "tickvals": [ends[0], sum(ends) / 2, ends[1]],
            "tickformat": ".2~g",
        }
        meaning = meanings.get(name, {"c": "memory", "h": "hidden state"}.get(name, ""))
        titles.append(base.title(f"<b>{name}</b>  {meaning.partition(':')[0]}", k, meaning))
    return base.figure("distribution", data, {**layout, "annotations": titles})


def saturation(shares: Mapping[str, Saturation], *, kinds: Mapping[str, str] | None = None) -> go.Figure:
    """A bar for each gate: the share of values pinned low, in the open middle, and pinned high.

    ``shares`` maps a letter to its :class:`~rnnviz.statistics.Saturation`. The shares of the two ends are
    written on the bars; ``kinds`` ("sigmoid", "tanh", ...) words what low and high mean when pointed at.
    """
    names = list(shares)
    low = np.array([s.low_share for s in shares.values()], dtype=np.float32)
    high = np.array([s.high_share for s in shares.values()], dtype=np.float32)
    middle = 1 - low - high
    kinds = kinds or {}
    bounds = {"sigmoid": ("below 0.1", "above 0.9"), "tanh": ("below -0.9", "above 0.9")}
    words = [bounds.get(kinds.get(name, "sigmoid"), ("at the low end", "at the high end")) for name in names]
    data = [
        _bar("low", names, low, CELL_COLOURS["gru"], [w[0] for w in words], 1.0),
        _bar("between", names, middle, NEUTRAL, ["between"] * len(names), 0.18),
        _bar("high", names, high, CELL_COLOURS["lstm"], [w[1] for w in words], 1.0),
    ]
    data[1] |= {"text": None, "textposition": "none"}
    axis = {
        "range": [0, 1],
        "tickvals": [0, 0.5, 1],
        "tickformat": ".0%",
        "title": {"text": "share of values"},
    }
    rows = {"type": "category", "categoryorder": "array", "categoryarray": names[::-1], "range": None}
    return base.figure("saturation", data, {"barmode": "stack", "bargap": 0.45, "xaxis": axis, "yaxis": rows})


def _bar(
    name: str, gates: list[str], share: Any, colour: str, words: list[str], opacity: float
) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "y": gates,
        "x": share,
        "marker": {"color": colour, "opacity": opacity},
        "text": ["" if not s > 0 else f"{s:.0%}" for s in share],
        "textposition": "auto",
        "customdata": words,
        "hovertemplate": "%{y}: %{x:.1%} %{customdata}<extra></extra>",
    }

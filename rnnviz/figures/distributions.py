"""How the values of a gate are spread over the units, step by step, and how many are pinned at either end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnnviz import statistics
from rnnviz.figures import base
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import CELL_COLOURS, NEUTRAL
from rnnviz.registry import Cell
from rnnviz.statistics import Distribution, Saturation
from rnnviz.trace import LayerTrace

_MOST = float(np.finfo(np.float32).max)
_FULL = 0.5
"""The share of units in one bin at which the colour is full: a narrow peak then still shows its flanks."""

_ENDS = {"sigmoid": ("shut", "open"), "tanh": ("at -1", "at +1"), "relu": ("at 0", ""), "linear": ("", "")}


_WRITTEN = 0.06
"""The least share that is written on its bar."""


@Drawing
def spread(
    layer: LayerTrace, cell: Cell, *, labels: Sequence[str] | None = None, columns: int | None = None
) -> Spec:
    """:func:`distribution` of every gate and state of a layer, over all units and sequences of the batch.

    Beside each title stands the share of values that are saturated (:func:`rnnviz.statistics.saturation`),
    unless a number of ``columns`` is asked for, as it is where there is little room.
    """
    kinds = {gate.name: gate.kind for gate in sorted(cell.gates, key=lambda gate: gate.kind != "sigmoid")}
    values = {name: layer.gates[name] for name in kinds}
    if layer.c is not None:
        kinds["c"], values["c"] = "linear", layer.c
    kinds["h"], values["h"] = statistics.state_kind(cell.name, "h", residual=layer.residual), layer.h
    spreads = {name: statistics.distribution(values[name], kind) for name, kind in kinds.items()}
    remarks = {name: _pinned(statistics.saturation(values[name], kind), kind) for name, kind in kinds.items()}
    return distribution.spec(
        spreads, cell, remarks=None if columns else remarks, labels=labels, columns=columns
    )


@Drawing
def distribution(
    spreads: Mapping[str, Distribution],
    cell: Cell,
    *,
    remarks: Mapping[str, str] | None = None,
    labels: Sequence[str] | None = None,
    columns: int | None = None,
) -> Spec:
    """The spread of each gate or state over time: time x value, coloured by the share of units in each bin.

    ``spreads`` maps a letter to its :class:`~rnnviz.statistics.Distribution`, at most six; ``remarks`` maps
    it to words at the right above its panel. The colour runs from 0 to half of the units in one bin, for all
    gates and cells alike. A value axis that is not [0, 1] or [-1, 1] ends at 1, 2 or 5 times a power of ten.
    There are ``columns`` panels side by side, by default 1 to 3.
    """
    count = len(spreads)
    across = columns or (count if count < 4 else 2 if count == 4 else 3)
    wide, high = base.domains(across, 0.05), base.rows([1.0] * -(-count // across), 0.115)
    meanings = {gate.name: gate.meaning for gate in cell.gates} | {"c": "memory", "h": "hidden state"}
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    titles = []
    for k, (name, one) in enumerate(spreads.items()):
        row, column = divmod(k, across)
        edges, density = np.asarray(one.edges, np.float64), base.array(one.density)
        data.append(_heatmap(name, edges, density, k))
        lowest = k + across >= count
        layout[base.key("x", k)] = {
            **base.time_axis(len(density), labels, most=max(3, 12 // across)),
            "domain": wide[column],
            "anchor": base.ref("y", k),
            "showticklabels": lowest,
            **({"title": {"text": "time step t"}} if lowest else {}),
            **({"matches": "x"} if k else {}),
        }
        layout[base.key("y", k)] = {**_value_axis(edges), "domain": high[row], "anchor": base.ref("x", k)}
        meaning = meanings.get(name, "")
        titles.append(base.title(f"<b>{name}</b>  {meaning.partition(':')[0]}", k, meaning))
        if remarks and remarks.get(name):
            titles.append({**base.title(remarks[name], k), "x": 1, "xanchor": "right", "opacity": 0.75})
    data[0] |= {"showscale": True, "colorbar": _SHARE_BAR}
    return base.spec("distribution", data, {**layout, "annotations": titles})


_SHARE_BAR = {
    "x": 1.01,
    "xanchor": "left",
    "title": {"text": "units", "side": "top"},
    "tickvals": [0, _FULL / 2, _FULL],
    "ticktext": ["0 %", "25 %", "≥ 50 %"],
}


def _heatmap(name: str, edges: Any, density: base.Floats, panel: int) -> dict[str, Any]:
    low, top = _value_axis(edges)["range"]
    # Where the axis goes on beyond the bins there are no units either.
    before, after = int(low < edges[0]), int(top > edges[-1])
    density = np.pad(density, ((0, 0), (before, after)))
    edges = np.concatenate([[low] * before, edges, [top] * after])
    return {
        "type": "heatmap",
        "name": name,
        "z": density.T,
        "x0": 1,
        "y": np.clip(edges, -_MOST, _MOST).astype(np.float32),
        "zmin": 0,
        "zmax": _FULL,
        "autocolorscale": True,
        "showscale": False,
        "xaxis": base.ref("x", panel),
        "yaxis": base.ref("y", panel),
        "hovertemplate": f"t = %{{x:d}}, {name} near %{{y:.2f}}: %{{z:.1%}} of units<extra></extra>",
    }


def _value_axis(edges: Any) -> dict[str, Any]:
    top = base.reach(base.array(edges))
    low = 0.0 if edges[0] >= 0 else -top
    return {"range": [low, top], "tickvals": [low, (low + top) / 2, top], "tickformat": ".3~g"}


def _pinned(shares: Saturation, kind: str) -> str:
    low, high = _ENDS[kind]
    parts = [
        f"{share:.0%} {word}" for share, word in ((shares.low_share, low), (shares.high_share, high)) if word
    ]
    return ", ".join(parts).replace("%", " %").replace("nan %", "–").replace("-1", "−1")


@Drawing
def saturation(shares: Mapping[str, Saturation], *, kinds: Mapping[str, str] | None = None) -> Spec:
    """A bar for each gate: the share of values pinned low, in the open middle, and pinned high.

    ``shares`` maps a letter to its :class:`~rnnviz.statistics.Saturation`. The shares of the two ends are
    written on the bars; ``kinds`` ("sigmoid", "tanh", ...) words what low and high mean when pointed at.
    """
    names = list(shares)
    low = np.array([s.low_share for s in shares.values()], dtype=np.float32)
    high = np.array([s.high_share for s in shares.values()], dtype=np.float32)
    bounds = {
        "sigmoid": ("below 0.1", "above 0.9"),
        "tanh": ("below −0.9", "above 0.9"),
        "relu": ("at 0", ""),
    }
    ends = [bounds.get((kinds or {}).get(name, "sigmoid"), ("low", "high")) for name in names]
    data = [
        _bar("low", names, low, CELL_COLOURS["gru"], [low_end for low_end, _ in ends]),
        _bar("between", names, 1 - low - high, NEUTRAL, ["between"] * len(names)),
        _bar("high", names, high, CELL_COLOURS["lstm"], [high_end for _, high_end in ends]),
    ]
    data[1]["marker"]["opacity"] = 0.18
    data[1]["textposition"] = "none"
    shares_axis = {"range": [0, 1], "tickvals": [0, 0.5, 1], "ticktext": ["0 %", "50 %", "100 %"]}
    rows = {"range": [len(names) - 0.5, -0.5], "tickvals": list(range(len(names))), "ticktext": names}
    return base.spec(
        "saturation",
        data,
        {
            "barmode": "stack",
            "bargap": 0.25,
            "annotations": [
                base.note("pinned low", 0.0, 1.0, font={"color": CELL_COLOURS["gru"]}),
                base.note("pinned high", 1.0, 1.0, "right", font={"color": CELL_COLOURS["lstm"]}),
            ],
            "xaxis": {**shares_axis, "title": {"text": "share of units and steps"}},
            "yaxis": {**rows, "ticklabelstandoff": 6},
        },
    )


def _bar(name: str, gates: list[str], share: base.Floats, colour: str, words: list[str]) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "y": list(range(len(gates))),
        "x": share,
        "marker": {"color": colour},
        # On a shorter bar there is no room for it.
        "text": [f"{s:.0%}".replace("%", " %") if s >= _WRITTEN else "" for s in share],
        "textposition": "inside",
        "constraintext": "none",
        "textangle": 0,
        "customdata": [f"{gate}: {word}" for gate, word in zip(gates, words, strict=True)],
        "hovertemplate": "%{customdata}, %{x:.1%}<extra></extra>",
    }

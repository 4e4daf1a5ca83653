"""The networks side by side: each one's error as a multiple of that of yesterday's price."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.figures import base
from rnnviz.figures import forecast_common as common
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import NEUTRAL
from rnnviz.forecast.comparing import holm
from rnnviz.forecast.parts import COMPARED, Compared
from rnnviz.forecast.wording import percent, skill

_END = 0.68
_HEAD = -0.62
"""How high words stand above the first row."""

_REACH = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""How far from 1 the axis may go: it widens in few and large steps."""


@Drawing
def compared(found: Sequence[Compared], *, level: int | float = 0.05) -> Spec:
    """RMSE / RMSE of yesterday's price for each network, on an axis around 1; to the left is better.

    A dot is filled where the Diebold-Mariano test tells the network from yesterday's price at ``level`` even though
    several were looked at (Holm 1979), else it is a ring; the p-value of the test alone stands beside it. Networks that
    have not been through yet keep their row. The axis only widens.
    """
    rows = {name: k for k, (name, _) in enumerate(COMPARED)}
    known = {one.name: one for one in found if one.name in rows}
    ratios = {name: 1 - one.skill for name, one in known.items()}
    adjusted = holm(np.array([one.dm_p for one in known.values()], dtype=np.float64))
    several = dict(zip(known, adjusted.tolist(), strict=True))
    off = [abs(ratio - 1) for ratio in ratios.values() if math.isfinite(ratio)]
    reach = base.rung(max(off, default=0.0), _REACH)
    low, top = max(1 - 1.1 * reach, -0.05 * reach), 1 + 1.1 * reach
    data: list[dict[str, Any]] = [yardstick(-0.75, len(rows) - 0.5)]
    notes = [
        base.title("<b>RMSE / RMSE of yesterday's price</b>", 0),
        _side("← better", low, "left"),
        _side("worse →", top, "right"),
        _column("ratio", 0.0),
        _column("p", 0.52),
    ]
    for name, row in rows.items():
        if name not in known:
            continue
        one, ratio = known[name], ratios[name]
        sure = several[name] < level
        good = math.isfinite(ratio)
        data += _stem(one, row, ratio if good else top, several[name], sure, good)
        notes += [_cell(_ratio(ratio), row, 0.0, sure), _cell(_p(one.dm_p), row, 0.52, sure)]
    if not known:
        notes.append(base.remark("Each network appears here<br>when it is through.", **_middle()))
    labels = ["<br>".join(textwrap.wrap(label, 12)) for _, label in COMPARED]
    layout = {
        "hovermode": "closest",
        "xaxis": {
            "range": [low, top],
            "domain": [0, _END],
            "nticks": 5,
            "tickformat": ".4~g",
            "showgrid": True,
        },
        "yaxis": {
            "range": [len(rows) - 0.5, -0.75],
            "tickvals": list(rows.values()),
            "ticktext": labels,
        },
        "annotations": notes,
    }
    return base.spec("forecast-compared", data, layout)


def yardstick(first: float, last: float) -> dict[str, Any]:
    """The upright line at 1, over these heights: as good as yesterday's price."""
    x, y = np.array([1.0, 1.0]), np.array([first, last])
    return common.line(common.YESTERDAY, x, y, common.NAIVE, width=3)


def _stem(one: Compared, row: int, x: float, p: float, sure: bool, good: bool) -> list[dict[str, Any]]:
    """The way from 1 to the dot, and the dot; a cross at the edge where the ratio is no finite number."""
    label = dict(COMPARED)[one.name]
    colour = common.MODEL
    stem = common.line(f"{label}: from 1", np.array([1.0, x]), np.array([row, row], dtype=np.float64), colour)
    symbol = "x-thin" if not good else "circle" if sure else "circle-open"
    dot = common.line(label, np.array([x]), np.array([row], dtype=np.float64), colour)
    words = [
        f"<b>{label}</b>",
        f"RMSE {one.RMSE:.5g}, MAE {one.MAE:.5g}, MASE {one.MASE:.3f}",
        f"skill {skill(one.skill)}, direction {percent(one.direction)}",
        f"Diebold-Mariano p = {_p(one.dm_p)}, among several {_p(p)}" + ("" if sure else ": may be chance"),
        f"interval holds {percent(one.coverage)}, {one.width:.4g} wide",
        f"{one.parameters:,} parameters, epoch {one.epoch} of {one.epochs} kept, {one.seconds:.1f} s",
    ]
    dot |= {
        "mode": "markers",
        "marker": {"symbol": symbol, "size": 13, "color": colour, "line": {"color": colour, "width": 2.5}},
        "text": ["<br>".join(words)],
        "hoverinfo": "text",
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
    }
    return [{**stem, "opacity": 0.5}, dot]


def _ratio(value: float) -> str:
    return (
        f"{value:.4f}" if abs(value - 1) < 0.01 else f"{value:.3f}" if math.isfinite(value) else "not finite"
    )


def _p(value: float) -> str:
    if not math.isfinite(value):
        return "–"
    return "&lt; 0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def _cell(text: str, row: int, at: float, strong: bool) -> dict[str, Any]:
    words = f"<b>{text}</b>" if strong else text
    return {**_place(at), "text": words, "y": row, "yref": "y", "yanchor": "middle"}


def _column(text: str, at: float) -> dict[str, Any]:
    return {
        **_place(at),
        "text": text,
        "font": {"color": NEUTRAL},
        "y": _HEAD,
        "yref": "y",
        "yanchor": "middle",
    }


def _place(at: float) -> dict[str, Any]:
    x = _END + 0.02 + at * (1 - _END)
    return {"showarrow": False, "x": x, "xref": "paper", "xanchor": "left"}


def _side(text: str, x: float, side: str) -> dict[str, Any]:
    place = {"x": x, "xanchor": side, "y": _HEAD, "yref": "y", "yanchor": "middle"}
    return base.remark(text, **place)


def _middle() -> dict[str, Any]:
    return {"xref": "x domain", "yref": "y domain", "x": 0.98, "xanchor": "right", "y": 0.5}

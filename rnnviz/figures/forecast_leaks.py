"""The traps of the tutorials: what each would claim, and what the very same network is worth."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.figures import base, training_common
from rnnviz.figures import forecast_common as common
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.forecast_compared import yardstick
from rnnviz.figures.forecast_rows import label
from rnnviz.figures.theme import CELL_COLOURS, NEUTRAL
from rnnviz.forecast.config import LEAKS
from rnnviz.forecast.parts import Leak

LABELS: dict[str, str] = {"honest": "No trap", **dict(LEAKS), "all": "All traps at once"}
"""The rows by name."""

_CLAIM = CELL_COLOURS["mingru"]


@Drawing
def leaks(found: Sequence[Leak], names: Sequence[str] = ()) -> Spec:
    """RMSE / RMSE of the last known price on a log axis: as claimed (diamond) and as it is (dot), a row a trap.

    The last known price is yesterday's, and kept for as many steps where forecasts of several are claimed. ``names``
    are the rows that are to come, so that the picture rests while they do. The axis only widens.
    """
    order = list(dict.fromkeys([*names, *(one.name for one in found)]))
    rows = {name: k for k, name in enumerate(order)}
    known = {one.name: one for one in found}
    claimed = {name: _ratio(one.claimed, one.claimed_naive) for name, one in known.items()}
    real = {name: _ratio(one.real, one.real_naive) for name, one in known.items()}
    every = np.array([*claimed.values(), *real.values()], dtype=np.float64)
    good = every[np.isfinite(every) & (every > 0)]
    low, top = training_common.decades([good], math.log10(0.5), math.log10(2.0), cap=6.0)
    ticks = training_common.ticks(low, top)
    low, top = low - 0.13 * (top - low), top + 0.13 * (top - low)  # room for the numbers
    count = max(len(rows), 1)
    data: list[dict[str, Any]] = [yardstick(-0.75, count - 0.5)]
    notes = [
        base.title("<b>RMSE / RMSE of the last known price</b>", 0),
        _side("◇ claimed  ● real", 0, "left"),
        _side("worse →", 1, "right"),
    ]
    for name, one in known.items():
        pair = claimed[name], real[name]
        data += _pair(one, rows[name], pair, low, top)
        notes += _values(pair, rows[name], low, top)
    if not known:
        notes.append(
            base.remark(
                "Each trap appears here<br>when it is through.",
                xref="x domain",
                yref="y domain",
                x=0.98,
                xanchor="right",
                y=0.5,
            )
        )
    layout = {
        "hovermode": "closest",
        "xaxis": {"type": "log", "range": [low, top], **ticks, "showgrid": True},
        "yaxis": {
            "range": [count - 0.5, -0.75],
            "tickvals": list(rows.values()),
            "ticktext": ["<br>".join(textwrap.wrap(_label(name), 16)) for name in order],
        },
        "annotations": notes,
    }
    return base.spec(f"forecast-leaks-{count}", data, layout)


def _label(name: str) -> str:
    return LABELS.get(name) or label(name)


def _ratio(value: float, naive: float) -> float:
    return value / naive if naive > 0 else math.nan


def _pair(one: Leak, row: int, pair: tuple[float, float], low: float, top: float) -> list[dict[str, Any]]:
    """The dumbbell of a row: a value that has no place on the axis is a cross at its edge."""
    places = [_place(value, low, top) for value in pair]
    height = np.full(2, row, dtype=np.float64)
    bar = common.line(f"{one.name}: bar", np.array(places), height, NEUTRAL, width=4)
    words = "<br>".join(textwrap.wrap(base.visible(one.words), 60))
    beside = (
        "last known price, kept for as many steps," if one.name in ("onestep", "all") else common.YESTERDAY
    )
    hover = [
        f"<b>{_label(one.name)}</b>, claimed<br>RMSE {one.claimed:.5g}, {beside} {one.claimed_naive:.5g}<br>{words}",
        f"<b>{_label(one.name)}</b>, real<br>RMSE {one.real:.5g}, {beside} {one.real_naive:.5g}<br>{words}",
    ]
    symbols = ["diamond-open", "circle"]
    symbols = [s if _fits(value) else "x-thin" for s, value in zip(symbols, pair, strict=True)]
    colours = [_CLAIM, common.MODEL]
    ends = common.line(one.name, np.array(places), height, common.MODEL) | {
        "mode": "markers",
        "marker": {
            "symbol": symbols,
            "size": [14, 11],
            "color": colours,
            "line": {"color": colours, "width": 2},
        },
        "cliponaxis": False,
        "text": hover,
        "hoverinfo": "text",
        "hovertemplate": "%{text}<extra></extra>",
    }
    return [{**bar, "opacity": 0.35}, ends]


def _fits(value: float) -> bool:
    return math.isfinite(value) and value > 0


def _place(value: float, low: float, top: float) -> float:
    if not _fits(value):
        return float(10.0 ** (low if value == 0 else top))
    return float(10.0 ** min(max(math.log10(value), low), top))


def _values(pair: tuple[float, float], row: int, low: float, top: float) -> list[dict[str, Any]]:
    """Both numbers, each on the outer side of its mark."""
    places = [math.log10(_place(value, low, top)) for value in pair]
    left = places[0] <= places[1] + 0.02 * (top - low)  # as good as one: the claim on the left
    notes = []
    for value, place, colour, before in zip(
        pair, places, (_CLAIM, common.MODEL), (left, not left), strict=True
    ):
        if not _fits(value):  # a cross at the edge of the picture
            before = place > (low + top) / 2
        text = (
            (f"{value:.3f}" if 0.1 <= value < 10 else f"{value:.3g}")
            if math.isfinite(value)
            else "not finite"
        )
        notes.append(
            {
                "text": text,
                "showarrow": False,
                "font": {"color": colour},
                "x": place,
                "xanchor": "right" if before else "left",
                "xshift": -10 if before else 10,
                "y": row,
                "yanchor": "middle",
            }
        )
    return notes


def _side(text: str, x: int, side: str) -> dict[str, Any]:
    return base.remark(text, x=x, xref="x domain", xanchor=side, y=-0.62, yref="y", yanchor="middle")

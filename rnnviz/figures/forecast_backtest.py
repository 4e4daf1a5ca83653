"""The rolling backtest: the same forecast from several origins, and what it was worth each time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from rnnviz.figures import base
from rnnviz.figures import forecast_common as common
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.forecast_rows import Rows
from rnnviz.figures.theme import NEUTRAL
from rnnviz.forecast.parts import Fold
from rnnviz.forecast.wording import without_sign_of_zero

_REACH = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)

_NEAR = 0.17
"""What share of the picture's width the words of a fold take on a phone."""


@Drawing
def backtest(found: Sequence[Fold], prices: pd.Series, folds: int = 5, *, level: int | float = 0.05) -> Spec:
    """The prices with the rows of each fold shaded, and under them its skill: 1 − RMSE / RMSE of yesterday's price.

    A dot is filled where the Diebold-Mariano test tells the fold from chance at ``level``. The axis of skill lies
    around 0 and only widens. ``folds`` is how many there will be.
    """
    known = sorted({one.number: one for one in found}.values(), key=lambda one: one.first)
    values = common.numbers(prices)
    rows = Rows(prices.index)
    form = common.form(values)
    low, top = common.ends([values])
    keep, size = common.kept([values])
    truth = common.line("price", keep, values[keep], common.TRUTH, width=1.5)
    truth |= {
        "text": rows.names(keep),
        "hoverinfo": "text",
        "hovertemplate": f"<b>%{{text}}</b><br>price %{{y:{form}}}<extra></extra>",
    }
    skills = np.array([one.skill for one in known], dtype=np.float64)
    sizes = np.abs(skills[np.isfinite(skills)])
    reach = base.rung(float(sizes.max()) if len(sizes) else 0.0, _REACH)
    ends = [-1.7 * reach, 1.7 * reach]  # room for the words
    width = max(len(values) - 1, 1)
    zero = common.line(common.YESTERDAY, np.array([0.0, width]), np.zeros(2), common.NAIVE, width=3)
    data = [truth, *({**one, "xaxis": "x2", "yaxis": "y2"} for one in [zero, *_dots(known, reach, level)])]
    places = base.rows([1.25, 1.0], 0.14)
    axis = rows.axis(0, width, most=8)
    count = f"{len(known)} of {folds} folds" if len(known) < folds else f"{len(known)} folds"
    notes = [
        base.title(f"<b>price</b>, {count}, each trained on all rows before it", 0),
        base.title("<b>skill</b>, above 0: better than yesterday's price", 1),
        common.thinned(size),
        base.not_finite(base.array(values)),
        *_names(known, reach, width),
    ]
    if not known:
        place = {"xref": "x2 domain", "yref": "y2 domain", "x": 0.5, "y": 0.7}
        notes.append(base.remark("Each fold appears here when it is through.", **place))
    layout = {
        "hovermode": "closest",
        "xaxis": {**axis, "anchor": "y", "showticklabels": False, "matches": "x2"},
        "yaxis": {
            "range": [low, top],
            "nticks": 5,
            "showgrid": True,
            "domain": places[0],
            "tickformat": ",~f",
        },
        "xaxis2": {**axis, "anchor": "y2"},
        "yaxis2": {
            "range": ends,
            "tickvals": [-reach, -reach / 2, 0, reach / 2, reach],
            "ticktext": [f"−{100 * reach:g} %", "", "0 %", "", f"+{100 * reach:g} %"],
            "showgrid": True,
            "domain": places[1],
            "anchor": "x2",
        },
        "shapes": _shades(known),
        "annotations": base.present(notes),
    }
    return base.spec(f"forecast-backtest-{len(values)}", data, layout)


def _dots(known: Sequence[Fold], reach: float, level: int | float) -> list[dict[str, Any]]:
    """A bar over the rows of each fold at the height of its skill, and a dot in its middle."""
    x, y, middles, heights, symbols, words = [], [], [], [], [], []
    for one in known:
        good = math.isfinite(one.skill)
        height = one.skill if good else -reach
        x += [one.first, one.last, math.nan]
        y += [height, height, math.nan] if good else [math.nan] * 3
        middles.append((one.first + one.last) / 2)
        heights.append(height)
        symbols.append("x-thin" if not good else "circle" if one.dm_p < level else "circle-open")
        spoken = [
            f"<b>fold {one.number}</b>, {base.visible(one.begins)} to {base.visible(one.ends)}",
            f"RMSE {one.RMSE:.5g}, {common.YESTERDAY} {one.naive:.5g}",
            f"skill {_share(one.skill)}, Diebold-Mariano p = {one.dm_p:.3f}"
            if good
            else "not a finite number",
            f"interval holds {one.coverage:.1%}".replace("%", " %"),
        ]
        words.append("<br>".join(spoken))
    bars = common.line(
        "folds", np.array(x, dtype=np.float64), np.array(y, dtype=np.float64), common.MODEL, width=3
    )
    dots = common.line(
        "skill", np.array(middles, dtype=np.float64), np.array(heights, dtype=np.float64), common.MODEL
    )
    dots |= {
        "mode": "markers",
        "marker": {
            "symbol": symbols,
            "size": 12,
            "color": common.MODEL,
            "line": {"color": common.MODEL, "width": 2.5},
        },
        "text": words,
        "hoverinfo": "text",
        "hovertemplate": "%{text}<extra></extra>",
    }
    return [{**bars, "opacity": 0.5}, dots]


def _names(known: Sequence[Fold], reach: float, width: int) -> list[dict[str, Any]]:
    """The skill of each fold beside its dot; where two would lie on each other on a phone the second stands off."""
    notes: list[dict[str, Any]] = []
    last: tuple[float, float, bool, bool] | None = None
    for one in known:
        good = math.isfinite(one.skill)
        above = not good or one.skill >= 0
        place, height = (one.first + one.last) / 2, one.skill if good else -reach
        off = (
            last is not None
            and not last[3]
            and above == last[2]
            and place - last[0] < _NEAR * width
            and abs(height - last[1]) < reach / 2
        )
        last = place, height, above, off
        shift = 8 + 15 * off
        notes.append(
            {
                "text": _share(one.skill) if good else "not finite",
                "showarrow": False,
                "font": {"color": common.MODEL},
                "x": place,
                "xref": "x2",
                "y": height,
                "yref": "y2",
                "yanchor": "bottom" if above else "top",
                "yshift": shift if above else -shift,
            }
        )
    return notes


def _share(value: float) -> str:
    digits = 2 if abs(value) < 0.00995 else 1 if abs(value) < 0.0995 else 0
    return without_sign_of_zero(f"{100 * value:+.{digits}f} %").replace("-", "−")


def _shades(known: Sequence[Fold]) -> list[dict[str, Any]]:
    """The rows of every fold, every second one a little darker."""
    return [
        {
            "type": "rect",
            "x0": one.first,
            "x1": one.last,
            "yref": "y domain",
            "y0": 0,
            "y1": 1,
            "fillcolor": NEUTRAL,
            "opacity": 0.22 if k % 2 else 0.12,
            "line": {"width": 0},
            "layer": "below",
        }
        for k, one in enumerate(known)
    ]

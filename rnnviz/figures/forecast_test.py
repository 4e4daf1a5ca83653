"""The test part, one step ahead with true history: the forecast beside yesterday's price, and what it is off by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from rnnviz.figures import base
from rnnviz.figures import forecast_common as common
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.forecast_rows import Places, Rows
from rnnviz.forecast.result import Result

LAST = 60
"""Rows that "last" shows."""

_LIGHT = 2_000
"""Rows up to which all are drawn: each has many words."""

_END = 0.82
_SHARE = 0.2


@Drawing
def test(result: Result, zoom: str = "all") -> Spec:  # noqa: PT028 - a picture of the test part, not a test
    """Actual, model and yesterday's price over the rows of the test part, with the interval; "last" shows 60 rows.

    Yesterday's price is broad and the model a thin dashed line over it: where the two lie on each other, one is seen
    inside the other. Of more than 2,000 rows the least and the greatest of each few are drawn, and the picture says
    so. ``ValueError`` for another zoom.
    """
    rows, x = _rows(result, zoom)
    frame = result.test.iloc[x - result.split.test]
    actual, model, naive = (common.numbers(frame[name]) for name in ("actual", "model", "naive"))
    lower, upper = (np.asarray(frame[name], dtype=np.float64) for name in ("lower", "upper"))
    form = common.form(actual)
    low, top = common.ends([actual], [model, naive, lower, upper])
    keep, size = common.kept([actual, model, naive, lower, upper], _LIGHT)
    close = len(x) <= LAST
    at, level = x[keep], f"{result.config.level:.0%}".replace("%", " %")
    words = _words(rows.names(at), frame.iloc[keep], form, level)
    truth = common.speaking(common.line("actual", at, actual[keep], common.TRUTH, width=2), words)
    truth |= {"mode": "lines+markers" if close else "lines", "marker": {"color": common.TRUTH, "size": 5}}
    look: dict[str, Any] = {"width": 2, "dash": "6px,3px"} if close else {"width": 1.3}
    broad = common.line(common.YESTERDAY, at, naive[keep], common.NAIVE, width=7 if close else 5)
    data = [
        common.band("interval", at, lower[keep], upper[keep], low, top),
        {**broad, "opacity": 0.4},
        truth,
        common.line("model", at, model[keep], common.MODEL, **look),
    ]
    edge = low + 0.015 * (top - low)
    named = {"actual": "actual", "model": "model", "naive": common.YESTERDAY}
    data += base.present([common.broken(words, x, frame[name], edge, rows) for name, words in named.items()])
    texts = [
        ("actual", common.TRUTH, common.last(actual)),
        ("model", common.MODEL, common.last(model)),
        (common.YESTERDAY.replace(" ", "<br>"), common.NAIVE, common.last(naive)),
        (f"{level}<br>interval", common.MODEL, common.last(upper)),
    ]
    part = "" if zoom == "all" else "last "
    gaps = base.not_finite(*(base.array(one) for one in (actual, model, naive)))
    layout = {
        "hovermode": "x",
        "xaxis": {**rows.axis(int(x[0]), int(x[-1])), "domain": [0, _END]},
        "yaxis": {"range": [low, top], "nticks": 6, "tickformat": _tick(top - low), "showgrid": True},
        "annotations": base.present(
            [
                base.title(f"<b>price</b>, {part}{len(x):,} rows of the test part", 0),
                *common.at_end(texts, low, top),
                common.thinned(size),
                gaps,
            ]
        ),
    }
    return base.spec(f"forecast-test-{zoom}-{x[0]}-{x[-1]}", data, layout)


def _words(names: Sequence[str], frame: pd.DataFrame, form: str, level: str) -> list[str]:
    """What each row says when pointed at."""
    columns = (
        frame[name].to_numpy(np.float64).tolist() for name in ("actual", "model", "naive", "lower", "upper")
    )
    result = []
    for day, actual, model, naive, lower, upper in zip(names, *columns, strict=True):
        a, m, n, low, top = (common.say(one, form) for one in (actual, model, naive, lower, upper))
        out = "" if not (actual < lower or actual > upper) else ", missed"
        result.append(
            f"<b>{day}</b><br>actual {a}<br>model {m}<br>{common.YESTERDAY} {n}<br>{level}: {low} to {top}{out}"
        )
    return result


@Drawing
def residuals(result: Result, zoom: str = "all") -> Spec:
    """What the model is off by in each row (actual − model), how that is spread, and the interval around the forecast.

    The interval is that of :func:`test`, less the forecast: a true price lies in one where its error lies in the
    other. Errors outside are rings. The outline at the side is how yesterday's price is off. ``ValueError`` for
    another zoom than "all" and "last".
    """
    rows, x = _rows(result, zoom)
    frame = result.test.iloc[x - result.split.test]
    actual, model, naive = (common.numbers(frame[name]) for name in ("actual", "model", "naive"))
    lower, upper = (np.asarray(frame[name], dtype=np.float64) - model for name in ("lower", "upper"))
    off, other = actual - model, actual - naive
    form = common.form(actual)
    ends = common.ends([np.abs(off), np.abs(other), np.zeros(1)], [np.abs(lower), np.abs(upper)])
    top, low = ends[1], -ends[1]
    keep, size = common.kept([off, lower, upper], _LIGHT)
    outside = np.flatnonzero((off < lower) | (off > upper))
    known = int((np.isfinite(off) & ~np.isnan(lower) & ~np.isnan(upper)).sum())
    half = np.abs(upper - lower) / 2
    truth = common.line("error", x[keep], off[keep], common.MODEL, width=1.5)
    truth |= {
        "customdata": half[keep],
        "text": rows.names(x[keep]),
        "hoverinfo": "text",
        "hovertemplate": f"<b>%{{text}}</b><br>actual − model %{{y:{form}}}<br>"
        f"interval ± %{{customdata:{form}}} (half its width)<extra></extra>",
    }
    rings = common.line("outside", x[outside], off[outside], common.MODEL) | {
        "mode": "markers",
        "marker": {"symbol": "circle-open", "size": 6, "color": common.NAIVE, "line": {"width": 1.5}},
    }
    data = [common.band("interval", x[keep], lower[keep], upper[keep], low, top), truth, rings]
    bars, most = _spread(off, other, low, top, form)
    data += bars
    data += base.present([common.broken("error", x, frame["actual"] - frame["model"], 0.97 * low, rows)])
    share = f"{len(outside):,} of {known:,} outside" if known else "no interval"
    words = [
        base.title(f"<b>actual − model</b>, {share}", 0),
        {**_key("model", common.MODEL), "y": 1, "yanchor": "top"},
        {**_key(common.YESTERDAY.replace(" ", "<br>"), common.NAIVE), "y": 0, "yanchor": "bottom"},
        common.thinned(size),
        base.not_finite(base.array(off)),
    ]
    layout = {
        "hovermode": "closest",
        "bargap": 0.12,
        "xaxis": {**rows.axis(int(x[0]), int(x[-1])), "domain": [0, 1 - _SHARE - 0.02]},
        "yaxis": {
            "range": [low, top],
            "nticks": 6,
            "tickformat": _tick(top - low),
            "showgrid": True,
            "zeroline": True,
        },
        "xaxis2": {
            "range": [0, 1.05 * most],
            "domain": [1 - _SHARE, 1],
            "anchor": "y2",
            "showticklabels": False,
        },
        "yaxis2": {
            "range": [low, top],
            "anchor": "x2",
            "matches": "y",
            "showticklabels": False,
            "zeroline": True,
        },
        "annotations": base.present(words),
    }
    return base.spec(f"forecast-residuals-{zoom}-{x[0]}-{x[-1]}", data, layout)


def _rows(result: Result, zoom: str) -> tuple[Rows, Places]:
    """The rows of the test part with their labels, and those to draw."""
    if zoom not in ("all", "last"):
        raise ValueError(f"expected a zoom of 'all' or 'last', got {zoom!r}; choose one of the two")
    first = result.split.test
    x = np.arange(first, first + len(result.test))
    return Rows(result.test.index, first), x if zoom == "all" else x[-LAST:]


def _spread(
    off: common.Values, other: common.Values, low: float, top: float, form: str
) -> tuple[list[dict[str, Any]], float]:
    """How the errors are spread, as shares of them by bin: the model's as bars, yesterday's price as an outline."""
    bins = int(np.clip(2 * math.sqrt(max(len(off), 1)), 9, 41)) | 1  # odd: one bin lies around 0
    edges = np.linspace(low, top, bins + 1)
    middles = (edges[:-1] + edges[1:]) / 2

    def shares(values: common.Values) -> common.Values:
        found = values[np.isfinite(values)]
        return np.histogram(found, edges)[0] / max(len(found), 1)

    own, naive = shares(off), shares(other)
    step = edges[1] - edges[0]
    names = [f"{common.say(m - step / 2, form)} to {common.say(m + step / 2, form)}" for m in middles]
    bars = {
        "type": "bar",
        "name": "spread",
        "orientation": "h",
        "x": own,
        "y": middles,
        "marker": {"color": common.MODEL},
        "opacity": 0.55,
        "xaxis": "x2",
        "yaxis": "y2",
        "text": names,
        "textposition": "none",
        "customdata": naive,
        "hovertemplate": "off by %{text}<br>model %{x:.1%} of the rows<br>"
        f"{common.YESTERDAY} %{{customdata:.1%}}<extra></extra>",
    }
    outline = common.line("spread of yesterday's price", naive, middles, common.NAIVE, width=2, shape="vhv")
    outline |= {"xaxis": "x2", "yaxis": "y2"}
    return [bars, outline], float(max(own.max(), naive.max())) or 1.0


def _key(text: str, colour: str) -> dict[str, Any]:
    """A name in its colour at the right of the side panel."""
    return {
        "text": text,
        "showarrow": False,
        "font": {"color": colour},
        "x": 1,
        "xref": "x2 domain",
        "xanchor": "right",
        "yref": "y2 domain",
    }


def _tick(span: float) -> str:
    """The digits of an axis over that much."""
    return ",~f" if span > 1e-4 else ".3~g"

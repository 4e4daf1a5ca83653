"""Several steps ahead, each fed with the one before: from origins in the test part, and beyond the last price."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from rnnviz.figures import base
from rnnviz.figures import forecast_common as common
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.forecast_rows import Places, Rows
from rnnviz.forecast.result import Result

LAST = "last price"
"""What the naive forecast of several steps is called: the last true price, kept for all of them."""

_END = 0.82
_FANS = 8
"""Forecasts that are drawn; all count for the error by step."""


@Drawing
def recursive(result: Result) -> Spec:
    """Forecasts of several steps from some origins over the true prices, and the mean absolute error by step.

    A dot is the last price that a forecast knows; from there on it is fed with itself. The last price, kept for all
    steps, is broad. Origins whose forecasts would overlap are left out of the upper panel, and counted.
    """
    first, horizon = result.split.test, result.config.horizon
    frame = result.recursive
    origins = np.unique(frame["origin"].to_numpy(np.int64))
    chosen = _apart(origins, horizon)
    start = min(first, int(origins.min())) if len(origins) else first
    prices = common.numbers(result.prices)
    x = np.arange(start, len(prices))
    rows = Rows(result.prices.index[start:], start)
    actual = prices[start:]
    form = common.form(actual)
    keep, size = common.kept([actual])
    truth = common.line("actual", x[keep], actual[keep], common.TRUTH, width=1.5)
    truth |= {
        "text": rows.names(x[keep]),
        "hoverinfo": "text",
        "hovertemplate": f"<b>%{{text}}</b><br>actual %{{y:{form}}}<extra></extra>",
    }
    places = base.rows([1.8, 1.0], 0.23)
    data = [truth, *_fans(frame, chosen, prices, rows, form)]
    every = [one["y"] for one in data[1:]]
    low, top = common.ends([actual], every)

    steps = result.errors_by_step["step"].to_numpy(np.int64)
    own, naive = (common.numbers(result.errors_by_step[name]) for name in ("model", "naive"))
    most = base.round_up(float(np.nanmax([0.0, *own, *naive])))
    broad = common.line(f"error of {LAST}", steps, naive, common.NAIVE, width=6)
    mean = common.line("error of model", steps, own, common.MODEL, width=2, dash="6px,3px")
    mean |= {
        "mode": "lines+markers",
        "marker": {"size": 4, "color": common.MODEL},
        "customdata": naive,
        "hoverinfo": "text",
        "hovertemplate": f"<b>step %{{x}}</b><br>model off by %{{y:{form}}}<br>"
        f"{LAST} %{{customdata:{form}}}<extra></extra>",
    }
    data += [{**one, "xaxis": "x2", "yaxis": "y2"} for one in ({**broad, "opacity": 0.4}, mean)]
    count = f"{len(chosen)} of {len(origins):,} forecasts" if len(chosen) < len(origins) else "forecasts"
    notes = [
        base.title(f"<b>price</b>, {count} of {horizon} step{'s' * (horizon != 1)}", 0),
        base.title(f"<b>mean absolute error by step</b>, from {len(origins):,} origins", 1),
        *common.at_end(
            [
                ("actual", common.TRUTH, common.last(actual)),
                ("model", common.MODEL, common.last(every[-1]) if every else math.nan),
                (
                    LAST.replace(" ", "<br>"),
                    common.NAIVE,
                    common.last(every[-2]) if every else math.nan,
                ),
            ],
            low,
            top,
            height=0.18,
        ),
        common.thinned(size),
        base.not_finite(base.array(frame["model"].to_numpy(np.float64)), base.array(own)),
    ]
    layout = {
        "hovermode": "closest",
        "xaxis": {**rows.axis(int(x[0]), int(x[-1]), most=4, flat=True), "domain": [0, _END], "anchor": "y"},
        "yaxis": {
            "range": [low, top],
            "nticks": 5,
            "showgrid": True,
            "domain": places[0],
            "tickformat": ",~f",
        },
        "xaxis2": {
            "range": [0.5, horizon + 0.5],
            "tickvals": _steps(horizon),
            "domain": [0, _END],
            "anchor": "y2",
            "title": {"text": "steps ahead"},
        },
        "yaxis2": {"range": [0, most], "nticks": 4, "showgrid": True, "domain": places[1], "anchor": "x2"},
        "annotations": base.present(notes),
    }
    return base.spec(f"forecast-recursive-{start}-{len(prices)}", data, layout)


def _steps(horizon: int) -> list[int]:
    step = base.step_for(horizon, 8)
    return sorted({1, *range(step, horizon + 1, step)}) if step <= 2 else list(range(step, horizon + 1, step))


def _apart(origins: Places, horizon: int) -> list[int]:
    """Some of the origins, spread over all of them, no forecast running into the next."""
    chosen: list[int] = []
    gap = max(horizon + 1, math.ceil((np.ptp(origins) if len(origins) else 0) / _FANS))
    for origin in origins[::-1].tolist():  # from the end: the last one matters most
        if not chosen or chosen[-1] - origin >= gap:
            chosen.append(int(origin))
    return chosen[::-1]


def _fans(
    frame: pd.DataFrame, chosen: list[int], prices: common.Values, rows: Rows, form: str
) -> list[dict[str, Any]]:
    """The forecasts from these origins, three lines in all: the last price, the model, and where each begins."""
    xs, own, naive, words = [], [], [], []
    for origin in chosen:
        one = frame[frame["origin"] == origin].sort_values("step")
        steps = one["step"].to_numpy(np.int64)
        at = origin + np.concatenate([[0], steps])
        known = at < len(prices)
        names = np.array(["" for _ in at], dtype=object)
        names[known] = rows.names(at[known])
        xs.append(np.append(at, np.nan))
        own.append(np.concatenate([[prices[origin]], common.numbers(one["model"]), [np.nan]]))
        naive.append(np.concatenate([[prices[origin]], common.numbers(one["naive"]), [np.nan]]))
        words += [f"{name}<br>step {step}" for name, step in zip(names, [0, *steps], strict=True)] + [""]
    empty = [np.array([np.nan])]
    x = np.concatenate(xs or empty)
    model = common.line("model", x, np.concatenate(own or empty), common.MODEL, width=2)
    model |= {
        "text": words or [""],
        "hoverinfo": "text",
        "hovertemplate": f"<b>%{{text}}</b><br>model %{{y:{form}}}<extra></extra>",
    }
    broad = common.line(LAST, x, np.concatenate(naive or empty), common.NAIVE, width=5)
    dots = common.line("origins", np.array(chosen, dtype=np.int64), prices[chosen], common.MODEL) | {
        "mode": "markers",
        "marker": {"size": 6, "color": common.MODEL},
    }
    return [dots, {**broad, "opacity": 0.4}, model]


@Drawing
def future(result: Result, past: int = 60) -> Spec:
    """The last ``past`` prices, and what is forecast after them, with its interval; the last price goes on level."""
    prices = common.numbers(result.prices)
    frame = result.future
    begin = max(0, len(prices) - past)
    origin = len(prices) - 1
    rows = Rows(_joined(result.prices.index[begin:], frame.index), begin)
    known, ahead = np.arange(begin, len(prices)), origin + frame["step"].to_numpy(np.int64)
    at = np.concatenate([[origin], ahead])
    price = prices[origin]
    model = np.concatenate([[price], common.numbers(frame["forecast"])])
    lower, upper = (
        np.concatenate([[price], frame[name].to_numpy(np.float64)]) for name in ("lower", "upper")
    )
    form, level = common.form(prices[begin:]), f"{result.config.level:.0%}".replace("%", " %")
    low, top = common.ends([prices[begin:], model], [lower, upper], most=5)
    said = [
        f"<b>{day}</b><br>{common.say(one, form)}"
        for day, one in zip(rows.names(known), prices[begin:], strict=True)
    ]
    truth = common.speaking(common.line("actual", known, prices[begin:], common.TRUTH, width=2), said)
    words = [
        f"<b>{day}</b>, step {step}<br>model {common.say(one, form)}<br>"
        f"{level}: {common.say(under, form)} to {common.say(over, form)}"
        for day, step, one, under, over in zip(
            rows.names(at), range(len(at)), model, lower, upper, strict=True
        )
    ]
    words[0] = said[-1]
    ahead_of = common.speaking(common.line("model", at, model, common.MODEL, width=2.5), words)
    ahead_of |= {"mode": "lines+markers", "marker": {"size": 5, "color": common.MODEL}}
    level_line = common.line(LAST, at, np.full(len(at), price), common.NAIVE, width=6)
    data = [
        common.band("interval", at, lower, upper, low, top),
        {**level_line, "opacity": 0.4},
        truth,
        ahead_of,
    ]
    edge = low + 0.015 * (top - low)
    data += base.present([common.broken("model", ahead, frame["forecast"], edge, rows)])
    day = rows.names([origin], weekday=False)[0]
    notes = [
        base.title("<b>price</b>", 0),
        *common.at_end(
            [
                ("model", common.MODEL, common.last(model)),
                (LAST.replace(" ", "<br>"), common.NAIVE, price),
                (f"{level}<br>interval", common.MODEL, common.last(np.minimum(upper, top))),
            ],
            low,
            top,
        ),
        {
            **base.remark(f"last price {common.say(float(price), form)}<br>{day}"),
            "x": origin,
            "xanchor": "right",
            "xshift": -6,
            "align": "right",
            "y": 0,
            "yref": "y domain",
            "yanchor": "bottom",
        },
        base.not_finite(base.array(prices[begin:]), base.array(model)),
    ]
    layout = {
        "hovermode": "x",
        "xaxis": {**rows.axis(begin, int(at[-1])), "domain": [0, _END]},
        "yaxis": {"range": [low, top], "nticks": 6, "showgrid": True, "tickformat": ",~f"},
        "annotations": base.present(notes),
        "shapes": [base.upright(origin)],
    }
    return base.spec(f"forecast-future-{begin}-{at[-1]}", data, layout)


def _joined(known: pd.Index, ahead: pd.Index) -> pd.Index:
    """The labels of the past and of the days to come; plain words where not both are dates."""
    if isinstance(known, pd.DatetimeIndex) and isinstance(ahead, pd.DatetimeIndex):
        return known.append(ahead)
    rows = Rows(known)
    names = rows.names(range(len(known)), weekday=False) if rows.dated else map(str, known)
    return pd.Index([*names, *map(str, ahead)], dtype=object)

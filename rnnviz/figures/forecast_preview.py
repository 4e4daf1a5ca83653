"""The prices as they were read, candles or a line, and the three parts that are made of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rnnviz.figures import base
from rnnviz.figures import forecast_common as common
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.forecast_rows import Places, Rows, label
from rnnviz.figures.theme import CELL_COLOURS, NEUTRAL
from rnnviz.forecast.result import Split
from rnnviz.forecast.table import Table

CANDLES = 250
"""As many candles as there is room for."""

ROLES = ("open", "high", "low", "close")
"""What a candle is made of."""

_RISE, _FALL = CELL_COLOURS["rnn"], CELL_COLOURS["gru"]
_TOP = 0.9
"""Where the prices end; above them stand the names of the parts."""

NARROW = 0.09
"""Parts that take less of the picture than this have no room for their names."""

_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def candled(table: Table) -> bool:
    """Whether the table has what candles are made of."""
    return all(table.roles.get(role) in table.frame.columns for role in ROLES)


@Drawing
def preview(table: Table, split: Split | None = None, *, kind: str = "auto") -> Spec:
    """All rows of the table. ``kind`` is "line" (the target), "candles", or "auto": candles where it is their close.

    More than 250 rows share candles, 2, 5, 10, 20, ... to one: first open, greatest high, least low, last close. A
    rise is hollow, a fall is filled. With ``split``, whose rows count the prices of :attr:`Table.prices` (the last of
    them, where it counts fewer), the parts are named. ``ValueError`` for another kind, or for candles without the
    columns.
    """
    if kind not in ("auto", "line", "candles"):
        raise ValueError(f"expected a kind of 'auto', 'line' or 'candles', got {kind!r}; choose one of them")
    if kind == "candles" and not candled(table):
        raise ValueError(
            "expected columns open, high, low and close for candles, got a table without; do draw a line"
        )
    closes = candled(table) and table.roles["close"] == table.target
    candles = kind == "candles" or (kind == "auto" and closes)
    frame = table.frame
    rows = Rows(frame.set_index(table.date_column).index)
    raw = frame[table.target].to_numpy(np.float64)
    name = label(table.labels.get(table.target, table.target))
    values = common.numbers(raw)
    form = common.form(values)
    if candles:
        data, words, shown = _candles(table, rows)
    else:
        data, words, shown = _line(values, rows, name, form)
    low, top = common.ends(shown)
    data += base.present([common.broken(name, np.arange(len(raw)), raw, low + 0.02 * (top - low), rows)])
    gaps = base.not_finite(base.array(values))
    notes, shapes = _parts(split, np.flatnonzero(~np.isnan(raw)), len(raw))
    layout = {
        "hovermode": "x",
        "xaxis": {**rows.axis(0, max(len(raw) - 1, 1), most=8), "rangeslider": {"visible": False}},
        "yaxis": {
            "range": [low, top],
            "nticks": 6,
            "showgrid": True,
            "tickformat": ",~f",
            "domain": [0, _TOP],
        },
        "annotations": base.present([{**base.title(words, 0), "yref": "paper"}, *notes, gaps]),
        "shapes": shapes,
    }
    return base.spec(f"forecast-preview-{'candles' if candles else 'line'}-{len(raw)}", data, layout)


def _line(
    values: common.Values, rows: Rows, name: str, form: str
) -> tuple[list[dict[str, Any]], str, list[common.Values]]:
    """The target as a line, what stands above it, and what the axis has to hold."""
    keep, size = common.kept([values])
    line = common.line(name, keep, values[keep], CELL_COLOURS["lstm"], width=1.5)
    said = [common.say(one, form) for one in values[keep].tolist()]
    line = common.speaking(line, [f"{day}<br>{one}" for day, one in zip(rows.names(keep), said, strict=True)])
    thin = f", of every {size} the lowest and the highest" if size > 1 else ""
    return [line], f"<b>{name}</b>, {len(values):,} rows{thin}", [values]


def _candles(table: Table, rows: Rows) -> tuple[list[dict[str, Any]], str, list[common.Values]]:
    """The same for candles."""
    parts = [common.numbers(table.frame[table.roles[role]]) for role in ROLES]
    count = len(parts[0])
    size = next((one for one in _SIZES if one * CANDLES >= count), math.ceil(count / CANDLES))
    first = np.arange(0, count, size)
    after = np.minimum(first + size, count) - 1
    opened, high, low, close = _blocks(parts, size)
    form = common.form(parts[3])
    begins, ends = rows.names(first), rows.names(after)
    names = [one if one == other else f"{one} to {other}" for one, other in zip(begins, ends, strict=True)]
    spoken = [
        f"<b>{name}</b><br>"
        + "<br>".join(f"{role} {common.say(one, form)}" for role, one in zip(ROLES, four, strict=True))
        for name, *four in zip(names, opened, high, low, close, strict=True)
    ]
    trace = {
        "type": "candlestick",
        "name": "candles",
        "x": (first + after) / 2,
        "open": opened,
        "high": high,
        "low": low,
        "close": close,
        "increasing": {"line": {"color": _RISE, "width": 1.2}, "fillcolor": "rgba(0,0,0,0)"},
        "decreasing": {"line": {"color": _FALL, "width": 1.2}, "fillcolor": _FALL},
        "text": spoken,
        "hoverinfo": "text",
    }
    merged = f", {size} in each" if size > 1 else ""  # all of it has to fit a phone
    words = f"<b>candles</b>, {count:,} rows{merged}; hollow: rose"
    return [trace], words, [high, low]


def _blocks(parts: list[common.Values], size: int) -> list[common.Values]:
    """Open, high, low and close of each block of rows, out of the values that it has; NaN where it has none."""
    count = math.ceil(len(parts[0]) / size)
    grids = []
    for one in parts:
        grid = np.full(count * size, np.nan)
        grid[: len(one)] = one
        grids.append(grid.reshape(count, size))
    opened, high, low, close = grids
    block = np.arange(count)
    high = np.where(np.isnan(high), -np.inf, high).max(axis=1)
    low = np.where(np.isnan(low), np.inf, low).min(axis=1)
    first = opened[block, (~np.isnan(opened)).argmax(axis=1)]
    final = close[block, size - 1 - (~np.isnan(close))[:, ::-1].argmax(axis=1)]
    return [first, common.numbers(high), common.numbers(low), final]


def _parts(
    split: Split | None, priced: Places, count: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The names of the parts at the top of the picture, and lines between them."""
    if split is None or not len(priced) or split.rows > len(priced):
        return [], []
    used = priced[len(priced) - split.rows :]
    ends = [int(used[0]), int(used[split.validation]), int(used[split.test]), count]
    names = ("training", "validation", "test")
    lines = [{**base.upright(x - 0.5), "yref": "paper"} for x in (ends if ends[0] > 0 else ends[1:])[:-1]]
    place = {"yref": "paper", "y": 1, "yanchor": "top", "font": {"color": NEUTRAL}}
    notes = [
        {"text": name, "showarrow": False, "x": (start + end - 1) / 2, "xanchor": "center", **place}
        for name, start, end in zip(names, ends[:-1], ends[1:], strict=True)
    ]
    if min(np.diff(ends)) < NARROW * count:  # one after the other, to the end of the picture
        together = ", ".join(names)
        notes = [{"text": together, "showarrow": False, "x": count - 1, "xanchor": "right", **place}]
        lines = [{**line, "y0": 0, "y1": _TOP} for line in lines]  # not through the names
    if ends[0] > 0:
        notes.append({"text": "not used", "showarrow": False, "x": ends[0] / 2, "xanchor": "center", **place})
    return notes, lines

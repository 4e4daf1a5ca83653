"""What the pictures of the forecaster share: prices in words, long series in few points, bands, names at the end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures import base, log_axis
from rnnviz.figures import training_common as common
from rnnviz.figures.forecast_rows import Places, Rows
from rnnviz.figures.theme import CELL_COLOURS, NEUTRAL
from rnnviz.forecast.result import NAMES
from rnnviz.forecast.wording import without_sign_of_zero

YESTERDAY = NAMES["naive"].lower()
"""What the naive forecast is called."""

MODEL, NAIVE, TRUTH = CELL_COLOURS["lstm"], CELL_COLOURS["gru"], NEUTRAL
"""The colours of the forecast, of yesterday's price, and of what came."""

BAND = "rgba(61,147,214,0.22)"
"""The interval: the model's colour, to be looked through."""

LIGHT = 4_000
"""Rows up to which all are drawn; of more, at most so many."""

Values = NDArray[np.float64]


def numbers(values: Any) -> Values:
    """As float64; what is not finite is a gap."""
    found = np.array(values, dtype=np.float64)
    found[~np.isfinite(found)] = np.nan
    return found


def form(values: Values) -> str:
    """The d3 format that prices of this series deserve: two digits more than they move from row to row."""
    moves = np.abs(np.diff(values[np.isfinite(values)]))
    moves = moves[moves > 0]
    size = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 0.0
    step = float(np.median(moves)) if len(moves) else size / 1000
    if not (step > 0 and size < 1e12):
        return ".6~g"
    decimals = 2 - math.floor(math.log10(step) + 0.5)
    return f",.{max(decimals, 0)}f" if decimals <= 8 else ".6~g"


def speaking(line: dict[str, Any], words: Sequence[str]) -> dict[str, Any]:
    """The line with words that it says when pointed at anywhere over it.

    As plain text, for which Plotly leaves away the number of the row that it would put on the axis.
    """
    return {**line, "text": list(words), "hoverinfo": "text"}


def say(value: int | float, form: str) -> str:
    """A number in words with that format."""
    if not math.isfinite(value):
        return "not finite"
    return without_sign_of_zero(f"{value:{form.replace('~', '')}}").replace("-", "−")


def kept(lines: Sequence[Values], light: int = LIGHT) -> tuple[Places, int]:
    """The places to draw of lines of one length, and the size of a bin; all of them, and 1, where they are few.

    Of each bin the least and the greatest value of each line stay, and a gap where there is one, so that no peak is
    lost. The first and the last place always stay.
    """
    count = len(lines[0])
    if count <= light:
        return np.arange(count), 1
    size = math.ceil(2 * count / light)
    while len(places := _peaks(lines, size)) > light:  # lines that move together share most of their peaks
        size += math.ceil(size / 4)
    return places, size


def _peaks(lines: Sequence[Values], size: int) -> Places:
    """Where each line is least and greatest, and where it has a gap, in each bin of so many places."""
    count = len(lines[0])
    bins = math.ceil(count / size)
    places = [np.array([0, count - 1])]
    for line in lines:
        padded = np.full(bins * size, np.nan)
        padded[:count] = line
        grid = padded.reshape(bins, size)
        gaps = np.isnan(grid)
        there = np.flatnonzero(~gaps.all(axis=1))
        for found in (np.where(gaps, np.inf, grid).argmin(1), np.where(gaps, -np.inf, grid).argmax(1)):
            places.append(there * size + found[there])
        gaps[-1, count - (bins - 1) * size :] = False  # beyond the end is no gap
        broken = np.flatnonzero(gaps.any(axis=1))
        places.append(broken * size + gaps.argmax(axis=1)[broken])
    return np.unique(np.concatenate(places))


def thinned(size: int) -> dict[str, Any] | None:
    """Words on a series of which not all rows are drawn."""
    if size == 1:
        return None
    place = {
        "xref": "x domain",
        "yref": "y domain",
        "x": 0.01,
        "y": 0.01,
        "xanchor": "left",
        "yanchor": "bottom",
    }
    return base.remark(f"of every {size} rows the lowest and the highest", **place)


def ends(core: Sequence[Values], more: Sequence[Values] = (), most: int = 1) -> tuple[float, float]:
    """A range for the core, widened for more of it, but on either side by at most ``most`` times its own height."""
    low, top = _span(core) or (0.0, 1.0)
    room = most * ((top - low) or abs(top) or 1.0)
    wide = _span(more) or (low, top)
    low, top = max(min(low, wide[0]), low - room), min(max(top, wide[1]), top + room)
    edge = 0.06 * ((top - low) or room)
    return low - edge, top + edge


def _span(values: Sequence[Values]) -> tuple[float, float] | None:
    found = np.concatenate([np.empty(0), *(one[np.isfinite(one)] for one in values)])
    return (float(found.min()), float(found.max())) if len(found) else None


def line(name: str, x: Any, y: Values, colour: str, **look: Any) -> dict[str, Any]:
    """A line that says nothing when pointed at."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "line": {"color": colour, **look},
        "hoverinfo": "skip",
    }


def band(name: str, x: Places, lower: Any, upper: Any, low: int | float, top: int | float) -> dict[str, Any]:
    """The area between two lines; an end that is infinite reaches the edge of the picture, NaN leaves a gap."""
    lower, upper = (np.asarray(one, dtype=np.float64) for one in (lower, upper))
    there = ~(np.isnan(lower) | np.isnan(upper))
    far = 2 * (top - low)
    under, over = np.maximum(lower, low - far), np.minimum(upper, top + far)
    xs: list[NDArray[Any]] = []
    ys: list[Values] = []
    # One polygon a run without a gap, there and back.
    for run in np.split(np.flatnonzero(there), np.flatnonzero(np.diff(np.flatnonzero(there)) > 1) + 1):
        if len(run):
            if xs:
                xs.append(np.array([np.nan]))
                ys.append(np.array([np.nan]))
            xs += [x[run], x[run][::-1]]
            ys += [over[run], under[run][::-1]]
    empty = np.array([np.nan])
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": np.concatenate(xs).astype(np.float64) if xs else empty,
        "y": np.concatenate(ys) if ys else empty,
        "line": {"width": 0, "color": MODEL},
        "fill": "toself",
        "fillcolor": BAND,
        "hoverinfo": "skip",
    }


def broken(name: str, x: Places, values: Any, y: int | float, rows: Rows) -> dict[str, Any] | None:
    """Crosses at the bottom where a value is not finite, or None where all are."""
    gone = np.flatnonzero(~np.isfinite(np.asarray(values, dtype=np.float64)))
    if not len(gone):
        return None
    return log_axis.marks(name, "not a finite number", x[gone], y, "x-thin", NEUTRAL, rows.names(x[gone]))


def at_end(
    texts: Sequence[tuple[str, str, int | float]],
    low: int | float,
    top: int | float,
    axis: int = 0,
    height: float = 0.12,
) -> list[dict[str, Any]]:
    """Names in their colours at the right of a panel, each near its height: (words, colour, height).

    ``height`` is how much of the panel a line of words takes.
    """
    words = [text for text, _, _ in texts]
    wanted = [min(max(place, low), top) if math.isfinite(place) else math.nan for _, _, place in texts]
    places = common.stacked(words, wanted, low, top, height)
    return [
        common.at_right(text, colour, place, axis)
        for (text, colour, _), place in zip(texts, places, strict=True)
    ]


def last(values: Values) -> float:
    """The last finite value; NaN where there is none."""
    there = values[np.isfinite(values)]
    return float(there[-1]) if len(there) else math.nan

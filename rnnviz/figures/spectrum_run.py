"""The spectra of a run: singular values of each step's Jacobian, and Lyapunov exponents."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures import base, log_axis
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import CELL_COLOURS, NEUTRAL
from rnnviz.spectrum import RunSpectrum

_LOW = (1.0, 2.0, 4.0, 8.0, 16.0)
_HIGH = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 40.0)
_FALL = (1.0, 2.0, 4.0, 8.0, 16.0, 40.0)
_RISE = (0.5, 1.0, 2.0, 5.0, 10.0)
_ROOM = 0.19
_NAMES = ("largest", "median", "smallest")
_DASHES = ("solid", "dash", "dot")


@Drawing
def run(
    found: RunSpectrum,
    cell: str,
    *,
    limits: Sequence[float] | None = None,
    labels: Sequence[str] | None = None,
) -> Spec:
    """The largest, median and smallest singular value of each step's Jacobian, and the Lyapunov exponents.

    ``limits`` are what the exponents tend to where that is known (log |eigenvalue| of a linear RNN), drawn as
    rings. Steps that were left out are, and the picture says which were looked at. A singular value of 0 and an
    exponent of -infinity have no place on their axes and are said in words.
    """
    colour, steps = CELL_COLOURS[cell], found.steps.numpy().astype(np.int16) + 1
    values = found.singular_values.numpy()
    zero = (values[:, -1] == 0) | (values[:, values.shape[1] // 2] == 0)
    hover = base.hover_labels(labels, found.T)
    high, low = base.rows([1.0, 0.72], 0.27)

    data: list[dict[str, Any]] = []
    for name, column, dash in zip(_NAMES, (0, (values.shape[1] - 1) // 2, -1), _DASHES, strict=True):
        y = np.where(values[:, column] > 0, values[:, column], np.nan)
        data.append(_over_time(name, steps, y, [hover[t - 1] for t in steps.tolist()], colour, dash))
    sizes = np.log10(np.concatenate([trace["y"] for trace in data]))
    sizes = sizes[np.isfinite(sizes)]
    bottom = -base.rung(-float(sizes.min(initial=0.0)), _LOW)
    top = base.rung(float(sizes.max(initial=0.0)), _HIGH)
    names = _names(data, found.T, bottom, top, colour)
    exponents = found.exponents.double().numpy()
    data += _exponents(exponents, limits, colour)
    shown = [e for e in (*exponents, *(limits or ())) if math.isfinite(e)]
    fall, rise = -base.rung(-min(shown, default=0.0), _FALL), base.rung(max(shown, default=0.0), _RISE)

    every = f" (every {found.every}{_ordinal(found.every)} step)" if found.every > 1 else ""
    notes = [
        base.title(f"singular values of the Jacobian of each step{every}", 0),
        base.title(_exponents_heading(found, values.shape[1]), 1),
        *names,
    ]
    if zero.any():
        notes.append(_faint("not drawn: 0, or below rounding", 0, bottom))
    lost = int(np.isneginf(exponents).sum())
    if lost:
        notes.append(
            _faint(f"{lost} of {len(exponents)} are lost in one step: −∞, or below rounding", 1, fall)
        )
    gaps = np.isnan(values).any(1).sum()
    if gaps:
        notes.append(
            base.note(
                f"{gaps} of {len(values)} steps are not finite: left blank", 1.0, 1.0, "right", yshift=14.0
            )
        )
    count = len(exponents)
    layout = {
        "hovermode": "closest",
        "margin": {"r": 10},
        "xaxis": {
            **base.time_axis(found.T, labels, most=6),
            "range": [1 - _ROOM * found.T, found.T * 1.02 + 0.5],
            "anchor": "y",
            "title": {"text": "time step t", "standoff": 2},
        },
        "yaxis": {
            "type": "log",
            "range": [bottom, top],
            **log_axis.ticks(log_axis.named(bottom, top, 5)),
            "showgrid": True,
            "domain": high,
            "anchor": "x",
        },
        "xaxis2": {
            "range": [1 - _ROOM * count, count * 1.02 + 0.5],
            "tickvals": [k for k in range(1, count + 1) if k == 1 or k % base.step_for(count, 6) == 0],
            "anchor": "y2",
            "title": {"text": "direction, from the one that grows most", "standoff": 2},
        },
        "yaxis2": {
            "range": [1.06 * fall, 1.06 * rise],
            "tickvals": [fall, fall / 2, 0, *([rise] if 5 * rise >= -fall else [])],
            "tickformat": ".3~g",
            "showgrid": True,
            "domain": low,
            "anchor": "x2",
        },
        "shapes": [_level(1, 0), _level(0, 1)],
        "annotations": notes,
    }
    return base.spec("spectrum-run", data, layout)


def _over_time(
    name: str, steps: NDArray[np.int16], y: NDArray[Any], hover: Sequence[str], colour: str, dash: str
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines" if len(steps) > 2 else "lines+markers",
        "name": name,
        "x": steps,
        "y": y,
        "line": {"color": colour, "dash": dash},
        "text": hover,
        "hovertemplate": f"%{{text}}, {name} singular value %{{y:.3g}}<extra></extra>",
    }


def _exponents(
    exponents: NDArray[np.float64], limits: Sequence[float] | None, colour: str
) -> list[dict[str, Any]]:
    shared = {"type": "scatter", "mode": "markers", "xaxis": "x2", "yaxis": "y2"}
    drawn = {
        **shared,
        "name": "Lyapunov exponents",
        "x": base.steps_of(len(exponents)),
        "y": np.where(np.isfinite(exponents), exponents, np.nan),
        "marker": {"color": colour, "size": 6},
        "hovertemplate": "direction %{x:d}: λ = %{y:.3f} a step<extra></extra>",
    }
    if limits is None:
        return [drawn]
    values = np.asarray(limits, dtype=np.float64)
    rings = {
        **shared,
        "name": "log |eigenvalue of W|",
        "x": base.steps_of(len(values)),
        "y": np.where(np.isfinite(values), values, np.nan),
        "marker": {"color": NEUTRAL, "symbol": "circle-open", "size": 10},
        "hovertemplate": "log |eigenvalue %{x:d} of W| = %{y:.3f}<extra></extra>",
    }
    return [rings, drawn]


def _exponents_heading(found: RunSpectrum, size: int) -> str:
    count = len(found.exponents)
    which = f"{count} leading Lyapunov exponents" if count < size else "Lyapunov exponents"
    return f"{which} λ, mean over T = {found.T} steps"


def _names(
    lines: Sequence[dict[str, Any]], steps: int, bottom: float, top: float, colour: str
) -> list[dict[str, Any]]:
    """The name of each line that is to be seen, left of its first step."""
    seen = [(line["name"], line["y"][np.isfinite(line["y"])]) for line in lines]
    first = {name: math.log10(float(y[0])) for name, y in seen if len(y)}
    reach = top - bottom
    places = base.apart(list(first.values()), 0.16 * reach, bottom + 0.05 * reach, top - 0.07 * reach)
    left = 1 - 0.012 * steps
    return [base.beside(name, colour, left, y) for name, y in zip(first, places, strict=True)]


def _faint(text: str, axis: int, place: float) -> dict[str, Any]:
    where = {"x": 1, "xref": f"{base.ref('x', axis)} domain", "xanchor": "right", "yref": base.ref("y", axis)}
    return base.remark(text, y=place, yanchor="bottom", **where)


def _level(value: int | float, axis: int) -> dict[str, Any]:
    ends = {"x0": 0, "x1": 1, "y0": value, "y1": value, "xref": f"{base.ref('x', axis)} domain"}
    return {"type": "line", **ends, "yref": base.ref("y", axis), "line": {"dash": "dot"}, "layer": "below"}


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")

"""Spectra: eigenvalues of W_hh in the complex plane, its singular values, and those of a run's Jacobians."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures import base
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import CELL_COLOURS, GATE_COLOURS, NEUTRAL
from rnnviz.spectrum import BlockSpectrum, RunSpectrum

_REACHES = (1.5, 3.0, 6.0, 12.0, 24.0)
_LOW = (1.0, 2.0, 4.0, 8.0, 16.0)
_HIGH = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 40.0)
_FALL = (1.0, 2.0, 4.0, 8.0, 16.0, 40.0)
_RISE = (0.5, 1.0, 2.0, 5.0, 10.0)
_ROOM = 0.19
_NAMES = ("largest", "median", "smallest")
_DASHES = ("solid", "dash", "dot")
_Stretch = list[int | float]
_Panel = tuple[_Stretch, _Stretch]
_CIRCLE = np.exp(2j * np.pi * np.arange(73) / 72)
_CLEAR = "rgba(0,0,0,0)"


@Drawing
def weights(blocks: Sequence[BlockSpectrum]) -> Spec:
    """The eigenvalues of each block of W_hh with the unit circle, and the singular values of all beside them.

    Solid is the unit circle, dashed the circle of the largest singular value, inside which all eigenvalues lie.
    All planes have one range, which goes in few large steps, so that it rests while a slider moves. Under each
    stand its spectral radius rho and largest singular value. ``ValueError`` without a block.
    """
    if not blocks:
        raise ValueError(
            "expected at least one block of W_hh, got none; leave the picture out for such a cell"
        )
    reach = _rung(max(block.sigma_max for block in blocks), _REACHES)
    several = len(blocks) > 1
    places, strip = _places(len(blocks))
    size = 7 if len(blocks[0].eigenvalues) <= 32 else 5
    tick = 1 if reach < 2 else round(reach * 2 / 3)
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"hovermode": "closest", "margin": {"r": 8}}
    for k, (block, (x, y)) in enumerate(zip(blocks, places, strict=True)):
        where = {"xaxis": base.ref("x", k), "yaxis": base.ref("y", k)}
        name = f"{block.name}: " if several else ""
        data += _plane(block, name, size, where)
        words = (
            f"{name}ρ {block.radius:.2f}, σ {block.sigma_max:.2f}"
            if several
            else f"spectral radius ρ = {block.radius:.2f}, σ max = {block.sigma_max:.2f}"
        )
        shared = {"range": [-reach, reach], "tickvals": [-tick, 0, tick], "showgrid": True}
        layout[base.key("x", k)] = {
            **shared,
            "domain": x,
            "anchor": where["yaxis"],
            "constrain": "domain",
            "title": {"text": words, "standoff": 2},
        }
        layout[base.key("y", k)] = {
            **shared,
            "domain": y,
            "anchor": where["xaxis"],
            "constrain": "domain",
            "scaleanchor": where["xaxis"],
            "showticklabels": x[0] == 0,
        }
    k = len(blocks)
    for column, block in enumerate(blocks):
        data.append(
            _strip(
                block, column, 10 if several else 16, {"xaxis": base.ref("x", k), "yaxis": base.ref("y", k)}
            )
        )
    layout[base.key("x", k)] = {
        "range": [-0.7, k - 0.3],
        "tickvals": list(range(k)),
        "ticktext": [block.name if several else "" for block in blocks],
        "domain": strip[0],
        "anchor": base.ref("y", k),
        "title": {"text": "σ of W", "standoff": 2},
    }
    layout[base.key("y", k)] = {
        "range": [-0.03 * reach, reach],
        "tickvals": [0, tick / 2, tick],
        "showgrid": True,
        "domain": strip[1],
        "anchor": base.ref("x", k),
    }
    layout["shapes"] = [*(_unit_circle(n) for n in range(k)), _one(k)]
    heading = "eigenvalues λ of W<sub>hh</sub>; solid: |λ| = 1, dashed: |λ| = σ<sub>max</sub>"
    layout["annotations"] = [base.note(heading, 0.0, 1.0, yshift=2.0)]
    return base.spec("spectrum-weights", data, layout)


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
    high, low = base.rows([1.0, 0.72], 0.22)

    data: list[dict[str, Any]] = []
    for name, column, dash in zip(_NAMES, (0, (values.shape[1] - 1) // 2, -1), _DASHES, strict=True):
        y = np.where(values[:, column] > 0, values[:, column], np.nan)
        data.append(_over_time(name, steps, y, [hover[t - 1] for t in steps.tolist()], colour, dash))
    sizes = np.log10(np.concatenate([trace["y"] for trace in data]))
    sizes = sizes[np.isfinite(sizes)]
    bottom = -_rung(-float(sizes.min(initial=0.0)), _LOW)
    top = _rung(float(sizes.max(initial=0.0)), _HIGH)
    names = _names(data, found.T, bottom, top, colour)
    exponents = found.exponents.double().numpy()
    data += _exponents(exponents, limits, colour)
    shown = [e for e in (*exponents, *(limits or ())) if math.isfinite(e)]
    fall, rise = -_rung(-min(shown, default=0.0), _FALL), _rung(max(shown, default=0.0), _RISE)

    every = f" (every {found.every}{_ordinal(found.every)} step)" if found.every > 1 else ""
    notes = [
        _heading(f"singular values of the Jacobian of each step{every}", 0),
        _heading(_exponents_heading(found, values.shape[1]), 1),
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
    by = base.step_for(math.ceil(top - bottom), 5)
    ticks = [k for k in range(round(bottom), round(top) + 1) if k % by == 0]
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
            "tickvals": [10.0**k for k in ticks],
            "ticktext": [f"10<sup>{k}</sup>".replace("-", "−") if k else "1" for k in ticks],
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


def _places(count: int) -> tuple[list[_Panel], _Panel]:
    """The panels of the planes, and that of the singular values: of three planes in the free corner."""
    if count == 1:
        return [([0, 0.8], [0.06, 1])], ([0.88, 1], [0.06, 1])
    wide: list[_Stretch] = [[0, 0.37], [0.42, 0.79]] if count != 3 else [[0, 0.45], [0.55, 1]]
    high: list[_Stretch] = [[0.6, 1], [0.04, 0.44]]
    corners = [(x, y) for y in high for x in wide]
    return corners[:count], corners[3] if count == 3 else ([0.87, 1], [0.04, 1])


def _plane(block: BlockSpectrum, name: str, size: int, where: dict[str, str]) -> list[dict[str, Any]]:
    colour = GATE_COLOURS[block.name]
    values, circle = block.eigenvalues.numpy(), block.sigma_max * _CIRCLE
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": f"{name}|λ| = σ max",
            "x": circle.real,
            "y": circle.imag,
            "line": {"color": colour, "dash": "4px,4px", "width": 1.2},
            "hoverinfo": "skip",
            **where,
        },
        {
            "type": "scatter",
            "mode": "markers",
            "name": f"{name}eigenvalues",
            "x": values.real,
            "y": values.imag,
            "marker": {"color": colour, "size": size},
            "hovertemplate": f"{name}λ = %{{x:.3f}} %{{y:+.3f}} i<extra></extra>",
            **where,
        },
    ]


def _strip(block: BlockSpectrum, column: int, size: int, where: dict[str, str]) -> dict[str, Any]:
    values = block.singular_values.numpy()
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{block.name}: singular values",
        "x": np.full(len(values), column, dtype=np.int16),
        "y": values,
        "marker": {
            "color": GATE_COLOURS[block.name],
            "symbol": "line-ew-open",
            "size": size,
            "opacity": 0.75,
        },
        "hovertemplate": f"{block.name}: σ = %{{y:.3f}}<extra></extra>",
        **where,
    }


def _unit_circle(axis: int) -> dict[str, Any]:
    ends = {"x0": -1, "x1": 1, "y0": -1, "y1": 1, "xref": base.ref("x", axis), "yref": base.ref("y", axis)}
    return {"type": "circle", **ends, "fillcolor": _CLEAR, "line": {"width": 1.5}}


def _one(axis: int) -> dict[str, Any]:
    ends = {"x0": 0, "x1": 1, "y0": 1, "y1": 1, "xref": f"{base.ref('x', axis)} domain"}
    return {"type": "line", **ends, "yref": base.ref("y", axis), "line": {"width": 1.5}, "layer": "below"}


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


def _heading(text: str, axis: int) -> dict[str, Any]:
    return base.title(text, axis)


def _names(
    lines: Sequence[dict[str, Any]], steps: int, bottom: float, top: float, colour: str
) -> list[dict[str, Any]]:
    """The name of each line that is to be seen, left of its first step."""
    seen = [(line["name"], line["y"][np.isfinite(line["y"])]) for line in lines]
    first = {name: math.log10(float(y[0])) for name, y in seen if len(y)}
    reach = top - bottom
    places = base.apart(list(first.values()), 0.11 * reach, bottom + 0.05 * reach, top - 0.07 * reach)
    where = {"x": 1 - 0.012 * steps, "xanchor": "right", "yref": "y", "yanchor": "middle"}
    plain = {"align": "right", "showarrow": False, "font": {"color": colour}}
    return [{"text": name, "y": y, **where, **plain} for name, y in zip(first, places, strict=True)]


def _faint(text: str, axis: int, place: float) -> dict[str, Any]:
    where = {"x": 1, "xref": f"{base.ref('x', axis)} domain", "xanchor": "right", "yref": base.ref("y", axis)}
    return {"text": text, "showarrow": False, "opacity": 0.75, "y": place, "yanchor": "bottom", **where}


def _level(value: int | float, axis: int) -> dict[str, Any]:
    ends = {"x0": 0, "x1": 1, "y0": value, "y1": value, "xref": f"{base.ref('x', axis)} domain"}
    return {"type": "line", **ends, "yref": base.ref("y", axis), "line": {"dash": "dot"}, "layer": "below"}


def _rung(value: float, ladder: tuple[float, ...]) -> float:
    return next((rung for rung in ladder if value <= rung * (1 + 1e-6)), base.round_up(value))


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")

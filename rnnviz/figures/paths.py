"""The two ways of a gradient: at each single step, and over the whole span back from the loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.figures import base, log_axis
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.paths_common import ROWS, STYLES, frame, headings, line, name_left, share
from rnnviz.gradients import step_norms
from rnnviz.paths import Paths
from rnnviz.registry import CELLS

_ROW = 0.055
_HEADING = 1.6
_NAMES = 0.1
_FLOOR = "underflow: below 10<sup>−308</sup>, the least number of float64"


@dataclass(frozen=True, eq=False)
class _Part:
    """A gradient's norms by step up to the loss: in decades where they are numbers, else marked from step 1."""

    name: str
    decades: NDArray[np.float64]
    lost: NDArray[np.int16]
    zero: NDArray[np.int16]

    @property
    def under(self) -> bool:
        """Whether it needs a row under the axis."""
        return bool(len(self.lost) or len(self.zero))


@Drawing
def span(found: Paths, *, labels: Sequence[str] | None = None) -> Spec:
    """The gradient by the memory from the loss back, its direct part and the rest, and the direct one's share.

    Steps after the loss have no gradient and are left out. Norms that underflowed stand as crosses under the
    axis, and true zeros as rings; at the loss itself the rest is 0 by definition, and not marked. The axis ends
    at a few fixed decades. The share is of the squared norms. Where the cell has no gates there is no direct
    part, and the picture says so.
    """
    steps = len(found.kept)
    parts = [
        _part("in full", found.total, found.total_lost, last=True),
        _part("rest", found.rest, found.rest_lost, last=not _gated(found)),
        *([_part("direct", found.direct, found.direct_lost, last=True)] if _gated(found) else []),
    ]
    low, top = _range(parts)
    under = [part.name for part in parts if part.under]
    bands = len(under) + _HEADING if under else 0.0
    row = _ROW * (top - low) / (1 - _ROW * bands)
    bottom = low - row * bands
    hover = base.hover_labels(labels, steps)
    symbol = f"‖∂L/∂{found.memory}<sub>t</sub>‖"

    data, wanted = [], []
    for part in parts:
        below = low - row * (under.index(part.name) + _HEADING) if part.name in under else low
        data.append(line(part.name, 10.0**part.decades, "y", hover, f"{part.name}: {symbol} = %{{y:.3g}}"))
        place = (below - bottom) / (top - bottom)
        colour = STYLES[part.name]["line"]["color"]
        for marked, mark, words in (
            (part.lost, "x-thin", "underflow, too small for float64"),
            (part.zero, "circle-open", "exactly 0"),
        ):
            if len(marked):
                named = [hover[t - 1] for t in marked.tolist()]
                data.append(log_axis.marks(part.name, words, marked, place, mark, colour, named, yaxis="y3"))
        first = float(part.decades[0])
        wanted.append(first if math.isfinite(first) else below if part.under else low)
    data.append(share(100 * base.array(found.span_share), hover, _gated(found)))
    places = base.apart(wanted, _NAMES * (top - bottom), bottom, top)
    notes = [name_left(part.name, place, steps) for part, place in zip(parts, places, strict=True)]
    above, between = headings(f"from the loss back: {symbol}")
    # Where the loss is early its own word stands at the left.
    notes += [{**above, "x": 1, "xanchor": "right"} if found.at < 0.45 * steps else above, between]
    notes.append({"text": "loss", "x": found.at + 1, "y": 1, "yref": "y domain", "yanchor": "bottom"})
    below_axis = [_FLOOR] if any(len(part.lost) for part in parts) else []
    below_axis += ["○ exactly 0"] if any(len(part.zero) for part in parts) else []
    if below_axis:
        notes.append(base.remark("; ".join(below_axis), x=1, xanchor="left", y=low, yanchor="top"))
    if not _gated(found):
        notes.append(base.remark("no direct path", x=0.5, xref="x domain", y=50, yref="y2"))
    layout = {
        **frame(steps, labels),
        "yaxis": {
            "type": "log",
            "domain": ROWS[0],
            "range": [bottom, top],
            **log_axis.ticks(log_axis.named(low, top, 6)),
            "showgrid": True,
            "anchor": "x",
        },
        # For the marks: the band under a float64's floor lies where no float64 does.
        "yaxis3": {"range": [0, 1], "overlaying": "y", "visible": False, "fixedrange": True},
        "shapes": [base.upright(found.at + 1)],
        "annotations": notes,
    }
    return base.spec("paths-span", data, layout)


@Drawing
def step(found: Paths, *, labels: Sequence[str] | None = None) -> Spec:
    """The size of the direct part and of the rest of each step's Jacobian, and the direct one's share.

    Sizes are Frobenius norms divided by sqrt(H), on an axis from 0 that ends at 1, 2 or 5 times a power of ten. A
    few that are far beyond the others (a layer norm whose first state is 0) stand as triangles at its end.
    """
    steps = len(found.kept)
    hover = base.hover_labels(labels, steps)
    drawn = {"rest": base.array(found.rest_size)}
    if _gated(found):
        drawn["direct"] = base.array(found.direct_size)
    top = _reach(list(drawn.values()))
    data, notes = [], []
    for name, values in drawn.items():
        beyond = values > 1.06 * top
        words = f"{name}: size %{{y:.3g}}, one step"
        data.append(line(name, np.where(beyond, np.nan, values), "y", hover, words))
        if beyond.any():
            data.append(_beyond(name, values, beyond, top, hover))
            notes.append(
                base.remark("▲ beyond", x=1, xref="x domain", xanchor="right", y=top, yanchor="bottom")
            )
    data.append(share(100 * base.array(found.step_share), hover, _gated(found)))
    first = [min(float(np.nan_to_num(values[0])), top) for values in drawn.values()]
    places = base.apart(first, 0.075 * top, 0.0, top)
    notes += [name_left(name, place, steps) for name, place in zip(drawn, places, strict=True)]
    notes += headings(f"one step: size of ∂{found.memory}<sub>t</sub>/∂(state before)")
    if not _gated(found):
        notes.append(base.remark("no direct path", x=0.5, xref="x domain", y=50, yref="y2"))
    layout = {
        **frame(steps, labels),
        "yaxis": {
            "domain": ROWS[0],
            "range": [-0.03 * top, 1.06 * top],
            "tickvals": [0, top / 2, top],
            "tickformat": ".3~g",
            "showgrid": True,
            "anchor": "x",
        },
        "annotations": base.present([*notes, base.not_finite(*drawn.values())]),
    }
    return base.spec("paths-step", data, layout)


def _reach(drawn: Sequence[NDArray[np.float32]]) -> float:
    """The end of the axis: what all values need, unless a few would press the others to the floor."""
    sizes = np.concatenate(drawn)
    sizes = sizes[np.isfinite(sizes)]
    if not sizes.any():
        return 1.0
    usual = sizes[sizes <= max(10 * float(np.quantile(sizes, 0.95)), float(sizes.min()))]
    return base.reach(usual if usual.any() else sizes, least=1.0)


def _beyond(
    name: str, values: NDArray[np.float32], beyond: NDArray[np.bool_], top: float, hover: Sequence[str]
) -> dict[str, Any]:
    steps = base.steps_of(len(values))[beyond]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{name}, beyond the axis",
        "x": steps,
        "y": np.full(len(steps), top),
        "marker": {"symbol": "triangle-up", "size": 9, "color": STYLES[name]["line"]["color"]},
        "text": [f"{hover[t - 1]}: size {size:.3g}" for t, size in zip(steps, values[beyond], strict=True)],
        "hovertemplate": f"{name}, %{{text}}<extra></extra>",
    }


def _gated(found: Paths) -> bool:
    """By the cell, not by what its gates are: one that input has shut is still there."""
    return bool(CELLS[found.cell].gates)


def _part(name: str, gradient: Tensor, lost: Tensor, *, last: bool) -> _Part:
    norms = step_norms(gradient[:, None]).numpy().astype(np.float64)
    marked = lost.numpy().astype(bool)
    good = np.isfinite(norms) & (norms > 0) & ~marked
    decades = np.full(len(norms), np.nan)
    decades[good] = np.log10(norms[good])
    zero = (norms == 0) & ~marked
    zero[-1] &= last
    steps = base.steps_of(len(norms))
    return _Part(name, decades, steps[marked], steps[zero])


def _range(parts: Sequence[_Part]) -> tuple[float, float]:
    """The decades at the ends of the axis, in few and large steps, so that it rests while a slider moves."""
    found = np.concatenate([part.decades[np.isfinite(part.decades)] for part in parts])
    low, top = (float(found.min()), float(found.max())) if len(found) else (0.0, 0.0)
    if any(len(part.lost) for part in parts):
        low = min(low, -308.0)
    return -base.rung(-low, log_axis.DOWN), base.rung(top, log_axis.UP)

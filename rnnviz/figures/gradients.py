"""Gradient norms by time step on a log axis: how a gradient vanishes or explodes on its way back."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures import base, log_axis
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import CELL_COLOURS, CELL_DASHES, CELL_SYMBOLS
from rnnviz.gradients import DecayFit

FLOORS = {"float32": -38, "float64": -308}
"""The decade of the least normal number of each type (1.2e-38, 2.2e-308): below it digits are lost."""

_LABEL_ROOM = 0.17
_ROW = 0.06
_HEADING = 1.6


@dataclass(frozen=True)
class Curve:
    """The gradient norms (T,) of one cell, with its name in words and the fitted decay, if there is one.

    ``lost`` (T,) marks the steps that underflowed (``LayerGradients.underflow`` and its like); without it
    every norm below the least normal number of its dtype counts as lost. A ``quiet`` curve is one that another of
    the same cell is held against: thin and dotted, and these words say what it is.
    """

    cell: str
    label: str
    norms: base.Numbers
    fit: DecayFit | None = None
    lost: Any = None
    quiet: str = ""


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A curve up to the loss in decades: log10 of its norms, NaN where they are marked instead.

    Marked are the steps (from 1) that underflowed, that are truly 0, and that are not finite.
    """

    curve: Curve
    decades: NDArray[np.float64]
    lost: NDArray[np.int16]
    zero: NDArray[np.int16]
    beyond: NDArray[np.int16]
    dtype: str

    @property
    def under(self) -> bool:
        """Whether it needs a row under the axis."""
        return bool(len(self.lost) or len(self.zero))


@Drawing
def norms(
    curves: Sequence[Curve],
    loss_at: int,
    quantity: str = "h",
    *,
    relative: bool = False,
    labels: Sequence[str] | None = None,
    scored: Sequence[int] = (),
) -> Spec:
    """The norm of dL/dh_t (``quantity`` "h", "c" or "x") against t for several cells, up to the loss.

    ``loss_at`` is the step of the loss, counted from 0 as in the tensors; the picture counts from 1. Later
    steps have no gradient and are left out. Norms that underflowed stand as crosses in a band of their own
    under the axis, never as numbers, and true zeros as rings; what is not finite stands above. The axis ends
    at a few fixed decades. ``relative`` divides each curve by its norm at the loss. Fits are dashed.
    ``scored`` are the steps of a loss that has several, ``loss_at`` the last of them.
    ``ValueError`` for a loss outside the curves or an unknown quantity.
    """
    if quantity not in ("h", "c", "x"):
        raise ValueError(f"quantity must be one of 'h', 'c', 'x'; got {quantity!r}")
    steps = len(curves[0].norms) if curves else loss_at + 1
    if not 0 <= loss_at < steps:
        raise ValueError(f"expected loss_at from 0 to {steps - 1}, got {loss_at}; it counts steps from 0")
    drawn = [_decades(curve, loss_at, relative) for curve in curves]
    low, top = _range(drawn)
    under = [k for k, one in enumerate(drawn) if one.under]
    over = [k for k, one in enumerate(drawn) if len(one.beyond)]
    # A row of a band is a share of the whole height, to which the bands themselves belong.
    bands = sum(len(rows) + _HEADING for rows in (under, over) if rows)
    row = _ROW * (top - low) / (1 - _ROW * bands)
    bottom = low - (row * (len(under) + _HEADING) if under else 0)
    ceiling = top + (row * (len(over) + _HEADING) if over else 0)

    at = "at the last scored step" if len(scored) > 1 else "at the loss"
    symbol = f"‖∂L/∂{quantity}<sub>t</sub>‖"
    hover = base.hover_labels(labels, steps)
    data: list[dict[str, Any]] = []
    wanted = []
    for k, one in enumerate(drawn):
        below = low - row * (under.index(k) + _HEADING) if k in under else low
        above = top + row * (over.index(k) + _HEADING) if k in over else top
        data.append(_line(one, hover, symbol))
        data += base.present([_fitted(one)])
        for marked, decade, mark, words in (
            (one.lost, below, "x-thin", f"underflow, too small for {one.dtype}"),
            (one.zero, below, "circle-open", "truly 0, not by underflow"),
            (one.beyond, above, "triangle-up", "overflow, not finite"),
        ):
            if len(marked):
                names = [hover[t - 1] for t in marked.tolist()]
                colour = CELL_COLOURS[one.curve.cell]
                data.append(log_axis.marks(one.curve.label, words, marked, 10.0**decade, mark, colour, names))
        first = float(one.decades[0])
        wanted.append(first if math.isfinite(first) else above if 1 in one.beyond else below)
    named = [k for k, one in enumerate(drawn) if not one.curve.quiet]
    places = base.apart([wanted[k] for k in named], row, bottom, ceiling)
    notes = [
        base.beside(
            "<br>".join(textwrap.wrap(drawn[k].curve.label, 20)),
            CELL_COLOURS[drawn[k].curve.cell],
            1 - 0.012 * steps,
            place,
        )
        for k, place in zip(named, places, strict=True)
    ]
    first = scored[0] if scored else loss_at
    notes += _remarks(drawn, loss_at, steps, low, top, quantity, _where(scored))
    layout = {
        "hovermode": "closest",
        "xaxis": {
            **base.time_axis(steps, labels),
            "range": [1 - _LABEL_ROOM * steps, steps * 1.02 + 0.5],
            "title": {"text": "time step t"},
        },
        "yaxis": {
            "type": "log",
            "range": [bottom, ceiling],
            **log_axis.ticks(log_axis.named(low, top, 8)),
            "showgrid": True,
            "title": {"text": f"{symbol} ÷ its value {at}" if relative else symbol},
        },
        "shapes": [base.upright(t + 1) for t in sorted({first, loss_at}) if t or t == loss_at],
        "annotations": notes,
    }
    return base.spec("gradients", data, layout)


def _decades(curve: Curve, loss_at: int, relative: bool) -> _Drawn:
    values = np.asarray(curve.norms)
    dtype = str(values.dtype)
    values = values[: loss_at + 1].astype(np.float64)
    small = np.abs(values) < np.finfo(dtype).tiny
    lost = small if curve.lost is None else np.asarray(curve.lost, dtype=bool)[: loss_at + 1]
    good = np.isfinite(values) & (values > 0) & ~lost
    # Where the norm at the loss is no positive number, the nearest one before it stands in.
    scale = float(values[good][-1]) if relative and good.any() else 1.0
    decades = np.full(len(values), np.nan)
    decades[good] = np.log10(values[good]) - math.log10(scale)
    steps = base.steps_of(len(values))
    return _Drawn(
        curve, decades, steps[lost], steps[(values == 0) & ~lost], steps[~np.isfinite(values)], dtype
    )


def _range(drawn: Sequence[_Drawn]) -> tuple[float, float]:
    """The decades at the ends of the axis, in few and large steps, so that it rests while a slider moves."""
    every = [one.decades[np.isfinite(one.decades)] for one in drawn]
    found = np.concatenate(every) if every else np.empty(0)
    floors = [float(FLOORS.get(one.dtype, -38)) for one in drawn if len(one.lost)]
    low = min([float(found.min()) if len(found) else 0.0, *floors])
    top = float(found.max()) if len(found) else 0.0
    return -base.rung(-low, log_axis.DOWN), base.rung(top, log_axis.UP)


def _line(one: _Drawn, hover: Sequence[str], symbol: str) -> dict[str, Any]:
    curve = one.curve
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": curve.label,
        "x": base.steps_of(len(one.decades)),
        "y": 10.0**one.decades,
        "line": {"color": CELL_COLOURS[curve.cell], "dash": CELL_DASHES[curve.cell]},
        "marker": {"symbol": CELL_SYMBOLS[curve.cell], "maxdisplayed": 8},
        **(_quiet(curve) if curve.quiet else {}),
        "text": hover[: len(one.decades)],
        "hovertemplate": f"{curve.label}, %{{text}}, {symbol} = %{{y:.3g}}<extra></extra>",
    }


def _quiet(curve: Curve) -> dict[str, Any]:
    line = {"color": CELL_COLOURS[curve.cell], "dash": "2px,4px", "width": 2}
    return {"mode": "lines", "line": line}


def _where(scored: Sequence[int]) -> str:
    """Where the loss is, in words: "loss", "loss at steps 41 to 50", "loss at 12 steps"."""
    if len(scored) < 2:
        return "loss"
    first, last = scored[0], scored[-1]
    together = last - first + 1 == len(scored)
    return f"loss at steps {first + 1} to {last + 1}" if together else f"loss at {len(scored)} steps"


def _fitted(one: _Drawn) -> dict[str, Any] | None:
    """The fitted line from its first to its last step; a least squares line runs through the mean point."""
    fit = one.curve.fit
    if fit is None or fit.first is None or fit.last is None or not (math.isfinite(fit.rate) and fit.rate > 0):
        return None
    t = np.arange(fit.first, fit.last + 1)
    y = one.decades[t]
    used = np.isfinite(y)
    slope = -math.log10(fit.rate)  # decades a step, forward in time
    offset = float(np.mean(y[used] - slope * t[used]))
    ends = np.array([fit.first, fit.last], dtype=np.float64)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"{one.curve.label}, fitted: × {fit.rate:.3g} per step back",
        "meta": {"fit": True},
        "x": ends + 1,
        "y": 10.0 ** (offset + slope * ends),
        "line": {"color": CELL_COLOURS[one.curve.cell], "dash": "4px,4px", "width": 1.2},
        "hovertemplate": "%{fullData.name}<extra></extra>",
    }


def _remarks(
    drawn: Sequence[_Drawn], loss_at: int, steps: int, low: float, top: float, quantity: str, where: str
) -> list[dict[str, Any]]:
    """Words for the loss, the fits, the steps after the loss, underflow, overflow, and an empty picture."""
    plain = {"showarrow": False, "opacity": 0.75}
    head = {**plain, "x": 1, "xanchor": "left"}
    above = {"y": 1, "yref": "y domain", "yanchor": "bottom"}
    anchor = {"xanchor": "right"} if where != "loss" else {}
    notes: list[dict[str, Any]] = [{"text": where, "showarrow": False, "x": loss_at + 1, **above, **anchor}]
    dotted = dict.fromkeys(one.curve.quiet for one in drawn if one.curve.quiet)
    words = [f"dotted: {quiet}" for quiet in dotted]
    words += ["dashed: fitted decay"] if any(one.curve.fit is not None for one in drawn) else []
    if words:
        # Where neither a cell's name nor the word for the loss stands.
        early = loss_at < 0.4 * steps
        side = {"x": 1, "xref": "x domain" if early else "x", "xanchor": "right" if early else "left"}
        notes.append({**plain, **above, **side, "text": "; ".join(words)})
    if steps - loss_at - 1 >= 0.25 * steps:
        middle = (loss_at + 1 + steps) / 2
        notes.append({**plain, "text": "after the loss:<br>no gradient", "x": middle, "y": (low + top) / 2})
    types = sorted({one.dtype for one in drawn if len(one.lost)})
    words = [f"underflow: exactly 0 in {t}, or below 10<sup>−{-FLOORS.get(t, -38)}</sup>" for t in types]
    words += ["○ truly 0"] if any(len(one.zero) for one in drawn) else []
    if words:
        notes.append({**head, "text": "; ".join(words), "y": low, "yanchor": "top"})
    if any(len(one.beyond) for one in drawn):
        notes.append({**head, "text": "overflow: not finite", "y": top, "yanchor": "bottom"})
    if not drawn:
        empty = "no cell shown has a memory c" if quantity == "c" else "no cell is shown"
        notes.append({**plain, "text": empty, "xref": "x domain", "x": 0.5, "y": (low + top) / 2})
    return notes

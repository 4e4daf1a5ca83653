"""Hidden states over time: all units as lines, one of them brought out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.figures import base
from rnnviz.figures.base import Floats
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import NEUTRAL, PATH_COLOURS
from rnnviz.figures.trajectories import trajectory
from rnnviz.registry import Cell
from rnnviz.statistics import state_kind
from rnnviz.trace import LayerTrace

__all__ = ["lines", "trajectory"]

_MOST = 40_000
"""Points of faint lines that a browser draws while a slider is dragged; beyond it units are left out."""


@Drawing
def lines(
    layer: LayerTrace,
    cell: Cell,
    *,
    unit: int | None = None,
    batch: int = 0,
    every_batch: bool = False,
    names: Sequence[str] | None = None,
    labels: Sequence[str] | None = None,
    limit: float | None = None,
) -> Spec:
    """The hidden state of every unit over time, faint; ``unit`` is brought out.

    The lines begin at t = 0, the start state. With ``every_batch`` the unit is drawn for each of the K
    sequences of the batch (start states, inputs), which ``names`` names. The axis is [-1, 1] where the cell
    bounds h, else symmetric, its end ``limit`` or what the data need, rounded up to 1, 2 or 5. The faint
    lines are one trace; of more than 40,000 points every second (third, ...) unit is drawn, and the picture
    says so.
    """
    h = base.array(layer.h)
    h0 = np.broadcast_to(base.array(layer.h0), h.shape[1:])
    h = np.concatenate([h0[None], h])  # T+1 x B x H
    steps, units = len(h) - 1, h.shape[2]
    if unit is not None and not 0 <= unit < units:
        raise ValueError(
            f"expected a unit from 0 to {units - 1}, got {unit}; choose one of the layer's {units}"
        )
    bounded = state_kind(cell.name, "h", residual=layer.residual) == "tanh"
    reach = limit if limit is not None else base.reach(h, least=1.0 if bounded else 0.0)

    skip = -(-h.shape[0] * units // _MOST)
    data = [_faint(h[:, batch, ::skip], skip)]
    notes = [base.not_finite(h[:, :, unit] if every_batch and unit is not None else h[:, batch])]
    if skip > 1:
        notes.append(base.note(f"{len(range(0, units, skip))} of {units} units are drawn", 1.0, 1.0, "right"))
    if unit is not None:
        shown = range(h.shape[1]) if every_batch else [batch]
        hover = ["start", *base.hover_labels(labels, steps)]
        many = len(shown) > 1
        ends = []
        for k in shown:
            name = names[k] if names is not None and many else f"unit {unit}"
            colour = PATH_COLOURS[k % len(PATH_COLOURS)] if many else PATH_COLOURS[0]
            data.append(_bright(h[:, k, unit], name, colour, hover, k, many))
            finite = h[:, k, unit][np.isfinite(h[:, k, unit])]
            ends.append((name if names is not None and many else str(k) if many else name, colour, finite))
        wanted = [float(f[-1]) if len(f) else 0.0 for _, _, f in ends]
        for (text, colour, _), place in zip(
            ends, base.apart(wanted, 0.11 * reach, -reach, reach), strict=True
        ):
            notes.append(end_label(text, place, colour))
    pad = 0.04 * reach
    time = base.time_axis(steps, labels)
    layout = {
        "hovermode": "closest",
        "xaxis": {
            **time,
            "range": [-0.02 * steps, steps + 0.01 * steps],
            "domain": [0, 0.9 if unit is not None else 1],
            "title": {"text": "time step t (t = 0: start state)"},
        },
        "yaxis": {
            "range": [-reach - pad, reach + pad],
            "tickvals": [-reach, -reach / 2, 0, reach / 2, reach],
            "tickformat": ".3~g",
            "showgrid": True,
            "title": {"text": "hidden state h"},
        },
        "annotations": base.present(notes),
    }
    return base.spec("states", data, layout)


def _faint(h: Floats, skip: int) -> dict[str, Any]:
    """All units as one line with gaps: one SVG path is drawn far faster than one for each unit."""
    count, units = h.shape
    y = np.full((units, count + 1), np.nan, dtype=np.float32)
    y[:, :count] = h.T
    x = np.tile(np.arange(count + 1, dtype=np.int16), units)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "all units",
        "x": x,
        "y": y.ravel(),
        "connectgaps": False,
        "customdata": np.repeat(np.arange(0, units * skip, skip, dtype=np.int16), count + 1),
        "line": {"color": NEUTRAL, "width": 1},
        "opacity": 0.6 if units <= 32 else 0.25,
        "hovertemplate": "unit %{customdata}, t = %{x:d}, h = %{y:.3f}<extra></extra>",
    }


def _bright(y: Floats, name: str, colour: str, hover: Sequence[str], k: int, many: bool) -> dict[str, Any]:
    dash = ("solid", "dash", "dot", "dashdot")[k // 2 % 4] if many else "solid"
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": np.arange(len(y), dtype=np.int16),
        "y": y,
        "line": {"color": colour, "dash": dash},
        "text": hover,
        "hovertemplate": f"{base.visible(name)}, %{{text}}, h = %{{y:.3f}}<extra></extra>",
    }


def end_label(text: str, place: float, colour: str) -> dict[str, Any]:
    """Words in the colour of a line, right of the panel, at the height ``place``."""
    where = {"x": 1, "xref": "x domain", "xanchor": "left", "xshift": 4, "yref": "y", "yanchor": "middle"}
    return {"text": base.visible(text), "y": place, "showarrow": False, "font": {"color": colour}, **where}

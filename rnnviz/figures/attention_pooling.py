"""Attention over one sequence: what was read, and the weight of each step before and after training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnviz.figures import base
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import CELL_COLOURS, NEUTRAL

WEIGHT, ANSWER = CELL_COLOURS["lstm"], CELL_COLOURS["gru"]
"""The colour of weights, and that of the step where the answer stands."""

TOP = 1.17
"""Where the axis of weights ends: the number over a bar of height 1 has room."""

_LETTERS = 0.42
"""How high the letters stand in the panel of the input, where values stand over them."""


@dataclass(frozen=True, eq=False)
class Read:
    """A sequence: the sign at each of its T steps, and where the answer stands.

    ``levels`` (T,) from 0 to 1 is what each step says besides, or None; ``level`` names it ("mark", "value"). ``at`` is
    the step of the answer, from 0, the last of ``span`` steps that tell it.
    """

    signs: Sequence[str]
    at: int
    span: int = 1
    level: str = ""
    levels: base.Numbers | None = None

    @property
    def hover(self) -> list[str]:
        """How each step is named when it is pointed at."""
        return base.hover_labels(list(self.signs), len(self.signs))


@dataclass(frozen=True, eq=False)
class Look:
    """What one network looked at: its ``weights`` (T,), or None where there are none yet.

    ``name`` is when that was, ``words`` where it looked, and ``answer`` what it said, all in Plotly's markup.
    ``scores`` (T,) are what softmax was given.
    """

    name: str
    words: str
    answer: str
    weights: base.Numbers | None
    scores: base.Numbers | None = None


@Drawing
def weights(read: Read, looks: Sequence[Look]) -> Spec:
    """The input on top, and under it, on one axis of time, the weights of each look as bars on a scale from 0 to 1.

    Dotted is 1/T, what every step gets of a network that looks at all alike. The step of the answer has another colour
    and a band through all panels; over its bar stands its weight, and over the largest one.
    """
    steps = len(read.signs)
    valued = read.level == "value"
    height = 0.75 if valued else 0.42 if read.level else 0.34
    places = base.rows([height, *[1.0] * len(looks)], 0.115)
    x = {**base.time_axis(steps), "fixedrange": True}
    data = _input(read)
    notes = [base.title(f"<b>input</b>{'  letters and their values' if valued else ''}", 0), *_answer(read)]
    layout: dict[str, Any] = {
        "hovermode": "closest",
        "bargap": 0.25,
        "xaxis": {**x, "anchor": "y", "showticklabels": False},
        "yaxis": {
            "range": [-_LETTERS, 1.05] if valued else [-0.5, 0.9 if read.level else 0.5],
            "domain": places[0],
            "tickvals": [0, 1] if valued else [],
            "fixedrange": True,
        },
        "shapes": [_band(read)],
    }
    for k, look in enumerate(looks, 1):
        axes = {"xaxis": base.ref("x", k), "yaxis": base.ref("y", k)}
        lowest = k == len(looks)
        notes.append(base.title(f"<b>{look.name}</b>  {look.words}", k))
        notes.append({**base.title(look.answer, k), "x": 1, "xanchor": "right"})
        layout[base.key("x", k)] = {
            **x,
            "anchor": axes["yaxis"],
            "matches": "x",
            "showticklabels": lowest,
            "title": {"text": "time step t" if lowest else ""},
        }
        layout[base.key("y", k)] = {
            "range": [0, TOP],
            "tickvals": [0, 0.5, 1],
            "showgrid": True,
            "domain": places[k],
            "anchor": axes["xaxis"],
            "fixedrange": True,
        }
        layout["shapes"].append(_uniform(steps, k))
        if look.weights is None:
            place = {"xref": f"{axes['xaxis']} domain", "yref": f"{axes['yaxis']} domain", "x": 0.5, "y": 0.5}
            notes.append(base.remark("The weights stand here once the training starts.", **place))
            continue
        data.append({**_bars(read, look), **axes})
        notes += _numbers(read, base.array(look.weights), axes)
    notes.append(_uniform_name(steps, read.at))
    return base.spec(f"pooling-{steps}", data, {**layout, "annotations": notes})


def _band(read: Read) -> dict[str, Any]:
    """A band through all panels, over the steps that tell the answer."""
    ends = {"x0": read.at + 1 - read.span + 0.5, "x1": read.at + 1.5}
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        **ends,
        "y0": 0,
        "y1": 1,
        "fillcolor": ANSWER,
        "opacity": 0.13,
        "line": {"width": 0},
        "layer": "below",
    }


def _told(read: Read) -> range:
    """The steps that tell the answer."""
    return range(read.at + 1 - read.span, read.at + 1)


def _ground(read: Read) -> float:
    """How high the letters stand."""
    return -_LETTERS / 2 if read.level == "value" else 0.0


def _answer(read: Read) -> list[dict[str, Any]]:
    """The signs that tell the answer, brought out."""
    places = {"xref": "x", "yref": "y", "y": _ground(read), "yanchor": "middle", "yshift": 1}
    return [
        {
            "showarrow": False,
            "text": f"<b>{base.visible(read.signs[t])}</b>",
            "x": t + 1,
            "font": {"color": ANSWER},
            **places,
        }
        for t in _told(read)
    ]


def _input(read: Read) -> list[dict[str, Any]]:
    """All other signs; with their values as bars, or with a mark over one of them."""
    steps, told, x = len(read.signs), _told(read), base.steps_of(len(read.signs))
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "text",
            "name": "input",
            "x": x,
            "y": np.full(steps, _ground(read), np.float32),
            "text": ["" if t in told else base.visible(sign) for t, sign in enumerate(read.signs)],
            "opacity": 0.75,
            "cliponaxis": False,
            "hovertext": read.hover,
            "hovertemplate": "%{hovertext}<extra></extra>",
        }
    ]
    if read.levels is None:
        return data
    levels = base.array(read.levels)
    if read.level == "value":
        data.append(
            {
                "type": "bar",
                "name": "value",
                "x": x,
                "y": levels,
                "marker": {"color": [ANSWER if t in told else NEUTRAL for t in range(steps)]},
                "hovertext": read.hover,
                "hovertemplate": "%{hovertext}: value %{y:.3f}<extra></extra>",
            }
        )
        return data
    there = np.flatnonzero(levels)
    data.append(
        {
            "type": "scatter",
            "mode": "markers",
            "name": read.level,
            "x": x[there],
            "y": np.full(len(there), 0.62, np.float32),  # over its letter
            "marker": {"symbol": "triangle-down", "color": ANSWER, "size": 9},
            "cliponaxis": False,
            "hovertext": [read.hover[t] for t in there],
            "hovertemplate": f"%{{hovertext}}: the {read.level}<extra></extra>",
        }
    )
    return data


def _bars(read: Read, look: Look) -> dict[str, Any]:
    assert look.weights is not None
    values = base.array(look.weights)
    bars: dict[str, Any] = {
        "type": "bar",
        "name": f"weight {look.name}",
        "x": base.steps_of(len(values)),
        "y": values,
        "marker": {"color": [ANSWER if t == read.at else WEIGHT for t in range(len(values))]},
        "hovertext": read.hover,
        "hovertemplate": "%{hovertext}: weight %{y:.4f}<extra></extra>",
    }
    if look.scores is not None:
        bars["customdata"] = base.array(look.scores)
        bars["hovertemplate"] = "%{hovertext}: weight %{y:.4f}, score %{customdata:.3f}<extra></extra>"
    return bars


def _numbers(read: Read, values: base.Floats, axes: dict[str, str]) -> list[dict[str, Any]]:
    """The weight of the answer's step over its bar, and the largest one over its own, where that stands out."""
    if np.isnan(values).any():
        gaps = base.not_finite(values)
        return [] if gaps is None else [gaps]
    top = int(values.argmax())
    shown = (
        [read.at]
        if top == read.at or values[top] < 2 * max(values[read.at], 1 / len(values))
        else [read.at, top]
    )
    places = {"xref": axes["xaxis"], "yref": axes["yaxis"], "yanchor": "bottom", "showarrow": False}
    return [
        {
            "text": _short(float(values[t])),
            "x": t + 1,
            "y": float(values[t]),
            "font": {"color": ANSWER if t == read.at else WEIGHT},
            **places,
        }
        for t in shown
    ]


def _short(value: float) -> str:
    """A weight over its bar: two digits after the point, or one digit that counts."""
    return f"{value:.2f}" if value >= 0.01 else f"{value:.3f}" if value >= 0.001 else "< 0.001"


def _uniform(steps: int, axis: int) -> dict[str, Any]:
    """The dotted line at 1/T."""
    place = {"xref": f"{base.ref('x', axis)} domain", "yref": base.ref("y", axis), "x0": 0, "x1": 1}
    return {"type": "line", **place, "y0": 1 / steps, "y1": 1 / steps, "line": {"dash": "dot"}}


def _uniform_name(steps: int, at: int) -> dict[str, Any]:
    """What the dotted line is, over one of its ends in the uppermost of the panels, away from the answer's step."""
    side, x = ("left", 0) if at > 0.6 * steps else ("right", 1)
    place = {"xref": "x2 domain", "x": x, "xanchor": side, "yref": "y2", "y": 1 / steps, "yanchor": "bottom"}
    return base.remark(f"1/T = {1 / steps:.3f}", yshift=2, **place)

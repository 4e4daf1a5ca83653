"""A small preview of an input."""

from __future__ import annotations

from typing import Any

from rnnviz.figures import base
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import CELL_COLOURS, NEUTRAL
from rnnviz.figures.units import strip, value_axis
from rnnviz.signals import SignalData

_BARE: dict[str, Any] = {"visible": False, "fixedrange": True}


@Drawing
def preview(signal: SignalData, *, loss_at: int | None = None) -> Spec:
    """The input as a line without axes, or as a strip of rows where it has several channels (one-hot text).

    The step ``loss_at`` (from 0) is marked, if it is given. Up to 30 characters are written under the strip.
    """
    x = base.array(signal.x)
    steps, channels = x.shape
    time = {**_BARE, "range": [0.5, steps + 0.5]}
    notes: list[dict[str, Any]] = []
    if channels > 1:
        data = [strip(x, signal.channels)]
        axis = {**_BARE, "range": [channels - 0.5, -0.5]}
        if signal.labels is not None and steps <= 30:
            time = {**base.time_axis(steps, signal.labels), "fixedrange": True}
    else:
        hover = base.hover_labels(signal.labels, steps)
        data = [
            {
                "type": "scatter",
                "mode": "lines" if steps > 30 else "lines+markers",
                "name": "x",
                "x": base.steps_of(steps),
                "y": x[:, 0],
                "line": {"color": NEUTRAL},
                "marker": {"size": 4},
                "text": hover,
                "hovertemplate": "%{text}, x = %{y:.3g}<extra></extra>",
            },
        ]
        if loss_at is not None:
            data.append(_loss(x, loss_at))
        axis = {**_BARE, "range": value_axis(x)["range"]}
    margin = {"l": 4, "r": 8, "t": 4, "b": 4 if not time.get("ticktext") else 18}
    layout = {"xaxis": time, "yaxis": axis, "margin": margin, "annotations": notes}
    return base.spec("preview", data, layout)


def _loss(x: base.Floats, at: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "loss",
        "x": [at + 1],
        "y": x[at : at + 1, 0],
        "marker": {"color": CELL_COLOURS["gru"]},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }

"""The course of a training: the error on the training and on the validation part, epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.figures import base, training_common
from rnnviz.figures import forecast_common as common
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.result import NAMES, Epoch

_END = 0.82
_MOST = 5.0
"""How high a linear axis goes; above it a triangle stands at its edge."""


@Drawing
def course(
    epochs: Sequence[Epoch],
    config: ForecastConfig,
    *,
    kept: int | None = None,
    unchanged: int | float | None = None,
) -> Spec:
    """Both errors over all the epochs that there may be, and a ring at the one whose weights are kept.

    While training goes on (``kept`` None) that is the best so far. ``unchanged`` is the error of a forecast of no
    change on the validation part, in the same unit: a dotted line. The axis of errors is logarithmic for levels,
    whose error falls by decades, and linear for returns, whose error hardly falls; it only ever widens.
    """
    found = {one.number: one for one in epochs if 0 <= one.number <= config.epochs}
    x = np.arange(config.epochs + 1)
    loss, validation = np.full(len(x), np.nan), np.full(len(x), np.nan)
    for number, one in found.items():
        loss[number], validation[number] = one.loss, one.validation
    gone = sorted(k for k, one in found.items() if not math.isfinite(one.loss + one.validation))
    loss, validation = common.numbers(loss), common.numbers(validation)
    yard = unchanged if unchanged is not None and math.isfinite(unchanged) else None
    log = config.mode == "levels"
    low, top, axis = _axis(loss, validation, yard, log)

    def height(value: int | float) -> float:
        if log:
            return math.log10(value) if value > 0 else low if value == 0 else math.nan
        return float(value)

    data = [
        _line("training", x, loss, 1.2, low, top, log),
        _line("validation", x, validation, 2.5, low, top, log),
    ]
    best = kept if kept is not None else max((k for k, one in found.items() if one.best), default=None)
    ring_x, ring_y = (best, validation[best]) if best in found else (math.nan, math.nan)
    what = "kept" if kept is not None else "best so far"
    data.append(
        {
            "type": "scatter",
            "mode": "markers",
            "name": "kept",
            "x": np.array([ring_x], dtype=np.float64),
            "y": np.array([ring_y], dtype=np.float64),
            "marker": {"symbol": "circle-open", "size": 13, "color": common.MODEL, "line": {"width": 2}},
            "cliponaxis": False,
            "hoverinfo": "skip",
        }
    )
    edge = top if not log else 10.0**top
    data.append(_marks(x, loss, validation, gone, edge, log))
    texts = [
        ("validation", common.MODEL, height(common.last(validation))),
        ("training", common.MODEL, height(common.last(loss))),
    ]
    shapes = []
    if yard is not None:
        texts.append((NAMES["naive"].replace(" ", "<br>"), common.NAIVE, height(yard)))
        shapes.append(_level(yard))
    notes = [base.title(f"<b>mean squared error</b>{_unit(config)}", 0), *common.at_end(texts, low, top)]
    if best in found and math.isfinite(height(ring_y)):
        notes.append(_kept(f"{what}: epoch {best}", best, height(ring_y), low, top, config.epochs))
    if not found:
        place = {"xref": "x domain", "yref": "y domain", "x": 0.5, "y": 0.3}
        notes.append(base.remark("The errors grow here once the training starts.", **place))
    if gone:
        words = f"not a finite number after epoch {gone[0]}" + (
            f", and {len(gone) - 1} more" if gone[1:] else ""
        )
        notes.append(base.note(words, _END, 1.0, "right", yshift=2.0))
    layout = {
        "hovermode": "closest",
        "xaxis": {
            "range": [-0.015 * config.epochs, 1.015 * config.epochs],
            "tickvals": list(range(0, config.epochs + 1, base.step_for(config.epochs, 5))),
            "title": {"text": "epoch"},
            "domain": [0, _END],
        },
        "yaxis": axis,
        "annotations": notes,
        "shapes": shapes,
    }
    return base.spec(f"forecast-course-{config.mode}-{config.epochs}", data, layout)


def _unit(config: ForecastConfig) -> str:
    return ", of prices from 0 to 1" if config.mode == "levels" else ", in variances of a move"


def _axis(
    loss: common.Values, validation: common.Values, yard: int | float | None, log: bool
) -> tuple[float, float, dict[str, Any]]:
    """The ends of the axis of errors (decades on a log axis), and the axis."""
    marks = np.array([] if yard is None else [yard], dtype=np.float64)
    if log:
        low, top = training_common.decades([loss, validation, marks], -2.0, 0.0)
        return (
            low,
            top,
            {"type": "log", "range": [low, top], **training_common.ticks(low, top), "showgrid": True},
        )
    found = np.concatenate([one[np.isfinite(one)] for one in (loss, validation, marks)])
    found = found[found <= _MOST]
    least, most = (float(found.min()), float(found.max())) if len(found) else (0.9, 1.1)
    # By tenths, so that it widens seldom; half a tenth stays free at either end.
    step = 0.1 if most - least < 1.5 else 0.5
    low = max(math.floor(least / step - 0.5) * step, -0.5 * step)
    top = math.ceil(most / step + 0.5) * step
    return low, top, {"range": [low, top], "nticks": 6, "showgrid": True}


def _line(
    name: str, x: Any, y: common.Values, width: float, low: int | float, top: int | float, log: bool
) -> dict[str, Any]:
    """An error over the epochs; what has no place on the axis is a gap here and a mark (see :func:`_marks`)."""
    shown = np.where(y > 0, y, np.nan) if log else np.where(y <= _MOST, y, np.nan)
    line = common.line(name, x, shown, common.MODEL, width=width)
    thin = name == "training"
    return {
        **line,
        "mode": "lines" if thin else "lines+markers",
        "opacity": 0.6 if thin else 1.0,
        "marker": {"size": 4, "color": common.MODEL},
        "hoverinfo": "all",
        "hovertemplate": f"epoch %{{x}}<br>{name} error %{{y:.4g}}<extra></extra>",
    }


def _marks(
    x: Any, loss: common.Values, validation: common.Values, gone: Sequence[int], edge: float, log: bool
) -> dict[str, Any]:
    """At the upper edge: crosses where an error is no finite number, triangles where it is above the axis."""
    above = [] if log else [k for k in range(len(x)) if max(_or0(loss[k]), _or0(validation[k])) > _MOST]
    above = [k for k in above if k not in gone]
    places = [*gone, *above]
    words = [f"epoch {k}<br>an error that is not a finite number" for k in gone]
    words += [
        f"epoch {k}<br>training {loss[k]:.4g}, validation {validation[k]:.4g}: above the axis" for k in above
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "off the axis",
        "x": np.array(places, dtype=np.float64),
        "y": np.full(len(places), edge),
        "marker": {
            "symbol": ["x-thin"] * len(gone) + ["triangle-up-open"] * len(above),
            "size": 8,
            "color": common.MODEL,
            "line": {"width": 2, "color": common.MODEL},
        },
        "cliponaxis": False,
        "text": words,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _or0(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def _level(value: int | float) -> dict[str, Any]:
    return {
        **training_common.level(value, 0),
        "line": {"dash": "dot", "color": common.NAIVE, "width": 2},
    }


def _kept(text: str, epoch: int, y: float, low: float, top: float, epochs: int) -> dict[str, Any]:
    """Words at the ring, on the side of it that has room."""
    high = y > (low + top) / 2
    late = epoch > 0.7 * epochs
    return {
        "text": text,
        "showarrow": False,
        "font": {"color": common.MODEL},
        "x": epoch,
        "xanchor": "right" if late else "left",
        "y": y,
        "yref": "y",
        "yanchor": "top" if high else "bottom",
        "yshift": -9 if high else 9,
    }

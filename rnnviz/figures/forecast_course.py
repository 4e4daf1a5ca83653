"""The course of a training: the error on the validation and on the training part, epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.figures import base, training_common
from rnnviz.figures import forecast_common as common
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.result import Epoch

_END = 0.8
_REACH = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0)
"""How far an axis goes on either side, as a share of what it lies around: it widens in few and large steps."""

_PARTS = ("validation", "training")


@Drawing
def course(
    epochs: Sequence[Epoch],
    config: ForecastConfig,
    *,
    kept: int | None = None,
    unchanged: int | float | None = None,
) -> Spec:
    """Mean squared errors over the epochs: validation above, with a ring at the epoch whose weights were kept.

    While training goes on (``kept`` None) the ring is at the best so far, and the axis takes in all the epochs that
    there may be. ``unchanged`` is the error of a forecast of
    no change on the validation part, in the same unit: a dotted line.

    Returns: each panel lies around what there was at first (the validation around ``unchanged``) and goes as far in
    proportion as the other, so that the two can be compared. Levels: a log axis, the same for both. Axes only widen.
    """
    found = {one.number: one for one in epochs if 0 <= one.number <= config.epochs}
    # Once it is over nothing grows any more, and most trainings end long before the last epoch.
    last = config.epochs if kept is None else max([1, *found])
    x = np.arange(last + 1)
    raw = {part: np.full(len(x), np.nan) for part in _PARTS}
    for number, one in found.items():
        raw["validation"][number], raw["training"][number] = one.validation, one.loss
    errors = {part: common.numbers(values) for part, values in raw.items()}
    gone = {part: [k for k in sorted(found) if not math.isfinite(raw[part][k])] for part in _PARTS}
    yard = unchanged if unchanged is not None and math.isfinite(unchanged) and unchanged > 0 else None
    log = config.mode == "levels"
    axes = _decades(errors, yard) if log else _around(errors, yard)
    best = kept if kept is not None else max((k for k, one in found.items() if one.best), default=None)
    places = base.rows([1.15, 1.0], 0.16)
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"hovermode": "closest"}
    for k, part in enumerate(_PARTS):
        low, top, axis = axes[part]
        drawn = [
            _line(part, x, errors[part], low, top, log),
            _off(part, x, errors[part], gone[part], low, top, log),
        ]
        data += [{**one, "xaxis": base.ref("x", k), "yaxis": base.ref("y", k)} for one in drawn]
        layout[base.key("y", k)] = {**axis, "domain": places[k], "anchor": base.ref("x", k), "showgrid": True}
        layout[base.key("x", k)] = {**_epochs(last, k), "anchor": base.ref("y", k)}
    data.append(_ring(best, errors["validation"]))
    words = (
        "" if best not in found else f", epoch {best} is {'kept' if kept is not None else 'the best so far'}"
    )
    notes = [
        base.title(f"<b>validation</b> error{words}", 0, "Mean squared error of what is modelled, scaled."),
        base.title("<b>training</b> error", 1, "Mean squared error of what is modelled, scaled."),
    ]
    shapes = []
    if yard is not None:
        low, top, _ = axes["validation"]
        text = common.YESTERDAY.replace(" ", "<br>")
        notes += common.at_end([(text, common.NAIVE, math.log10(yard) if log else yard)], low, top)
        look = {"dash": "dot", "color": common.NAIVE, "width": 2}
        shapes.append({**training_common.level(yard, 0), "line": look})
    if not found:
        place = {"xref": "x domain", "yref": "y domain", "x": 0.5, "y": 0.7}
        notes.append(base.remark("The errors grow here once the training starts.", **place))
    if lost := sorted({*gone["validation"], *gone["training"]}):
        count = f"in {len(lost)} epochs" if len(lost) > 1 else f"in epoch {lost[0]}"
        notes.append(base.note(f"{count}: no finite number", _END, 1.0, "right", yshift=2.0))
    layout |= {"annotations": notes, "shapes": shapes}
    return base.spec(f"forecast-course-{config.mode}-{last}", data, layout)


_Axes = dict[str, tuple[float, float, dict[str, Any]]]


def _decades(errors: dict[str, common.Values], yard: int | float | None) -> _Axes:
    """One log axis for both; its ends are decades."""
    marks = np.array([] if yard is None else [yard], dtype=np.float64)
    low, top = training_common.decades([*errors.values(), marks], -2.0, 0.0, cap=6.0)
    ticks = training_common.ticks(low, top)
    few = slice(None, None, max(1, math.ceil(len(ticks["tickvals"]) / 5)))
    ticks = {name: values[few] for name, values in ticks.items()}
    return {part: (low, top, {"type": "log", "range": [low, top], **ticks}) for part in _PARTS}


def _around(errors: dict[str, common.Values], yard: int | float | None) -> _Axes:
    """An axis each around its beginning, of one reach in proportion."""
    middles = {}
    for part, values in errors.items():
        there = values[np.isfinite(values) & (values > 0)]
        middles[part] = float(there[0]) if len(there) else 1.0
    if yard is not None:
        middles["validation"] = float(yard)
    off = [np.nanmax(np.abs(v / middles[part] - 1)) for part, v in errors.items() if np.isfinite(v).any()]
    reach = next((one for one in _REACH if max(off, default=0.0) <= one), _REACH[-1])
    axes: _Axes = {}
    for part, middle in middles.items():
        low, top = middle * max(1 - 1.15 * reach, -0.06 * reach), middle * (1 + 1.15 * reach)
        axes[part] = (low, top, {"range": [low, top], "nticks": 5})
    return axes


def _epochs(epochs: int, panel: int) -> dict[str, Any]:
    """The axis of all epochs; the upper one follows the lower and says nothing."""
    lowest = panel == 1
    return {
        "range": [-0.015 * epochs, 1.015 * epochs],
        "tickvals": list(range(0, epochs + 1, base.step_for(epochs, 6))),
        "title": {"text": "epoch" if lowest else ""},
        "showticklabels": lowest,
        "domain": [0, _END],
        **({} if lowest else {"matches": "x2"}),
    }


def _line(part: str, x: Any, y: common.Values, low: float, top: float, log: bool) -> dict[str, Any]:
    """An error over the epochs; what is beyond the axis is a gap here and a mark (see :func:`_off`)."""
    shown = np.where(y > 0, y, np.nan) if log else np.where(y <= top, y, np.nan)
    first = part == "validation"
    return {
        **common.line(f"{part} error", x, shown, common.MODEL, width=2 if first else 1.5),
        "mode": "lines+markers",
        "marker": {"size": 5 if first else 4, "color": common.MODEL},
        "hoverinfo": "text",
        "hovertemplate": f"epoch %{{x}}<br>{part} error %{{y:.5~g}}<extra></extra>",
    }


def _off(
    part: str, x: Any, y: common.Values, gone: Sequence[int], low: float, top: float, log: bool
) -> dict[str, Any]:
    """Marks at the edge of a panel: crosses for what is no finite number, triangles for what is above the axis."""
    above = [] if log else [int(k) for k in np.flatnonzero(y > top)]
    words = [f"epoch {k}<br>{part} error: no finite number" for k in gone]
    words += [f"epoch {k}<br>{part} error {y[k]:.4g}, above the axis" for k in above]
    symbols = ["x-thin"] * len(gone) + ["triangle-up-open"] * len(above)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{part}: off the axis",
        "x": np.array([*gone, *above], dtype=np.float64),
        "y": np.full(len(words), 10.0**top if log else top),
        "marker": {
            "symbol": symbols,
            "size": 8,
            "color": common.MODEL,
            "line": {"width": 2, "color": common.MODEL},
        },
        "cliponaxis": False,
        "text": words,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _ring(best: int | None, validation: common.Values) -> dict[str, Any]:
    at = best if best is not None and best < len(validation) else None
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "kept",
        "x": np.array([math.nan if at is None else at], dtype=np.float64),
        "y": np.array([math.nan if at is None else validation[at]], dtype=np.float64),
        "marker": {
            "symbol": "circle-open",
            "size": 14,
            "color": common.MODEL,
            "line": {"width": 2.5, "color": common.MODEL},
        },
        "cliponaxis": False,
        "hoverinfo": "skip",
    }

"""What the networks answer to one test sequence after an epoch, against the truth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnnviz.figures import base
from rnnviz.figures import training_common as common
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import CELL_COLOURS, CELL_DASHES, NEUTRAL
from rnnviz.figures.training_strips import strips
from rnnviz.registry import CELLS
from rnnviz.training.epoch import Epoch
from rnnviz.training.view import TaskView

_END = 0.75
"""Where the panels end; the names stand at the right."""

_WIDE = {"color": NEUTRAL, "width": 5}

_Found = dict[str, Epoch | None]


@Drawing
def answer(epochs: Mapping[str, Sequence[Epoch]], view: TaskView, number: int, *, room: int = 40) -> Spec:
    """The answers after epoch ``number``, or each cell's last one before it.

    Numbers over several steps: lines over the truth, a row an output. One number: each cell's way towards it over the
    epochs. Classes over several steps: a strip a cell, coloured by the probability it gives to the true class; one
    class: that probability over the epochs. ``room`` is how many steps of those are shown, the last.

    Axes are those of the truth: an answer far beyond them is off the picture.
    """
    number = min(number, view.epochs)
    if len(view.scored) == 1:
        return _path(epochs, view, number)
    found = {cell: _at(every, number) for cell, every in epochs.items()}
    reached = max((one.number for one in found.values() if one is not None), default=number)
    under = f"time step t  (after epoch {reached})"
    return _rows(found, view, under) if view.kind == "regression" else strips(found, view, under, room)


def _at(epochs: Sequence[Epoch], number: int) -> Epoch | None:
    return max((one for one in epochs if one.number <= number), key=lambda one: one.number, default=None)


def _numbers(values: Any) -> base.Floats:
    return base.array(np.array(values, dtype=np.float64))


def _rows(found: _Found, view: TaskView, under: str) -> Spec:
    """Each output over the scored steps: the truth wide and grey, the answers over it, and what was read."""
    truth, inputs = _numbers(view.truth), _numbers(view.inputs)
    steps, outputs = np.array(view.scored) + 1, truth.shape[1]
    paired = inputs.shape[1] in (1, outputs)  # each input belongs to an output
    rare = bool((inputs == 0).mean() > 0.5)  # pulses
    hover = base.hover_labels(view.labels, len(inputs))
    names = [hover[t] for t in view.scored]
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"hovermode": "closest"}
    notes = []
    low, top = _ends(truth, *([inputs] if paired else []))
    for k, place in enumerate(base.rows([1.0] * outputs, 0.12)):
        drawn = []
        if paired and not rare:
            look = {"color": NEUTRAL, "width": 1, "dash": "dot"}
            drawn.append(
                _line(
                    base.steps_of(len(inputs)), inputs[:, min(k, inputs.shape[1] - 1)], "input", look, hover
                )
            )
        drawn.append({**_line(steps, truth[:, k], "truth", _WIDE, names), "opacity": 0.45})
        if paired and rare:
            drawn.append(_pulses(inputs[:, k], hover))
        for cell, epoch in found.items():
            said = (
                _numbers(epoch.answer)[:, k] if epoch is not None else np.full(len(steps), np.nan, np.float32)
            )
            drawn.append(_line(steps, said, CELLS[cell].label, _look(cell), names))
        data += [{**line, "xaxis": base.ref("x", k), "yaxis": base.ref("y", k)} for line in drawn]
        name = base.visible(view.outputs[k])
        notes.append(base.title(f"<b>{name}</b>", k))
        lowest = k == outputs - 1
        layout[base.key("x", k)] = {
            **base.time_axis(len(inputs), view.labels),
            "domain": [0, _END],
            "anchor": base.ref("y", k),
            "showticklabels": lowest,
            "title": {"text": under if lowest else ""},
            **({"matches": "x"} if k else {}),
        }
        layout[base.key("y", k)] = {
            "range": [low, top],
            "domain": place,
            "anchor": base.ref("x", k),
            "nticks": 4,
            "showgrid": True,
        }
    grey = ["truth", *(["▲ ▼ pulses" if rare else "input"] if paired else [])]
    return base.spec("answer-rows", data, {**layout, "annotations": [*notes, *_key(found, grey)]})


def _ends(*values: base.Floats) -> tuple[float, float]:
    """A range around the truth."""
    every = np.concatenate([one[np.isfinite(one)].ravel() for one in values])
    low, top = (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)
    room = 0.2 * (top - low) or 0.5
    return low - room, top + room


def _look(cell: str) -> dict[str, Any]:
    return {"color": CELL_COLOURS[cell], "dash": CELL_DASHES[cell]}


def _line(x: Any, y: base.Floats, name: str, look: dict[str, Any], hover: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "line": look,
        "text": list(hover),
        "hovertemplate": f"{name}, %{{text}}: %{{y:.3f}}<extra></extra>",
    }


def _pulses(values: base.Floats, hover: Sequence[str]) -> dict[str, Any]:
    """The steps at which something was read that is not 0."""
    there = [t for t, value in enumerate(values.tolist()) if value]
    symbols = ["triangle-up" if values[t] > 0 else "triangle-down" for t in there]
    line = _line(np.array(there, dtype=np.int16) + 1, values[there], "pulse", {}, [hover[t] for t in there])
    return {**line, "mode": "markers", "marker": {"symbol": symbols, "color": NEUTRAL, "size": 9}}


def _key(found: _Found, grey: Sequence[str]) -> list[dict[str, Any]]:
    """The names of the lines, one under the other at the right."""
    words = [(name, NEUTRAL) for name in grey]
    words += [
        (common.name_of(cell, epoch is not None and epoch.diverged), CELL_COLOURS[cell])
        for cell, epoch in found.items()
    ]
    texts = [text for text, _ in words]
    places = common.stacked(texts, [1.0 - k / 1000 for k in range(len(texts))], 0.0, 1.0, 0.09)
    paper = {"x": _END + 0.015, "xref": "paper", "yref": "paper"}
    return [
        {**base.beside(text, colour, 0, place, "right"), **paper}
        for (text, colour), place in zip(words, places, strict=True)
    ]


def _path(epochs: Mapping[str, Sequence[Epoch]], view: TaskView, number: int) -> Spec:
    """One scored step: each cell's answer, or the probability it gives to the truth, over the epochs so far."""
    regression = view.kind == "regression"
    numbers = np.arange(view.epochs + 1)
    if regression:
        level, name, what = float(_numbers(view.truth)[0, 0]), "truth", "answer"
        low, top = math.floor(min(level, 0.0)) - 0.25, math.ceil(max(level, 1.0)) + 0.25
        title = f"<b>answer to one sequence</b>, {base.visible(view.outputs[0])}"
    else:
        level, name, what = 1 / len(view.outputs), "chance", "probability"
        low, top = -0.02, 1.03
        title = f"<b>probability of the truth</b>, which is {base.visible(view.outputs[_classes(view)[0]])}"
    wide = _line(numbers, np.full(len(numbers), level, np.float32), name, _WIDE, [])
    data = [{**wide, "opacity": 0.45, "hovertemplate": f"{name} %{{y:.3f}}<extra></extra>"}]
    texts, colours, wanted = [name], [NEUTRAL], [level]
    for cell, every in epochs.items():
        said = np.full(len(numbers), np.nan, dtype=np.float32)
        shown = [one for one in every if one.number <= number]
        for one in shown:
            value = one.answer if regression else one.sure
            said[one.number] = _numbers(value).ravel()[0] if value else np.nan
        there = said[np.isfinite(said)]
        end = float(there[-1]) if len(there) else math.nan
        # Far from the picture there is no way to be seen, only lines up and down across it.
        said[np.abs(said - (low + top) / 2) > top - low] = np.nan
        label = CELLS[cell].label
        hover = f"{label} after epoch %{{x}}: {what} %{{y:.3f}}<extra></extra>"
        data.append({**_line(numbers, said, label, _look(cell), []), "hovertemplate": hover})
        diverged = any(one.diverged for one in shown)
        off = math.isfinite(end) and not low <= end <= top and not diverged
        text = common.name_of(cell, diverged)
        texts.append(f"{text}<br>at {end:.3g}".replace("-", "−") if off else text)
        colours.append(CELL_COLOURS[cell])
        wanted.append(min(max(end, low), top))
    places = common.stacked(texts, wanted, low, top, 0.095)
    words = zip(texts, colours, places, strict=True)
    layout = {
        "hovermode": "closest",
        "xaxis": {
            "range": [-0.015 * view.epochs, 1.015 * view.epochs],
            "nticks": 6,
            "domain": [0, _END],
            "title": {"text": "epoch"},
        },
        "yaxis": {"range": [low, top], "nticks": 6, "showgrid": True},
        "annotations": [base.title(title, 0), *(common.at_right(*one) for one in words)],
    }
    return base.spec("answer-path", data, layout)


def _classes(view: TaskView) -> list[int]:
    return [int(one) for one in view.truth if isinstance(one, int)]

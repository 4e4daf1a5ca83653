"""What the networks answer to one test sequence after an epoch, against the truth."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnnviz.figures import base
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import CELL_COLOURS, CELL_DASHES, NEUTRAL
from rnnviz.registry import CELLS
from rnnviz.training.epoch import Epoch
from rnnviz.training.view import TaskView

_END = 0.86
"""Where the panels end; the names stand at the right."""
_WRITTEN = 64
"""The most answers that are written as letters."""

_Found = dict[str, Epoch | None]


@Drawing
def answer(epochs: Mapping[str, Sequence[Epoch]], view: TaskView, number: int) -> Spec:
    """The answers after epoch ``number``, or each cell's last one before it.

    Numbers over several steps: lines over the truth, a row an output. One number: each cell's way towards it over the
    epochs. Classes over several steps: a strip a cell, coloured by the probability it gives to the true class; one
    class: that probability over the epochs.
    """
    found = {cell: _at(every, number) for cell, every in epochs.items()}
    if len(view.scored) == 1:
        return _path(epochs, view, number)
    return _rows(found, view) if view.kind == "regression" else _strips(found, view)


def _at(epochs: Sequence[Epoch], number: int) -> Epoch | None:
    return max((one for one in epochs if one.number <= number), key=lambda one: one.number, default=None)


def _numbers(values: Sequence[Any]) -> base.Floats:
    return base.array(np.array(values, dtype=np.float64))


def _rows(found: _Found, view: TaskView) -> Spec:
    """Each output over the scored steps: the truth wide and grey, the answers over it, and what was read."""
    truth, inputs = _numbers(view.truth), _numbers(view.inputs)
    steps, outputs = np.array(view.scored) + 1, truth.shape[1]
    paired = inputs.shape[1] in (1, outputs)  # each input belongs to an output
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"hovermode": "closest"}
    notes = []
    low, top = _ends(truth, *([inputs] if paired else []))
    for k, place in enumerate(base.rows([1.0] * outputs, 0.12)):
        axes = {"xaxis": base.ref("x", k), "yaxis": base.ref("y", k)}
        name = base.visible(view.outputs[k])
        drawn = []
        if paired:
            read = inputs[:, min(k, inputs.shape[1] - 1)]
            look = {"color": NEUTRAL, "width": 1, "dash": "dot"}
            drawn.append(_line(base.steps_of(len(read)), read, "input", look, 0.9))
        drawn.append(_line(steps, truth[:, k], "truth", {"color": NEUTRAL, "width": 5}, 0.45))
        for cell, epoch in found.items():
            said = np.full(len(steps), np.nan, dtype=np.float32)
            if epoch is not None:
                said = _numbers(epoch.answer)[:, k]
            look = {"color": CELL_COLOURS[cell], "dash": CELL_DASHES[cell]}
            drawn.append(_line(steps, said, CELLS[cell].label, look, 1.0))
        data += [{**line, **axes} for line in drawn]
        title = f"<b>{name}</b>" if outputs > 1 else f"<b>answer</b> ({name})"
        notes.append(base.title(title, k))
        lowest = k == outputs - 1
        layout[base.key("x", k)] = {
            **base.time_axis(len(view.inputs), view.labels),
            "domain": [0, _END],
            "anchor": base.ref("y", k),
            "showticklabels": lowest,
            **({"title": {"text": "time step t"}} if lowest else {}),
            **({"matches": "x"} if k else {}),
        }
        layout[base.key("y", k)] = {
            "range": [low, top],
            "domain": place,
            "anchor": base.ref("x", k),
            "nticks": 4,
            "showgrid": True,
        }
    notes += _key(found, ["truth", *(["input"] if paired else [])])
    return base.spec("answer-rows", data, {**layout, "annotations": notes})


def _ends(*values: base.Floats) -> tuple[float, float]:
    """A range around the truth: what a network says beyond it is off the axis."""
    every = np.concatenate([one[np.isfinite(one)].ravel() for one in values])
    low, top = (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)
    room = 0.2 * (top - low) or 0.5
    return low - room, top + room


def _line(x: Any, y: base.Floats, name: str, look: dict[str, Any], opacity: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "line": look,
        "opacity": opacity,
        "hovertemplate": f"{name}, t = %{{x}}: %{{y:.3f}}<extra></extra>",
    }


def _key(found: _Found, grey: Sequence[str]) -> list[dict[str, Any]]:
    """The names of the lines, one under the other at the right."""
    words = [(name, NEUTRAL) for name in grey]
    for cell, epoch in found.items():
        text = "<br>".join(textwrap.wrap(CELLS[cell].label, 12))
        words.append(
            (text + ("<br>diverged" if epoch is not None and epoch.diverged else ""), CELL_COLOURS[cell])
        )
    notes, y = [], 1.0
    for text, colour in words:
        place = {
            "x": _END + 0.015,
            "y": y,
            "xref": "paper",
            "yref": "paper",
            "xanchor": "left",
            "yanchor": "top",
        }
        notes.append({"text": text, "showarrow": False, "align": "left", "font": {"color": colour}, **place})
        y -= 0.065 * (1 + text.count("<br>")) + 0.02
    return notes


def _path(epochs: Mapping[str, Sequence[Epoch]], view: TaskView, number: int) -> Spec:
    """One scored step: each cell's answer, or the probability it gives to the truth, over the epochs so far."""
    regression = view.kind == "regression"
    numbers = np.arange(view.epochs + 1)
    data, ends = [], []
    if regression:
        truth = float(_numbers(view.truth)[0, 0])
        low, top = math.floor(min(truth, 0.0)) - 0.25, math.ceil(max(truth, 1.0)) + 0.25
        what, level = "answer", _line(numbers, np.full(len(numbers), truth, np.float32), "truth", {}, 0.45)
    else:
        true = base.visible(view.outputs[int(view.truth[0])])  # type: ignore[arg-type]
        chance = 1 / len(view.outputs)
        low, top = -0.02, 1.03
        what, level = (
            "probability",
            _line(numbers, np.full(len(numbers), chance, np.float32), "chance", {}, 0.45),
        )
    level["line"] = {"color": NEUTRAL, "width": 5}
    level["hovertemplate"] = f"{level['name']}: %{{y:.3f}}<extra></extra>"
    data.append(level)
    for cell, every in epochs.items():
        said = np.full(len(numbers), np.nan, dtype=np.float32)
        for one in every:
            if one.number <= min(number, view.epochs):
                value = one.answer if regression else one.sure
                said[one.number] = _numbers(value).ravel()[0] if value is not None else np.nan
        label = CELLS[cell].label
        line = _line(numbers, said, label, {"color": CELL_COLOURS[cell], "dash": CELL_DASHES[cell]}, 1.0)
        line["hovertemplate"] = f"{label} after epoch %{{x}}: {what} %{{y:.3f}}<extra></extra>"
        data.append(line)
        last = said[np.isfinite(said)]
        ends.append(min(max(float(last[-1]), low), top) if len(last) else low)
    places = base.apart([*ends, float(level["y"][0])], 0.08 * (top - low), low, top)
    found = {cell: _at(every, number) for cell, every in epochs.items()}
    notes = []
    for (text, colour), place in zip([*_names(found), (level["name"], NEUTRAL)], places, strict=True):
        notes.append({**base.beside(text, colour, 1.02, place, "right"), "xref": "x domain"})
    title = "<b>answer</b> to one test sequence" if regression else f"<b>probability of the truth</b>, {true}"
    layout = {
        "hovermode": "closest",
        "xaxis": {
            "range": [-0.015 * view.epochs, 1.015 * view.epochs],
            "domain": [0, 0.82],
            "title": {"text": "epoch"},
        },
        "yaxis": {"range": [low, top], "nticks": 6, "showgrid": True},
        "annotations": [base.title(title, 0), *notes],
    }
    return base.spec("answer-path", data, layout)


def _names(found: _Found) -> list[tuple[str, str]]:
    return [
        (
            "<br>".join(textwrap.wrap(CELLS[cell].label, 12))
            + ("<br>diverged" if epoch is not None and epoch.diverged else ""),
            CELL_COLOURS[cell],
        )
        for cell, epoch in found.items()
    ]


def _strips(found: _Found, view: TaskView) -> Spec:
    """The true classes on top, and a strip for each cell."""
    count = len(view.scored)
    truth = [int(one) for one in view.truth]  # type: ignore[arg-type]
    shown = [base.visible(name) for name in view.outputs]
    z = np.full((len(found), count), np.nan, dtype=np.float32)
    wrong = [[""] * count for _ in found]
    said = [[""] * count for _ in found]
    rights = []
    for k, epoch in enumerate(found.values()):
        if epoch is None or epoch.sure is None:
            rights.append("")
            continue
        z[k] = _numbers(epoch.sure)
        said[k] = [shown[int(one)] for one in epoch.answer]
        wrong[k] = [
            "" if one == true else shown[int(one)] for one, true in zip(epoch.answer, truth, strict=True)
        ]
        rights.append(f"{wrong[k].count('')} of {count} right")
    steps = [step + 1 for step in view.scored]
    hover = [
        [f"t = {t}: {shown[true]}, says {one}" for t, true, one in zip(steps, truth, row, strict=True)]
        for row in said
    ]
    x = np.arange(count)
    data: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "name": "probability of the truth",
            "z": z,
            "x0": 0,
            "y0": 0,
            "zmin": 0.0,
            "zmax": 1.0,
            "autocolorscale": True,
            "hoverongaps": False,
            "ygap": 6,
            "text": hover,
            "hovertemplate": "%{text}<br>probability of the truth %{z:.3f}<extra></extra>",
            "colorbar": {
                "title": {"text": "p", "side": "top"},
                "tickvals": [0, 0.5, 1],
                "x": 1.01,
                "xanchor": "left",
            },
        }
    ]
    if count <= _WRITTEN:
        data += [_letters(x, [shown[true] for true in truth], -1, "truth")]
        data += [
            _letters(x, row, k, f"{cell} says")
            for k, (cell, row) in enumerate(zip(found, wrong, strict=True))
        ]
    every = base.step_for(count, 10)
    rows = [
        f"<span style='color:{CELL_COLOURS[cell]}'>{CELLS[cell].label}</span>"
        + (f"<br>{right}" if right else "")
        for (cell, _), right in zip(found.items(), rights, strict=True)
    ]
    layout = {
        "hovermode": "closest",
        "xaxis": {
            "range": [-0.5, count - 0.5],
            "tickvals": list(range(0, count, every)),
            "ticktext": [str(steps[i]) for i in range(0, count, every)],
            "title": {"text": "time step t"},
        },
        "yaxis": {
            "range": [len(found) - 0.5, -1.5],
            "tickvals": [-1, *range(len(found))],
            "ticktext": ["truth", *rows],
        },
        "annotations": [
            base.title("<b>probability of the truth</b>; a letter where the answer is another", 0)
        ],
    }
    return base.spec("answer-strips", data, layout)


def _letters(x: Any, letters: Sequence[str], row: int, name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "text",
        "name": name,
        "x": x,
        "y": np.full(len(x), row, dtype=np.float64),
        "text": list(letters),
        "hoverinfo": "skip",
    }

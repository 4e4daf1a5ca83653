"""The race: loss and accuracy of each cell over the training, beside the yardsticks of the task."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.figures import base
from rnnviz.figures import training_common as common
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.race import Race
from rnnviz.tasks.base import Yardstick
from rnnviz.training.epoch import Epoch, kept

_END = 0.8
"""Where the panels end; the names stand at the right."""

_LINE = 0.075
"""How much of the picture's height a line of words takes."""

_SHARES = [0.0, 0.25, 0.5, 0.75, 1.0]


@Drawing
def race(epochs: common.Epochs, race: Race, yardsticks: Sequence[Yardstick] = (), *, right: str = "") -> Spec:
    """The loss on a log axis, and under it the accuracy where the task has one: test set thick, training thin.

    A ring stands on the test loss of the epoch whose weights are kept so far. The x axis spans the whole race from its
    start; the log axis widens by fixed rungs. Where a cell diverged stands a cross. Yardsticks are dotted, and say on
    hover how they come about. ``right`` says what the accuracy counts.
    """
    found = common.courses(epochs, race)
    graded = any(yard.metric == "accuracy" for yard in yardsticks) or any(
        epoch.test_accuracy is not None for one in found for epoch in one.epochs.values()
    )
    known = [yard for yard in yardsticks if math.isfinite(yard.value)]
    losses = [yard for yard in known if yard.metric == "loss" and yard.value > 0]
    places = base.rows([1.75, 1.0], 0.12) if graded else [[0.0, 1.0]]
    x = {**common.step_axis(race), "domain": [0, _END]}

    data, low, top, wanted = _loss(found, losses)
    notes = [base.title("<b>loss</b>  thick: test, thin: training, ring: kept", 0)]
    notes += _names(found, [(goal - low) / (top - low) for goal in wanted], places[0])
    notes += _yardsticks(losses, [math.log10(yard.value) for yard in losses], low, top, 0)
    notes += base.present([common.waiting(found)])
    shapes = [common.level(yard.value, 0) for yard in losses]
    layout: dict[str, Any] = {
        "hovermode": "closest",
        "xaxis": {**x, "anchor": "y"},
        "yaxis": {
            "type": "log",
            "range": [low, top],
            **common.ticks(low, top),
            "showgrid": True,
            "domain": places[0],
        },
    }
    if graded:
        shares = [yard for yard in known if yard.metric == "accuracy"]
        ends = (-0.03, 1.04)
        data += [{**line, "xaxis": "x2", "yaxis": "y2"} for line in _accuracy(found, *ends)]
        notes.append(base.title(f"<b>accuracy</b>  {base.visible(right) if right else ''}", 1))
        notes += _yardsticks(shares, [yard.value for yard in shares], *ends, 1)
        shapes += [common.level(yard.value, 1) for yard in shares]
        layout["xaxis"] |= {"showticklabels": False, "title": {"text": ""}, "matches": "x2"}
        layout["xaxis2"] = {**x, "anchor": "y2"}
        layout["yaxis2"] = {
            "range": list(ends),
            "tickvals": _SHARES,
            "ticktext": ["0 %", "", "50 %", "", "100 %"],
            "showgrid": True,
            "domain": places[1],
            "anchor": "x2",
        }
    layout |= {"annotations": notes, "shapes": shapes}
    return base.spec(f"race-{race.task}-{race.steps}", data, layout)


def _loss(
    found: Sequence[common.Course], known: Sequence[Yardstick]
) -> tuple[list[dict[str, Any]], float, float, list[float]]:
    """The lines of the upper panel, the decades at its ends, and where the names want to stand."""
    thin = [one.values(lambda epoch: epoch.loss) for one in found]
    strong = [one.values(lambda epoch: epoch.test_loss) for one in found]
    marks = np.array([yard.value for yard in known])
    start = math.floor(math.log10(marks.min()) - 0.3) if len(marks) else -1
    low, top = common.decades([*thin, *strong, marks], float(min(start, 0)), 0.0)
    pairs = list(zip(found, thin, strict=True))
    data = [one.line(common.positive(values), "training loss", strong=False) for one, values in pairs]
    pairs = list(zip(found, strong, strict=True))
    data += [one.line(common.positive(values), "test loss") for one, values in pairs]
    ends, wanted = common.tips(found, strong, "test loss", low, top)
    return [*data, ends, _rings(found, strong, low, top)], low, top, wanted


def _rings(
    found: Sequence[common.Course], lines: Sequence[common.Values], low: int | float, top: int | float
) -> dict[str, Any]:
    """A ring for each cell around the epoch whose weights are kept; none where no loss of it has a place."""
    x, y, words = [], [], []
    for one, values in zip(found, lines, strict=True):
        best = kept(list(one.epochs.values()))
        loss = math.nan if best is None else float(values[best.number])
        there = best is not None and loss > 0
        x.append(one.steps[best.number] if there and best is not None else math.nan)
        y.append(10.0 ** min(max(math.log10(loss), low), top) if there else math.nan)
        words.append("" if best is None else f"{one.label}, step {best.step:,}: {_why(best)}")
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "kept",
        "x": np.array(x, dtype=np.float64),
        "y": np.array(y, dtype=np.float64),
        "marker": {
            "symbol": "circle-open",
            "size": 14,
            "color": [one.colour for one in found],
            "line": {"width": 2, "color": [one.colour for one in found]},
        },
        "cliponaxis": False,
        "text": words,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _why(best: Epoch) -> str:
    """Why the weights of an epoch are kept."""
    if best.validation_loss is None:
        return f"kept, as the lowest test loss<br>test loss {best.test_loss:.4g}"
    return f"kept, as the lowest validation loss<br>validation {best.validation_loss:.4g}, test {best.test_loss:.4g}"


def _accuracy(found: Sequence[common.Course], low: int | float, top: int | float) -> list[dict[str, Any]]:
    """The lines of the lower panel."""
    thin = [one.values(lambda epoch: epoch.accuracy) for one in found]
    strong = [one.values(lambda epoch: epoch.test_accuracy) for one in found]
    pairs = list(zip(found, thin, strict=True))
    data = [one.line(values, "training accuracy", strong=False, form=".1%") for one, values in pairs]
    pairs = list(zip(found, strong, strict=True))
    data += [one.line(values, "test accuracy", form=".1%") for one, values in pairs]
    return [*data, common.tips(found, strong, "test accuracy", low, top, log=False, form=".1%")[0]]


def _names(
    found: Sequence[common.Course], wanted: Sequence[float], place: Sequence[float]
) -> list[dict[str, Any]]:
    """The names at the ends of the lines of the upper panel; where they are many they go on beside the lower one."""
    texts = [common.name_of(one.cell, one.diverged is not None) for one in found]
    goals = [place[0] + share * (place[1] - place[0]) for share in wanted]
    heights = common.stacked(texts, goals, 0.0, 1.0, _LINE)
    paper = {"xref": "paper", "yref": "paper"}
    return [
        {**base.beside(text, one.colour, _END + 0.015, height, "right"), **paper}
        for one, text, height in zip(found, texts, heights, strict=True)
    ]


def _yardsticks(
    known: Sequence[Yardstick], heights: Sequence[float], low: int | float, top: int | float, axis: int
) -> list[dict[str, Any]]:
    """What each dotted line is, above its right end; below it where the words of a higher one would be in the way."""
    near = (0.11, 0.18)[axis] * (top - low)
    notes = []
    for yard, height in zip(known, heights, strict=True):
        crowded = any(0 < other - height < near for other in heights)
        side = {"yanchor": "top", "yshift": -1} if crowded else {"yanchor": "bottom", "yshift": 2}
        place = {"xref": f"{base.ref('x', axis)} domain", "x": 0.99, "xanchor": "right", "y": height}
        words = {"yref": base.ref("y", axis), "hovertext": yard.words}
        notes.append(base.remark(base.visible(yard.label), **place, **words, **side))
    return notes

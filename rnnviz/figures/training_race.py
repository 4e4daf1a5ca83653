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

_LINE = 0.052
"""How much of a panel's height a line of words takes."""

_HALVES = ([0.0, 0.365], [0.535, 0.9])
_WHOLE = [0.0, 0.82]


@Drawing
def race(epochs: common.Epochs, race: Race, yardsticks: Sequence[Yardstick] = (), *, right: str = "") -> Spec:
    """The loss on a log axis, and the accuracy where the task has one: test set thick, training thin.

    The x axis spans the whole race from its start; the log axis widens by fixed rungs. Where a cell diverged stands a
    cross. Yardsticks are dotted, and say on hover how they come about. ``right`` says what the accuracy counts.
    """
    found = common.courses(epochs, race)
    graded = any(yard.metric == "accuracy" for yard in yardsticks) or any(
        epoch.test_accuracy is not None for one in found for epoch in one.epochs.values()
    )
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"hovermode": "closest"}
    notes: list[dict[str, Any]] = []
    shapes: list[dict[str, Any]] = []
    for axis, metric in enumerate(("loss", "accuracy") if graded else ("loss",)):
        known = [yard for yard in yardsticks if yard.metric == metric and math.isfinite(yard.value)]
        draw = _loss if metric == "loss" else _accuracy
        lines, ends, words = draw(found, known, axis)
        data += [{**line, "xaxis": base.ref("x", axis), "yaxis": base.ref("y", axis)} for line in lines]
        about = "thick: test, thin: training" if metric == "loss" else base.visible(right) if right else ""
        notes += [base.title(f"<b>{metric}</b>  {about}", axis), *words]
        shapes += [common.level(yard.value, axis) for yard in known]
        domain = _HALVES[axis] if graded else _WHOLE
        layout[base.key("x", axis)] = {
            **common.step_axis(race),
            "domain": domain,
            "anchor": base.ref("y", axis),
        }
        layout[base.key("y", axis)] = {**ends, "showgrid": True, "anchor": base.ref("x", axis)}
    notes += base.present([common.waiting(found)])
    layout |= {"annotations": notes, "shapes": shapes}
    return base.spec(f"race-{race.task}-{race.steps}", data, layout)


_Panel = tuple[list[dict[str, Any]], dict[str, Any], list[dict[str, Any]]]
"""Traces, what its y axis has, words."""


def _loss(found: Sequence[common.Course], known: Sequence[Yardstick], axis: int) -> _Panel:
    thin = [one.values(lambda epoch: epoch.loss) for one in found]
    strong = [one.values(lambda epoch: epoch.test_loss) for one in found]
    marks = [yard.value for yard in known if yard.value > 0]
    start = math.floor(math.log10(min(marks)) - 0.3) if marks else -1
    low, top = common.decades([*thin, *strong], float(min(start, 0)), 0.0)
    if marks and math.log10(max(marks)) > top:
        low, top = common.decades([*thin, *strong, np.array(marks)], low, top)
    lines = [
        one.line(common.positive(values), "training loss", strong=False)
        for one, values in zip(found, thin, strict=True)
    ]
    lines += [
        one.line(common.positive(values), "test loss") for one, values in zip(found, strong, strict=True)
    ]
    ends, wanted = common.tips(found, strong, "test loss", low, top)
    words = common.names(found, wanted, low, top, axis, _LINE)
    heights = [math.log10(yard.value) for yard in known if yard.value > 0]
    words += _yardsticks([yard for yard in known if yard.value > 0], heights, low, top, axis)
    return [*lines, ends], {"type": "log", "range": [low, top], **common.ticks(low, top)}, words


def _accuracy(found: Sequence[common.Course], known: Sequence[Yardstick], axis: int) -> _Panel:
    thin = [one.values(lambda epoch: epoch.accuracy) for one in found]
    strong = [one.values(lambda epoch: epoch.test_accuracy) for one in found]
    lines = [
        one.line(values, "training accuracy", strong=False, form=".1%")
        for one, values in zip(found, thin, strict=True)
    ]
    lines += [
        one.line(values, "test accuracy", form=".1%") for one, values in zip(found, strong, strict=True)
    ]
    low, top = -0.02, 1.03
    ends, wanted = common.tips(found, strong, "test accuracy", low, top, log=False)
    words = common.names(found, wanted, low, top, axis, _LINE)
    words += _yardsticks(known, [yard.value for yard in known], low, top, axis)
    shares = {"range": [low, top], "tickvals": [0, 0.25, 0.5, 0.75, 1]}
    return [*lines, ends], {**shares, "ticktext": ["0 %", "25 %", "50 %", "75 %", "100 %"]}, words


def _yardsticks(
    known: Sequence[Yardstick], heights: Sequence[float], low: float, top: float, axis: int
) -> list[dict[str, Any]]:
    """What each dotted line is, at its right end above it."""
    places = base.apart(heights, 0.055 * (top - low), low, top)
    side = {"xref": f"{base.ref('x', axis)} domain", "x": 0.99, "xanchor": "right", "yanchor": "bottom"}
    return [
        base.remark(base.visible(yard.label), yref=base.ref("y", axis), y=place, hovertext=yard.words, **side)
        for yard, place in zip(known, places, strict=True)
    ]

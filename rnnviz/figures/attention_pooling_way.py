"""How a network learns where to look: its weights, and what they are worth, over the training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.attention.config import POOL_FIELD, PoolConfig
from rnnviz.attention.epoch import PoolEpoch
from rnnviz.figures import base
from rnnviz.figures import training_common as common
from rnnviz.figures.attention_pooling import ANSWER, WEIGHT
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import CELL_COLOURS
from rnnviz.figures.training_way import Way
from rnnviz.tasks.base import Yardstick

RIGHT, LOSS = CELL_COLOURS["rnn"], CELL_COLOURS["lstm_layernorm"]
"""The colours of the accuracy and of the loss."""

_END = 0.77
"""Where the panels end; the names stand at the right."""

_LINE = 0.075
"""How much of the picture's height a line of words takes."""


@Drawing
def course(
    epochs: Sequence[PoolEpoch], config: PoolConfig, at: int, yardsticks: Sequence[Yardstick] = ()
) -> Spec:
    """Three panels over the training steps.

    The weights on test sequence 0, time step upwards, on a scale from 0 to 1, its answer at the step ``at`` (from 0);
    the accuracy, the weight on the answer's step, and the entropy as a share of ln T, means over all test sequences;
    the loss on a log axis, test thick, training thin.
    """
    steps = np.minimum(np.arange(config.epochs + 1) * config.per_epoch, config.updates)
    way = Way(POOL_FIELD["cell"].label_of(config.cell), (LOSS, "solid", "circle"), epochs, steps)
    places = base.rows([1.0, 0.9, 0.65], 0.095)
    data = [*_map(way, config), _answer(config, at)]
    lines, names = _shares(way, config, yardsticks, places[1])
    data += lines
    losses = [yard for yard in yardsticks if yard.metric == "loss" and yard.value > 0]
    more, low, top = _loss(way, losses)
    data += more
    x = {**common.axis_of_steps(config.updates), "domain": [0, _END], "fixedrange": True}
    below = {**x, "showticklabels": False, "title": {"text": ""}, "matches": "x3"}
    notes = [
        base.title(
            "<b>weights on example 0</b>", 0, "Each column is the softmax over time after so many steps."
        ),
        base.title("<b>on all test sequences</b>", 1),
        base.title("<b>loss</b>  thick: test", 2),
        *names,
        *base.present([common.waiting([way], narrow=True)]),
    ]
    for yard in losses:
        place = {
            "xref": "x3 domain",
            "x": 0.99,
            "xanchor": "right",
            "y": math.log10(yard.value),
            "yref": "y3",
        }
        notes.append(base.remark(base.visible(yard.label), yanchor="bottom", hovertext=yard.words, **place))
    layout = {
        "hovermode": "closest",
        "xaxis": {**below, "anchor": "y"},
        "xaxis2": {**below, "anchor": "y2"},
        "xaxis3": {**x, "anchor": "y3"},
        "yaxis": {
            **base.time_axis(config.length, most=4),
            "domain": places[0],
            "title": {"text": "time step t"},
            "fixedrange": True,
        },
        "yaxis2": {
            "range": [-0.03, 1.05],
            "tickvals": [0, 0.5, 1],
            "ticktext": ["0", "", "1"],
            "showgrid": True,
            "domain": places[1],
            "anchor": "x2",
            "fixedrange": True,
        },
        "yaxis3": {
            "type": "log",
            "range": [low, top],
            **_few(low, top),
            "showgrid": True,
            "domain": places[2],
            "anchor": "x3",
            "fixedrange": True,
        },
        "shapes": [
            *(common.level(yard.value, 1) for yard in yardsticks if yard.metric == "accuracy"),
            *(common.level(yard.value, 2) for yard in losses),
        ],
        "annotations": notes,
    }
    return base.spec(f"pooling-way-{config.updates}-{config.length}", data, layout)


def _map(way: Way[PoolEpoch], config: PoolConfig) -> list[dict[str, Any]]:
    """The weights (T, epochs + 1); what has not come yet, and what is no finite number, is left blank."""
    z = np.full((config.length, len(way.steps)), np.nan, np.float32)
    for number, epoch in way.epochs.items():
        count = min(config.length, len(epoch.weights))
        z[:count, number] = base.array(np.array(epoch.weights[:count], dtype=np.float64))
    return [
        {
            "type": "heatmap",
            "name": "weights",
            "z": z,
            "x": way.steps,
            "y0": 1,
            "dy": 1,
            "zmin": 0.0,
            "zmax": 1.0,
            "autocolorscale": True,
            "hoverongaps": False,
            "hovertemplate": "step %{x}, t = %{y}: weight %{z:.3f}<extra></extra>",
            "colorbar": {
                "tickvals": [0, 0.5, 1],
                "x": _END + 0.02,
                "xanchor": "left",
                "y": 1,
                "yanchor": "top",
                "len": 0.31,
            },
        }
    ]


def _answer(config: PoolConfig, at: int) -> dict[str, Any]:
    """A mark beside the row of the answer's step."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "answer",
        "x": [1.015 * config.updates],
        "y": [at + 1],
        "marker": {"symbol": "triangle-left", "color": ANSWER, "size": 10},
        "cliponaxis": False,
        "hovertemplate": f"the answer stands at t = {at + 1}<extra></extra>",
    }


def _shares(
    way: Way[PoolEpoch], config: PoolConfig, yardsticks: Sequence[Yardstick], place: Sequence[float]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Lines from 0 to 1, and their names at the right."""
    most = math.log(config.length)
    known: list[tuple[str, str, str, Any]] = [
        ("accuracy", RIGHT, "solid", way.values(lambda one: one.accuracy)),
        ("weight on<br>the answer", ANSWER, "solid", way.values(lambda one: one.on_answer)),
        ("entropy<br>/ ln T", WEIGHT, "dash", way.values(lambda one: one.entropy) / most),
    ]
    lines, wanted = [], []
    for name, colour, dash, values in known:
        what = name.replace("<br>", " ")
        more = f", {most:.3g} nats being ln T" if "ln T" in name else ""
        lines.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": what,
                "x": way.steps,
                "y": values,
                "line": {"color": colour, "dash": dash},
                "xaxis": "x2",
                "yaxis": "y2",
                "hovertemplate": f"step %{{x}}: {what} %{{y:.3f}}{more}<extra></extra>",
            }
        )
        there = values[np.isfinite(values)]
        end = float(there[-1]) if len(there) else math.nan
        wanted.append(place[0] + end * (place[1] - place[0]))
    texts = [name for name, _, _, _ in known]
    heights = common.stacked(
        texts, wanted, place[0] - 0.06, place[1] + 0.02, _LINE / (place[1] - place[0] + 0.08)
    )
    paper = {"xref": "paper", "yref": "paper"}
    names = [
        {**base.beside(text, colour, _END + 0.02, height, "right"), **paper}
        for text, (_, colour, _, _), height in zip(texts, known, heights, strict=True)
    ]
    for yard in (one for one in yardsticks if one.metric == "accuracy"):
        at = {"xref": "x2 domain", "x": 0.99, "xanchor": "right", "y": yard.value, "yref": "y2"}
        names.append(base.remark(base.visible(yard.label), yanchor="bottom", hovertext=yard.words, **at))
    return lines, names


def _loss(way: Way[PoolEpoch], known: Sequence[Yardstick]) -> tuple[list[dict[str, Any]], float, float]:
    """The lines of the lowest panel, and the decades at its ends."""
    thin, strong = way.values(lambda one: one.loss), way.values(lambda one: one.test_loss)
    marks = np.array([yard.value for yard in known])
    low, top = common.decades([thin, strong, marks], -2.0, 0.31)
    drawn = [
        way.line(common.positive(thin), "training loss", strong=False),
        way.line(common.positive(strong), "test loss"),
        common.tips([way], [strong], "test loss", low, top)[0],
    ]
    return [{**line, "xaxis": "x3", "yaxis": "y3"} for line in drawn], low, top


def _few(low: int | float, top: int | float) -> dict[str, Any]:
    """Ticks at the powers of ten alone: the panel is low."""
    found = common.ticks(low, top)
    pairs = zip(found["tickvals"], found["ticktext"], strict=True)
    kept = [(value, name) for value, name in pairs if math.isclose(math.log10(value) % 1, 0, abs_tol=1e-9)]
    return {"tickvals": [value for value, _ in kept], "ticktext": [name for _, name in kept]}

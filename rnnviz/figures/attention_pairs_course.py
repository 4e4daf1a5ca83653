"""How encoders and decoders learn, and how far they carry: loss and exact answers over the training, and by length."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnnviz.attention.config import PairConfig
from rnnviz.attention.epoch import PairEpoch
from rnnviz.figures import attention_pairs_common as pairs
from rnnviz.figures import base
from rnnviz.figures import training_common as common
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import NEUTRAL
from rnnviz.tasks.base import Yardstick

_END = 0.78
"""Where the panels end; the names stand at the right."""

_LINE = 0.08
"""How much of a picture's height a line of words takes."""

_SHARES: dict[str, Any] = {
    "range": [-0.03, 1.04],
    "tickvals": [0.0, 0.25, 0.5, 0.75, 1.0],
    "ticktext": ["0 %", "", "50 %", "", "100 %"],
    "showgrid": True,
}
"""An axis of shares."""


@Drawing
def course(epochs: pairs.Epochs, config: PairConfig, yardsticks: Sequence[Yardstick] = ()) -> Spec:
    """The loss on a log axis, test thick, training thin, and under it the share of test answers without a mistake.

    The x axis spans the whole training from its start; the log axis widens by fixed rungs. Where a network diverged
    stands a cross. Of the ``yardsticks`` those for the loss are dotted, and say on hover how they come about.
    """
    found = pairs.ways(epochs, config)
    thin, strong = ([one.values(read) for one in found] for read in (_loss, _test))
    low, top = common.decades([*thin, *strong], -2.0, 0.6)
    places = base.rows([1.2, 1.0], 0.13)
    drawn = list(zip(found, thin, strong, strict=True))
    data = [one.line(common.positive(values), "training loss", strong=False) for one, values, _ in drawn]
    data += [one.line(common.positive(values), "test loss") for one, _, values in drawn]
    ends, wanted = common.tips(found, strong, "test loss", low, top)
    exact = [one.values(lambda epoch: epoch.exact) for one in found]
    below = [one.line(values, "exact answers", form=".1%") for one, values in zip(found, exact, strict=True)]
    below.append(common.tips(found, exact, "exact answers", *_SHARES["range"], log=False, form=".1%")[0])
    x = {**common.axis_of_steps(config.updates), "domain": [0, _END]}
    heights = [places[0][0] + (goal - low) / (top - low) * (places[0][1] - places[0][0]) for goal in wanted]
    notes = [
        base.title(
            "<b>loss</b>  thick: test, thin: training", 0, "Cross-entropy with the truth fed, in nats."
        ),
        base.title("<b>exact answers</b>  of the test, its own words fed", 1, "Right from end to end."),
        *pairs.names(
            config.contexts,
            [one.diverged is not None for one in found],
            heights,
            places[0],
            _END + 0.015,
            _LINE,
        ),
        *base.present([common.waiting(found)]),
    ]
    known = [yard for yard in yardsticks if yard.metric == "loss" and yard.value > 0]
    for yard in known:
        place = {"xref": "x domain", "x": 0.99, "xanchor": "right", "y": math.log10(yard.value), "yref": "y"}
        words = base.visible(yard.label)
        notes.append(base.remark(words, **place, yanchor="bottom", yshift=2, hovertext=yard.words))
    layout = {
        "hovermode": "closest",
        "shapes": [common.level(yard.value, 0) for yard in known],
        "xaxis": {**x, "anchor": "y", "showticklabels": False, "title": {"text": ""}, "matches": "x2"},
        "xaxis2": {**x, "anchor": "y2"},
        "yaxis": {
            "type": "log",
            "range": [low, top],
            **common.ticks(low, top),
            "showgrid": True,
            "domain": places[0],
        },
        "yaxis2": {**_SHARES, "domain": places[1], "anchor": "x2"},
        "annotations": notes,
    }
    kind = f"pair-course-{config.task}-{config.updates}"
    return base.spec(kind, [*data, ends, *({**line, "xaxis": "x2", "yaxis": "y2"} for line in below)], layout)


@Drawing
def lengths(
    found: Mapping[str, PairEpoch | None],
    config: PairConfig,
    trained: tuple[int, int],
    chance: Sequence[tuple[int, float]] = (),
) -> Spec:
    """The share of answers without a mistake by the length of the source, a line for each context.

    Shaded are the lengths that were trained on. ``chance`` is what guessing each symbol gets right, by length.
    """
    shares = [
        dict(one.by_length) if one is not None else {} for one in (found.get(c) for c in config.contexts)
    ]
    every = sorted(
        {length for one in shares for length in one} | {length for length, _ in chance} | set(trained)
    )
    low, top = every[0] - 0.6, every[-1] + 0.6
    data: list[dict[str, Any]] = []
    if chance:
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": "guessing",
                "x": np.array([length for length, _ in chance]),
                "y": np.array([share for _, share in chance], dtype=np.float64),
                "line": {"color": NEUTRAL, "dash": "dot"},
                "hovertemplate": "guessing, length %{x}: %{y:.2g}<extra></extra>",
            }
        )
    wanted = []
    for context, one in zip(config.contexts, shares, strict=True):
        colour, dash, symbol = pairs.LOOKS[context]
        values = [one.get(length, math.nan) for length in every]
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": pairs.flat(context),
                "x": np.array(every),
                "y": np.array(values, dtype=np.float64),
                "connectgaps": True,
                "line": {"color": colour, "dash": dash},
                "marker": {"color": colour, "symbol": symbol},
                "cliponaxis": False,
                "hovertemplate": f"{pairs.flat(context)}, length %{{x}}: %{{y:.1%}} exact<extra></extra>",
            }
        )
        last = next((value for value in reversed(values) if math.isfinite(value)), math.nan)
        wanted.append((last - _SHARES["range"][0]) / (_SHARES["range"][1] - _SHARES["range"][0]))
    gone = [one is not None and one.diverged for one in (found.get(c) for c in config.contexts)]
    notes = [
        base.title(
            "<b>exact answers</b> by length · shaded: trained",
            0,
            "Right from end to end, its own words fed.",
        ),
        *pairs.names(config.contexts, gone, wanted, (0.0, 1.0), _END + 0.015, _LINE),
    ]
    if chance:
        at, share = chance[0]
        notes.append(
            base.remark("guessing", x=at, xanchor="left", xshift=-8, y=share, yanchor="bottom", yshift=3)
        )
    if not any(shares):
        middle = {"x": sum(trained) / 2, "y": 0.5, "yanchor": "middle"}
        notes.append(base.remark("The lines appear here<br>once the training starts.", **middle))
    layout = {
        "hovermode": "closest",
        "xaxis": {
            "range": [low, top],
            "tickvals": every if len(every) <= 14 else every[:: math.ceil(len(every) / 12)],
            "title": {"text": "symbols in the source"},
            "domain": [0, _END],
        },
        "yaxis": {**_SHARES},
        "annotations": notes,
        "shapes": [_shade(*trained)],
    }
    return base.spec(f"pair-lengths-{config.task}", data, layout)


def _shade(low: int, top: int) -> dict[str, Any]:
    place = {"x0": low - 0.5, "x1": top + 0.5, "yref": "y domain", "y0": 0, "y1": 1}
    look = {"fillcolor": NEUTRAL, "opacity": 0.14, "line": {"width": 0}, "layer": "below"}
    return {"type": "rect", **place, **look}


def _loss(epoch: PairEpoch) -> float:
    return epoch.loss


def _test(epoch: PairEpoch) -> float:
    return epoch.test_loss

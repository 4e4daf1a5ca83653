"""How much of each gate is pinned at an end of its range, over the training."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.figures import base
from rnnviz.figures import training_common as common
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import CELL_COLOURS
from rnnviz.race import Race
from rnnviz.registry import CELLS, Kind
from rnnviz.statistics import state_kind

LOW, HIGH = CELL_COLOURS["gru"], CELL_COLOURS["lstm"]
"""The colours of the two ends, as in the bars of the gates page."""

_WORDS: dict[str, tuple[str, str]] = {
    "sigmoid": ("below 0.1", "above 0.9"),
    "tanh": ("below −0.9", "above 0.9"),
    "relu": ("at 0", ""),
}


@Drawing
def saturation(epochs: common.Epochs, race: Race) -> Spec:
    """The share of values pinned low, from below, and high, from above: a row a cell, a panel a gate or state.

    All panels run from 0 to 1; what is left between the bands is neither. Quantities without an end are left out.
    """
    found = common.courses(epochs, race)
    letters = [kinds(one.cell, race.residual) for one in found]
    across = max(4, *(len(each) for each in letters))
    wide = base.domains(across, 0.02, start=0.14)
    high = [
        [0.92 * end for end in place]
        for place in base.rows([1.0] * len(found), 0.14 if len(found) < 4 else 0.07)
    ]
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"hovermode": "closest"}
    notes: list[dict[str, Any]] = []
    axis = 0
    for row, (one, each) in enumerate(zip(found, letters, strict=True)):
        middle = {"xref": "paper", "yref": "paper", "x": 0.0, "y": sum(high[row]) / 2, "xanchor": "left"}
        notes.append(
            {
                "text": common.name_of(one.cell),
                "showarrow": False,
                "yanchor": "middle",
                "align": "left",
                "font": {"color": one.colour},
                **middle,
            }
        )
        if not each:
            note = {**middle, "x": 0.14, "yanchor": "middle"}
            notes.append(base.remark("h has no bounds: there is nothing that could saturate", **note))
        meanings = {gate.name: gate.meaning for gate in CELLS[one.cell].gates}
        for column, (letter, kind) in enumerate(each.items()):
            axes = {"xaxis": base.ref("x", axis), "yaxis": base.ref("y", axis)}
            data += [{**trace, **axes} for trace in _bands(one, letter, kind)]
            notes.append(base.title(f"<b>{letter}</b>", axis, meanings.get(letter, "hidden state")))
            layout[base.key("x", axis)] = {
                **common.step_axis(race, few=True),
                "range": [0, race.steps],
                "domain": wide[column],
                "anchor": axes["yaxis"],
                "showline": True,
                "showticklabels": row == len(found) - 1 and column == 0,
                "title": {"text": "training step" if row == len(found) - 1 and column == 0 else ""},
            }
            layout[base.key("y", axis)] = {
                "range": [0, 1],
                "tickvals": [0, 1],
                "ticktext": ["0", "1"],
                "domain": high[row],
                "anchor": axes["xaxis"],
                "showticklabels": column == 0,
                "showline": True,
            }
            axis += 1
    pinned = (
        f"<b>values that are pinned</b>  <span style='color:{HIGH}'>high: from above</span>, "
        f"<span style='color:{LOW}'>low: from below</span>"
    )
    notes.append(base.note(pinned, 0.0, 1.0, yshift=4.0))
    return base.spec(f"saturation-{race.task}-{race.steps}", data, {**layout, "annotations": notes})


def kinds(cell: str, residual: bool) -> dict[str, Kind]:
    """By letter the gates and states of a cell that have an end to be pinned at, sigmoids first."""
    gates = sorted(CELLS[cell].gates, key=lambda gate: gate.kind != "sigmoid")
    every: dict[str, Kind] = {gate.name: gate.kind for gate in gates} | {
        "h": state_kind(cell, residual=residual)
    }
    return {letter: kind for letter, kind in every.items() if kind != "linear"}


def _bands(one: common.Course, letter: str, kind: Kind) -> list[dict[str, Any]]:
    """The two bands."""
    nothing = (float("nan"), float("nan"))
    low = one.values(lambda epoch: epoch.saturation.get(letter, nothing)[0])
    high = one.values(lambda epoch: epoch.saturation.get(letter, nothing)[1])
    words = _WORDS[kind]
    bands = []
    for values, edge, colour, word in ((low, 0.0, LOW, words[0]), (high, 1.0, HIGH, words[1])):
        if not word:  # a ReLU has no upper end
            continue
        there = np.isfinite(values)
        x, share = one.steps[there], values[there]
        away = share if edge == 0 else 1 - share
        bands.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": f"{one.label}: {letter} {word}",
                "x": np.concatenate([x, x[::-1]]),
                "y": np.concatenate([away, np.full(len(x), edge)]),
                "customdata": np.concatenate([share, share[::-1]]),
                "fill": "toself",
                "hoveron": "points",
                "line": {"color": colour, "width": 1},
                "hovertemplate": f"{one.label}, step %{{x}}<br>{letter} {word}: %{{customdata:.1%}}<extra></extra>",
            }
        )
    return bands

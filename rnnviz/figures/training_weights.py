"""How large each parameter grows over the training, and the spectral radius of the recurrent matrix."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from rnnviz.figures import base
from rnnviz.figures import training_common as common
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import NEUTRAL, PATH_COLOURS
from rnnviz.race import Race

_RADIUS = "ρ(W<sub>hh</sub>)"

_COLOURS = {
    name: PATH_COLOURS[place]
    for place, name in enumerate(("weight_ih", "weight_hh", "bias_ih", "bias_hh", "head.weight", "head.bias"))
}
"""Of the parameters that nearly all cells have; others are dotted and take the remaining colours in turn."""


@Drawing
def weights(epochs: common.Epochs, race: Race) -> Spec:
    """The Frobenius norm of each parameter, a panel a cell on one log axis; the spectral radius of W_hh is dashed."""
    found = common.courses(epochs, race)
    across = min(len(found), 3)
    wide, high = base.domains(across, 0.09, end=0.94), base.rows([1.0] * -(-len(found) // across), 0.16)
    series = [_series(one) for one in found]
    every = [values for each in series for values in each.values()]
    low, top = common.decades(every, -2.0, 1.31, cap=4.0)
    line = 0.06 if len(found) <= across else 0.1
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"hovermode": "closest"}
    notes = base.present([common.waiting(found, narrow=across > 1)])
    for k, (one, each) in enumerate(zip(found, series, strict=True)):
        row, column = divmod(k, across)
        lowest = k + across >= len(found)
        axes = {"xaxis": base.ref("x", k), "yaxis": base.ref("y", k)}
        looks, wanted = _looks(list(each)), []
        if not each:  # a panel without a line is not drawn at all
            data.append({"type": "scatter", "x": [0], "y": [None], "hoverinfo": "skip", **axes})
        for (name, values), look in zip(each.items(), looks, strict=True):
            data.append({**one.line(common.positive(values), _size(name)), "line": look, **axes})
            last = values[values > 0]
            wanted.append(min(max(math.log10(last[-1]), low), top) if len(last) else math.nan)
        names = [written(name) for name in each]
        heights = common.stacked(names, wanted, low, top, line)
        words = zip(names, looks, heights, strict=True)
        notes += [common.at_right(name, look["color"], height, k) for name, look, height in words]
        notes.append({**base.title(f"<b>{one.label}</b>", k), "font": {"color": one.colour}})
        layout[base.key("x", k)] = {
            **common.step_axis(race, few=True),
            "domain": wide[column],
            "anchor": axes["yaxis"],
            "showticklabels": lowest,
            "title": {"text": "training step" if lowest else ""},
        }
        layout[base.key("y", k)] = {
            "type": "log",
            "range": [low, top],
            **common.ticks(low, top),
            "showgrid": True,
            "domain": high[row],
            "anchor": axes["xaxis"],
            "showticklabels": column == 0,
            "title": {"text": "Frobenius norm" if column == 0 else ""},
        }
    return base.spec(f"weights-{race.task}-{race.steps}", data, {**layout, "annotations": notes})


def _series(one: common.Course) -> dict[str, common.Values]:
    """By name what is drawn of a cell."""

    def sizes(name: str) -> common.Values:
        return one.values(lambda epoch: epoch.weights.get(name))

    parameters = dict.fromkeys(name for epoch in one.epochs.values() for name in epoch.weights)
    radius = one.values(lambda epoch: epoch.radius)
    return {name: sizes(name) for name in parameters} | (
        {_RADIUS: radius} if np.isfinite(radius).any() else {}
    )


def _looks(names: list[str]) -> list[dict[str, Any]]:
    others = [name for name in names if name not in _COLOURS and name != _RADIUS]
    rest = [colour for colour in PATH_COLOURS if colour not in _COLOURS.values()] + list(PATH_COLOURS)
    looks = {name: {"color": colour, "dash": "solid"} for name, colour in _COLOURS.items()}
    looks |= {name: {"color": rest[i % len(rest)], "dash": "dot"} for i, name in enumerate(others)}
    looks[_RADIUS] = {"color": NEUTRAL, "dash": "dash"}
    return [looks[name] for name in names]


def _size(name: str) -> str:
    return f"spectral radius {name}" if name == _RADIUS else f"‖{written(name)}‖"


def written(name: str) -> str:
    """A parameter's name as the formulas have it: ``weight_hh`` is W_hh, ``head.bias`` b_out."""
    if name == _RADIUS:
        return name
    found = re.fullmatch(r"(?:(head)\.)?(weight|bias|gain)(?:_(\w+))?", name)
    if found is None:
        return base.visible(name)
    letter = {"weight": "W", "bias": "b", "gain": "γ"}[found[2]]
    return f"{letter}<sub>{'out' if found[1] else found[3]}</sub>"

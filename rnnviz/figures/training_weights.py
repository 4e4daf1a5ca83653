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


@Drawing
def weights(epochs: common.Epochs, race: Race) -> Spec:
    """The Frobenius norm of each parameter, a panel a cell on one log axis; the spectral radius of W_hh is dashed."""
    found = common.courses(epochs, race)
    across = min(len(found), 3)
    wide, high = base.domains(across, 0.09, end=0.94), base.rows([1.0] * -(-len(found) // across), 0.16)
    series = [_series(one) for one in found]
    low, top = common.decades([values for each in series for values in each.values()], -2.0, 1.31, cap=10.0)
    share = 0.075 if len(found) <= across else 0.14
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"hovermode": "closest"}
    notes = base.present([common.waiting(found)])
    for k, (one, each) in enumerate(zip(found, series, strict=True)):
        row, column = divmod(k, across)
        lowest = k + across >= len(found)
        axes = {"xaxis": base.ref("x", k), "yaxis": base.ref("y", k)}
        wanted = []
        for i, (name, values) in enumerate(each.items()):
            colour = PATH_COLOURS[i % len(PATH_COLOURS)] if name != _RADIUS else NEUTRAL
            line = one.line(
                common.positive(values),
                f"{'' if name == _RADIUS else '‖'}{name}{'' if name == _RADIUS else '‖'}",
            )
            look = {"color": colour, "dash": "dash" if name == _RADIUS else "solid"}
            data.append({**line, "line": look, **axes})
            last = values[np.isfinite(values) & (values > 0)]
            wanted.append(min(max(math.log10(last[-1]), low), top) if len(last) else low)
        places = base.apart(wanted, share * (top - low), low, top)
        for i, (name, place) in enumerate(zip(each, places, strict=True)):
            colour = PATH_COLOURS[i % len(PATH_COLOURS)] if name != _RADIUS else NEUTRAL
            notes.append(common.at_right(name, colour, place, k))
        title = base.title(f"<b>{one.label}</b>", k)
        notes.append({**title, "font": {"color": one.colour}})
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
    """By written name what is drawn of a cell."""
    parameters = list(dict.fromkeys(name for epoch in one.epochs.values() for name in epoch.weights))

    def sizes(name: str) -> common.Values:
        return one.values(lambda epoch: epoch.weights.get(name))

    found = {written(name): sizes(name) for name in parameters}
    radius = one.values(lambda epoch: epoch.radius)
    return found | ({_RADIUS: radius} if np.isfinite(radius).any() else {})


def written(name: str) -> str:
    """A parameter's name as the formulas have it: ``rnn.weight_hh_l0`` is W_hh, ``head.bias`` b_out."""
    if name.startswith("head."):
        return "W<sub>out</sub>" if name.endswith("weight") else "b<sub>out</sub>"
    found = re.fullmatch(r"(?:\w+\.)*(weight|bias|gain)_(\w+?)(?:_l0)?", name)
    if found is None:
        return base.visible(name)
    letter = {"weight": "W", "bias": "b", "gain": "γ"}[found[1]]
    return f"{letter}<sub>{found[2]}</sub>"

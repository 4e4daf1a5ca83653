"""Classes over time: how sure each network is of the truth at every step, and what it says instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnnviz.figures import base
from rnnviz.figures.drawing import Spec
from rnnviz.figures.theme import CELL_COLOURS
from rnnviz.registry import CELLS
from rnnviz.training.epoch import Epoch
from rnnviz.training.view import TaskView

_WRITTEN = 64
"""The most steps at which the class that is true most often is written too."""


def strips(found: Mapping[str, Epoch | None], view: TaskView, under: str) -> Spec:
    """The true classes on top, and a strip for each cell; ``under`` is the title of the time axis."""
    truth = [int(one) for one in view.truth if isinstance(one, int)]
    count = len(truth)
    shown, short = [base.visible(name) for name in view.outputs], signs(view.outputs)
    common = Counter(truth).most_common(1)[0][0] if count > _WRITTEN else None
    letter = ["" if one == common else short[one] for one in range(len(short))]
    hover = base.hover_labels(view.labels, len(view.inputs))
    steps = [hover[t] for t in view.scored]
    z = np.full((len(found), count), np.nan, dtype=np.float32)
    words = [[f"{step}: {shown[true]}" for step, true in zip(steps, truth, strict=True)] for _ in found]
    data: list[dict[str, Any]] = [_letters(-1, [letter[true] for true in truth], "truth")]
    rows = []
    for k, (cell, epoch) in enumerate(found.items()):
        row = f"<span style='color:{CELL_COLOURS[cell]}'>{CELLS[cell].label}</span>"
        other = [""] * count
        if epoch is not None and epoch.sure is not None:
            z[k] = base.array(np.array(epoch.sure, dtype=np.float64))
            said = [int(one) for one in epoch.answer]
            other = ["" if one == true else short[one] for one, true in zip(said, truth, strict=True)]
            words[k] = [f"{word}, says {shown[one]}" for word, one in zip(words[k], said, strict=True)]
            row += f"<br>{other.count('')} of {count} right" if not epoch.diverged else "<br>diverged"
        data.append(_letters(k, other, f"{cell} says"))
        rows.append(row)
    every = base.step_for(count, 10)
    heat = {
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
        "text": words,
        "hovertemplate": "%{text}<br>probability of the truth %{z:.3f}<extra></extra>",
        "colorbar": {
            "title": {"text": "p", "side": "top"},
            "tickvals": [0, 0.5, 1],
            "x": 1.01,
            "xanchor": "left",
        },
    }
    layout = {
        "hovermode": "closest",
        "xaxis": {
            "range": [-0.5, count - 0.5],
            "tickvals": list(range(0, count, every)),
            "ticktext": [str(t + 1) for t in view.scored[::every]],
            "title": {"text": under},
        },
        "yaxis": {
            "range": [len(found) - 0.5, -1.5],
            "tickvals": list(range(-1, len(found))),
            "ticktext": ["truth", *rows],
        },
        "annotations": [
            base.title("<b>probability of the truth</b>; a letter where the answer is another", 0)
        ],
    }
    return base.spec("answer-strips", [heat, *data], layout)


def signs(names: Sequence[str]) -> list[str]:
    """A sign of one letter for each class: its name or the first letter of it, and a dot where that is taken."""
    letters = [name for name in names if len(name) <= 1]
    first = [name[0] for name in names if len(name) > 1]
    taken = {one for one in first if one in letters or first.count(one) > 1}
    return [base.visible(name if len(name) <= 1 else "·" if name[0] in taken else name[0]) for name in names]


def _letters(row: int, letters: Sequence[str], name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "text",
        "name": name,
        "x": np.arange(len(letters)),
        "y": np.full(len(letters), row, dtype=np.float64),
        "text": list(letters),
        "hoverinfo": "skip",
    }

"""Classes over time: how sure each network is of the truth at every step, and what it says instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnnviz.figures import base
from rnnviz.figures.drawing import Spec
from rnnviz.figures.theme import CELL_COLOURS
from rnnviz.registry import CELLS
from rnnviz.training.epoch import Epoch
from rnnviz.training.view import TaskView


def strips(found: Mapping[str, Epoch | None], view: TaskView, under: str, room: int) -> Spec:
    """The true classes on top, and a strip for each cell; ``under`` is the title of the time axis.

    Of more steps than there is ``room`` for the last ones are in view; right answers are counted over all.
    """
    truth = [int(one) for one in view.truth if isinstance(one, int)]
    count = len(truth)
    shown = [base.visible(name) for name in view.outputs]
    letters = signs(view.outputs)
    hover = base.hover_labels(view.labels, len(view.inputs))
    steps = [f"{hover[t]}: {shown[true]}" for t, true in zip(view.scored, truth, strict=True)]
    # Row 0 is the truth; each row has a title and under it a strip.
    title_room = min(0.62, 0.1 * (len(found) + 1))
    z = np.full((len(found) + 1, 2, count), np.nan, dtype=np.float32)
    words = [[[""] * count, steps] for _ in z]
    data: list[dict[str, Any]] = [_letters((1 + title_room) / 2, [letters[true] for true in truth], "truth")]
    notes = [_title(title_room, "<b>truth</b>")]
    for k, (cell, epoch) in enumerate(found.items(), start=1):
        title = f"<span style='color:{CELL_COLOURS[cell]}'>{CELLS[cell].label}</span>"
        other = [""] * count
        if epoch is not None and epoch.sure is not None:
            z[k, 1] = base.array(np.array(epoch.sure, dtype=np.float64))
            # Where no probability is a number there is no answer either.
            said = [
                int(one) if sure == sure else None for one, sure in zip(epoch.answer, z[k, 1], strict=True)
            ]
            other = [
                "" if one is None or one == true else letters[one]
                for one, true in zip(said, truth, strict=True)
            ]
            words[k][1] = [
                step if one is None else f"{step}, says {shown[one]}"
                for step, one in zip(steps, said, strict=True)
            ]
            right = sum(one == true for one, true in zip(said, truth, strict=True))
            title += "  diverged" if epoch.diverged else f"  {right} of {count} right"
        data.append(_letters(k + (1 + title_room) / 2, other, f"{cell} says"))
        notes.append(_title(k + title_room, title))
    heat = {
        "type": "heatmap",
        "name": "probability of the truth",
        "z": z.reshape(-1, count),
        "x0": 0,
        "y": np.array([k + part for k in range(len(z)) for part in (0.0, title_room)] + [len(z)], np.float32),
        "zmin": 0.0,
        "zmax": 1.0,
        "autocolorscale": True,
        "hoverongaps": False,
        "text": [row for pair in words for row in pair],
        "hovertemplate": "%{text}<br>probability of the truth %{z:.3f}<extra></extra>",
        "colorbar": {
            "title": {"text": "p", "side": "top"},
            "tickvals": [0, 0.5, 1],
            "x": 1.01,
            "xanchor": "left",
        },
    }
    if all(epoch is None for epoch in found.values()):
        place = {"xref": "x domain", "x": 0.5, "y": len(z) / 2 + 0.5}
        notes.append(base.remark("The answers appear here once the training starts.", **place))
    every = base.step_for(min(count, room), 8)
    layout = {
        "hovermode": "closest",
        "xaxis": {
            "range": [max(0, count - room) - 0.5, count - 0.5],
            "tickvals": list(range(0, count, every)),
            "ticktext": [str(t + 1) for t in view.scored[::every]],
            "title": {"text": under if count <= room else f"{under}, the last {room}"},
        },
        "yaxis": {"range": [len(found) + 1, 0], "showticklabels": False},
        "annotations": notes,
    }
    return base.spec("answer-strips", [heat, *data], layout)


def signs(names: Sequence[str]) -> list[str]:
    """A sign of one letter for each class: its name or the first letter of it, and a dot where that is taken."""
    letters = [name for name in names if len(name) <= 1]
    first = [name[0] for name in names if len(name) > 1]
    taken = {one for one in first if one in letters or first.count(one) > 1}
    return [base.visible(name if len(name) <= 1 else "·" if name[0] in taken else name[0]) for name in names]


def _title(y: float, text: str) -> dict[str, Any]:
    place = {"xref": "x domain", "x": 0, "xanchor": "left", "y": y, "yanchor": "bottom"}
    return {"text": text, "showarrow": False, **place}


def _letters(y: float, letters: Sequence[str], name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "text",
        "name": name,
        "x": np.arange(len(letters)),
        "y": np.full(len(letters), y),
        "text": list(letters),
        "hoverinfo": "skip",
    }

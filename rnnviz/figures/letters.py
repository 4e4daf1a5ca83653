"""Letters that a network expects next, and how much each letter of a text surprised it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.figures import base
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import NEUTRAL, PATH_COLOURS

_LADDER = (4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 64.0, 128.0)
_FEW = 5


@Drawing
def likely(letters: Sequence[str], shares: Sequence[float], colour: str = PATH_COLOURS[0]) -> Spec:
    """The most probable next letters with their probabilities, the first on top, on a fixed axis from 0 to 1."""
    count = max(len(letters), _FEW)
    values = base.array(np.array(shares, dtype=np.float64))
    written = ["" if not math.isfinite(s) else f"{s:.1%}".replace("%", " %") for s in values.tolist()]
    bars = {
        "type": "bar",
        "orientation": "h",
        "name": "probability",
        "y": list(range(len(letters))),
        "x": values,
        "marker": {"color": colour},
        "text": written,
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": [base.visible(letter) for letter in letters],
        "hovertemplate": "%{customdata}: %{x:.3f}<extra></extra>",
    }
    layout = {
        "bargap": 0.3,
        "margin": {"t": 8, "b": 36},
        "xaxis": {"range": [0, 1.12], "tickvals": [0, 0.5, 1], "ticktext": ["0 %", "50 %", "100 %"]},
        "yaxis": {
            "range": [count - 0.5, -0.5],
            "tickvals": list(range(len(letters))),
            "ticktext": [f"<b>{base.visible(letter)}</b>" for letter in letters],
            "ticklabelstandoff": 6,
        },
    }
    return base.spec("likely", [bars], layout)


@Drawing
def surprise(
    letters: Sequence[str],
    bits: Sequence[float],
    yardsticks: Sequence[tuple[int | float, str]] = (),
    colour: str = PATH_COLOURS[0],
) -> Spec:
    """−log2 p of each letter of a text, given those before it, as bars; ``yardsticks`` are bits with their names.

    A letter without a number (the first one has nothing before it) has no bar.
    """
    values = base.array(np.array(bits, dtype=np.float64))
    steps = len(letters)
    top = base.rung(
        max([base.extent(values) if steps else 1.0, *(level for level, _ in yardsticks)]) * 1.02, _LADDER
    )
    bars = {
        "type": "bar",
        "name": "bits",
        "x": base.steps_of(steps),
        "y": values,
        "marker": {"color": colour},
        "text": base.hover_labels(letters, steps),
        "textposition": "none",
        "hovertemplate": "%{text}: %{y:.2f} bits<extra></extra>",
    }
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    places = base.apart([float(level) for level, _ in yardsticks], 0.18 * top, 0.0, top)
    for (level, name), place in zip(yardsticks, places, strict=True):
        line = {"dash": "dot", "color": NEUTRAL}
        shapes.append(
            {"type": "line", "xref": "x domain", "x0": 0, "x1": 1, "y0": level, "y1": level, "line": line}
        )
        notes.append(base.remark(base.visible(name), xref="x domain", x=1.01, xanchor="left", y=place))
    layout = {
        "bargap": 0.15,
        "margin": {"t": 10, "b": 36},
        "xaxis": {
            **base.time_axis(max(steps, 1), letters if steps else None, most=24),
            "domain": [0, 0.8 if yardsticks else 1],
        },
        "yaxis": {"range": [0, top], "nticks": 5, "showgrid": True, "title": {"text": "bits"}},
        "shapes": shapes,
        "annotations": notes,
    }
    return base.spec("surprise", [bars], layout)

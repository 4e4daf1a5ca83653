"""The lines that pictures of an answer are made of: what was read, the truth, what was said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.figures import architecture_common as common
from rnnviz.figures import base
from rnnviz.figures.theme import NEUTRAL

REACH = (1.0, 1.5, 2.0)
"""Where an axis of answers may end: the truth lies within 1."""


MARGIN = {"t": 56}
"""Room for a title and the names of the lines over a picture."""


def title(text: str, *words: tuple[str, str]) -> dict[str, Any]:
    """What is said, and under it the names of the lines in their colours."""
    return {**base.title(f"<b>{base.visible(text)}</b><br>{common.legend(*words)}", 0), "align": "left"}


def reach(*values: base.Floats) -> float:
    """Where the axis of answers ends: the truth lies within 1; an answer far beyond is off the picture."""
    return min(base.rung(base.extent(*values), REACH), 5.0)


def values(reach: float) -> dict[str, Any]:
    """The axis of answers."""
    return {"range": [-1.08 * reach, 1.08 * reach], "nticks": 5, "showgrid": True, "zeroline": True}


def truth(steps: Sequence[int], values: base.Floats) -> dict[str, Any]:
    """What should be said, at these steps."""
    return {**said(steps, values, "truth", NEUTRAL), "line": common.TRUTH, "opacity": 0.5, "mode": "lines"}


def said(steps: Sequence[int], values: base.Floats, name: str, colour: str) -> dict[str, Any]:
    """What a network says, at these steps."""
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": base.visible(name),
        "x": np.array(steps, dtype=np.int16),
        "y": values,
        "line": {"color": colour},
        "marker": {"size": 6, "color": colour},
        "hovertemplate": f"{base.visible(name)}, t = %{{x}}: %{{y:.3f}}<extra></extra>",
    }


def read(x: base.Floats, name: str) -> dict[str, Any]:
    """What was read."""
    line = said(range(1, len(x) + 1), x, f"{name} read", NEUTRAL)
    return {**line, "mode": "lines", "line": {"color": NEUTRAL, "width": 1.5, "dash": "dot"}}

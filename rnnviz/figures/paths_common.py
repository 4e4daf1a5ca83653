"""What the pictures of the two paths share: their lines, their axes and their words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures import base
from rnnviz.figures.theme import GATE_COLOURS, NEUTRAL

_ROOM = 0.15
ROWS = base.rows([1.0, 0.3], 0.13)
"""Where the panel of the sizes stands, and that of the share."""

# Full and wide behind the others: where one of the two is nearly all, both are seen.
STYLES: dict[str, dict[str, Any]] = {
    "in full": {"line": {"color": NEUTRAL, "width": 5}, "opacity": 0.55},
    "rest": {
        "line": {"color": GATE_COLOURS["h"], "dash": "dash"},
        "marker": {"symbol": "diamond", "maxdisplayed": 6},
    },
    "direct": {"line": {"color": GATE_COLOURS["f"]}, "marker": {"symbol": "circle", "maxdisplayed": 6}},
}


def line(name: str, y: NDArray[Any], axis: str, hover: Sequence[str], words: str) -> dict[str, Any]:
    """A line by one of the names in :data:`STYLES`; ``hover`` names the steps, ``words`` the value."""
    style = STYLES[name]
    return {
        "type": "scatter",
        "mode": "lines+markers" if "marker" in style else "lines",
        "name": name,
        "x": base.steps_of(len(y)),
        "y": y,
        "yaxis": axis,
        **style,
        "text": hover[: len(y)],
        "hovertemplate": f"{words}, %{{text}}<extra></extra>",
    }


def share(per_cent: NDArray[Any], hover: Sequence[str], gated: bool) -> dict[str, Any]:
    """The share of the direct path by step in its panel; nothing of it where there is no such path."""
    y = per_cent if gated else np.full_like(per_cent, np.nan)
    drawn = line("direct", y, "y2", hover, "share of the direct path: %{y:.3g} %")
    return {**drawn, "name": "share %", "mode": "lines"}


def frame(steps: int, labels: Sequence[str] | None) -> dict[str, Any]:
    """What both pictures share: time below, and the panel of the share."""
    return {
        "hovermode": "closest",
        "margin": {"r": 12},
        "xaxis": {
            **base.time_axis(steps, labels, most=6),
            "range": [1 - _ROOM * steps, steps * 1.02 + 0.5],
            "anchor": "y2",
            "title": {"text": "time step t"},
        },
        "yaxis2": {
            "domain": ROWS[1],
            "range": [-6, 106],
            "tickvals": [0, 50, 100],
            "ticktext": ["0", "50 %", "100 %"],
            "showgrid": True,
            "anchor": "x",
        },
    }


def headings(text: str) -> list[dict[str, Any]]:
    """The headings of the two panels."""
    below = "share of the direct path (of the squares)"
    return [{**base.title(words, k), "xref": "x domain"} for k, words in enumerate((text, below))]


def name_left(name: str, place: float, steps: int) -> dict[str, Any]:
    """The line's name in its colour, left of its first step."""
    return base.beside(name, STYLES[name]["line"]["color"], 1 - 0.012 * steps, place)

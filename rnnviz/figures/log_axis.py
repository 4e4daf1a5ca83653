"""Log axes: the decades that are named, and marks for what is no number on them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures import base

DOWN = (5.0, 10.0, 20.0, 38.0, 100.0, 200.0, 308.0)
UP = (1.0, 5.0, 10.0, 20.0, 40.0, 100.0, 310.0)
"""How many decades below and above 1 an axis of gradient norms may end; the last take in all of float64."""


def power_of_ten(decade: int | float) -> str:
    """10 to that power as a tick has it; 1 for 0."""
    return f"10<sup>{decade:g}</sup>".replace("-", "−") if decade else "1"


def named(low: int | float, top: int | float, most: int) -> list[int]:
    """The decades to be named on an axis that ends at these: about ``most``, at multiples of 1, 2, 5, 10, ..."""
    first, last = math.ceil(low - 1e-9), math.floor(top + 1e-9)
    step = base.step_for(last - first, most)
    return [k for k in range(first, last + 1) if k % step == 0]


def ticks(decades: Iterable[int]) -> dict[str, Any]:
    """The ticks of a log axis at these decades."""
    decades = list(decades)
    return {"tickvals": [10.0**k for k in decades], "ticktext": [power_of_ten(k) for k in decades]}


def marks(
    name: str,
    words: str,
    x: NDArray[Any],
    y: int | float,
    symbol: str,
    colour: str,
    hover: Sequence[str],
    *,
    size: int = 6,
    **more: Any,
) -> dict[str, Any]:
    """Marks at one height for the points of a line that have no place on its axis; ``words`` say why.

    ``hover`` names the points. The height is that of their row and no value.
    """
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{name}: {words}",
        "meta": {"mark": words},
        "x": x,
        "y": np.full(len(x), y),
        "marker": {
            "symbol": symbol,
            "size": size,
            "color": colour,
            "line": {"color": colour, "width": size / 4},
        },
        "text": list(hover),
        "hovertemplate": f"{name}, %{{text}}: {words}<extra></extra>",
        **more,
    }

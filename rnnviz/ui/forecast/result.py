"""The forecast itself: what was found, and what it is worth."""

from __future__ import annotations

from rnnviz.ui.controls import Controls
from rnnviz.ui.forecast.shown import Shown


def draw(controls: Controls, shown: Shown) -> None:
    """The section."""

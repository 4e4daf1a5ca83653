"""What is asked of a forecast besides itself: other networks, other times, and what each trap would pretend."""

from __future__ import annotations

from rnnviz.ui.controls import Controls
from rnnviz.ui.forecast.shown import Shown


def draw_compare(controls: Controls, shown: Shown) -> None:
    """Every network on the same series."""


def draw_backtest(controls: Controls, shown: Shown) -> None:
    """The same network at other times."""


def draw_leaks(controls: Controls, shown: Shown) -> None:
    """What each trap would pretend."""

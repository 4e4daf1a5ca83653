"""The forecast page as a whole: the settings at the side, the buttons, and a section under them."""

from __future__ import annotations

from rnnviz.ui import shell
from rnnviz.ui.controls import Controls


def arrive() -> None:
    """Before the page is drawn."""


def side_bar(controls: Controls) -> None:
    """What is chosen for a forecast."""


def every() -> float | None:
    """Seconds until the body is to be drawn again."""
    return None


def draw(controls: Controls) -> None:
    """The page."""
    shell.title("Forecast")

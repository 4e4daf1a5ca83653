"""The training page as a whole."""

from __future__ import annotations

from rnnviz.ui import shell
from rnnviz.ui.controls import Controls


def side_bar(controls: Controls) -> None:
    """What is chosen for a race."""


def draw(controls: Controls) -> None:
    """The page."""
    shell.title("Training")

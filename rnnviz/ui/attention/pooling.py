"""One sequence: a network that looks over all of its states, and where it has learned to look."""

from __future__ import annotations

from rnnviz.ui import shell
from rnnviz.ui.attention.shown import PoolShown
from rnnviz.ui.controls import Controls


def draw(controls: Controls, shown: PoolShown) -> None:
    """The section."""
    shell.look("Look where the weights go as the network learns.")

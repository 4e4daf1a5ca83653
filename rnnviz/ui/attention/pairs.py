"""From one sequence to another: encoder, decoder, and what the decoder looks at."""

from __future__ import annotations

from rnnviz.ui import shell
from rnnviz.ui.attention.shown import PairShown
from rnnviz.ui.controls import Controls


def draw(controls: Controls, shown: PairShown) -> None:
    """The section."""
    shell.look("Look where the decoder looks as it writes.")

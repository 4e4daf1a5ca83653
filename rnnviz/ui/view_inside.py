"""How /cell looks inside a cell, a part of :class:`rnnviz.ui.view.View`."""

from __future__ import annotations

from dataclasses import replace

from rnnviz.fields import Field
from rnnviz.handcell.presets import FIELD as HAND

FIELDS: tuple[Field, ...] = (
    Field(
        "within",
        "within",
        "Section",
        "The cell at work on the experiment, its weight matrices, or a cell of one or two units with your own numbers.",
        "choice",
        "live",
        choices=(("live", "At work"), ("weights", "U, W, V"), ("hand", "By hand")),
    ),
    replace(HAND, when=("within", "hand")),
)
"""The settings of /cell, in the order of the link."""

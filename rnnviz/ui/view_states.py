"""How /states shows the space of the states, a part of :class:`rnnviz.ui.view.View`."""

from __future__ import annotations

from rnnviz.fields import Field

FIELDS: tuple[Field, ...] = (
    Field(
        "portrait",
        "portrait",
        "Section",
        "The path of the state, the flow that carries it, or a trained memory of three bits.",
        "choice",
        "path",
        choices=(("path", "Path"), ("flow", "Flow and fixed points"), ("flipflop", "A trained memory")),
    ),
)
"""The settings of /states in depth, in the order of the link."""

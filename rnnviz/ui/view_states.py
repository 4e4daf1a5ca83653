"""How /states shows the space of the states, a part of :class:`rnnviz.ui.view.View`."""

from __future__ import annotations

from rnnviz.fields import Field
from rnnviz.typed import LARGEST_NUMBER

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
    Field(
        "held",
        "held",
        "Input held at",
        "The constant input under which the flow is drawn and fixed points are searched.",
        "float",
        0.0,
        -LARGEST_NUMBER,
        LARGEST_NUMBER,
        0.1,
    ),
    Field(
        "letter",
        "letter",
        "Input held at",
        "The constant input under which the flow is drawn and fixed points are searched.",
        "int",
        0,
        minimum=0,
        maximum=500,
        step=1,
    ),
    Field(
        "ride",
        "ride",
        "Paths",
        "The run with its own input, or states left to themselves under the held one.",
        "choice",
        "run",
        choices=(("run", "The run"), ("free", "Left to themselves")),
    ),
    Field(
        "point",
        "point",
        "Fixed point",
        "The one whose eigenvalues are shown. A click on the picture chooses the nearest.",
        "int",
        1,
        minimum=1,
        maximum=300,
        step=1,
    ),
    Field(
        "bits",
        "bits",
        "Test sequence",
        "A fresh sequence of pulses for the trained memory.",
        "int",
        0,
        minimum=0,
        maximum=31,
        step=1,
    ),
    Field(
        "cube",
        "cube",
        "Seen in",
        "How many principal components of the memory are drawn.",
        "choice",
        "3",
        choices=(("2", "2-D"), ("3", "3-D")),
    ),
)
"""The settings of /states in depth, in the order of the link."""

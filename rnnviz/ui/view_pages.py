"""How one run is shown on /gates, /states and /gradients, a part of :class:`rnnviz.ui.view.View`."""

from __future__ import annotations

from rnnviz.fields import Field
from rnnviz.registry import CELLS

FIELDS: tuple[Field, ...] = (
    Field("present", "present", "Projector mode", "Larger type, thicker lines, no side bar.", "flag", False),
    Field(
        "show",
        "show",
        "Picture",
        "All units at once, one unit over its input, or how the values are spread.",
        "choice",
        "all",
        choices=(("all", "All units"), ("unit", "One unit"), ("spread", "Distribution")),
    ),
    Field(
        "unit",
        "unit",
        "Unit",
        "Which hidden unit is followed, counted from 0.",
        "int",
        0,
        minimum=0,
        maximum=127,
        step=1,
    ),
    Field(
        "beside",
        "beside",
        "Compare with",
        "A second cell, with the same seed and input.",
        "choice",
        "none",
        choices=(("none", "Nothing"), *((name, cell.label) for name, cell in CELLS.items())),
    ),
    Field(
        "dims",
        "dims",
        "Trajectory in",
        "How many principal components are drawn.",
        "choice",
        "2",
        choices=(("2", "2-D"), ("3", "3-D")),
    ),
    Field(
        "many",
        "many",
        "Runs",
        "One run, several start states, or the same input at several strengths.",
        "choice",
        "one",
        choices=(
            ("one", "One run"),
            ("starts", "6 start states"),
            ("strengths", "6 input strengths"),
        ),
    ),
    Field(
        "quantity",
        "of",
        "Gradient of the loss by",
        "The hidden state, the LSTM's memory, or the input.",
        "choice",
        "h",
        choices=(("h", "state h"), ("c", "memory c"), ("x", "input x")),
    ),
    Field(
        "relative",
        "relative",
        "Relative",
        "Divide each curve by its value at the loss step, so that all start at 1.",
        "flag",
        False,
    ),
)
"""The settings of the pages of one run, in the order of the link."""

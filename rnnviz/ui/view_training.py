"""How a training, and a trained network, is shown, a part of :class:`rnnviz.ui.view.View`."""

from __future__ import annotations

from rnnviz.fields import Field

FIELDS: tuple[Field, ...] = (
    Field("run", "run", "Run", "The training that is shown.", "id", ""),
    Field(
        "train",
        "section",
        "Section",
        "How the race goes, what happens inside the networks, what they write, or the same by hand.",
        "choice",
        "race",
        choices=(
            ("race", "Race"),
            ("inside", "Inside"),
            ("text", "Text"),
            ("hand", "By hand"),
            ("runs", "Your runs"),
        ),
    ),
    Field(
        "inside",
        "inside",
        "Inside",
        "Gradients before and after clipping, the way back through time, the gates, or the weights.",
        "choice",
        "norms",
        choices=(
            ("norms", "Gradient norm"),
            ("profile", "Back through time"),
            ("saturation", "Saturated gates"),
            ("weights", "Weights"),
        ),
    ),
    Field(
        "epoch",
        "epoch",
        "After epoch",
        "The epoch whose answer is drawn; it follows the newest one until it is set.",
        "optional_int",
        None,
        0,
        100,
        1,
        unset_label="newest",
    ),
    Field(
        "temperature",
        "temp",
        "Temperature",
        "Below 1 the likely letters are favoured, above 1 the others get a chance.",
        "float",
        0.8,
        0.1,
        2,
        0.1,
    ),
    Field("model", "model", "Trained model", "The run whose trained networks are opened.", "id", ""),
    Field(
        "weights",
        "weights",
        "Weights",
        "The network after training, before it, or both.",
        "choice",
        "after",
        choices=(("after", "After training"), ("before", "Before"), ("both", "Side by side")),
    ),
    Field(
        "example", "example", "Example", "Which test sequence is read, counted from 0.", "int", 0, 0, 31, 1
    ),
)
"""The settings of /training and of opened runs, in the order of the link."""

"""How attention and the gallery of architectures are shown, a part of :class:`rnnviz.ui.view.View`."""

from __future__ import annotations

from rnnviz.attention.config import CONTEXTS
from rnnviz.fields import Field

ATTENTION: tuple[Field, ...] = (
    Field(
        "attend",
        "look",
        "Section",
        "Attention over one sequence, from one sequence to another, or your runs.",
        "choice",
        "pooling",
        choices=(("pooling", "One sequence"), ("pairs", "From sequence to sequence"), ("yours", "Your runs")),
    ),
    Field("pooled", "pooled", "Run", "The training of a pooling network that is shown.", "id", ""),
    Field("paired", "paired", "Run", "The training of encoder and decoder that is shown.", "id", ""),
    Field("probe", "probe", "Example", "Which test sequence is read, counted from 0.", "int", 0, 0, 31, 1),
    Field(
        "told",
        "told",
        "Context",
        "Which of the trained networks is looked at.",
        "choice",
        "first",
        choices=(("first", "The first"), *CONTEXTS),
    ),
    Field("ask", "ask", "Your own source", "What the network is to read instead.", "text", "", 0, 24),
)
"""The settings of /attention, in the order of the link."""

ARCHITECTURES: tuple[Field, ...] = (
    Field("learned", "learned", "Run", "The training whose weights are shown.", "id", ""),
    Field(
        "stage",
        "stage",
        "Weights",
        "As drawn, or after training on the small problem.",
        "choice",
        "trained",
        choices=(("trained", "After training"), ("fresh", "Before")),
    ),
)
"""The settings of /architectures, in the order of the link."""

FIELDS: tuple[Field, ...] = (*ATTENTION, *ARCHITECTURES)

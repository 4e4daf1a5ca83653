"""Shape: which architecture, and how large, frozen and seeded. Imports neither torch nor numpy nor pandas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from rnnviz.chosen import Chosen
from rnnviz.fields import Field

ARCHITECTURES: tuple[tuple[str, str], ...] = (
    ("n_to_n", "N to N"),
    ("n_to_1", "N to 1"),
    ("one_to_n", "1 to N, read once"),
    ("one_to_n_each", "1 to N, read at every step"),
    ("n_to_m", "N to M"),
    ("bidirectional", "Bidirectional"),
    ("stacked", "Stacked"),
    ("hierarchical", "Hierarchical"),
    ("residual", "Residual"),
    ("layernorm", "Layer norm"),
    ("attention", "Attention on top"),
    ("contexts", "Contexts"),
)
"""Every architecture of the gallery; "contexts" is N to M with its three fixed contexts side by side."""

FIELDS: tuple[Field, ...] = (
    Field(
        "kind",
        "arch",
        "Architecture",
        "What goes in, what comes out.",
        "choice",
        "n_to_n",
        choices=ARCHITECTURES,
    ),
    Field(
        "cell",
        "block",
        "Cell",
        "The recurrent layer.",
        "choice",
        "lstm",
        choices=(("lstm", "LSTM"), ("gru", "GRU"), ("rnn", "RNN")),
    ),
    Field("length", "reach", "Steps N", "Time steps of the input.", "int", 12, 4, 24, 1),
    Field("hidden", "size", "Hidden size", "Units in each hidden state.", "int", 16, 2, 64, 1),
    Field("batch", "many_b", "Batch size", "Sequences at once: the B in the shapes.", "int", 4, 1, 32, 1),
    Field("layers", "depth", "Layers", "Recurrent layers on top of each other.", "int", 2, 1, 4, 1),
    Field("seed", "start", "Seed", "Decides the weights and the input.", "int", 0, 0, 9999, 1),
)
"""Every setting, in the order of the link."""

VERSION = 2
"""Of what a training is. It grows when the same shape comes to learn otherwise: examples are then trained anew."""

FIELD: dict[str, Field] = {field.name: field for field in FIELDS}
"""The same by name."""


@dataclass(frozen=True, slots=True)
class Shape(Chosen):
    """What was chosen in the gallery. Raises ``ValueError`` for an illegal value.

    ``layers`` count for the stacked and the residual architecture alone.
    """

    fields: ClassVar[tuple[Field, ...]] = FIELDS

    kind: str = "n_to_n"
    cell: str = "lstm"
    length: int = 12
    hidden: int = 16
    batch: int = 4
    layers: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        self.check()


def shape_of(spec: Mapping[str, Any]) -> Shape:
    """The shape of a stored run, whose spec may name a ``version`` as well.

    Raises ``ValueError`` or ``TypeError`` where it is none.
    """
    return Shape.from_spec({name: value for name, value in spec.items() if name != "version"})

"""What was chosen for a network with attention, frozen and seeded. Imports neither torch nor numpy nor pandas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rnnviz.chosen import Chosen
from rnnviz.fields import Field

POOLED: tuple[tuple[str, str], ...] = (
    ("marked", "The marked step"),
    ("keyword", "A keyword in noise"),
    ("largest", "The largest value"),
)
"""What a pooling network is to find: tasks where it is known which step the answer stands at."""

PAIRS: tuple[tuple[str, str], ...] = (
    ("reverse", "Reverse"),
    ("copy", "Copy"),
    ("sort", "Sort"),
    ("dates", "Write a date as ISO"),
)
"""What an encoder and a decoder are to learn: from one sequence to another."""

CONTEXTS: tuple[tuple[str, str], ...] = (
    ("bahdanau", "Attention, Bahdanau"),
    ("dot", "Attention, Luong dot"),
    ("general", "Attention, Luong general"),
    ("concat", "Attention, Luong concat"),
    ("last", "c = h_N"),
    ("learned", "c = g(h_N)"),
    ("all", "c = g(h_1 … h_N)"),
)
"""What the decoder is told of the source: another context at each step, or one and the same, without attention."""

ATTENDING = ("bahdanau", "dot", "general", "concat")
"""The contexts that are attention."""

ENCODERS: tuple[tuple[str, str], ...] = (
    ("gru", "GRU"),
    ("lstm", "LSTM"),
    ("rnn", "RNN"),
    ("positions", "Positions alone"),
)
"""Who reads the source; "positions" is not recurrent: each symbol with its place, as in Vaswani et al. 2017."""


def _updates(query: str, default: int, most: int) -> Field:
    return Field("updates", query, "Training steps", "Updates of the weights.", "int", default, 10, most, 10)


def _rate(query: str) -> Field:
    help = "The size of the first update (Adam); from there it falls evenly to 0."
    return Field("rate", query, "Learning rate", help, "float", 0.01, 1e-5, 0.1, 0.001)


def _seed(query: str) -> Field:
    return Field("seed", query, "Seed", "Decides the weights and every batch.", "int", 0, 0, 9999, 1)


POOL_FIELDS: tuple[Field, ...] = (
    Field("task", "find", "Task", "What the network is to find.", "choice", "keyword", choices=POOLED),
    Field(
        "cell",
        "reader",
        "Cell",
        "The recurrent layer that attention looks over.",
        "choice",
        "lstm",
        choices=(("lstm", "LSTM"), ("gru", "GRU"), ("rnn", "RNN")),
    ),
    Field("length", "steps", "Sequence length", "Time steps of each sequence.", "int", 30, 5, 60, 1),
    Field("hidden", "state", "Hidden size", "Units in the hidden state.", "int", 32, 4, 128, 1),
    _updates("rounds", 800, most=2000),
    _rate("pace"),
    _seed("try"),
)
"""Every setting of pooling attention, in the order of the link."""

PAIR_FIELDS: tuple[Field, ...] = (
    Field("task", "pair", "Task", "What is made of the source.", "choice", "reverse", choices=PAIRS),
    Field(
        "contexts",
        "contexts",
        "Contexts",
        "What the decoder is told of the source; each learns the task, on the same batches.",
        "choices",
        ("bahdanau", "last"),
        1,
        4,
        choices=CONTEXTS,
    ),
    Field(
        "encoder",
        "encoder",
        "Encoder",
        "The network that reads the source.",
        "choice",
        "gru",
        choices=ENCODERS,
    ),
    Field(
        "both",
        "both",
        "Both directions",
        "The encoder reads the source forwards and backwards; positions alone have no direction.",
        "flag",
        False,
    ),
    Field(
        "length",
        "longest",
        "Longest source",
        "Symbols of the longest source that is trained on; dates have their own length.",
        "int",
        8,
        3,
        16,
        1,
    ),
    Field("hidden", "wide", "Hidden size", "Units in the decoder's state.", "int", 32, 8, 128, 1),
    _updates("turns", 1000, most=3000),
    _rate("gait"),
    _seed("throw"),
)
"""Every setting of an encoder and decoder, in the order of the link."""

POOL_FIELD: dict[str, Field] = {field.name: field for field in POOL_FIELDS}
PAIR_FIELD: dict[str, Field] = {field.name: field for field in PAIR_FIELDS}
"""The same by name."""

VERSION = 2
"""Of what a training is. It grows when the same settings come to learn otherwise: examples are then trained anew."""

EPOCHS = 50
"""The most epochs of a training: its updates are cut into so many equal parts."""


class _Trained(Chosen):
    """What both have: updates, cut into epochs."""

    __slots__ = ()
    updates: int

    @property
    def per_epoch(self) -> int:
        """Updates of an epoch: all of them in at most :data:`EPOCHS` equal parts, the last one maybe shorter."""
        return -(-self.updates // EPOCHS)

    @property
    def epochs(self) -> int:
        """The number of epochs."""
        return -(-self.updates // self.per_epoch)


@dataclass(frozen=True, slots=True)
class PoolConfig(_Trained):
    """What was chosen for pooling attention over one sequence. Raises ``ValueError`` for an illegal value."""

    fields: ClassVar[tuple[Field, ...]] = POOL_FIELDS

    task: str = "keyword"
    cell: str = "lstm"
    length: int = 30
    hidden: int = 32
    updates: int = 800
    rate: int | float = 0.01
    seed: int = 0

    def __post_init__(self) -> None:
        self.check()


@dataclass(frozen=True, slots=True)
class PairConfig(_Trained):
    """What was chosen for an encoder and decoder. Raises ``ValueError`` for an illegal value.

    Every one of the ``contexts`` is a network of its own that learns the task. ``length`` is that of the longest source
    in training; the shortest has 2 symbols.
    """

    fields: ClassVar[tuple[Field, ...]] = PAIR_FIELDS

    task: str = "reverse"
    contexts: tuple[str, ...] = ("bahdanau", "last")
    encoder: str = "gru"
    both: bool = False
    length: int = 8
    hidden: int = 32
    updates: int = 1000
    rate: int | float = 0.01
    seed: int = 0

    def __post_init__(self) -> None:
        self.check()

    @property
    def remarks(self) -> tuple[str, ...]:
        """What must be known of these settings to read their results, as sentences; mostly none."""
        found = []
        if self.encoder == "positions" and {"last", "learned"} & set(self.contexts):
            found.append(
                "Positions alone are not recurrent: h_N is the last symbol and its place, and knows no others."
            )
        if self.encoder == "positions" and self.both:
            found.append("Positions alone have no direction.")
        elif self.both and self.hidden % 2:
            found.append(
                f"Two directions share the hidden size evenly: {self.hidden + 1} units, not {self.hidden}."
            )
        return tuple(found)

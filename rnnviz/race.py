"""Race: all that was chosen for a training, frozen and seeded, as an Experiment is for one run.

Several cells learn the same task from the same batches. The table :data:`FIELDS` declares every setting once;
widgets, links and validation read it. Imports neither torch nor numpy nor pandas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from rnnviz.chosen import Chosen
from rnnviz.fields import Field
from rnnviz.registry import CELLS

TASKS: tuple[tuple[str, str], ...] = (
    ("adding", "Adding"),
    ("copy", "Copy memory"),
    ("parity", "Parity"),
    ("flipflop", "3-bit flip-flop"),
    ("sine", "Noisy sine"),
    ("labels", "Random labels"),
    ("text", "Text, letter by letter"),
)
OPTIMISERS: tuple[tuple[str, str], ...] = (
    ("adam", "Adam"),
    ("rmsprop", "RMSprop"),
    ("momentum", "SGD with momentum 0.9"),
    ("sgd", "SGD"),
)

EPOCHS = 100
"""The most epochs of a race: its steps are cut into so many equal parts."""

VERSION = 2
"""Of what a training is. It grows when the same settings come to learn or to be judged otherwise; runs keep theirs."""

SHORTEST_TEXT, LONGEST_TEXT = 200, 200_000
"""Characters of a text of one's own."""

FIELDS: tuple[Field, ...] = (
    Field("task", "task", "Task", "What the networks are to learn.", "choice", "adding", choices=TASKS),
    Field(
        "cells",
        "race",
        "Cells",
        "The cells that race against each other, on the same batches.",
        "choices",
        ("lstm", "gru", "rnn"),
        1,
        6,
        choices=tuple((name, cell.label) for name, cell in CELLS.items()),
    ),
    Field(
        "length",
        "span",
        "Sequence length",
        "Time steps of each sequence; of copy memory, the steps of waiting.",
        "int",
        30,
        4,
        100,
        1,
    ),
    Field("hidden", "width", "Hidden size", "Units in the hidden state.", "int", 64, 1, 128, 1),
    Field("batch", "batch", "Batch size", "Sequences that each step learns from.", "int", 64, 1, 128, 1),
    Field("steps", "updates", "Training steps", "Updates of the weights.", "int", 1500, 10, 5000, 10),
    Field(
        "optimiser",
        "opt",
        "Optimiser",
        "How a gradient becomes an update.",
        "choice",
        "adam",
        choices=OPTIMISERS,
    ),
    Field("rate", "lr", "Learning rate", "The size of an update.", "float", 0.005, 1e-5, 1, 0.001),
    Field(
        "clip",
        "maxnorm",
        "Clip at norm",
        "A longer gradient is shortened to this norm; its direction stays.",
        "optional_float",
        1.0,
        0.01,
        100,
        0.1,
        unset_label="off",
    ),
    Field(
        "layernorm",
        "layernorm",
        "Layer norm",
        "Normalise the pre-activations of each step (Ba et al. 2016). Of a single value it leaves 0: at hidden size 1 "
        "an RNN is left with its biases alone.",
        "flag",
        False,
    ),
    Field(
        "residual",
        "residual",
        "Residual over time",
        "h = h before + what the cell computes, so that the Jacobian is I + dF.",
        "flag",
        False,
    ),
    Field(
        "forget",
        "keep",
        "Forget bias",
        "LSTM cells: with zero input and state, f = sigmoid(forget bias). Default: as PyTorch draws it.",
        "optional_float",
        None,
        -3,
        6,
        0.1,
        unset_label="default",
    ),
    Field(
        "corpus",
        "corpus",
        "Text",
        "The text that is learned.",
        "choice",
        "shakespeare",
        choices=(("shakespeare", "Shakespeare"), ("own", "Your own text")),
        when=("task", "text"),
    ),
    Field("seed", "draw", "Seed", "Decides the weights and every batch.", "int", 0, 0, 9999, 1),
)
"""Every setting, in the order of the link."""

FIELD: dict[str, Field] = {field.name: field for field in FIELDS}
"""The same by name."""


Value = TypeVar("Value", bound="Race")


@dataclass(frozen=True, slots=True)
class Race(Chosen):
    """All that was chosen for a training. Raises ``ValueError`` for an illegal value.

    ``cells`` are names of the registry. ``clip`` None leaves gradients as they are, ``forget`` None the forget bias
    as initialised. ``text`` is a text of one's own, :data:`SHORTEST_TEXT` to :data:`LONGEST_TEXT` characters: it
    belongs to the run, never into a link, and counts only with ``task`` "text" and ``corpus`` "own"; "" is one that
    has not been given yet (see :attr:`missing`).

    ``version`` belongs to the run as well: in 1 the weights that are kept are those with the lowest loss on the test
    sequences; since 2 other sequences choose them, for which a text gives a part of its own.
    """

    fields: ClassVar[tuple[Field, ...]] = FIELDS

    task: str = "adding"
    cells: tuple[str, ...] = ("lstm", "gru", "rnn")
    length: int = 30
    hidden: int = 64
    batch: int = 64
    steps: int = 1500
    optimiser: str = "adam"
    rate: int | float = 0.005
    clip: int | float | None = 1.0
    layernorm: bool = False
    residual: bool = False
    forget: int | float | None = None
    corpus: str = "shakespeare"
    seed: int = 0
    text: str = ""
    version: int = VERSION

    def __post_init__(self) -> None:
        self.check()
        if self.version not in range(1, VERSION + 1):
            raise ValueError(
                f"expected a version from 1 to {VERSION}, got {self.version}; open the run with the rnnviz that made it"
            )
        if not self.reads_own_text:
            object.__setattr__(self, "text", "")
        elif len(self.text) > LONGEST_TEXT:
            raise ValueError(
                f"expected a text of at most {LONGEST_TEXT:,} characters, got {len(self.text):,}; shorten it"
            )

    @classmethod
    def from_spec(cls: type[Value], spec: Mapping[str, Any]) -> Value:
        """That of a stored run; one that names no version is of the first.

        Raises ``ValueError`` or ``TypeError`` for what is none.
        """
        return super(Race, cls).from_spec({"version": 1, **spec} if spec else spec)

    @property
    def reads_own_text(self) -> bool:
        """Whether the networks learn a text that the user brought."""
        return self.task == "text" and self.corpus == "own"

    @property
    def missing(self) -> str:
        """Why the race cannot start yet, as a sentence, or ""."""
        if self.reads_own_text and len(self.text) < SHORTEST_TEXT:
            return (
                f"A text of at least {SHORTEST_TEXT} characters is needed, and this one has {len(self.text)}: "
                "paste or upload a longer one."
            )
        return ""

    @property
    def per_epoch(self) -> int:
        """Training steps of an epoch: the steps in at most :data:`EPOCHS` equal parts, the last one maybe shorter."""
        return -(-self.steps // EPOCHS)

    @property
    def epochs(self) -> int:
        """The number of epochs."""
        return -(-self.steps // self.per_epoch)

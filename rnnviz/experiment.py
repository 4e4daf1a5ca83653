"""Experiment: all that a user chose, frozen and seeded.

It is the cache key, the link, the code export and the bug report in one. The table :data:`FIELDS` declares
every setting once; widgets, links and validation read it. Imports neither torch nor numpy nor pandas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rnnviz.fields import Field, format, parse, validate
from rnnviz.registry import CELLS
from rnnviz.typed import parse_numbers

SIGNALS: tuple[tuple[str, str], ...] = (
    ("sine", "Sine wave"),
    ("sines", "Sum of sines"),
    ("impulse", "Impulse"),
    ("step", "Step"),
    ("noise", "White noise"),
    ("walk", "Random walk"),
    ("text", "Text you type"),
    ("numbers", "Numbers you type"),
    ("returns", "Apple stock: daily returns"),
    ("levels", "Apple stock: price level"),
)
INITS: tuple[tuple[str, str], ...] = (
    ("pytorch", "PyTorch default"),
    ("gaussian", "Gaussian"),
    ("orthogonal", "Orthogonal"),
    ("identity", "Identity"),
)

FIELDS: tuple[Field, ...] = (
    Field(
        name="cells",
        query="cell",
        label="Cells",
        help="The recurrent cells to run, with the same seed and input. The first is shown in detail.",
        kind="choices",
        default=("lstm", "gru", "rnn"),
        minimum=1,
        maximum=6,
        choices=tuple((name, cell.label) for name, cell in CELLS.items()),
    ),
    Field(
        name="length",
        query="length",
        label="Sequence length",
        help="Number of time steps. Text and numbers that you type bring their own length.",
        kind="int",
        default=60,
        minimum=2,
        maximum=500,
        step=1,
    ),
    Field(
        name="hidden",
        query="hidden",
        label="Hidden size",
        help="Number of units in the hidden state.",
        kind="int",
        default=16,
        minimum=1,
        maximum=128,
        step=1,
    ),
    Field(
        name="scale",
        query="scale",
        label="Weight scale",
        help="W_hh = scale × its initial value. Nothing else changes.",
        kind="float",
        default=1.0,
        minimum=0,
        maximum=4,
        step=0.05,
    ),
    Field(
        name="forget",
        query="forget",
        label="Forget bias",
        help="LSTM cells: with zero input and state, f = sigmoid(forget bias). Default: as PyTorch draws it.",
        kind="optional_float",
        default=None,
        minimum=-3,
        maximum=6,
        step=0.1,
        unset_label="default",
    ),
    Field(
        name="init",
        query="init",
        label="Initial recurrent weights",
        help="How W_hh is filled before scaling. All but PyTorch's default also set the biases to 0.",
        kind="choice",
        default="pytorch",
        choices=INITS,
    ),
    Field(
        name="signal",
        query="signal",
        label="Input signal",
        help="What the cells read, one value or character per step.",
        kind="choice",
        default="sine",
        choices=SIGNALS,
    ),
    Field(
        name="text",
        query="text",
        label="Text",
        help="2 to 200 characters. Each distinct character is one input that is 1 where it occurs, else 0.",
        kind="text",
        default="hello world",
        minimum=2,
        maximum=200,
        when=("signal", "text"),
    ),
    Field(
        name="numbers",
        query="numbers",
        label="Numbers",
        help="2 to 500 numbers separated by commas, spaces or new lines; decimals take a point.",
        kind="numbers",
        default="10, 20, 30",
        minimum=2,
        maximum=500,
        when=("signal", "numbers"),
    ),
    Field(
        name="loss",
        query="loss",
        label="Loss at step",
        help="The loss is the sum of the hidden state at this step; gradients flow back from there.",
        kind="optional_int",
        default=None,
        minimum=1,
        maximum=500,
        step=1,
        unset_label="last step",
    ),
    Field(
        name="seed",
        query="seed",
        label="Seed",
        help="Decides the initial weights and every random signal. The same seed gives the same picture.",
        kind="int",
        default=0,
        minimum=0,
        maximum=9999,
        step=1,
    ),
)
"""Every setting, in the order of the link."""

FIELD: dict[str, Field] = {field.name: field for field in FIELDS}
"""The same by name."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """All that a user chose. Raises ``ValueError`` for an illegal value, also from ``dataclasses.replace``.

    ``cells`` are names of the registry, the first is the main one. ``forget`` None leaves the forget bias as
    initialised, ``loss`` None puts the loss on the last step (steps are counted from 1). ``text`` and
    ``numbers`` count only with the signal of that name and otherwise go back to their defaults, so that
    equal runs are equal keys.
    """

    cells: tuple[str, ...] = ("lstm", "gru", "rnn")
    length: int = 60
    hidden: int = 16
    scale: int | float = 1.0
    forget: int | float | None = None
    init: str = "pytorch"
    signal: str = "sine"
    text: str = "hello world"
    numbers: str = "10, 20, 30"
    loss: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for name, value in validate(FIELDS, self).items():
            object.__setattr__(self, name, value)

    @property
    def cell(self) -> str:
        """The main cell."""
        return self.cells[0]

    @property
    def steps(self) -> int:
        """The number of time steps T: the length, or that of what was typed."""
        if self.signal == "text":
            return len(self.text)
        if self.signal == "numbers":
            return len(parse_numbers(self.numbers)[0])
        return self.length

    @property
    def loss_index(self) -> int:
        """The step that carries the loss, counted from 0; a loss beyond the end means the last step."""
        return min(self.loss or self.steps, self.steps) - 1

    @property
    def has_forget(self) -> bool:
        """Whether any chosen cell has a forget gate."""
        return any(CELLS[name].forget for name in self.cells)

    @classmethod
    def from_query(cls, params: Mapping[str, object]) -> tuple[Experiment, list[str]]:
        """The experiment nearest to a link's parameters, and a sentence for each correction; never raises."""
        values, notes = parse(FIELDS, params)
        experiment = cls(**values)
        if experiment.loss is not None and experiment.loss > experiment.steps:
            notes.append(
                f"The loss was put at step {experiment.loss}, but there are {experiment.steps} steps: "
                "it is on the last one."
            )
        return experiment, notes

    def to_query(self) -> dict[str, str]:
        """The whole experiment as query parameters; :meth:`from_query` gives exactly it back."""
        return format(FIELDS, self)

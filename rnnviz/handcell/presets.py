"""Networks by hand to begin with: each has round numbers, and one thing to look for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from rnnviz.fields import Field
from rnnviz.handcell.numbers import Setup, read, rest, setup, shapes, written
from rnnviz.registry import cell_named


@dataclass(frozen=True)
class Preset:
    """Numbers with a name, and what to look for in what they give."""

    name: str
    label: str
    look: str
    setup: Setup


_ONCE = (1, 0, 0, 0, 0, 0)

_PRESETS = (
    Preset(
        "prices",
        "10, 20, 30",
        "y comes near to the next price: 20, 30, then 40. Nobody has trained this: the weights were chosen by hand. "
        "U = 0.01 keeps the sums small, where tanh still tells them apart; with U = 1 tanh would be 1.0000 for each.",
        setup("rnn", 1, (10, 20, 30), weight_ih=0.01, weight_hh=0.3, V=80, b_y=12),
    ),
    Preset(
        "counter",
        "Adds up: W = 1",
        "A linear RNN with W = 1 keeps all that it has read: h is the sum of the inputs so far.",
        setup("rnn_linear", 1, (10, 20, 30), weight_ih=1, weight_hh=1, V=1),
    ),
    Preset(
        "forgets",
        "Forgets: W = 0.5",
        "One 1, and then nothing: h halves at every step, 1, 0.5, 0.25. After t more steps 0.5 to the power of t is "
        "left, and that is the gradient too.",
        setup("rnn_linear", 1, _ONCE, weight_ih=1, weight_hh=0.5, V=1),
    ),
    Preset(
        "explodes",
        "Explodes: W = 2",
        "One 1, and then nothing: h doubles at every step, and so does the gradient.",
        setup("rnn_linear", 1, _ONCE, weight_ih=1, weight_hh=2, V=1),
    ),
    Preset(
        "latch",
        "A latch: W = 3",
        "tanh with W = 3 holds near +1 or near -1 by itself. A push of 1 or -1 sets it, a 0 leaves it where it is.",
        setup("rnn", 1, (1, 0, 0, -1, 0, 0, 1, 0), weight_ih=5, weight_hh=3, V=1),
    ),
    Preset(
        "keeps",
        "LSTM that keeps: f = 1",
        "A 1 opens the input gate once; f = 1 then keeps the memory c as it is, digit for digit, and o = 1 shows it.",
        setup(
            "lstm",
            1,
            _ONCE,
            weight_ih=(200, 0, 1, 0),
            bias_ih=(-100, 100, 0, 100),
            V=1,
        ),
    ),
    Preset(
        "smooths",
        "Smooths: z = 0.5",
        "A minGRU whose gate stays at one half: h is the mean of the old h and the new input, which forecasters call "
        "exponential smoothing.",
        setup("mingru", 1, (10, 20, 30), weight_ih=(0, 1), V=1),
    ),
    Preset(
        "change",
        "The last change",
        "Unit 1 holds the input, unit 2 what unit 1 held a step before; y is their difference, the change since then.",
        setup("rnn_linear", 2, (10, 20, 30, 25), weight_ih=(1, 0), weight_hh=(0, 0, 1, 0), V=(1, -1)),
    ),
    Preset(
        "turns",
        "Goes round",
        "W turns the state by 90 degrees at every step: after four it is where it was, and nothing vanishes or "
        "explodes.",
        setup("rnn_linear", 2, (1, 0, 0, 0, 0, 0, 0, 0), weight_ih=(1, 0), weight_hh=(0, -1, 1, 0), V=(1, 0)),
    ),
)

PRESETS: dict[str, Preset] = {preset.name: preset for preset in _PRESETS}
"""Every preset by its name, in the order of the menu."""

FIRST = PRESETS["prices"].setup
"""What is there at first."""

_NAMES = {written(preset.setup): name for name, preset in PRESETS.items()}


def preset_of(found: Setup) -> Preset | None:
    """The preset that has exactly these numbers, if there is one."""
    return PRESETS.get(_NAMES.get(written(found), ""))


def text_of(found: Setup) -> str:
    """The setup as a link has it: the name of its preset, or its numbers."""
    known = preset_of(found)
    return known.name if known else written(found)


def setup_of(text: str) -> tuple[Setup, list[str]]:
    """The setup that a link means, the nearest to it, and a sentence for each correction. Never raises."""
    known = PRESETS.get(text.strip().lower())
    return (known.setup, []) if known else read(text, FIRST)


def nearest(text: str) -> tuple[str, list[str]]:
    """The same as the text of :func:`text_of`, for a :class:`~rnnviz.fields.Field`."""
    found, notes = setup_of(text)
    return text_of(found), notes


FIELD = Field(
    "hand",
    "hand",
    "By hand",
    "The cell, its numbers and its inputs, or the name of an example.",
    "notation",
    "",
    nearest=nearest,
)
"""How a view holds a setup, as text; "" says nothing about it."""

_START: dict[str, tuple[float, float]] = {
    "h": (0.01, -0.02),
    "i": (0.02, 0.01),
    "f": (0.01, 0.02),
    "g": (0.03, -0.02),
    "o": (0.02, 0.03),
    "r": (0.02, 0.01),
    "z": (0.01, -0.01),
    "n": (0.03, -0.02),
}
"""The weights of the input at the start, by block and unit."""

_TO_SELF = {"h": 0.5, "i": 0.5, "f": 0.4, "g": 0.3, "o": 0.2, "r": 0.3, "z": 0.2, "n": 0.5}
"""The weight of a unit's own state at the start, by block; that of the other unit is 0.1."""


def start(cell: str, units: int, x: Sequence[int | float] = FIRST.x) -> Setup:
    """Round numbers for any cell: small weights for inputs of some tens, and a forget bias of 1 where there is one."""
    known, legal = cell_named(cell), shapes(cell, units)
    values: dict[str, list[float]] = {
        "weight_ih": [_START[block][unit] for block in known.blocks for unit in range(units)],
        "V": [40.0, -20.0][:units],
        "b_y": [10.0],
    }
    if "weight_hh" in legal:
        values["weight_hh"] = [
            _TO_SELF[block] if unit == other else 0.1
            for block in known.blocks
            for unit in range(units)
            for other in range(units)
        ]
    if known.forget:
        values["bias_ih"] = [float(block == known.forget) for block in known.blocks for _ in range(units)]
    values |= {name: [0.1] * units for name in legal if name.startswith("weight_c")}
    if "bias_c" in legal and units == 1:
        values["bias_c"] = [
            0.5
        ]  # a single number is normalised to 0, whatever it was: without it h would be 0
    return setup(cell, units, x, **values)


def drawn(cell: str, units: int, x: Sequence[int | float], seed: int) -> Setup:
    """Random numbers of two decimals within ±1, U smaller by what the inputs are larger; start states at 0."""
    random = Random(f"{cell} {units} {seed}")  # a string, so that neighbouring seeds share nothing
    digits = max(0, math.ceil(math.log10(max(1.0, *(abs(value) for value in x)))))
    values = {}
    for name, shape in shapes(cell, units).items():
        count = math.prod(shape)
        if name in ("h0", "c0") or rest(name):
            continue
        more = digits if name == "weight_ih" else 0
        values[name] = [round(random.uniform(-1, 1) / 10**more, 2 + more) for _ in range(count)]
    return setup(cell, units, x, **values)

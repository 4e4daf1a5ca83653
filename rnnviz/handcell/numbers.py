"""All numbers of a network by hand, and the text that stands for them in a link. Imports nothing heavy."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rnnviz.registry import CELLS, cell_named
from rnnviz.typed import LONGEST_INPUT, NUMBER, quoted, short

UNITS = (1, 2)
"""How many units there may be."""

LEAST, MOST = 1, 12
"""Time steps."""

LARGEST = 1000.0
"""The largest size of a weight or a start state."""

LARGEST_INPUT = 1e6
"""The largest size of an input."""

LETTERS: dict[str, str] = {
    "x": "x",
    "h0": "h",
    "c0": "c",
    "weight_ih": "U",
    "weight_hh": "W",
    "bias_ih": "bi",
    "bias_hh": "bh",
    "weight_ci": "pi",
    "weight_cf": "pf",
    "weight_co": "po",
    "gain_ih": "gi",
    "gain_hh": "gh",
    "gain_c": "gc",
    "bias_c": "bc",
    "V": "V",
    "b_y": "by",
}
"""What each array is called in a link, by its name."""

_PARTS = re.compile(r"\.\.|[~;]")
_BETWEEN = re.compile(r"[_,\s]+")


@dataclass(frozen=True)
class Setup:
    """A network by hand: a cell of ``units`` units that reads ``x``, and all its numbers.

    ``values`` has every array by its name, in rows one after the other: the start state ``h0`` (and ``c0``), the
    parameters of the registry, and the readout ``V`` and ``b_y`` of y_t = V h_t + b_y.
    """

    cell: str
    units: int
    x: tuple[float, ...]
    values: Mapping[str, tuple[float, ...]]

    def put(self, name: str, index: int, value: int | float) -> Setup:
        """The same with another number at a place of an array, or of ``x``."""
        row: list[int | float] = list(self.array(name))
        row[index] = value
        return self.with_array(name, row)

    def array(self, name: str) -> tuple[float, ...]:
        """The numbers of an array, or of ``x``."""
        return self.x if name == "x" else self.values[name]

    def with_array(self, name: str, row: Sequence[int | float]) -> Setup:
        """The same with another array."""
        numbers = _plain(row)
        return (
            replace(self, x=numbers) if name == "x" else replace(self, values={**self.values, name: numbers})
        )


def shapes(cell: str, units: int) -> dict[str, tuple[int, ...]]:
    """The shape of every array but ``x`` of such a network, by name; D = O = 1. ``ValueError`` for an unknown cell."""
    known = cell_named(cell)
    found: dict[str, tuple[int, ...]] = {f"{state}0": (units,) for state in known.states}
    for name, letters in known.params:
        found[name] = tuple(
            1 if size == "D" else int(size.removesuffix("H") or 1) * units for size in letters
        )
    return found | {"V": (1, units), "b_y": (1,)}


def rest(name: str) -> float:
    """What an array holds that nothing is said of: gains 1, all others 0."""
    return 1.0 if name.startswith("gain_") else 0.0


def bound(name: str) -> float:
    """The largest size of a number in that array."""
    return LARGEST_INPUT if name == "x" else LARGEST


def setup(
    cell: str, units: int, x: Sequence[int | float], **values: int | float | Sequence[int | float]
) -> Setup:
    """A network from the numbers that are not at rest; a single one fills its array.

    ``ValueError`` for sizes that do not fit.
    """
    legal = shapes(cell, units)
    if units not in UNITS or not LEAST <= len(x) <= MOST or not set(values) <= set(legal):
        raise ValueError(
            f"expected {UNITS[0]} or {UNITS[1]} units, {LEAST} to {MOST} inputs and arrays out of {', '.join(legal)}; "
            f"got {units}, {len(x)} and {', '.join(values) or 'none'}"
        )
    arrays = {}
    for name, shape in legal.items():
        given, size = values.get(name, rest(name)), math.prod(shape)
        row = [given] * size if isinstance(given, int | float) else list(given)
        if len(row) != size:
            raise ValueError(f"expected {size} numbers in {name}, got {len(row)}; give them row by row")
        arrays[name] = _plain(row)
    return Setup(cell, units, _plain(x), arrays)


def _plain(row: Sequence[int | float]) -> tuple[float, ...]:
    """As floats, without a minus before a 0, which a text would not give back."""
    return tuple(float(value) + 0.0 for value in row)


def written(found: Setup) -> str:
    """The setup as a short text of letters, digits and -._ alone, which links need not escape.

    ``lstm..1..x_10_20_30..U_0.5_...``: the cell, its units, and what is not at rest.
    """
    rows = {"x": found.x, **{name: found.values[name] for name in shapes(found.cell, found.units)}}
    told = [
        "_".join([LETTERS[name], *map(short, row)])
        for name, row in rows.items()
        if name == "x" or any(value != rest(name) for value in row)
    ]
    return "..".join([found.cell, str(found.units), *told])


def read(text: str, like: Setup) -> tuple[Setup, list[str]]:
    """The nearest setup to a text, and a sentence for each thing that was not as it should be. Never raises.

    Where nothing can be read of it, ``like`` comes back. Semicolons or ~, commas and = will do for the marks of
    :func:`written`.
    """
    parts = [part.strip() for part in _PARTS.split(text[:LONGEST_INPUT].replace("\u2212", "-"))]
    notes: list[str] = []
    if parts[0].lower() not in CELLS:
        return like, [f"No cell is called {quoted(parts[0])}, so other numbers by hand are shown."]
    cell, units = parts[0].lower(), 1
    if len(parts) > 1:
        if parts[1] in map(str, UNITS):
            units = int(parts[1])
        else:
            units = UNITS[-1] if NUMBER.match(parts[1]) and float(parts[1]) > 1 else UNITS[0]
            notes.append(
                f"By hand there are 1 or 2 units; the link said {quoted(parts[1])}, so {units} is used."
            )
    legal, arrays = shapes(cell, units), {}
    x = like.x
    for part in parts[2:]:
        letter, *words = _BETWEEN.split(part.replace("=", "_", 1)) if part else [""]
        name = next((known for known, short in LETTERS.items() if short == letter), "")
        if name == "x":
            row = _row(name, [word for word in words if word][: MOST + 1], notes)
            if len(row) > MOST:
                notes.append(f"By hand at most {MOST} inputs are read, the first ones.")
            x = tuple(row[:MOST]) or x
        elif name in legal:
            row, size = _row(name, [word for word in words if word], notes), math.prod(legal[name])
            if len(row) != size:
                notes.append(f"{letter} has {size} numbers; the link said {len(row)}.")
            arrays[name] = [*row, *[rest(name)] * size][:size]
        elif letter:
            notes.append(f"This cell has no {quoted(letter)}, which is left out.")
    return setup(cell, units, x, **arrays), notes


def number(text: str, name: str) -> tuple[float | None, str]:
    """The number that was typed into that array, or None and what is wrong with it."""
    word = text[:LONGEST_INPUT].strip().replace("\u2212", "-")
    word = re.sub(r"\A([+-]?\d*),(\d+)\Z", r"\1.\2", word)  # 0,5 as half of Europe writes it
    if not word:
        return None, "an empty field is no number"
    if not NUMBER.match(word):
        return None, f"{quoted(text.strip())} is no number"
    value = float(word) + 0.0
    if abs(value) > bound(name):
        return None, f"{quoted(word)} lies beyond ±{bound(name):,.0f}"
    return value, ""


def _row(name: str, words: Sequence[str], notes: list[str]) -> list[float]:
    """Numbers of a link, each the nearest that is legal."""
    row = []
    for word in words:
        value = float(word) + 0.0 if NUMBER.match(word) and len(word) < 400 else math.nan
        nearest = rest(name) if math.isnan(value) else min(max(value, -bound(name)), bound(name))
        if nearest != value:
            notes.append(f"{LETTERS[name]} cannot be {quoted(word)}, so {short(nearest)} is used.")
        row.append(nearest)
    return row

"""What a run by hand shows, in sentences that quote its numbers. The sentences are HTML."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rnnviz.registry import CELLS
from rnnviz.ui.findings import number

if TYPE_CHECKING:
    from rnnviz.handcell.run import Hand

SATURATED = 0.99
"""|tanh| beyond which two inputs can hardly be told apart."""

FLOAT32 = 3.4028235e38
"""The largest number of float32, in which networks usually compute."""

ROUNDING = 1e-12
"""A smaller difference is that of sums in another order."""

_LETTERS = {
    "weight_ih": "<i>U</i>",
    "weight_hh": "<i>W</i>",
    "bias_ih": "<i>b</i><sub>ih</sub>",
    "bias_hh": "<i>b</i><sub>hh</sub>",
    "gain_ih": "<i>γ</i><sub>ih</sub>",
    "gain_hh": "<i>γ</i><sub>hh</sub>",
    "gain_c": "<i>γ</i><sub>c</sub>",
    "bias_c": "<i>b</i><sub>c</sub>",
    "weight_ci": "<i>p</i><sub>i</sub>",
    "weight_cf": "<i>p</i><sub>f</sub>",
    "weight_co": "<i>p</i><sub>o</sub>",
}


def sentences(found: Hand) -> list[str]:
    """All of them."""
    return [equal(found), *steepest(found), *remarks(found)]


def equal(found: Hand) -> str:
    """How far the numbers are from PyTorch's, and why."""
    name = found.reference.name
    if name.startswith("nn."):
        whose = f"PyTorch's <code>{name}</code> with these numbers, in float64,"
    else:
        label = CELLS[found.setup.cell].label
        whose = f"PyTorch has no {label}: the same numbers through its equations as a step function"
    if found.apart == 0:
        how = "the same to the last bit"
    elif found.apart < ROUNDING:
        how = f"at most <b>{number(found.apart)}</b> apart: sums in another order, in the last of 16 digits"
    else:
        how = f"at most <b>{number(found.apart)}</b> apart: numbers as large as these lose their last digits in sums"
    verb = "gives" if name.startswith("nn.") else "give"
    return f"{whose} {verb} every <i>h</i><sub>t</sub> and <i>y</i><sub>t</sub>: {how}."


def steepest(found: Hand) -> list[str]:
    """Which parameter moves the last output most."""
    T, best = len(found.setup.x), ("", 0, 0.0)
    for name, row in found.slopes.items():
        for k, slope in enumerate(row):
            if name in _LETTERS and abs(slope) > abs(best[2]):
                best = name, k, slope
    name, k, slope = best
    if not name or not math.isfinite(slope):
        return []
    # Both biases of a plain unit are one sum.
    other = {"bias_ih": "bias_hh", "bias_hh": "bias_ih"}.get(name, "")
    equal = other in found.slopes and math.isclose(found.slopes[other][k], slope, rel_tol=1e-9)
    alike = f", and {_LETTERS[other]} as much" if equal else ""
    return [
        f"Of all weights of the cell, y<sub>{T}</sub> follows {place(found, name, k)} most{alike}: "
        f"∂y<sub>{T}</sub>/∂{_LETTERS[name]} is <b>{number(slope)}</b>, so 0.001 more there would "
        f"{'add' if slope > 0 else 'take'} about <b>{number(abs(slope) / 1000)}</b>{'' if slope > 0 else ' away'}."
    ]


def place(found: Hand, name: str, index: int) -> str:
    """One entry of a parameter, such as W of f, unit 1."""
    known, units = CELLS[found.setup.cell], found.setup.units
    if len(found.slopes[name]) == 1:
        return _LETTERS[name]
    width = units if name == "weight_hh" else 1
    row, column = divmod(index, width)
    words = [f"<i>{known.blocks[row // units]}</i>"] if len(found.slopes[name]) // width > units else []
    words += [f"unit {row % units + 1}"] if units > 1 else []
    words += [f"from unit {column + 1}"] if width > 1 else []
    return f"{_LETTERS[name]} ({', '.join(words)})"


def remarks(found: Hand) -> list[str]:
    """What makes the numbers look odd, where something does."""
    said = []
    values = found.seen.values
    if found.setup.cell == "lstm_layernorm" and found.setup.units == 1:
        said.append(
            "Layer norm of a single number is always 0: with one unit tanh sees nothing of c but b<sub>c</sub>. "
            "Take two units."
        )
    squashed = next(
        (name for name in ("h", "g", "n") if name in found.sums and found.setup.cell != "rnn_relu"), None
    )
    if squashed:
        beyond = int((values[squashed].abs() > SATURATED).sum())
        if beyond:
            largest = float(found.sums[squashed].abs().max())
            said.append(
                f"tanh is beyond ±{SATURATED} in <b>{beyond}</b> of {values[squashed].numel()} values of "
                f"<i>{squashed}</i> (it is given up to {number(largest)}): there it hardly tells inputs apart. "
                f"{_cure(found, squashed)}"
            )
    large = max(float(value.abs().max()) for value in (*values.values(), *found.sums.values(), found.y))
    if large > FLOAT32:
        said.append(
            f"The largest number is <b>{number(large)}</b>. float64 holds it; in float32, in which networks usually "
            "compute, it would be infinity."
        )
    return said


def _cure(found: Hand, squashed: str) -> str:
    """What would bring a saturated tanh back: a smaller U, if what it is given besides does not suffice."""
    if "gain_ih" in found.seen.params:
        return "A smaller <i>γ</i> brings it back; layer norm divides the size of <i>U</i> out."
    blocks, U = CELLS[found.setup.cell].blocks, found.seen.params["weight_ih"]
    of = U.chunk(len(blocks))[blocks.index(squashed)]
    besides = found.sums[squashed] - found.seen.values["x"] @ of.mT
    beyond = found.seen.values[squashed].abs() > SATURATED
    alone = int((besides[beyond].abs() > math.atanh(SATURATED)).sum())
    if not alone:
        return "A smaller <i>U</i> brings it back."
    return f"In <b>{alone}</b> of these what it has besides <i>U</i> x<sub>t</sub> is enough for that."

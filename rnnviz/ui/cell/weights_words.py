"""What is measured of the weights of a cell, in numbers and in sentences. The sentences are HTML."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rnnviz.registry import CELLS
from rnnviz.ui.findings import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from rnnviz.inside import Inside
    from rnnviz.spectrum import BlockSpectrum

NO_READOUT = (
    "The untrained experiment has no V: its loss is the sum of h at one step, as if V were a single row of ones. "
    "Networks that were trained (Training, “Open the trained networks in”) show theirs."
)
"""What there is of V in the experiment."""


def measures(seen: Inside, spectra: Sequence[BlockSpectrum]) -> list[tuple[str, dict[str, str]]]:
    """By block what is measured of its rows: Frobenius norms, the spectral radius, the largest singular value."""
    cell = CELLS[seen.cell]
    found = []
    for k, block in enumerate(cell.blocks):
        row = {"‖U‖": _norm(_rows(seen, "weight_ih", k))}
        if "weight_hh" in seen.params:
            row["‖W‖"] = _norm(_rows(seen, "weight_hh", k))
        if spectra:
            row["ρ(W)"], row["σ<sub>max</sub>(W)"] = number(spectra[k].radius), number(spectra[k].sigma_max)
        biases = [_rows(seen, name, k) for name in ("bias_ih", "bias_hh") if name in seen.params]
        if biases:
            row["mean of b"] = number(float(sum(biases[1:], biases[0]).double().mean()))
        found.append((block, row))
    return found


def scaled(seen: Inside, scale: int | float) -> list[str]:
    """What the weight scale does to W, and what the measures mean."""
    if "weight_hh" not in seen.params:
        factor = 2 if any(node.name == "added" for node in seen.nodes) else 1
        return [
            "There is no W: gate and candidate read the input alone, so no weight scale multiplies anything, and the "
            f"state meets nothing but {factor} − <i>z</i>."
        ]
    if scale == 0:
        deaf = (
            "no gate hears of the <i>h</i> before"
            if CELLS[seen.cell].gates
            else "no step hears of the one before"
        )
        return [f"The weight scale is <b>0</b>: W is 0, and {deaf}."]
    text = f"The weight scale multiplies W, by <b>{number(scale)}</b> now, and with it ρ and σ<sub>max</sub>; U and "
    text += "the biases stay as they are."
    if seen.cell == "lstm_layernorm":
        text += " Layer norm divides each product by its spread: hardly anything of the scale is left in the gates."
    return [text]


def licence(seen: Inside) -> list[str]:
    """What ρ and σ of W say of gradients."""
    if "weight_hh" not in seen.params:
        return []
    from rnnviz.dataflow import flow_of

    text = (
        "ρ is the largest modulus of an eigenvalue, σ<sub>max</sub> the most that any direction is stretched"
    )
    if CELLS[seen.cell].gates:
        return [
            f"{text}. Of a cell with gates they do not tell whether gradients vanish: that is up to the gates."
        ]
    if seen.nodes != flow_of(seen.cell):
        return [
            f"{text}. They do not tell whether gradients vanish here: layer norm or a residual connection changes the "
            "Jacobian of a step, which is no longer W with slopes of at most 1."
        ]
    return [
        f"{text}: with σ<sub>max</sub> below 1 gradients must vanish, above 1 they need not explode (Pascanu et al. "
        "2013)."
    ]


def _rows(seen: Inside, name: str, k: int) -> Tensor:
    """The rows of a parameter that belong to the block of that number."""
    return seen.params[name].chunk(len(CELLS[seen.cell].blocks), 0)[k]


def _norm(values: Tensor) -> str:
    size = float(values.double().norm())
    return number(size) if math.isfinite(size) else "–"

"""What the spectra license one to say, and what they are, in sentences that quote the numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rnnviz.registry import CELLS
from rnnviz.ui.findings import number

if TYPE_CHECKING:
    from rnnviz.licences import Verdict
    from rnnviz.spectrum import BlockSpectrum, RunSpectrum

    Blocks = tuple[BlockSpectrum, ...]


def weights_say(cell: str, blocks: Blocks) -> str:
    """What W_hh alone licenses, in one sentence with its number."""
    from rnnviz.licences import weight_verdict

    if not blocks:
        return "<b>Silent:</b> the gates of a minGRU read the input alone. There is no W<sub>hh</sub>."
    if CELLS[cell].gates:
        return (
            "<b>Silent:</b> of a gated cell W<sub>hh</sub> alone says neither that gradients vanish nor that they "
            "explode."
        )
    block = blocks[0]
    return _licence(weight_verdict(cell, block), "of W<sub>hh</sub>", cell == "rnn_linear")


def run_says(found: RunSpectrum) -> str:
    """What the Jacobians of this run license, in one sentence with its number."""
    from rnnviz.licences import Licence, run_verdict

    verdict = run_verdict(found)
    value = f"<b>{_near(verdict.value)}</b>"
    if math.isnan(verdict.value):
        return "<b>Silent:</b> no Jacobian of this run is finite."
    if verdict.licence is Licence.SILENT and found.every > 1:
        return (
            f"<b>Silent:</b> no step that was looked at stretches anything (σ<sub>max</sub> at most {value}), but not "
            "all were."
        )
    if verdict.licence is Licence.SILENT and not bool(found.singular_values.isfinite().all()):
        return (
            f"<b>Silent:</b> no step whose Jacobian is finite stretches anything (σ<sub>max</sub> at most {value}), "
            "but not all are."
        )
    match verdict.licence.value, verdict.fate.value:
        case "sufficient", "vanish":
            return (
                f"<b>Sufficient for this run:</b> no step stretches anything, σ<sub>max</sub> at most {value} &lt; 1. "
                "Gradients can only have shrunk."
            )
        case "sufficient", "explode":
            return (
                f"<b>Sufficient for this run:</b> every step stretches every direction, σ<sub>min</sub> is at least "
                f"{value} &gt; 1. Gradients must have grown."
            )
        case "sufficient", "keep":
            return "<b>Sufficient for this run:</b> every step keeps all lengths (all σ = 1), and so do its gradients."
        case "necessary", _:
            return (
                f"<b>Necessary, not sufficient:</b> some step stretches some direction, σ<sub>max</sub> up to {value} "
                "&gt; 1. An explosion needs that; it need not follow."
            )
    return f"<b>Silent:</b> σ<sub>max</sub> is at most {value}: gradients cannot have grown, but need not have shrunk."


def _licence(verdict: Verdict, of: str, linear: bool) -> str:
    measure = {
        "radius": "the spectral radius",
        "sigma_max": "σ<sub>max</sub>",
        "sigma_min": "σ<sub>min</sub>",
    }
    value = f"{measure[verdict.measure]} {of} is <b>{_near(verdict.value)}</b>"
    match verdict.licence.value, verdict.fate.value:
        case "sufficient", "vanish":
            end = "" if linear else ", and the slope is at most 1"
            return f"<b>Sufficient to vanish:</b> {value} &lt; 1{end}."
        case "sufficient", "explode":
            return f"<b>Sufficient to explode:</b> {value} &gt; 1, and nothing else acts on the gradient."
        case "sufficient", "keep":
            return "<b>Sufficient to keep:</b> W<sub>hh</sub> is orthogonal, so gradients keep their length exactly."
        case "necessary", _:
            return f"<b>Necessary to explode, not sufficient:</b> {value} &gt; 1. " + (
                "All but special gradients do." if linear else "Slopes below 1 can still make it vanish."
            )
    return f"<b>Silent:</b> {value}, the border case: gradients need not vanish" + (
        ", nor explode." if linear else ", and cannot explode."
    )


def sentences(cell: str, blocks: Blocks, found: RunSpectrum) -> list[str]:
    """What the pictures show, with the numbers that were measured."""
    said = [_fate(found)]
    if blocks:
        each = ", ".join(
            f"{f'<i>{block.name}</i> ' if len(blocks) > 1 else ''}<b>{block.radius:.2f}</b> and "
            f"<b>{block.sigma_max:.2f}</b>"
            for block in blocks
        )
        said.append(f"Spectral radius ρ and σ<sub>max</sub> of W<sub>hh</sub>: {each}.")
    known = found.singular_values[found.singular_values.isfinite().all(1)]
    if len(known):
        said.append(
            f"A step's Jacobian stretches by at most <b>{number(float(known[:, 0].max()))}</b> and by at least "
            f"<b>{number(float(known[:, -1].min()))}</b>"
            + (f", of every {found.every} steps one looked at." if found.every > 1 else ".")
        )
    if cell == "rnn_linear" and len(found.exponents) == len(blocks[0].eigenvalues):
        total, exact = float(found.exponents.sum()), sum(limits(blocks))
        if math.isfinite(total) and math.isfinite(exact):
            said.append(
                f"The exponents add up to <b>{_signed(total)}</b>, which is log |det W<sub>hh</sub>| = "
                f"<b>{_signed(exact)}</b>. Rings: log |eigenvalue|, to which each tends as T grows."
            )
    if cell == "lstm_layernorm":
        said.append(
            "Layer norm divides the size of W<sub>hh</sub> out again, but for its ε, which counts where "
            "W<sub>hh</sub>h is small, as at the first step: there alone the weight scale tells."
        )
    return said


def _fate(found: RunSpectrum) -> str:
    """What happened on average, by the sign of the largest exponent."""
    largest = float(found.exponents[0])
    if not math.isfinite(largest):
        why = "each direction is lost in one step" if largest < 0 else "the run leaves what float64 can hold"
        return f"There is no largest Lyapunov exponent: {why}."
    # The mean of T logarithms is rounded by no more than this.
    way = "neither grew nor shrank" if abs(largest) < 1e-6 else "grew" if largest > 0 else "shrank"
    return (
        f"What happened: λ<sub>max</sub> = <b>{_signed(largest)}</b> over these {found.T} steps. On average the "
        f"leading direction {way}"
        + (f", by <b>× {math.exp(largest):.3g}</b> a step." if abs(largest) >= 1e-6 else ".")
    )


def limits(blocks: Blocks) -> list[float]:
    """log |eigenvalue| of the one block, descending: what the exponents of a linear RNN tend to."""
    return [float(value) for value in blocks[0].eigenvalues.abs().log()]


def _signed(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")


def _near(value: float) -> str:
    """A number that is compared with 1, with as many digits as show on which side it lies."""
    if not 0.01 <= value < 100:
        return number(value)
    return f"{value:.3f}" if abs(value - 1) >= 1e-3 else f"{value:.6f}"

"""What the spectra of a recurrent network really license one to say of its gradients.

By Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, section 2.1: in a *linear* RNN a spectral radius below 1 is
sufficient to vanish, and one above 1 is necessary to explode. With a non-linearity whose slope is at most gamma it
is the largest singular value that counts: below 1/gamma is sufficient to vanish, above is necessary to explode, not
sufficient; gamma is 1 for tanh and for ReLU. Of a gated cell W_hh alone says nothing. Of one run every Jacobian is
known, so more can be said: if each step shrinks every direction, its gradients shrank.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from rnnviz.registry import cell_named
from rnnviz.spectrum import BlockSpectrum, RunSpectrum

NEAR = 1e-5
"""How near to 1 a radius or a singular value counts as 1: the weights are float32, whose rounding moves them."""


class Licence(StrEnum):
    """What a condition does for its fate: it is enough, it is needed but not enough, or it says nothing."""

    SUFFICIENT = "sufficient"
    NECESSARY = "necessary"
    SILENT = "silent"


class Fate(StrEnum):
    """What becomes of a gradient on its way back."""

    VANISH = "vanish"
    EXPLODE = "explode"
    KEEP = "keep"
    NONE = "none"


@dataclass(frozen=True)
class Verdict:
    """What a number licenses: ``value`` of ``measure`` is sufficient or necessary for ``fate``, or silent.

    ``measure`` is "radius", "sigma_max" or "sigma_min", of W_hh or of all the Jacobians of a run.
    """

    licence: Licence
    fate: Fate
    measure: str
    value: float


def weight_verdict(cell: str, block: BlockSpectrum | None) -> Verdict:
    """What W_hh alone licenses for that cell: of gated cells, and without a W_hh, nothing."""
    known = cell_named(cell)
    if block is None or known.gates:
        return Verdict(Licence.SILENT, Fate.NONE, "sigma_max", block.sigma_max if block else math.nan)
    if cell != "rnn_linear":
        # Slopes are at most 1 but may be 0, so a W_hh that stretches everything proves nothing.
        return _verdict("sigma_max", block.sigma_max)
    if _side(block.sigma_max) == _side(block.sigma_min) == 0:
        return Verdict(Licence.SUFFICIENT, Fate.KEEP, "sigma_max", block.sigma_max)
    if _side(block.sigma_min) > 0:
        return Verdict(Licence.SUFFICIENT, Fate.EXPLODE, "sigma_min", block.sigma_min)
    return _verdict("radius", block.radius)


def run_verdict(run: RunSpectrum) -> Verdict:
    """What the Jacobians of a run license for that run.

    Where every largest singular value is below 1 each step has shrunk every gradient, and where every smallest
    is above 1 it has stretched it: each is sufficient, for this run. A largest one above 1 somewhere is what an
    explosion needs. Where steps were left out, or are not finite, nothing is sufficient.
    """
    known = run.singular_values[run.singular_values.isfinite().all(1)]
    if not len(known):
        return Verdict(Licence.SILENT, Fate.NONE, "sigma_max", math.nan)
    largest, smallest = float(known[:, 0].max()), float(known[:, -1].min())
    whole = run.every == 1 and len(known) == run.T
    if whole and _side(largest) == _side(smallest) == 0:
        return Verdict(Licence.SUFFICIENT, Fate.KEEP, "sigma_max", largest)
    if whole and _side(smallest) > 0:
        return Verdict(Licence.SUFFICIENT, Fate.EXPLODE, "sigma_min", smallest)
    found = _verdict("sigma_max", largest)
    if found.licence is Licence.SUFFICIENT and not whole:
        return Verdict(Licence.SILENT, Fate.NONE, "sigma_max", largest)
    return found


def _verdict(measure: str, value: float) -> Verdict:
    """Below 1 sufficient to vanish, above 1 necessary to explode, at 1 silent."""
    side = _side(value)
    if side < 0:
        return Verdict(Licence.SUFFICIENT, Fate.VANISH, measure, value)
    if side > 0:
        return Verdict(Licence.NECESSARY, Fate.EXPLODE, measure, value)
    return Verdict(Licence.SILENT, Fate.NONE, measure, value)


def _side(value: float) -> int:
    """-1 below 1, 0 at 1 (or for no number), 1 above."""
    return 0 if not abs(value - 1) > NEAR else 1 if value > 1 else -1

"""The textbook cures for gradients that vanish or explode, each on the same experiment: before and after, measured.

Every cure is a model that runs, with the weights, the input and the loss of the experiment, for several seeds.
All runs are in float64, so that a gradient of 1e-200 still has a number; PyTorch's float32 ends at 1.2e-38.
"""

from __future__ import annotations

from rnnviz.cures.catalogue import CURES, Cure
from rnnviz.cures.comparison import FEW, LARGE, SEEDS, Comparison, Outcome, compare
from rnnviz.cures.measure import EXPLODED, VANISHED, Measured, verdict_of
from rnnviz.cures.models import STREAM

__all__ = [
    "CURES",
    "EXPLODED",
    "FEW",
    "LARGE",
    "SEEDS",
    "STREAM",
    "VANISHED",
    "Comparison",
    "Cure",
    "Measured",
    "Outcome",
    "compare",
    "verdict_of",
]

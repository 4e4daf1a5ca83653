"""Inside the networks while they learn: gradients, weights, gates, and the way back through time."""

from __future__ import annotations

from rnnviz.figures.training_gates import saturation
from rnnviz.figures.training_norms import norms
from rnnviz.figures.training_profile import profile
from rnnviz.figures.training_weights import weights

__all__ = ["norms", "profile", "saturation", "weights"]

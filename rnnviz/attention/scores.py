"""Attention: scores -> weights -> context.

Whatever gives the scores, weights are their softmax over the places that are looked at, and the context is the sum of
what stands there, weighted by them (Bahdanau, Cho & Bengio 2015, equations 5 and 6).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor


class Attended(NamedTuple):
    """What attention looked at, and what it saw. The weights of each row sum to 1."""

    context: Float[Tensor, "*B H"]
    weights: Float[Tensor, "*B S"]


def attend(scores: Float[Tensor, "*B S"], values: Float[Tensor, "*#B S H"]) -> Attended:
    """Weights alpha = softmax(scores) over the S places, and the context, sum of alpha_s values_s."""
    weights = torch.softmax(scores, -1)
    return Attended((weights.unsqueeze(-2) @ values).squeeze(-2), weights)

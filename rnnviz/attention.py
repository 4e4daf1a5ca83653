"""Attention: scores -> weights -> context.

Whatever gives the scores, weights are their softmax over the places that are looked at, and the context is the sum of
what stands there, weighted by them (Bahdanau, Cho & Bengio 2015, equations 5 and 6).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn


class Attended(NamedTuple):
    """What attention looked at, and what it saw. The weights of each row sum to 1."""

    context: Float[Tensor, "*B H"]
    weights: Float[Tensor, "*B S"]


def attend(scores: Float[Tensor, "*B S"], values: Float[Tensor, "*#B S H"]) -> Attended:
    """Weights alpha = softmax(scores) over the S places, and the context, sum of alpha_s values_s."""
    weights = torch.softmax(scores, -1)
    return Attended((weights.unsqueeze(-2) @ values).squeeze(-2), weights)


class PoolingAttention(nn.Module):
    """One context for a whole sequence: e_t = w h_t, alpha = softmax(e) over time, c = sum of alpha_t h_t.

    ``score`` is the linear map w of H values to one, without a bias: softmax would not see it. Yang et al. 2016,
    equations 5 to 7, with the score linear in h.
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, h: Float[Tensor, "B T H"]) -> Attended:
        """Context (B, H) and weights (B, T) of B sequences of states."""
        return attend(self.score(h).squeeze(-1), h)

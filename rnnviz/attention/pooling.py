"""Attention over the states of one sequence: a linear score, a softmax over time, a weighted sum."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from rnnviz.attention.scores import Attended, attend


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

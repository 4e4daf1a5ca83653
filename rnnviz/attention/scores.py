"""Attention: scores -> weights -> context.

Whatever gives the scores, weights are their softmax over the places that are looked at, and the context is the sum of
what stands there, weighted by them (Bahdanau, Cho & Bengio 2015, equations 5 and 6).

A score says how well a query, the decoder's state, fits a key, an encoder's state. None has a bias behind its last
linear map: softmax would not see it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import linear


class Attended(NamedTuple):
    """What attention looked at, and what it saw. The weights of each row sum to 1."""

    context: Float[Tensor, "*B H"]
    weights: Float[Tensor, "*B S"]


def attend(scores: Float[Tensor, "*B S"], values: Float[Tensor, "*#B S H"]) -> Attended:
    """Weights alpha = softmax(scores) over the S places, and the context, sum of alpha_s values_s."""
    weights = torch.softmax(scores, -1)
    return Attended(torch.einsum("...s,...sh->...h", weights, values), weights)


class Score(nn.Module):
    """The base of the scores: what is computed of the keys alone is computed once, for all queries.

    ``query`` and ``key`` are the sizes Q and K, ``size`` that of the layer inside, where there is one.
    """

    def __init__(self, query: int, key: int, size: int) -> None:
        super().__init__()

    def forward(self, query: Float[Tensor, "*B Q"], keys: Float[Tensor, "*#B S K"]) -> Float[Tensor, "*B S"]:
        """A score for each of the S places. Many queries (T, B, Q) may look at the same keys (B, S, K)."""
        return self.compare(query, self.known(keys))

    def known(self, keys: Float[Tensor, "*B S K"]) -> Float[Tensor, "*B S A"]:
        """What does not depend on the query."""
        return keys

    def compare(self, query: Float[Tensor, "*B Q"], known: Float[Tensor, "*#B S A"]) -> Float[Tensor, "*B S"]:
        """The scores, given what :meth:`known` said of the keys."""
        raise NotImplementedError


class Bahdanau(Score):
    """e = v^T tanh(W_q s + W_k h), additive: Bahdanau, Cho & Bengio 2015, appendix A.1.2, where s is s_{t-1}."""

    def __init__(self, query: int, key: int, size: int) -> None:
        super().__init__(query, key, size)
        self.W_q = nn.Linear(query, size, bias=False)
        self.W_k = nn.Linear(key, size, bias=False)
        self.v = nn.Linear(size, 1, bias=False)

    def known(self, keys: Float[Tensor, "*B S K"]) -> Float[Tensor, "*B S A"]:
        """W_k h of every place."""
        found: Tensor = self.W_k(keys)
        return found

    def compare(self, query: Float[Tensor, "*B Q"], known: Float[Tensor, "*#B S A"]) -> Float[Tensor, "*B S"]:
        """The scores, from W_k h."""
        scores: Tensor = self.v(torch.tanh(self.W_q(query).unsqueeze(-2) + known))
        return scores.squeeze(-1)


class Dot(Score):
    """e = s^T h: Luong, Pham & Manning 2015, section 3.1, "dot". It has no weights; s and h must be of one size."""

    def __init__(self, query: int, key: int, size: int) -> None:
        super().__init__(query, key, size)
        if query != key:
            raise ValueError(
                f"expected a query and keys of one size, got {query} and {key}; take the score 'general', "
                "which has a matrix between them"
            )

    def compare(self, query: Float[Tensor, "*B Q"], known: Float[Tensor, "*#B S A"]) -> Float[Tensor, "*B S"]:
        """The scores, from the keys as they are."""
        return torch.einsum("...q,...sq->...s", query, known)


class General(Score):
    """e = s^T W h: Luong, Pham & Manning 2015, section 3.1, "general"."""

    def __init__(self, query: int, key: int, size: int) -> None:
        super().__init__(query, key, size)
        self.W = nn.Linear(key, query, bias=False)

    def known(self, keys: Float[Tensor, "*B S K"]) -> Float[Tensor, "*B S A"]:
        """W h of every place."""
        found: Tensor = self.W(keys)
        return found

    def compare(self, query: Float[Tensor, "*B Q"], known: Float[Tensor, "*#B S A"]) -> Float[Tensor, "*B S"]:
        """The scores, from W h."""
        return torch.einsum("...q,...sq->...s", query, known)


class Concat(Score):
    """e = v^T tanh(W [s; h]): Luong, Pham & Manning 2015, section 3.1, "concat".

    The same function as :class:`Bahdanau`, whose two matrices stand side by side in W; in the papers they differ in
    which state asks.
    """

    def __init__(self, query: int, key: int, size: int) -> None:
        super().__init__(query, key, size)
        self.query = query
        self.W = nn.Linear(query + key, size, bias=False)
        self.v = nn.Linear(size, 1, bias=False)

    def known(self, keys: Float[Tensor, "*B S K"]) -> Float[Tensor, "*B S A"]:
        """The part of W [s; h] that h has in it."""
        return linear(keys, self.W.weight[:, self.query :])

    def compare(self, query: Float[Tensor, "*B Q"], known: Float[Tensor, "*#B S A"]) -> Float[Tensor, "*B S"]:
        """The scores, from h's part of W [s; h]."""
        asked = linear(query, self.W.weight[:, : self.query])
        scores: Tensor = self.v(torch.tanh(asked.unsqueeze(-2) + known))
        return scores.squeeze(-1)


SCORES: dict[str, type[Score]] = {"bahdanau": Bahdanau, "dot": Dot, "general": General, "concat": Concat}
"""Every score, by its name in :data:`rnnviz.attention.config.ATTENDING`."""

"""One recurrent layer, read out or fed in different ways: N to N, N to 1, 1 to N. Time-major throughout.

The classes are as plain as a student writes them, since :mod:`rnnviz.architectures.snippet` shows them as they stand.
``layer`` makes the recurrent layer, as ``nn.LSTM`` does from (inputs, units).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

Layer = Callable[..., nn.Module]
"""``nn.LSTM``, ``nn.GRU``, ``nn.RNN``, or what is called like them."""


class NToN(nn.Module):
    """An answer at every step."""

    def __init__(self, layer: Layer, D: int, H: int, O: int) -> None:  # noqa: E741
        super().__init__()
        self.rnn = layer(D, H)
        self.head = nn.Linear(H, O)

    def forward(self, x: Float[Tensor, "N B D"]) -> Float[Tensor, "N B O"]:
        """What the head says of every state."""
        h, _ = self.rnn(x)  # (N, B, H): the state after every step
        answer: Tensor = self.head(h)  # (N, B, O)
        return answer


class NToOne(nn.Module):
    """One answer, after the last step."""

    def __init__(self, layer: Layer, D: int, H: int, O: int) -> None:  # noqa: E741
        super().__init__()
        self.rnn = layer(D, H)
        self.head = nn.Linear(H, O)

    def forward(self, x: Float[Tensor, "N B D"]) -> Float[Tensor, "B O"]:
        """What the head says of the last state."""
        h, _ = self.rnn(x)  # (N, B, H)
        answer: Tensor = self.head(h[-1])  # (B, O): the last state alone
        return answer


class OneToN(nn.Module):
    """One input, read at the first step; zeros follow. The state has to keep it."""

    def __init__(self, layer: Layer, D: int, H: int, O: int, N: int) -> None:  # noqa: E741
        super().__init__()
        self.rnn = layer(D, H)
        self.head = nn.Linear(H, O)
        self.N = N

    def forward(self, x: Float[Tensor, "1 B D"]) -> Float[Tensor, "N B O"]:
        """What the head says of every state."""
        zeros = x.new_zeros(self.N - 1, *x.shape[1:])
        h, _ = self.rnn(torch.cat([x, zeros]))  # (N, B, H)
        answer: Tensor = self.head(h)  # (N, B, O)
        return answer


class OneToNEach(nn.Module):
    """One input, read again at every step."""

    def __init__(self, layer: Layer, D: int, H: int, O: int, N: int) -> None:  # noqa: E741
        super().__init__()
        self.rnn = layer(D, H)
        self.head = nn.Linear(H, O)
        self.N = N

    def forward(self, x: Float[Tensor, "1 B D"]) -> Float[Tensor, "N B O"]:
        """What the head says of every state."""
        h, _ = self.rnn(x.expand(self.N, -1, -1))  # (N, B, H)
        answer: Tensor = self.head(h)  # (N, B, O)
        return answer


class Attending(nn.Module):
    """One answer, from a weighted sum of all states: pooling attention on top of N to 1."""

    def __init__(self, layer: Layer, D: int, H: int, O: int) -> None:  # noqa: E741
        super().__init__()
        self.rnn = layer(D, H)
        self.score = nn.Linear(H, 1, bias=False)
        self.softmax = nn.Softmax(0)  # over time
        self.head = nn.Linear(H, O)

    def forward(self, x: Float[Tensor, "N B D"]) -> Float[Tensor, "B O"]:
        """What the head says of the context."""
        h, _ = self.rnn(x)  # (N, B, H)
        alpha = self.softmax(self.score(h))  # (N, B, 1): weights that sum to 1
        context = (alpha * h).sum(0)  # (B, H)
        answer: Tensor = self.head(context)  # (B, O)
        return answer

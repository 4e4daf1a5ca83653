"""Several recurrent layers: in two directions, on top of each other, past each other, and by two clocks."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnviz.architectures.single import Layer


class Bidirectional(nn.Module):
    """An answer at every step that knows what came before and what comes after."""

    def __init__(self, layer: Layer, D: int, H: int, O: int) -> None:  # noqa: E741
        super().__init__()
        self.rnn = layer(D, H, bidirectional=True)
        self.head = nn.Linear(2 * H, O)

    def forward(self, x: Float[Tensor, "N B D"]) -> Float[Tensor, "N B O"]:
        """What the head says of both states at every step."""
        h, _ = self.rnn(x)  # (N, B, 2H): forwards and backwards, side by side
        answer: Tensor = self.head(h)  # (N, B, O)
        return answer


class Stacked(nn.Module):
    """Layers on top of each other: each reads the states of the one below."""

    def __init__(self, layer: Layer, D: int, H: int, O: int, layers: int) -> None:  # noqa: E741
        super().__init__()
        self.rnn = layer(D, H, layers)
        self.head = nn.Linear(H, O)

    def forward(self, x: Float[Tensor, "N B D"]) -> Float[Tensor, "N B O"]:
        """What the head says of the top layer's states."""
        h, _ = self.rnn(x)  # (N, B, H): of the top layer
        answer: Tensor = self.head(h)  # (N, B, O)
        return answer


class Residual(nn.Module):
    """Layers on top of each other, with a way past each: it only adds to what it reads."""

    def __init__(self, layer: Layer, D: int, H: int, O: int, layers: int) -> None:  # noqa: E741
        super().__init__()
        self.embed = nn.Linear(D, H)
        self.layers = nn.ModuleList([layer(H, H) for _ in range(layers)])
        self.head = nn.Linear(H, O)

    def forward(self, x: Float[Tensor, "N B D"]) -> Float[Tensor, "N B O"]:
        """What the head says of the sum."""
        h = self.embed(x)  # (N, B, H)
        for rnn in self.layers:
            f, _ = rnn(h)
            h = h + f  # (N, B, H): the Jacobian is I + dF
        answer: Tensor = self.head(h)  # (N, B, O)
        return answer


class Hierarchical(nn.Module):
    """Two clocks: a lower layer reads each of S short sequences, an upper one reads what was left of each."""

    def __init__(self, layer: Layer, D: int, H: int, O: int, S: int) -> None:  # noqa: E741
        super().__init__()
        self.lower = layer(D, H)
        self.upper = layer(H, H)
        self.head = nn.Linear(H, O)
        self.S = S

    def forward(self, x: Float[Tensor, "N B D"]) -> Float[Tensor, "S B O"]:
        """What the head says after each short sequence."""
        parts = x.tensor_split(self.S)  # S short sequences of about N / S steps
        ends = [self.lower(part)[0][-1] for part in parts]  # the last state of each: (B, H)
        h, _ = self.upper(torch.stack(ends))  # (S, B, H): one step for each
        answer: Tensor = self.head(h)  # (S, B, O)
        return answer

"""An encoder and a decoder: N steps are read, M others are said, in the decoder's own time."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnviz.architectures.single import Layer


class NToM(nn.Module):
    """The decoder starts from the encoder's last state, and reads what it said itself."""

    def __init__(self, layer: Layer, D: int, H: int, M: int) -> None:
        super().__init__()
        self.encoder = layer(D, H)
        self.decoder = layer(D, H)
        self.head = nn.Linear(H, D)
        self.M = M

    def forward(self, x: Float[Tensor, "N B D"]) -> Float[Tensor, "M B D"]:
        """The M values after the last one."""
        _, state = self.encoder(x)  # all that the decoder will know
        said = x[-1:]  # (1, B, D): the last value that was read
        answers = []
        for _ in range(self.M):
            h, state = self.decoder(said, state)  # (1, B, H)
            said = self.head(h)  # (1, B, D): read at the next step
            answers.append(said)
        return torch.cat(answers)  # (M, B, D)


class Context(nn.Module):
    """Encoder and decoder with one context c for all steps: h_N ("last"), g(h_N) ("learned"), g(h_1..h_N) ("all")."""

    def __init__(self, layer: Layer, D: int, H: int, N: int, M: int, kind: str) -> None:
        super().__init__()
        self.kind, self.M = kind, M
        self.encoder = layer(D, H)
        looked_at = N * H if kind == "all" else H
        self.g = nn.Identity() if kind == "last" else nn.Sequential(nn.Linear(looked_at, H), nn.Tanh())
        self.decoder = layer(D + H, H)
        self.head = nn.Linear(H, D)

    def forward(self, x: Float[Tensor, "N B D"]) -> Float[Tensor, "M B D"]:
        """M values, each of them said with c at hand."""
        h, _ = self.encoder(x)  # (N, B, H)
        looked_at = h.transpose(0, 1).flatten(1) if self.kind == "all" else h[-1]
        c = self.g(looked_at).unsqueeze(0)  # (1, B, H): the same at every step
        said, state = torch.zeros_like(x[:1]), None
        answers = []
        for _ in range(self.M):
            s, state = self.decoder(torch.cat([said, c], -1), state)  # (1, B, H)
            said = self.head(s)  # (1, B, D)
            answers.append(said)
        return torch.cat(answers)  # (M, B, D)


class Contexts(nn.Module):
    """The three, side by side on the same input."""

    def __init__(self, layer: Layer, D: int, H: int, N: int, M: int) -> None:
        super().__init__()
        self.last = Context(layer, D, H, N, M, "last")
        self.learned = Context(layer, D, H, N, M, "learned")
        self.all = Context(layer, D, H, N, M, "all")

    def forward(self, x: Float[Tensor, "N B D"]) -> Float[Tensor, "3 M B D"]:
        """What each of them says."""
        return torch.stack([self.last(x), self.learned(x), self.all(x)])

"""An encoder, which reads the source, and a decoder, which writes with what it is told of it."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from rnnviz.attention.pooling import LAYERS
from rnnviz.attention.positions import sinusoids

State = Tensor | tuple[Tensor, Tensor]
"""What a recurrent layer goes on from: (1, B, H), for an LSTM two of them."""


class Encoded(NamedTuple):
    """The state at each place of the source, and the last one, h_N."""

    states: Float[Tensor, "S B K"]
    last: Float[Tensor, "B K"]


class Encoder(nn.Module):
    """A recurrent layer over embedded symbols; or, with the kind "positions", nothing but the symbols and their places.

    With ``both`` two layers of half the size read in either direction, and their states stand side by side: h_j has as
    many numbers as one layer would have, and says something of all places. h_N is what each of them had at its end.

    Positions alone add the sinusoids of Vaswani et al. 2017 to the embeddings: h_j is its own symbol and place, and
    the last state tells of the last symbol and of how many there are, and of nothing else.
    """

    def __init__(self, kind: str, symbols: int, size: int, both: bool) -> None:
        super().__init__()
        self.size = size
        self.embedding = nn.Embedding(symbols, size)
        self.rnn = None
        if kind != "positions":
            self.rnn = LAYERS[kind](size, size // (1 + both), bidirectional=both)

    def forward(self, source: Int[Tensor, "S B"]) -> Encoded:
        """The states h_1 to h_N of each source."""
        read: Tensor = self.embedding(source)
        if self.rnn is None:
            states = read + sinusoids(len(source), self.size, read.dtype).unsqueeze(1)
            return Encoded(states, states[-1])
        states, last = self.rnn(read)
        last = last[0] if isinstance(last, tuple) else last  # (directions, B, size / directions)
        return Encoded(states, torch.cat(last.unbind(), 1))


class Decoder(nn.Module):
    """A recurrent layer over the words said before, and what is said next, of its state and the context.

    s_0 = tanh(W h_N + b), whatever the context, much as in appendix A.2.2 of Bahdanau et al. 2015. An LSTM's memory
    cell starts at 0. Except with Luong's attention the context is part of the input, beside the embedded word. What is
    said next is for all contexts softmax(W_s tanh(W_c [c; s])), equations 5 and 6 of Luong, Pham & Manning 2015, so
    that nothing but the context differs. The layer of the kind "positions" is a GRU.
    """

    def __init__(self, kind: str, symbols: int, size: int, fed: bool) -> None:
        super().__init__()
        self.fed = fed
        self.embedding = nn.Embedding(symbols, size)
        self.start = nn.Linear(size, size)
        self.rnn = LAYERS[kind if kind in LAYERS else "gru"](size * (1 + fed), size)
        self.W_c = nn.Linear(2 * size, size, bias=False)
        self.W_s = nn.Linear(size, symbols, bias=False)

    def begin(self, last: Float[Tensor, "B K"]) -> State:
        """The layer's state before the first word."""
        s = torch.tanh(self.start(last)).unsqueeze(0)
        return (s, torch.zeros_like(s)) if isinstance(self.rnn, nn.LSTM) else s

    def advance(
        self, words: Int[Tensor, "M B"], context: Float[Tensor, "M B K"] | None, state: State
    ) -> tuple[Float[Tensor, "M B H"], State]:
        """The states s that follow on these words; ``context`` is None where it is not fed."""
        read: Tensor = self.embedding(words)
        if context is not None:
            read = torch.cat([read, context], -1)
        states, state = self.rnn(read, state)
        return states, state

    def say(self, context: Float[Tensor, "M B K"], states: Float[Tensor, "M B H"]) -> Float[Tensor, "M B V"]:
        """Logits of what is said next."""
        logits: Tensor = self.W_s(torch.tanh(self.W_c(torch.cat([context, states], -1))))
        return logits


class FixedContext(nn.Module):
    """A context that is the same at every step, without attention.

    "last" is c = h_N; "learned" is c = tanh(W h_N + b), as in Cho et al. 2014 (appendix A.1, there without b); "all" is
    c = tanh(W m + b) of the mean m of h_1 to h_N.
    """

    def __init__(self, context: str, size: int) -> None:
        super().__init__()
        self.context = context
        self.g = None if context == "last" else nn.Linear(size, size)

    def forward(self, encoded: Encoded) -> Float[Tensor, "B K"]:
        """What the decoder is told, at each of its steps."""
        told = encoded.states.mean(0) if self.context == "all" else encoded.last
        return told if self.g is None else torch.tanh(self.g(told))

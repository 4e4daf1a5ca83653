"""Attention over the states of one sequence: a linear score, a softmax over time, a weighted sum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnviz.attention.config import PoolConfig
from rnnviz.attention.filling import fill
from rnnviz.attention.scores import Attended, attend
from rnnviz.tasks import pooled
from rnnviz.tasks.pooled import PoolTask

LAYERS: dict[str, type[nn.RNN] | type[nn.LSTM] | type[nn.GRU]] = {
    "rnn": nn.RNN,
    "lstm": nn.LSTM,
    "gru": nn.GRU,
}
"""PyTorch's recurrent layers, by the name of their cell."""


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


class Pooled(NamedTuple):
    """What a :class:`PooledModel` says, where it looked, and the states that it looked at."""

    output: Float[Tensor, "B O"]
    weights: Float[Tensor, "B T"]
    h: Float[Tensor, "T B H"]


class PooledModel(nn.Module):
    """``rnn``, an ``nn.RNN``, ``nn.LSTM`` or ``nn.GRU``; ``pool`` over its states; a linear ``head`` on the context."""

    def __init__(self, rnn: nn.RNNBase, pool: PoolingAttention, head: nn.Linear) -> None:
        super().__init__()
        self.rnn, self.pool, self.head = rnn, pool, head

    def forward(self, x: Float[Tensor, "T B D"]) -> Pooled:
        """One answer for each sequence, from all of its states."""
        h = self.rnn(x)[0]
        context, weights = self.pool(h.transpose(0, 1))
        return Pooled(self.head(context), weights, h)


def build_pooled(config: PoolConfig, task: PoolTask | None = None) -> PooledModel:
    """The untrained network, on the CPU, as PyTorch fills it, from generators of its own.

    ``task`` is the config's, where it is at hand.
    """
    task = task or pooled.task_of(config)
    with torch.device("meta"):
        rnn = LAYERS[config.cell](task.D, config.hidden)
        model = PooledModel(rnn, PoolingAttention(config.hidden), nn.Linear(config.hidden, task.O))
    model.to_empty(device="cpu")
    fill(model, config.seed)
    return model


def pooled_of(config: PoolConfig, tensors: Mapping[str, Tensor], task: PoolTask | None = None) -> PooledModel:
    """The network with these weights. ``ValueError`` for a state dict of other settings."""
    model = build_pooled(config, task)
    take(model, tensors, f"a {config.cell!r} with pooling attention")
    return model


def take(model: nn.Module, tensors: Mapping[str, Tensor], what: str) -> None:
    """Load these weights. ``ValueError`` for others than those of the model, which is ``what``."""
    try:
        model.load_state_dict(dict(tensors))
    except RuntimeError as error:
        raise ValueError(
            f"expected the weights of {what} with these settings, got others "
            f"({str(error).splitlines()[-1].strip()}); open them with the settings that they were trained with"
        ) from error

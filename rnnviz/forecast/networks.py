"""The networks that forecast: a recurrent layer reads the window, a linear head says the next value."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnviz.attention import PoolingAttention
from rnnviz.forecast.config import ForecastConfig

STREAM = 80_000
"""Added to the seed of the weights, so that they are independent of other draws from the same seed."""


class Forecaster(nn.Module):
    """``rnn``, an ``nn.RNN``, ``nn.LSTM`` or ``nn.GRU``, batch first; ``pool`` or None; and a linear ``head``.

    The head reads the last state; of a bidirectional network the last state of each direction, side by side; with
    attention the context of all states of the top layer. In the mode "returns" the head starts at zero: an untrained
    network says the mean change of the training part, and only evidence moves it from there.
    """

    def __init__(self, config: ForecastConfig, in_features: int = 1) -> None:
        super().__init__()
        layer = {"rnn": nn.RNN, "gru": nn.GRU}.get(config.network, nn.LSTM)
        both = config.network == "bilstm"
        # "meta": made without a draw from the global generator, and filled from one of its own.
        self.rnn = layer(
            in_features,
            config.hidden,
            config.layers,
            batch_first=True,
            bidirectional=both,
            device="meta",
        ).to_empty(device="cpu")
        self.pool = PoolingAttention(config.hidden) if config.network == "attention" else None
        self.head = nn.Linear(config.hidden * (1 + both), 1, device="meta").to_empty(device="cpu")
        self._fill(config)

    def forward(self, x: Float[Tensor, "B W D"]) -> Float[Tensor, " B"]:
        """The value after each window, scaled."""
        h, state = self.rnn(x)
        if self.pool is not None:
            seen = self.pool(h).context
        else:
            last = state[0] if isinstance(state, tuple) else state  # (layers * directions, B, H)
            seen = torch.cat([last[-2], last[-1]], 1) if self.rnn.bidirectional else last[-1]
        answer: Tensor = self.head(seen).squeeze(1)
        return answer

    @torch.no_grad()
    def _fill(self, config: ForecastConfig) -> None:
        """Uniform in ±1/sqrt(H), as PyTorch fills its recurrent layers."""
        generator = torch.Generator().manual_seed(STREAM + config.seed)
        bound = 1 / math.sqrt(config.hidden)
        for parameter in self.parameters():
            parameter.uniform_(-bound, bound, generator=generator)
        if config.mode == "returns":
            for parameter in self.head.parameters():
                parameter.zero_()


def forecaster_of(config: ForecastConfig, tensors: Mapping[str, Tensor]) -> Forecaster:
    """The network with these weights. ``ValueError`` for a state dict of other settings."""
    model = Forecaster(config)
    try:
        model.load_state_dict(dict(tensors))
    except RuntimeError as error:
        raise ValueError(
            f"expected the weights of a {config.network!r} with these settings, got others "
            f"({str(error).splitlines()[-1].strip()}); open them with the settings that they were trained with"
        ) from error
    return model

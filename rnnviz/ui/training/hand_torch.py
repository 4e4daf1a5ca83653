"""The steps of :mod:`rnnviz.scratch` as PyTorch has them: shown beside it, and run beside it.

Imports torch, so the section loads it when it draws.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

import rnnviz
from rnnviz.scratch import Weights


def twin(w: Weights) -> tuple[nn.RNN, nn.Linear]:
    """PyTorch's own modules with the same weights, in float64; the global random generator stays out of it."""
    (O, H), D = w.W_hy.shape, w.W_ih.shape[1]  # noqa: E741
    rnn = nn.RNN(D, H, dtype=torch.float64, device="meta").to_empty(device="cpu")
    readout = nn.Linear(H, O, dtype=torch.float64, device="meta").to_empty(device="cpu")
    with torch.no_grad():
        for parameter, W in zip(parameters(rnn, readout), w, strict=True):
            parameter.copy_(torch.tensor(W))
    return rnn, readout


def parameters(rnn: nn.RNN, readout: nn.Linear) -> list[nn.Parameter]:
    """The parameters in the order of :class:`~rnnviz.scratch.Weights`."""
    return [*rnn.parameters(), *readout.parameters()]


def forward(rnn: nn.RNN, readout: nn.Linear, x: Tensor) -> tuple[Tensor, Tensor]:
    """nn.RNN(D, H), nn.Linear(H, O)."""
    h, _ = rnn(x)  # all steps at once, without h_0
    return h, readout(h)


def cross_entropy(y: Tensor, target: Tensor) -> Tensor:
    """The same mean over the steps."""
    return nn.functional.cross_entropy(y, target)


def squared_error(y: Tensor, target: Tensor) -> Tensor:
    """The same mean over the steps."""
    return nn.functional.mse_loss(y, target)


def backward(rnn: nn.RNN, readout: nn.Linear, L: Any) -> list[Tensor | None]:
    """dL/dW of each W, by autograd."""
    L.backward()
    weights = *rnn.parameters(), *readout.parameters()
    return [W.grad for W in weights]


def by_state(rnn: nn.RNN, x: Tensor, L: Callable[[Tensor], Tensor]) -> Tensor:
    """dL/dh_t; h.grad would miss the later steps."""
    return rnnviz.gradients(rnn, x, L).layers[0].h[:, 0]


def step(
    optimiser: torch.optim.SGD,
    rnn: nn.RNN,
    readout: nn.Linear,
    x: Tensor,
    target: Tensor,
    loss: Callable[..., Any],
) -> Any:
    """torch.optim.SGD(parameters, lr=rate)."""
    optimiser.zero_grad()
    L = loss(readout(rnn(x)[0]), target)
    L.backward()
    optimiser.step()
    return L.item()

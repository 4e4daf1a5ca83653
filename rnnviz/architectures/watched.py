"""Looking at a network as it runs: the shapes of what passes, and every state as a tensor to differentiate by.

A fused kernel's output lies beside its recurrence: gradients at its steps are not those of the states. Here each
recurrent layer of a copy is put in a :class:`Watched`, which takes the same steps one by one and keeps them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnviz.modules import CellModule
from rnnviz.scan import scan
from rnnviz.variants import step_of

_CELLS = {"LSTM": "lstm", "GRU": "gru", "RNN_TANH": "rnn"}
_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class Watched(nn.Module):
    """A recurrent layer that is called like the one it holds, and keeps all states in ``h``.

    ``h`` has a list for each direction of each layer, in PyTorch's order; in it are tensors (B, H), in input time, one
    call after the other.
    """

    def __init__(self, layer: nn.RNNBase | CellModule) -> None:
        super().__init__()
        self.layer = layer
        self.h: list[list[Tensor]] = [[] for _ in range(_entries(layer))]

    def forward(self, x: Float[Tensor, "T B D"], state: Any = None) -> tuple[Tensor, Any]:
        """What ``layer(x, state)`` gives, step by step."""
        layer = self.layer
        if isinstance(layer, CellModule):
            start = state or (x.new_zeros(x.shape[1], layer.hidden_size),) * len(layer.states)
            step = step_of(layer.cell, layernorm=layer.layernorm, residual=layer.residual)
            steps = scan(step, layer.params, x, start)
            self.h[0] += [one.state[0] for one in steps]
            return torch.stack([one.state[0] for one in steps]), steps[-1].state
        directions, memory = 1 + layer.bidirectional, isinstance(layer, nn.LSTM)
        if state is None:
            zeros = x.new_zeros(len(self.h), x.shape[1], layer.hidden_size)
            state = (zeros, zeros) if memory else zeros
        starts = state if memory else (state,)
        below, ends = x, []
        for level in range(layer.num_layers):
            outputs = []
            for reverse in range(directions):
                entry = level * directions + reverse
                suffix = f"_l{level}" + "_reverse" * reverse
                params = {name: getattr(layer, name + suffix) for name in _NAMES}
                start = tuple(part[entry] for part in starts)
                steps = scan(_CELLS[layer.mode], params, below, start, reverse=bool(reverse))
                self.h[entry] += [one.state[0] for one in steps]
                outputs.append(torch.stack([one.state[0] for one in steps]))
                ends.append(steps[0 if reverse else -1].state)
            below = torch.cat(outputs, -1)
        final = tuple(torch.stack(part) for part in zip(*ends, strict=True))
        return below, final if memory else final[0]


def _entries(layer: nn.RNNBase | CellModule) -> int:
    return 1 if isinstance(layer, CellModule) else layer.num_layers * (1 + layer.bidirectional)


def watch(model: nn.Module) -> list[Watched]:
    """Put every recurrent layer of a network that is one's own into a :class:`Watched`; gives those, in order."""
    found = []
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.RNNBase | CellModule):
                watched = Watched(child)
                setattr(parent, name, watched)
                found.append(watched)
    return found


@dataclass(frozen=True)
class Point:
    """Where a tensor is caught: at the module of that path, as it goes "in", comes "out", or is left ("h_n", "c_n")."""

    path: str
    side: str
    name: str
    letters: str
    words: str = ""


class Caught:
    """Catches tensors at points: ``first[k]`` is the first that came by point k, ``times[k]`` how many came."""

    def __init__(self, model: nn.Module, points: Sequence[Point]) -> None:
        self.first: list[Tensor | None] = [None] * len(points)
        self.times = [0] * len(points)
        for k, point in enumerate(points):
            model.get_submodule(point.path).register_forward_hook(self._hook(k, point.side))

    def _hook(self, k: int, side: str) -> Any:
        def hook(module: nn.Module, given: tuple[Any, ...], made: Any) -> None:
            if self.first[k] is None:
                self.first[k] = _picked(side, given, made)
            self.times[k] += 1

        return hook


def _picked(side: str, given: tuple[Any, ...], made: Any) -> Tensor:
    if side == "in":
        return cast(Tensor, given[0])
    if side == "out":
        return cast(Tensor, made[0] if isinstance(made, tuple) else made)
    state = made[1]
    return cast(Tensor, state if isinstance(state, Tensor) else state[side == "c_n"])

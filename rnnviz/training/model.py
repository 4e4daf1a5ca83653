"""The networks that learn: a recurrent layer, and a linear head that reads its state at every step."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnviz import build, tasks
from rnnviz.experiment import Experiment
from rnnviz.modules import CellModule
from rnnviz.race import Race
from rnnviz.registry import cell_named
from rnnviz.tasks import Task

STREAM = 50_000
"""Added to the seed of the head, so that it is independent of the other weights and of the data."""


class SequenceModel(nn.Module):
    """``rnn``, an ``nn.RNN``, ``nn.LSTM``, ``nn.GRU`` or :class:`~rnnviz.modules.CellModule`, and a linear ``head``."""

    def __init__(self, rnn: nn.Module, head: nn.Linear) -> None:
        super().__init__()
        self.rnn, self.head = rnn, head

    def forward(self, x: Float[Tensor, "T B D"]) -> Float[Tensor, "T B O"]:
        """What the head says at every step."""
        answer: Tensor = self.head(self.rnn(x)[0])
        return answer


def build_model(race: Race, cell: str, task: Task | None = None) -> SequenceModel:
    """The untrained network of one cell, on the CPU, the faster one for models of this size.

    Its recurrent layer is that of :func:`rnnviz.build.build_module`, with ``race.layernorm`` or ``race.residual`` the
    same weights in a :class:`CellModule`. The head is filled as PyTorch fills it, uniform in ±1/sqrt(H), and is the
    same for every cell. ``task`` is the race's, where it is at hand. ``ValueError`` for an unknown cell.
    """
    cell_named(cell)
    task = task or tasks.make(race)
    generator = torch.Generator().manual_seed(STREAM + race.seed)
    head = nn.Linear(race.hidden, task.O, device="meta").to_empty(device="cpu")
    bound = 1 / math.sqrt(race.hidden)
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.uniform_(-bound, bound, generator=generator)
    return SequenceModel(_recurrent(race, cell, task.D), head)


def model_of(race: Race, cell: str, tensors: Mapping[str, Tensor], task: Task | None = None) -> SequenceModel:
    """The network with these weights, a state dict of one of the race. ``ValueError`` for one that does not fit."""
    model = build_model(race, cell, task)
    try:
        model.load_state_dict(dict(tensors))
    except RuntimeError as error:
        raise ValueError(
            f"expected the weights of a {cell!r} of this race, got others ({str(error).splitlines()[-1].strip()}); "
            "open them with the settings that they were trained with"
        ) from error
    return model


@torch.no_grad()
def _recurrent(race: Race, cell: str, inputs: int) -> nn.Module:
    experiment = Experiment(cells=(cell,), hidden=race.hidden, forget=race.forget, seed=race.seed)
    module = build.build_module(experiment, cell, inputs).to("cpu")
    if not (race.layernorm or race.residual):
        return module
    changed = CellModule(
        cell, inputs, race.hidden, layernorm=race.layernorm, residual=race.residual, device="meta"
    ).to_empty(device="cpu")
    changed.reset_parameters(torch.Generator())
    for name, parameter in module.named_parameters():
        changed.get_parameter(name.removesuffix("_l0")).copy_(parameter)
    return changed

"""The models that are run: the experiment's cell for one seed, with or without a cure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from rnnviz import build
from rnnviz.cells import StepFunction
from rnnviz.cures.catalogue import CURES
from rnnviz.experiment import Experiment
from rnnviz.inputs import prepare
from rnnviz.registry import Cell
from rnnviz.variants import step_of

STREAM = 30_000
"""Added to the seed of the chrono initialisation, so that it is independent of weights and signals."""


@dataclass(frozen=True, eq=False)
class Model:
    """One model to run: its cell and step function, its parameters, its input up to the loss, its start state."""

    cell: str
    step: StepFunction
    params: Mapping[str, Tensor]
    x: Float[Tensor, "T D"]
    state: tuple[Tensor, ...]


def model_with(experiment: Experiment, cell: Cell, cure: str, k: int) -> Model:
    """The model of the k-th seed with a cure, or without for "before"."""
    change = next((known.change for known in CURES if known.name == cure), {})
    seed = (experiment.seed + k) % 10_000
    chosen = replace(experiment, seed=seed, cells=(cell.name,), **change)
    x = build.build_input(chosen)
    layer = prepare(build.build_module(chosen, cell.name, x.shape[2]), x).levels[0][0]
    params = {name: value.double() for name, value in layer.params.items()}
    x, state = x[: chosen.loss_index + 1, 0].double(), tuple(part[0].double() for part in layer.state)
    if cure == "chrono":
        params |= chrono(cell, params, chosen.hidden, longest=len(x), seed=seed)
    step = step_of(cell.name, layernorm=cure == "layernorm", residual=cure == "residual")
    return Model(cell.name, step, params, x, state)


def chrono(cell: Cell, params: Mapping[str, Tensor], H: int, *, longest: int, seed: int) -> dict[str, Tensor]:
    """Biases by which the units' memories, 1 / (1 - f), are spread from 2 to ``longest`` steps.

    ``b_f = log U([1, T_max - 1])`` and ``b_i = -b_f``. Of a GRU the same for the update gate, with the sign by
    which z keeps: PyTorch's at 1, the others at 0.
    """
    generator = torch.Generator().manual_seed(STREAM + seed)
    spread = 1 + max(longest - 2, 0) * torch.rand(H, dtype=torch.float64, generator=generator)
    keep = spread.log()
    rows = {"f": keep, "i": -keep} if cell.forget else {"z": keep if cell.name == "gru" else -keep}
    biases = {name: params[name].clone() for name in ("bias_ih", "bias_hh") if name in params}
    for letter, value in rows.items():
        block = slice(cell.blocks.index(letter) * H, (cell.blocks.index(letter) + 1) * H)
        for name, bias in biases.items():
            bias[block] = value if name == "bias_ih" else 0
    return biases

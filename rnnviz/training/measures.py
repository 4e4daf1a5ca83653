"""What is measured of a network between two epochs: on test sequences, but for the loss that judges it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from rnnviz import fused, unrolled
from rnnviz.gradients import step_norms
from rnnviz.inputs import prepare
from rnnviz.problem import LayerRun
from rnnviz.registry import cell_named
from rnnviz.statistics import saturation, state_kind
from rnnviz.tasks import Batch, Task
from rnnviz.training.model import SequenceModel

OBSERVED = 16
"""Test sequences whose gates and gradients are looked at after each epoch: few, as that costs as much as training."""


@dataclass(frozen=True)
class Measures:
    """A part of an :class:`~rnnviz.training.epoch.Epoch`, with its names."""

    test_loss: float
    test_accuracy: float | None
    saturation: dict[str, tuple[float, float]]
    profile: list[float]
    weights: dict[str, float]
    radius: float | None
    answer: list[Any]
    sure: list[float] | None
    validation_loss: float | None


@torch.inference_mode(False)
@torch.no_grad()
def measure(model: SequenceModel, task: Task) -> Measures:
    """Look at a network without touching it.

    The validation loss is that of all validation sequences; a race of the first version has none. Test loss and
    accuracy are those of all test sequences; gates and gradients are observed on the first :data:`OBSERVED` of them.
    """
    test = task.test
    output = model(test.x)
    judge = task.validation if task.race.version > 1 else None
    run = _observed(model, task, part_of(test, slice(OBSERVED)))
    answer, sure = _answer(task, output, test)
    return Measures(
        test_loss=task.loss(output, test).item(),
        test_accuracy=task.accuracy(output, test),
        saturation=_saturation(run),
        profile=_profile(run),
        weights=_sizes(model),
        radius=_radius(model),
        answer=answer,
        sure=sure,
        validation_loss=None if judge is None else task.loss(model(judge.x), judge).item(),
    )


def part_of(batch: Batch, which: slice) -> Batch:
    """Some of the sequences of a batch."""
    return Batch(batch.x[:, which], batch.y[:, which], batch.scored)


def _observed(model: SequenceModel, task: Task, batch: Batch) -> LayerRun:
    """One pass over the sequences, with the gradients of the task's loss at every state."""
    problem = prepare(model.rnn, batch.x)
    run = fused.run if problem.built_in else unrolled.run
    return run(problem, lambda states: task.loss(model.head(states), batch), memory=False).layers[0]


def _profile(run: LayerRun) -> list[float]:
    """||dL/dh_t||, L the loss of one sequence, as the root mean square over the sequences.

    The loss of B sequences is the mean of theirs, so that each gradient comes divided by B.
    """
    dh = run.dh
    assert dh is not None
    profile: list[float] = _short(step_norms(dh) * math.sqrt(dh.shape[1]))
    return profile


def _saturation(run: LayerRun) -> dict[str, tuple[float, float]]:
    """By letter the shares of the gates and of h that are pinned, where they have an end to be pinned at."""
    layer = run.layer
    found = {gate.name: (run.gates[gate.name], gate.kind) for gate in cell_named(layer.cell).gates}
    found["h"] = (run.h, state_kind(layer.cell, residual=layer.residual))
    shares = {name: saturation(values, kind) for name, (values, kind) in found.items() if kind != "linear"}
    return {name: (share.low_share, share.high_share) for name, share in shares.items()}


def _sizes(model: SequenceModel) -> dict[str, float]:
    """The Frobenius norm of each parameter, by its name in the registry or as "head.weight"."""
    names, values = zip(*model.named_parameters(), strict=True)
    sizes = torch._foreach_norm(values, 2, torch.float64)
    short = [name.removeprefix("rnn.").removesuffix("_l0") for name in names]
    return {name: size.item() for name, size in zip(short, sizes, strict=True)}


def _radius(model: SequenceModel) -> float | None:
    """The spectral radius of W_hh, the largest modulus of an eigenvalue, where it is one square block."""
    W = next((value for name, value in model.rnn.named_parameters() if name.startswith("weight_hh")), None)
    if W is None or W.shape[0] != W.shape[1]:
        return None
    return torch.linalg.eigvals(W).abs().amax().item() if W.isfinite().all() else math.nan


def _answer(task: Task, output: Tensor, test: Batch) -> tuple[list[Any], list[float] | None]:
    """What the network says on test sequence 0, and for classes how sure it is of the truth."""
    said = output[list(test.scored), 0]
    if task.kind == "regression":
        return _short(said), None
    sure = said.softmax(-1).gather(-1, test.y[:, :1])
    return said.argmax(-1).tolist(), _short(sure[:, 0])


def _short(values: Tensor) -> list[Any]:
    """Numbers by the seven digits that a float32 has: a row of the store is half as long."""
    if values.dim() > 1:
        return [_short(one) for one in values]
    return [float(f"{value:.7g}") for value in values.tolist()]

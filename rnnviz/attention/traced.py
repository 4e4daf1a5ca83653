"""The recurrent layer under pooling attention, as the pages of the experiments show their networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy

from rnnviz.attention.config import PoolConfig
from rnnviz.attention.pooling import pooled_of
from rnnviz.experiment import Experiment
from rnnviz.observe import Observation
from rnnviz.signals import SignalData
from rnnviz.tasks import pooled
from rnnviz.tasks.base import check_example
from rnnviz.together import observe_module


@dataclass(frozen=True, eq=False)
class PoolTraced(Observation):
    """What the layer under the attention did on one test sequence, and the gradients of the task's loss there.

    The loss, ``gradients.loss``, is the cross-entropy of the one answer. ``scored`` are the steps (from 0) whose state
    the head reads, by their ``weights``: all of them. ``answer`` are the scores of the O classes, ``outputs`` their
    names, ``truth`` is the index of the right one, which stands at the step ``at``.
    """

    config: PoolConfig
    example: int
    scored: tuple[int, ...]
    answer: Float[Tensor, "1 O"]
    truth: Int[Tensor, " 1"]
    outputs: tuple[str, ...]
    weights: Float[Tensor, " T"]
    at: int

    @property
    def said(self) -> str:
        """The name of the class with the highest score."""
        return self.outputs[int(self.answer.argmax())]


@torch.inference_mode(False)
def observe_pooled(config: PoolConfig, tensors: Mapping[str, Tensor], example: int = 0) -> PoolTraced:
    """Watch the pooling network with these weights on a test sequence, step by step.

    ``ValueError`` for weights that do not fit, or an example outside 0 to 31.
    """
    check_example(example)
    task = pooled.task_of(config)
    model = pooled_of(config, tensors, task).requires_grad_(False)
    x, y = task.test.x[:, example : example + 1], task.test.y[example : example + 1]

    def loss(states: Float[Tensor, "T 1 H"]) -> Float[Tensor, ""]:
        return cross_entropy(model.head(model.pool(states.transpose(0, 1)).context), y)

    trace, gradients = observe_module(model.rnn, x, loss)
    found = model.pool(trace.output.transpose(0, 1))
    experiment = Experiment(cells=(config.cell,), length=len(x), hidden=config.hidden, seed=config.seed)
    signal = SignalData(
        x[:, 0], task.channels, task.labels(example), "", f"A sequence of the test part. {task.asks}"
    )
    return PoolTraced(
        experiment,
        config.cell,
        signal,
        trace,
        gradients,
        config,
        example,
        tuple(range(len(x))),
        model.head(found.context),
        y,
        task.outputs,
        found.weights[0],
        int(task.test.at[example]),
    )

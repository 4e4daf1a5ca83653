"""A network of a race, before or after training, as the pages of the experiments show theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float, Int
from torch import Tensor

from rnnviz import tasks
from rnnviz.experiment import Experiment
from rnnviz.observe import Observation
from rnnviz.race import Race
from rnnviz.signals import SignalData
from rnnviz.tasks import EXAMPLES, Task
from rnnviz.together import observe_module
from rnnviz.training.measures import part_of
from rnnviz.training.model import model_of

AT_HAND = 4
"""Tasks that are kept for the next look. The largest, a long text with all its letters, holds some 30 MB."""


@dataclass(frozen=True, eq=False)
class Trained(Observation):
    """What a network of a race did on one test sequence, and the gradients of the task's loss on it.

    The ``experiment`` has the cell, the sizes, the seed and the number of steps, and its loss at the last scored step;
    its signal stands for nothing. The loss, ``gradients.loss``, is that of all ``scored`` steps (K, from 0,
    ascending), through the head. ``answer`` is what the network says there, ``truth`` what is true: numbers of a
    regression, else the scores of the O classes and the index of the right one. ``outputs`` names the O outputs.
    """

    race: Race
    example: int
    scored: tuple[int, ...]
    answer: Float[Tensor, "K O"]
    truth: Float[Tensor, "K O"] | Int[Tensor, " K"]
    outputs: tuple[str, ...]


@torch.inference_mode(False)
def observe_trained(race: Race, cell: str, tensors: Mapping[str, Tensor], example: int = 0) -> Trained:
    """Watch the network with these weights, a state dict of the race's, on a test sequence of the task.

    ``ValueError`` for an unknown cell, weights that do not fit, or an example outside 0 to 31.
    """
    if not 0 <= example < EXAMPLES:
        raise ValueError(f"expected an example from 0 to {EXAMPLES - 1}, got {example}; choose one of them")
    task = _task(race)
    model = model_of(race, cell, tensors, task).requires_grad_(False)
    one = part_of(task.test, slice(example, example + 1))

    def loss(states: Tensor) -> Tensor:
        return task.loss(model.head(states), one)

    trace, gradients = observe_module(model.rnn, one.x, loss)
    answer = model.head(trace.output)[list(one.scored), 0]
    T, last = len(one.x), one.scored[-1] + 1
    experiment = Experiment(
        cells=(cell,),
        length=T,
        hidden=race.hidden,
        forget=race.forget,
        loss=None if last == T else last,
        seed=race.seed,
    )
    signal = SignalData(
        one.x[:, 0],
        task.channels,
        task.labels(example),
        "",
        f"A sequence of the test part. {task.asks}",
    )
    return Trained(
        experiment,
        cell,
        signal,
        trace,
        gradients,
        race,
        example,
        one.scored,
        answer,
        one.y[:, 0],
        task.outputs,
    )


@lru_cache(maxsize=AT_HAND)
def _task(race: Race) -> Task:
    """The race's task with its test sequences. A race contains its text: nobody is given another one's."""
    task = tasks.make(race)
    task.test  # noqa: B018  # outside inference mode, whoever asks next
    return task

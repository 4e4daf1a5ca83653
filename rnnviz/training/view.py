"""TaskView: what a picture of one test sequence needs of its task. Numbers and names, so that a page can keep it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnnviz.tasks.base import Task


@dataclass(frozen=True)
class TaskView:
    """One test sequence of T steps and what is true at its K scored steps (``scored``, from 0, ascending).

    ``inputs`` (T, D) is what is read, ``truth`` the (K, O) numbers of a regression, or K class indices.
    ``channels`` and ``outputs`` name inputs and outputs (or classes), ``labels`` the T steps where they have names.
    ``epochs`` is how many the race has.
    """

    kind: Literal["regression", "classes"]
    inputs: tuple[tuple[float, ...], ...]
    scored: tuple[int, ...]
    truth: tuple[tuple[float, ...], ...] | tuple[int, ...]
    channels: tuple[str, ...]
    outputs: tuple[str, ...]
    labels: tuple[str, ...] | None
    epochs: int


def view_of(task: Task, example: int = 0) -> TaskView:
    """The view of a test sequence; :attr:`rnnviz.training.epoch.Epoch.answer` speaks of number 0."""
    test = task.test
    truth = test.y[:, example].tolist()
    return TaskView(
        kind=task.kind,
        inputs=tuple(tuple(step) for step in test.x[:, example].tolist()),
        scored=test.scored,
        truth=tuple(tuple(one) for one in truth) if task.kind == "regression" else tuple(truth),
        channels=task.channels,
        outputs=task.outputs,
        labels=task.labels(example),
        epochs=task.race.epochs,
    )

"""What many watch is made once: tasks by their race, and pictures by the run and how far it is."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rnnviz.race import Race
from rnnviz.ui import preload
from rnnviz.ui.shelf import Shelf

if TYPE_CHECKING:
    from rnnviz.figures.drawing import Spec
    from rnnviz.tasks import Task
    from rnnviz.training.view import TaskView

specs: Shelf[Spec] = Shelf(64)
"""Pictures. The largest (heat maps of 6 cells over 100 epochs and steps) holds 0.5 MB."""

sentences: Shelf[list[str]] = Shelf(64)
"""What is said of a run."""


def task(race: Race) -> Task:
    """The task of a race."""
    preload.ensure()
    return _task(race)


def task_view(race: Race) -> TaskView:
    """The test sequence whose answer each epoch holds."""
    preload.ensure()
    return _view(race)


@lru_cache(maxsize=16)
def _task(race: Race) -> Task:
    from rnnviz import tasks

    return tasks.make(race)


@lru_cache(maxsize=32)
def _view(race: Race) -> TaskView:
    from rnnviz.training.view import view_of

    return view_of(_task(race))

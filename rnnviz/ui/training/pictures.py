"""What many watch is made once: tasks by their race, and pictures by the run and how far it is."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, TypeVar

from rnnviz.race import Race
from rnnviz.ui import preload

if TYPE_CHECKING:
    from rnnviz.figures.drawing import Spec
    from rnnviz.tasks import Task
    from rnnviz.training.view import TaskView

Value = TypeVar("Value")


class Shelf(Generic[Value]):
    """The last ``kept`` values by key; who asks for one that is being made waits for it."""

    def __init__(self, kept: int) -> None:
        self.kept = kept
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of that key, made now if it is not there."""
        with self._lock:
            if key not in self._values:
                self._values[key] = make()
                while len(self._values) > self.kept:
                    self._values.popitem(last=False)
            self._values.move_to_end(key)
            return self._values[key]


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

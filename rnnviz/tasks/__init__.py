"""Problems with a known yardstick, one file a family; :func:`make` builds the one that a race names."""

from __future__ import annotations

from rnnviz.race import Race
from rnnviz.tasks.adding import Adding
from rnnviz.tasks.base import EXAMPLES, Batch, Task, Yardstick

__all__ = ["EXAMPLES", "Batch", "Task", "Yardstick", "make"]

FAMILIES: dict[str, type[Task]] = {
    "adding": Adding,
}
"""Every task, by its name in :data:`rnnviz.race.TASKS`."""


def make(race: Race) -> Task:
    """The task of a race."""
    return FAMILIES[race.task](race)

"""Problems with a known yardstick, one file a family; :func:`make` builds the one that a race names."""

from __future__ import annotations

from rnnviz.race import Race
from rnnviz.tasks.adding import Adding
from rnnviz.tasks.base import EXAMPLES, Batch, Task, Yardstick
from rnnviz.tasks.copying import CopyMemory
from rnnviz.tasks.flipflop import FlipFlop
from rnnviz.tasks.labels import RandomLabels
from rnnviz.tasks.parity import Parity
from rnnviz.tasks.sine import Sine
from rnnviz.tasks.text import Text

__all__ = ["EXAMPLES", "Batch", "Task", "Yardstick", "make"]

FAMILIES: dict[str, type[Task]] = {
    "adding": Adding,
    "copy": CopyMemory,
    "parity": Parity,
    "flipflop": FlipFlop,
    "sine": Sine,
    "labels": RandomLabels,
    "text": Text,
}
"""Every task, by its name in :data:`rnnviz.race.TASKS`."""


def make(race: Race) -> Task:
    """The task of a race. Raises ``ValueError`` where something :attr:`~rnnviz.race.Race.missing` is needed first."""
    if race.missing:
        raise ValueError(race.missing)
    return FAMILIES[race.task](race)

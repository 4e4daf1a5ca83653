"""The rows that runs have written, read once for all who watch them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from rnnviz.runs.model import Row, Run
from rnnviz.ui.shelf import Shelf

if TYPE_CHECKING:
    from rnnviz.runs import Runs

Value = TypeVar("Value")


@dataclass(eq=False)
class _Known(Generic[Value]):
    """The rows of one run as far as they have been read."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    version: int = -1
    serial: int = 0
    found: dict[str, dict[int, Value]] = field(default_factory=dict)
    series: dict[str, tuple[Value, ...]] = field(default_factory=dict)


class History(Generic[Value]):
    """The rows of the last ``kept`` runs, each as what ``read`` makes of it."""

    def __init__(self, kept: int, read: Callable[[Row], Value]) -> None:
        self._read = read
        self._known: Shelf[_Known[Value]] = Shelf(kept)

    def of(self, runs: Runs, run: Run) -> Mapping[str, tuple[Value, ...]]:
        """The values of each series, from number 0 to the last before the first that is missing.

        Only rows that nobody here has read are asked for.
        """
        known = self._known.get((runs, run.id), _Known)
        with known.lock:
            if run.version > known.version:
                new = set()
                for row in runs.rows(run.id, known.serial):
                    known.found.setdefault(row.series, {})[row.number] = self._read(row)
                    known.serial = max(known.serial, row.serial)
                    new.add(row.series)
                if new:
                    known.series = known.series | {name: _through(known.found[name]) for name in new}
                known.version = run.version
            return known.series

    def forget(self, id: str) -> None:
        """Keep nothing of that run."""
        self._known.drop(lambda key: key[1] == id)


def _through(found: Mapping[int, Value]) -> tuple[Value, ...]:
    values: list[Value] = []
    while (value := found.get(len(values))) is not None:
        values.append(value)
    return tuple(values)

"""Worker: computes one run after the other. In a process of its own, or, for tests and notebooks, in this one."""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.runs.desk import Desk
from rnnviz.runs.door import Runs
from rnnviz.runs.perform import Performer, here
from rnnviz.runs.turn import Turn
from rnnviz.runs.work import KINDS


class Worker:
    """Computes the runs of a store.

    >>> from rnnviz import runs
    >>> worker = Worker(runs.default())
    >>> while worker.once():
    ...     pass
    """

    def __init__(
        self,
        runs: Runs,
        slot: int | None = None,
        kinds: Mapping[str, str] = KINDS,
        performer: Performer = here,
    ) -> None:
        self.desk = Desk(runs.store, slot)
        self.kinds = kinds
        self.performer = performer
        self.leaving = False

    def once(self) -> bool:
        """Compute the run that is next in line to its end, or rest; False where none waits.

        Raises :class:`~rnnviz.runs.errors.StoreError` when the store gives out; the run is then as it was last written.
        """
        job = self.desk.claim()
        if job is None:
            return False
        Turn(self.desk, job, self.performer, self.kinds, lambda: self.leaving).compute()
        return True

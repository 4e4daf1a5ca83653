"""Turn: one run under computation, from the moment when its worker takes it until it lets go of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from functools import partial
from typing import Any, TypeVar, cast

from rnnviz.runs import retention
from rnnviz.runs.desk import Desk, Job, Outcome
from rnnviz.runs.errors import RunsError, StoreError
from rnnviz.runs.perform import Halt, Performer, Report

T = TypeVar("T")

LOOK = 0.05
"""Seconds between two looks at what the owner wants."""

BEAT = 1.0
"""Seconds between two signs of life."""

SAVE = 2.0
"""Seconds between two checkpoints in the store."""

THRIFT = 20
"""Saving takes no more than one part in so many of the time."""

LONG = 60.0
"""Seconds of computing after which a run lets those who wait go first, at the end of its round."""

HOLD = 20.0
"""Seconds for which the work is held when the store is locked or full, before the run is given up."""

log = logging.getLogger(__name__)


class Turn:
    """The computation of one run: its reports go into the store, the owner's wishes come out of it.

    ``leaving()`` says that this worker has been told to end: the run then goes back into the queue.
    """

    def __init__(
        self,
        desk: Desk,
        job: Job,
        performer: Performer,
        kinds: Mapping[str, str],
        leaving: Callable[[], bool],
    ) -> None:
        self.desk, self.job, self.performer, self.kinds, self.leaving = desk, job, performer, kinds, leaving
        self._began = time.monotonic()
        self._looked = self._heard = self._began
        self._kept: dict[str, bytes] = {}  # as of the last save, in memory
        self._stored: dict[str, bytes] = {}  # as the store has it
        self._kept_at = self._stored_at = self._began
        self._cost = 0.0
        self._done = 0.0
        self._result: dict[str, Any] | None = None

    def compute(self) -> None:
        """Compute until the run is through, rests, is stopped or fails. Raises what the store raises."""
        try:
            self._leave(self._run())
        except Halt:
            self._leave("interrupt")
        except StoreError as error:
            if not error.passing:
                raise
            log.warning("run %s is given up: %s", self.job.id, error)
            self.desk.leave(self.job.id, "fail", {}, self._seconds(), f"{error} Then press Continue.")
        except Exception as error:
            log.exception("run %s failed", self.job.id)
            self._leave("fail", said(error))

    def _run(self) -> Outcome:
        job = self.job
        report: Report | None = None
        reports = self.performer(job.kind, job.spec, job.checkpoint, self._step, self.kinds)
        with closing(cast(Any, reports)):
            for report in reports:
                wish = self._patiently(partial(self._report, report))
                if wish in ("stop", "delete") or self.leaving():
                    self._keep(report, now=True)
                    return "interrupt"
                # What has come to its result is through, whatever is wished.
                rest = wish in ("pause", "yield") and report.whole and report.result is None
                self._keep(report, now=rest)
                if rest:
                    return "yield" if wish == "yield" else "rest"
            if report is not None:
                self._keep(report, now=True)
                self._result = report.result
        return "finish"

    def _report(self, report: Report) -> str:
        long = time.monotonic() - self._began >= LONG
        wish = self.desk.report(self.job.id, report.rows, report.done, report.words, self._seconds(), long)
        self._heard = self._looked = time.monotonic()
        self._done = report.done
        return wish

    def _step(self) -> None:
        """What the work calls between its updates. Raises :class:`Halt` when it is to be left."""
        now = time.monotonic()
        if now - self._looked < LOOK:
            return
        self._looked = now
        try:
            if now - self._heard >= BEAT:
                self._heard = now
                self.desk.heard(self.job.id, self._seconds())
            wish = self.desk.wish(self.job.id)
        except StoreError as error:
            if not error.passing:
                raise
            return  # it is reported, and waited for, at the next update
        if wish in ("stop", "delete") or self.leaving():
            raise Halt

    # What is kept

    def _keep(self, report: Report, now: bool = False) -> None:
        """Save: often into memory, where it costs little, and now and then into the store.

        What lies in memory goes into the store when the run is left, however that comes about.
        """
        began = time.monotonic()
        pause = THRIFT * self._cost
        if now or began - self._kept_at >= pause:
            self._kept = report.save()
            self._kept_at = time.monotonic()
            # It grows slowly: the first time includes an import, and any time may have met a busy machine.
            self._cost = min(self._kept_at - began, 2 * self._cost + 0.05)
        if not now and began - self._stored_at >= max(SAVE, 2 * pause):
            fresh = self._fresh()
            self._patiently(lambda: self.desk.save(self.job.id, fresh, self._done))
            self._stored.update(fresh)
            self._stored_at = time.monotonic()

    def _fresh(self) -> dict[str, bytes]:
        """What was saved since it was last written into the store."""
        return {name: data for name, data in self._kept.items() if self._stored.get(name) != data}

    def _seconds(self) -> float:
        return self.job.seconds + time.monotonic() - self._began

    # A store that is locked or full

    def _leave(self, outcome: Outcome, message: str = "") -> None:
        """Let go of the run, with patience; the owner's wish no longer matters."""
        leave = partial(self.desk.leave, self.job.id, outcome)
        seconds, fresh = self._seconds(), self._fresh()
        try:
            leave(fresh, seconds, message, self._result)
            return
        except StoreError as error:
            if not error.passing:
                raise
            if outcome == "interrupt" and error.reason == "full":
                fresh = {}  # a stop does not wait for room: what was saved before stays
        self._patiently(partial(leave, fresh, seconds, message, self._result), halting=False)

    def _patiently(self, action: Callable[[], T], halting: bool = True) -> T:
        """Do it, waiting while the store is locked or full; old runs are cleared out where that makes room."""
        end, said = time.monotonic() + HOLD, ""
        while True:
            try:
                return action()
            except StoreError as error:
                if not error.passing or time.monotonic() > end:
                    raise
                if str(error) != said:
                    said = str(error)
                    log.warning("run %s waits: %s", self.job.id, said)
                if error.reason == "full":
                    with suppress(StoreError):
                        retention.make_room(self.desk.store)
            time.sleep(LOOK if halting else 4 * LOOK)
            if halting:
                self._step()


def said(error: Exception) -> str:
    """A fault of the work as one sentence."""
    if isinstance(error, RunsError):
        return str(error)
    lines = str(error).strip().splitlines()
    text = f"{type(error).__name__}: {lines[0].strip()}" if lines else type(error).__name__
    if isinstance(error, MemoryError) or ("alloc" in text and "memory" in text):
        return f"Out of memory ({text[:200]}): choose fewer units, a shorter sequence or a smaller batch."
    return text if len(text) <= 300 else f"{text[:299]}…"

"""Worker: computes one run after the other. As a process, ``python -m rnnviz.runs.worker``, or inside this one.

The process is started by a server's :class:`~rnnviz.runs.pool.Pool` and does not end with it: a server that was
restarted finds its runs still going. It ends by itself when no server has wanted it for a while and nothing is left
under its hands.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from rnnviz.runs import settings
from rnnviz.runs.desk import Desk
from rnnviz.runs.door import Runs
from rnnviz.runs.errors import StoreError
from rnnviz.runs.perform import Performer, here
from rnnviz.runs.slots import Slot
from rnnviz.runs.turn import Turn
from rnnviz.runs.work import KINDS

IDLE = 0.1
"""Seconds between two looks into an empty queue."""

log = logging.getLogger(__name__)


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

    def leave(self, *signal: Any) -> None:
        """Put the run back into the queue at its next step, and take no other."""
        self.leaving = True


def serve(worker: Worker, slot: Slot) -> None:
    """Compute what comes until nobody wants this worker any more. Raises a :class:`StoreError` that will not pass."""
    wanted = Wanted(slot)
    worker.desk.recover()
    while not worker.leaving and wanted:
        try:
            if not worker.once():
                time.sleep(IDLE)
        except StoreError as error:
            if not error.passing:
                raise
            log.warning("waiting: %s", error)
            time.sleep(5 * IDLE)
            with suppress(StoreError):
                worker.desk.recover()  # what it had to let go of without a word


class Wanted:
    """True as long as a server wants the worker of a slot, and for a while after; a server with other code does not.

    Measured on this process's own clock, which stands still while the machine sleeps.
    """

    def __init__(self, slot: Slot) -> None:
        self.slot = slot
        self._code = slot.wanted_code()
        self._sign = slot.wanted_at()
        self._since = self._looked = time.monotonic()
        self._answer = True

    def __bool__(self) -> bool:
        now = time.monotonic()
        if now - self._looked >= 5 * IDLE:
            self._looked = now
            sign = self.slot.wanted_at()
            if sign != self._sign:
                self._sign, self._since = sign, now
            other = self.slot.wanted_code() != self._code
            late = now - self._since > settings.grace()
            self._answer = not (late or other) and self.slot.home.exists()
        return self._answer


def main(arguments: list[str] | None = None) -> int:
    """Work in a slot until nobody wants it any more; the exit status."""
    parser = argparse.ArgumentParser(description="Compute the runs of a data folder.")
    parser.add_argument("--slot", type=int, required=True, help="its place, from 0")
    parser.add_argument("--folder", type=Path, required=True, help="the data folder")
    parser.add_argument("--kinds", default="rnnviz.runs.work:KINDS", help="the kinds of work, as module:NAME")
    chosen = parser.parse_args(arguments)
    slot = Slot(chosen.folder, chosen.slot)
    if not slot.home.exists() or not slot.take(patience=1.0):
        return 0  # the folder is gone, or another worker is there already
    slot.sign()
    try:
        _settle(slot)
        module, _, name = chosen.kinds.partition(":")
        worker = Worker(Runs(chosen.folder), slot.number, getattr(import_module(module), name))
        signal.signal(signal.SIGTERM, worker.leave)
        if slot.number == settings.bridge():
            import_module("rnnviz.runs.bridge").serve(worker, slot, settings.scheduler())
        else:
            _warm(worker)
            serve(worker, slot)
    except StoreError as error:
        log.error("ended: %s", error)
        return 1
    except Exception:
        log.exception("ended")
        return 1
    finally:
        slot.erase()
        slot.release()
    return 0


def _settle(slot: Slot) -> None:
    """Step behind the pages in the order of the processor, and write what goes wrong into a small file."""
    if hasattr(os, "nice"):
        os.nice(19)
    if hasattr(os, "SCHED_IDLE"):
        # A core that computes only such work counts as free for a page that wakes up; nice alone does not do that.
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    if sys.platform == "linux":
        with suppress(OSError):  # where memory runs out a worker is ended, and not the server
            Path("/proc/self/oom_score_adj").write_text("500")
    handler = RotatingFileHandler(slot.log, maxBytes=200_000, backupCount=1, encoding="utf-8")
    form = "%(asctime)s %(process)d %(levelname)s %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, handlers=[handler])


def _warm(worker: Worker) -> None:
    """Import what the first run will need, so that it begins at once."""
    for path in worker.kinds.values():
        try:
            import_module(path.partition(":")[0])
        except Exception:
            log.exception("%s cannot be imported", path)  # a run of this kind will say so
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


if __name__ == "__main__":
    sys.exit(main())

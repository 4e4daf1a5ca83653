"""Pool: a thread of the server that starts workers, and looks after them and the runs that they compute.

Nothing here is known to one server alone: slots, signs of life and wishes lie in the data folder. Several servers on
one folder, one that was restarted, or none for a while do not harm each other or a run.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from rnnviz.runs import retention, settings
from rnnviz.runs.desk import Desk
from rnnviz.runs.door import Runs
from rnnviz.runs.errors import StoreError
from rnnviz.runs.slots import Slot

TICK = 0.1
"""Seconds between two looks at what is running."""

ROUND = 0.5
"""Seconds between two looks at whether every worker is there, which also tell them that they are wanted."""

IGNORED = 0.5
"""Seconds after which a worker that does not listen to a stop is ended."""

UNHEARD = 60.0
"""Seconds without a sign of life after which a worker is ended."""

TIDY = 600.0
"""Seconds between two looks at what is too old or too much."""

QUICK, SLOWEST = 5.0, 30.0
"""A worker that gives up sooner than the first is started again after longer and longer pauses, up to the second."""

log = logging.getLogger(__name__)


class Pool:
    """``workers`` processes for the runs; ``kinds`` as ``module:NAME`` and ``environment`` are for them.

    Where ``RNNVIZ_SCHEDULER`` names a cluster there is one, which carries the runs there.
    """

    def __init__(
        self,
        runs: Runs,
        workers: int | None = None,
        kinds: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.runs = runs
        bridge = settings.bridge()
        self.numbers = [bridge] if bridge else list(range(settings.workers() if workers is None else workers))
        self.slots = [Slot(runs.store.folder, number) for number in self.numbers]
        self.kinds = kinds
        self.environment = environment or {}
        self._children: dict[int, tuple[subprocess.Popen[bytes], float]] = {}
        self._pauses: dict[int, tuple[float, float]] = {}  # slot: seconds, and until when
        self._signs: dict[str, tuple[object, float]] = {}  # run: what was seen of it, and since when
        self._rounded = self._tidied = -1e9
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look after the runs; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="runs", daemon=True)
            self._thread.start()

    def close(self, workers: bool = False) -> None:
        """Stop looking. The workers go on, unless they are to end too: then at once, as if they had died."""
        self._end.set()
        if self._thread is not None:
            self._thread.join(2)
        if workers:
            for slot in self.slots:
                slot.kill()
            for child, _ in self._children.values():
                child.kill()
                child.wait(5)

    def _run(self) -> None:
        said = ""
        while not self._end.wait(TICK):
            try:
                self.look()
                said = ""
            except StoreError as error:
                if str(error) != said:
                    said = str(error)
                    log.warning("runs: %s", said)
                self._end.wait(10 * TICK)
            except Exception:
                log.exception("runs")
                self._end.wait(10 * TICK)

    def look(self) -> None:
        """Do what is due."""
        now = time.monotonic()
        if now - self._rounded >= ROUND:
            self._rounded = now
            for slot in self.slots:
                slot.want()
            for number in {*self.numbers} | self._busy():
                self._attend(Slot(self.runs.store.folder, number))
        self._watch(now)
        if now - self._tidied >= TIDY:
            self._tidied = now
            retention.tidy(self.runs.store)

    def _busy(self) -> set[int]:
        """Slots that have a run."""
        with self.runs.store.reading() as connection:
            question = "SELECT DISTINCT slot FROM runs WHERE state = 'running' AND slot IS NOT NULL"
            return {number for (number,) in connection.execute(question)}

    # Every worker there

    def _attend(self, slot: Slot, patience: float = 0.0) -> None:
        """See to a slot that nobody holds: the run that was left in it, and a new worker where one is wanted."""
        number, now = slot.number, time.monotonic()
        if number in self._children:
            child, born = self._children[number]
            if child.poll() is None:
                return
            del self._children[number]
            if child.returncode > 0 and now - born < QUICK:
                seconds = min(SLOWEST, 2 * self._pauses.get(number, (ROUND, 0.0))[0])
                self._pauses[number] = (seconds, now + seconds)
            else:
                self._pauses.pop(number, None)
        if not slot.take(patience):
            return
        try:
            Desk(self.runs.store, number).recover()
        finally:
            slot.release()
        if number in self.numbers and now >= self._pauses.get(number, (0.0, 0.0))[1]:
            self._children[number] = (self._spawn(slot), now)

    def _spawn(self, slot: Slot) -> subprocess.Popen[bytes]:
        # -P and PYTHONPATH: the worker finds the package where this server found it, and nothing in its folder.
        package = str(Path(__file__).resolve().parents[2])
        given = {**os.environ, **self.environment}
        path = os.pathsep.join(filter(None, (package, given.get("PYTHONPATH"))))
        words = [sys.executable, "-P", "-m", "rnnviz.runs.worker", f"--slot={slot.number}"]
        words += [f"--folder={self.runs.store.folder}", *([f"--kinds={self.kinds}"] if self.kinds else [])]
        with open(slot.home / f"{slot.number}.err", "wb") as errors:
            return subprocess.Popen(
                words,
                env={**given, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,  # what ends the server's terminal does not end it
            )

    # Workers that do not answer

    def _watch(self, now: float) -> None:
        """End workers that ignore a stop, or are not heard of. Their runs are then seen to as those of dead workers."""
        with self.runs.store.reading() as connection:
            running = connection.execute(
                "SELECT id, slot, wish, heard FROM runs WHERE state = 'running' AND slot IS NOT NULL"
            ).fetchall()
        before, self._signs = self._signs, {}
        for id, number, wish, heard in running:
            stop = wish in ("stop", "delete")
            # As this process saw it: a clock that was set, or a machine that slept, ends nobody.
            seen = wish if stop else heard
            sign = before.get(id, (None, now))
            self._signs[id] = sign = sign if sign[0] == seen else (seen, now)
            if now - sign[1] > (IGNORED if stop else UNHEARD):
                slot = Slot(self.runs.store.folder, number)
                if slot.kill():
                    log.warning("runs: ended the worker in slot %d, which did not answer", number)
                self._reap(number)
                self._attend(slot, patience=0.3)

    def _reap(self, number: int) -> None:
        if number in self._children:
            with suppress(subprocess.TimeoutExpired):
                self._children[number][0].wait(1)

"""Bridge: the worker process that computes nothing itself and carries runs to a cluster, many at a time.

It holds one slot for all of them. Whatever ends it ends all its turns, and they are taken up again from their
checkpoints, as those of any worker.
"""

from __future__ import annotations

import logging
import threading
import time
import warnings
from contextlib import suppress

from rnnviz.runs.cluster import Cluster
from rnnviz.runs.desk import Job
from rnnviz.runs.errors import StoreError
from rnnviz.runs.slots import Slot
from rnnviz.runs.store import Store
from rnnviz.runs.turn import Turn
from rnnviz.runs.worker import IDLE, Wanted, Worker

MOST = 32
"""Runs at once, however large the cluster is."""

AGAIN = 5.0
"""Seconds after which trouble with the cluster is told again, as long as it lasts."""

log = logging.getLogger(__name__)


def serve(worker: Worker, slot: Slot, address: str) -> None:
    """Carry runs until nobody wants this process any more. Raises a :class:`StoreError` that will not pass."""
    wanted, code, cluster = Wanted(slot), slot.wanted_code(), Cluster(address)
    warnings.filterwarnings("ignore", "Sending large graph", UserWarning)  # a checkpoint may be large
    worker.performer = cluster.perform
    worker.desk.recover()
    faults: list[StoreError] = []
    turns: set[threading.Thread] = set()
    while not worker.leaving and not faults and (wanted or turns):
        turns = {turn for turn in turns if turn.is_alive()}
        cluster.look()
        try:
            tell(worker.desk.store, cluster.trouble)
            while wanted and len(turns) < min(cluster.threads, MOST) and (job := worker.desk.claim()):
                turn = threading.Thread(target=carry, args=(worker, job, faults), name=job.id, daemon=True)
                turn.start()
                turns.add(turn)
        except StoreError as error:
            if not error.passing:
                faults.append(error)
            log.warning("waiting: %s", error)
        if not wanted and (slot.wanted_code() != code or not cluster.threads):
            worker.leave()  # a server with other code waits for the slot, or nothing comes of waiting any longer
        time.sleep(IDLE)
    worker.leave()
    for turn in turns:
        turn.join(5)
    cluster.close()
    if faults:
        raise faults[0]


def carry(worker: Worker, job: Job, faults: list[StoreError]) -> None:
    """One run, to its end or rest; back into the queue where the store did not take its last word."""
    try:
        Turn(worker.desk, job, worker.performer, worker.kinds, lambda: worker.leaving).compute()
    except StoreError as error:
        log.warning("run %s is put back: %s", job.id, error)
        while error.passing and not worker.leaving:
            time.sleep(5 * IDLE)
            with suppress(StoreError):
                worker.desk.leave(job.id, "interrupt", {}, job.seconds)
                return
        faults.append(error)
    except Exception:
        log.exception("run %s", job.id)
        faults.append(StoreError("unusable", f"run {job.id} could not be left"))


def tell(store: Store, trouble: str) -> None:
    """Let the pages know how the cluster is."""
    now = time.time()
    with store.reading() as connection:
        known = connection.execute("SELECT value, time FROM meta WHERE name = 'cluster'").fetchone()
    if trouble == (known[0] if known else "") and (not trouble or now - known[1] < AGAIN):
        return
    with store.writing() as connection:
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('cluster', ?, ?)", (trouble, now))

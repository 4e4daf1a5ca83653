"""Real worker processes: they compute, die, hang, and outlive the server that started them."""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from faults_common import Start, pools, state, until, workers

from rnnviz.runs import Runs, slots


@pytest.fixture
def pool(runs: Runs) -> Iterator[Start]:
    """`pool(workers)` starts another server's pool on the same folder. No worker is left in the end."""
    with pools(runs, RNNVIZ_GRACE="1") as start:
        yield start


def count(runs: Runs, kind: str = "count", owner: str = "me", **spec: Any) -> str:
    return runs.submit(kind, {"total": 60, "seconds": 0.02, **spec}, owner)


def numbers(runs: Runs, id: str) -> list[int]:
    return sorted(row.number for row in runs.rows(id))


def test_two_workers_share_the_queue_and_one_of_them_dies(runs: Runs, pool: Start) -> None:
    a, b, c = (count(runs) for _ in range(3))
    running = pool(2)
    until(lambda: state(runs, a) == state(runs, b) == "running")
    assert (state(runs, c), runs.place(c)) == ("queued", 1)
    assert len(workers(runs)) == 2
    until(lambda: len(runs.rows(a)) > 5)
    victim = slots.Slot(runs.store.folder, 0).worker()
    assert victim
    os.kill(victim, signal.SIGKILL)
    until(lambda: all(state(runs, id) == "done" for id in (a, b, c)))
    for id in (a, b, c):
        assert numbers(runs, id) == list(range(61))
        run = runs.get(id)
        assert run is not None
        assert (run.message, run.result) == ("", {"total": 60})
    until(lambda: len(workers(runs)) == 2)
    assert victim not in workers(runs).values()
    assert running
    assert os.getpriority(os.PRIO_PROCESS, min(workers(runs).values())) == 19


def test_stop_and_pause_reach_a_running_worker_at_once(runs: Runs, pool: Start) -> None:
    pool(1)
    stopped, waiting = count(runs, round=10), count(runs, total=3)
    until(lambda: len(runs.rows(stopped)) > 3)
    runs.stop(stopped, "me")
    assert until(lambda: state(runs, stopped) == "stopped") < 0.5
    until(lambda: state(runs, waiting) == "done")
    runs.resume(stopped, "me")
    seen = len(runs.rows(stopped))
    until(lambda: len(runs.rows(stopped)) > seen)
    runs.pause(stopped, "me")
    until(lambda: state(runs, stopped) == "paused")
    assert numbers(runs, stopped)[-1] % 10 == 0
    runs.resume(stopped, "me")
    runs.delete(stopped, "me")
    assert runs.get(stopped) is None
    last = count(runs, total=1)
    until(lambda: state(runs, last) == "done")


def test_a_run_that_hangs_is_stopped_within_a_second(runs: Runs, pool: Start) -> None:
    pool(1)
    for end in (runs.stop, runs.delete):
        id = count(runs, "hang", at=-1)
        until(lambda id=id: state(runs, id) == "running")
        time.sleep(0.1)
        end(id, "me")
        took = until(lambda id=id: state(runs, id) in ("stopped", "gone"))
        assert took < 1.5  # 0.6 by itself; other tests run beside this one
    other = count(runs, total=3)
    until(lambda: state(runs, other) == "done")


def test_a_run_that_kills_its_workers_is_given_up(runs: Runs, pool: Start) -> None:
    pool(1)
    id = count(runs, "die", at=-1)
    until(lambda: state(runs, id) == "failed")
    run = runs.get(id)
    assert run is not None
    assert "died 3 times" in run.message
    other = count(runs, total=3)
    until(lambda: state(runs, other) == "done")
    runs.resume(id, "me")
    assert state(runs, id) in ("queued", "running")


def test_a_restarted_server_finds_its_run_still_going(runs: Runs, pool: Start) -> None:
    first = pool(1)
    id = count(runs, total=100)
    until(lambda: len(runs.rows(id)) > 3)
    before = workers(runs)
    first.close()
    written = len(runs.rows(id))
    until(lambda: len(runs.rows(id)) > written + 10)
    pool(2), pool(1)  # two servers at once, even
    until(lambda: state(runs, id) == "done")
    run = runs.get(id)
    assert run is not None
    assert (run.attempts, run.message, numbers(runs, id)) == (0, "", list(range(101)))
    assert before.items() <= workers(runs).items()
    until(lambda: len(workers(runs)) == 2)


def test_idle_workers_end_without_a_server_and_busy_ones_finish_first(runs: Runs, pool: Start) -> None:
    first = pool(2)
    until(lambda: len(workers(runs)) == 2)
    id = count(runs, total=80)
    until(lambda: state(runs, id) == "running")
    first.close()
    until(lambda: len(workers(runs)) == 1)
    assert state(runs, id) == "running"
    until(lambda: not workers(runs))
    assert state(runs, id) == "done"


def test_a_worker_that_is_told_to_end_puts_its_run_back(runs: Runs, pool: Start) -> None:
    first = pool(1)
    id = count(runs)
    until(lambda: len(runs.rows(id)) > 10)
    first.close()
    (pid,) = workers(runs).values()
    os.kill(pid, signal.SIGTERM)
    until(lambda: state(runs, id) == "queued")
    until(lambda: not workers(runs))
    weights = runs.weights(id, "last")
    assert weights is not None
    assert weights["number"][0] >= numbers(runs, id)[-1] - 1, "saved on the way out"
    written = runs.rows(id)[-1].serial
    pool(1)
    until(lambda: state(runs, id) == "done")
    assert numbers(runs, id) == list(range(61))
    assert runs.rows(id, written)[0].number == weights["number"][0] + 1

"""What may go wrong with a run, produced and survived: dead, hungry and frozen workers, and a lost server."""

import os
import signal
import sys
from pathlib import Path

import pytest
from faults_common import (
    Start,
    awake,
    child,
    message,
    never_twice_at_once,
    numbers,
    sessions,
    slot_of,
    state,
    submit,
    until,
    whole,
    workers,
)

from rnnviz.runs import Runs, pool

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs signals and locks of POSIX")


def kill(runs: Runs, id: str, sign: signal.Signals = signal.SIGKILL) -> int:
    pid = workers(runs)[slot_of(runs, id)]
    os.kill(pid, sign)
    return pid


# Workers


def test_a_killed_worker_costs_what_was_not_saved_and_nobody_else(
    runs: Runs, start: Start, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    start(2)
    awake(runs, 2)
    harmed, other = (submit(runs, tag=tag, log=str(log), total=150) for tag in "ab")
    until(lambda: len(runs.rows(harmed)) > 20 and len(runs.rows(other)) > 20)
    runs.pause(harmed, "me")  # and what there is is saved
    until(lambda: state(runs, harmed) == "paused")
    saved = len(runs.rows(harmed))
    runs.resume(harmed, "me")
    until(lambda: len(runs.rows(harmed)) > saved + 10)
    kill(runs, harmed)
    until(lambda: state(runs, harmed) == state(runs, other) == "done")
    assert whole(runs, harmed)
    assert whole(runs, other)
    assert [len(names) for _, names in sorted(sessions(log).items())] == [3, 1]
    _, before, after = numbers(log, "a")
    assert saved <= after[0] <= before[-1] + 1, "it goes on from what was saved"
    assert never_twice_at_once(log)
    assert message(runs, harmed) == ""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_without_memory_says_so_and_goes_on_with_others(
    runs: Runs, start: Start, tmp_path: Path
) -> None:
    (cause := tmp_path / "cause").touch()
    start(1)
    hungry, other = submit(runs, "hungry", at=5, cause=str(cause), total=20), submit(runs, total=5)
    until(lambda: state(runs, hungry) == "failed")
    assert message(runs, hungry).startswith("Out of memory")
    assert message(runs, hungry).endswith("choose fewer units, a shorter sequence or a smaller batch.")
    (pid,) = workers(runs).values()
    assert int(Path(f"/proc/{pid}/oom_score_adj").read_text()) > 0, (
        "the kernel would end it before the server"
    )
    until(lambda: state(runs, other) == "done")
    assert whole(runs, other)
    cause.unlink()
    runs.resume(hungry, "me")
    until(lambda: state(runs, hungry) == "done")
    assert whole(runs, hungry)
    assert list(workers(runs).values()) == [pid]


def test_a_run_whose_workers_die_three_times_is_given_up_and_can_be_resumed(
    runs: Runs, start: Start, tmp_path: Path
) -> None:
    (cause := tmp_path / "cause").touch()
    start(1)
    mortal = submit(runs, "mortal", at=5, cause=str(cause), total=20, tag="m", log=str(tmp_path / "log"))
    until(lambda: state(runs, mortal) == "failed")
    assert "died 3 times" in message(runs, mortal)
    assert len(sessions(tmp_path / "log")["m"]) == 3
    cause.unlink()
    runs.resume(mortal, "me")
    assert message(runs, mortal) == ""
    until(lambda: state(runs, mortal) == "done")
    assert whole(runs, mortal)


def test_a_frozen_worker_is_replaced(
    runs: Runs, start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    start(2)
    awake(runs, 2)
    stopped, frozen = (submit(runs, tag=tag, log=str(log), total=200, seconds=0.02) for tag in "ab")
    until(lambda: runs.rows(stopped) and runs.rows(frozen))
    one, two = (kill(runs, id, signal.SIGSTOP) for id in (stopped, frozen))
    runs.stop(stopped, "me")
    assert until(lambda: state(runs, stopped) == "stopped") < 1
    with monkeypatch.context() as impatient:
        impatient.setattr(pool, "UNHEARD", 1.0)
        until(lambda: two not in workers(runs).values())
    until(lambda: state(runs, frozen) == "done")
    assert whole(runs, frozen)
    assert never_twice_at_once(log)
    assert {one, two}.isdisjoint(workers(runs).values())


def test_a_stop_takes_less_than_a_second_whatever_the_run_is_doing(runs: Runs, start: Start) -> None:
    start(1)
    running, waiting = submit(runs, total=2000), submit(runs, owner="you")
    until(lambda: runs.rows(running))
    runs.stop(waiting, "you")
    assert state(runs, waiting) == "stopped"
    runs.stop(running, "me")
    assert until(lambda: state(runs, running) == "stopped") < 1
    saved = len(runs.rows(running))
    runs.resume(running, "me")
    until(lambda: len(runs.rows(running)) > saved)
    kill(runs, running)
    runs.stop(running, "me")
    assert until(lambda: state(runs, running) == "stopped") < 1
    hanging = submit(runs, "hang", at=-1)
    until(lambda: state(runs, hanging) == "running")
    runs.stop(hanging, "me")
    assert until(lambda: state(runs, hanging) == "stopped") < 1


# The server

SERVER = """
import sys, time
from faults_common import KINDS, ENVIRONMENT
from rnnviz.runs import Runs
from rnnviz.runs.pool import Pool
Pool(Runs(sys.argv[1]), 2, kinds="faults_common:KINDS", environment=ENVIRONMENT).start()
print("ready", flush=True)
time.sleep(600)
"""


def test_a_killed_server_loses_nothing_and_computes_nothing_twice(
    runs: Runs, start: Start, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with child(SERVER, str(runs.store.folder)):
        awake(runs, 2)
        ids = [submit(runs, tag=str(n), log=str(log), total=150, seed=n) for n in range(4)]
        until(lambda: runs.rows(ids[0]) and runs.rows(ids[1]))
        before = workers(runs)
    gone = [len(runs.rows(id)) for id in ids]
    until(lambda: all(len(runs.rows(id)) > gone[n] + 10 for n, id in enumerate(ids[:2])))
    assert workers(runs) == before, "the workers outlive it"
    start(2)
    until(lambda: all(state(runs, id) == "done" for id in ids))
    assert all(whole(runs, id) for id in ids)
    assert all(len(names) == 1 for names in sessions(log).values())

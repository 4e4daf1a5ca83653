"""The same runs on a real Dask cluster: a scheduler and two workers on this machine, killed and started again."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import faults_common
import pytest
from faults_common import HERE, sessions, state, submit, until, whole

from rnnviz.race import Race
from rnnviz.runs import Runs, pool, settings, slots
from rnnviz.runs.model import ACTIVE
from rnnviz.runs.pool import Pool
from rnnviz.runs.worker import Worker

pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")


class Machines:
    """A scheduler, which knows nothing of rnnviz, and its workers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.scheduler = self.start_scheduler()
        self.workers = [self.start_worker() for _ in range(2)]

    def start_scheduler(self) -> "subprocess.Popen[bytes]":
        host, _, port = self.address.removeprefix("tcp://").partition(":")
        return self._start("scheduler", "--host", host, "--port", port)

    def start_worker(self) -> "subprocess.Popen[bytes]":
        words = ("worker", self.address, "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1")
        rnnviz = os.pathsep.join((str(HERE.parents[1]), str(HERE)))
        return self._start(*words, "--local-directory", str(self.folder), PYTHONPATH=rnnviz)

    def _start(self, *words: str, **environment: str) -> "subprocess.Popen[bytes]":
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        with open(self.folder / "dask.log", "ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "dask", *words, "--no-dashboard"],
                env={**inherited, **environment, "OMP_NUM_THREADS": "1"},
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait(5)


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    machines = Machines(tmp_path_factory.mktemp("dask"))
    try:
        yield machines
    finally:
        machines.end()


@pytest.fixture
def server(runs: Runs, machines: Machines, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    """A server whose runs are computed on the cluster."""
    monkeypatch.setenv("RNNVIZ_SCHEDULER", machines.address)
    monkeypatch.setattr(pool, "QUICK", 0.0)
    with faults_common.pools(runs) as start:
        yield start(7)


def test_the_same_numbers_as_on_this_machine_and_live(runs: Runs, server: Pool) -> None:
    race = Race(cells=("gru", "rnn"), hidden=8, batch=8, length=10, steps=60)
    there = runs.submit("training", race.to_spec(), "me")
    seen: set[int] = set()
    until(lambda: seen.add(len(runs.rows(there))) or state(runs, there) not in ACTIVE, 60)
    run = runs.get(there)
    assert run is not None
    assert (run.state, run.message, run.done) == ("done", "", 1)
    assert len(seen) > 2, "rows come while it is computed"
    assert server.numbers == [settings.bridge()], "one process, however many workers were asked for"
    here = Runs(runs.store.folder.with_name("here"))
    local = here.submit("training", race.to_spec(), "me")
    assert Worker(here).once()
    pairs = list(zip(runs.rows(there), here.rows(local), strict=True))
    assert len(pairs) == 2 * (race.epochs + 1)
    for one, two in pairs:
        assert (one.series, one.number) == (two.series, two.number)
        assert repr(one.data) == repr(two.data)
    assert run.result == here.get(local).result
    for name in here.kept(local):
        ours, theirs = here.weights(local, name), runs.weights(there, name)
        assert ours is not None
        assert theirs is not None
        assert ours.keys() == theirs.keys()
        assert all(ours[key].equal(theirs[key]) for key in ours)


def test_stop_pause_step_and_go_on(runs: Runs, server: Pool) -> None:
    one, two = submit(runs, total=400, round=4), submit(runs, owner="you", total=400)
    three = submit(runs, owner="she", total=5)
    until(lambda: len(runs.rows(one)) > 3 and len(runs.rows(two)) > 3)
    assert (state(runs, three), runs.place(three)) == ("queued", 1), "two threads"
    runs.stop(two, "you")
    assert until(lambda: state(runs, two) == "stopped") < 1
    written = len(runs.rows(two))
    until(lambda: state(runs, three) == "done")
    assert whole(runs, three)
    runs.pause(one, "me")
    assert until(lambda: state(runs, one) == "paused") < 2
    paused = len(runs.rows(one))
    assert runs.rows(one)[-1].number % 4 == 0, "it rests where a round is whole"
    runs.step(one, "me")
    until(lambda: state(runs, one) == "paused" and len(runs.rows(one)) > paused)
    assert len(runs.rows(one)) == paused + 4, "one round"
    assert len(runs.rows(two)) == written, "what was still computed is thrown away"
    runs.resume(two, "you")
    until(lambda: len(runs.rows(two)) > written)
    assert [row.number for row in runs.rows(two)] == list(range(len(runs.rows(two))))
    runs.delete(two, "you")
    runs.stop(one, "me")
    assert state(runs, one) == "stopped"


def test_killed_machines_cost_a_piece_and_a_lost_scheduler_only_time(
    runs: Runs, server: Pool, machines: Machines, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    ids = [submit(runs, tag=str(n), log=str(log), total=250, seed=n) for n in range(2)]
    until(lambda: all(len(runs.rows(id)) > 10 for id in ids))
    machines.workers[0].kill()
    gone = [len(runs.rows(id)) for id in ids]
    until(lambda: all(len(runs.rows(id)) > n + 20 for id, n in zip(ids, gone, strict=True)))
    machines.scheduler.kill()
    machines.scheduler.wait()
    until(lambda: all(words(runs, id) == "waiting for the cluster" for id in ids))
    until(lambda: "does not answer" in runs.trouble)
    late = submit(runs, total=5, owner="you")
    runs.stop(ids[0], "me")
    assert until(lambda: state(runs, ids[0]) == "stopped") < 1
    runs.resume(ids[0], "me")
    assert (state(runs, ids[0]), state(runs, ids[1])) == ("queued", "running")
    machines.scheduler = machines.start_scheduler()
    until(lambda: "has no workers" in runs.trouble or runs.trouble == "")
    machines.workers = [machines.start_worker()]
    until(lambda: all(state(runs, id) == "done" for id in (*ids, late)))
    assert all(whole(runs, id) for id in (*ids, late))
    assert runs.trouble == ""
    assert len(sessions(log)) == 2


def test_a_killed_bridge_and_a_restarted_server(runs: Runs, server: Pool, tmp_path: Path) -> None:
    log = tmp_path / "log"
    ids = [submit(runs, tag=str(n), log=str(log), total=150, seed=n) for n in range(3)]
    until(lambda: len(runs.rows(ids[0])) > 10)
    server.close()
    (number,) = server.numbers
    bridge = slots.Slot(runs.store.folder, number).worker()
    assert bridge is not None
    written = len(runs.rows(ids[0]))
    until(lambda: len(runs.rows(ids[0])) > written + 5)
    os.kill(bridge, signal.SIGKILL)
    with faults_common.pools(runs) as start:
        start()
        until(lambda: all(state(runs, id) == "done" for id in ids))
        assert all(whole(runs, id) for id in ids)


def words(runs: Runs, id: str) -> str:
    run = runs.get(id)
    assert run is not None
    return run.words

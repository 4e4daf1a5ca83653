"""What may go wrong with the store while it is in use: held by others, full, damaged, deleted, read-only, newer."""

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import faults_common
import pytest
from faults_common import Start, child, message, state, submit, until, whole

from rnnviz.runs import Runs, RunsError, StoreError, turn
from rnnviz.runs.worker import Worker

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs signals and locks of POSIX")


@pytest.fixture
def here(runs: Runs) -> Iterator[Callable[[], threading.Thread]]:
    """Compute all that waits in a thread of this process."""
    worker = Worker(runs, kinds=faults_common.KINDS)
    begun: list[threading.Thread] = []

    def compute() -> None:
        while not worker.leaving and worker.once():
            pass

    def begin() -> threading.Thread:
        begun.append(threading.Thread(target=compute))
        begun[-1].start()
        return begun[-1]

    yield begin
    worker.leave()
    for one in begun:
        one.join(30)


HOLDER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
time.sleep(600)
"""


def test_a_store_that_another_process_holds(runs: Runs, here: Callable[[], threading.Thread]) -> None:
    id = submit(runs, total=60, seconds=0.02)
    computing = here()
    until(lambda: len(runs.rows(id)) > 10)
    with child(HOLDER, str(runs.store.path)):
        began = time.monotonic()
        with pytest.raises(RunsError, match="busy"):
            submit(runs)
        assert time.monotonic() - began < 5
        assert "busy" in runs.trouble
        time.sleep(1)
        written = len(runs.rows(id))
        assert written > 10, "pages can still look"
        assert state(runs, id) == "running"
        time.sleep(0.5)
        assert len(runs.rows(id)) == written
    computing.join(20)
    assert state(runs, id) == "done"
    assert whole(runs, id)
    until(lambda: runs.trouble == "")


def test_a_full_store(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, here: Callable[[], threading.Thread]
) -> None:
    monkeypatch.setenv("RNNVIZ_STORE_MB", "2")
    monkeypatch.setattr(turn, "HOLD", 1.0)
    runs = Runs(tmp_path / "small")
    worker = Worker(runs, kinds=faults_common.KINDS)
    old = submit(runs, total=3, seconds=0)
    worker.once()
    large = runs.submit("grow", {"total": 100, "row": 100_000}, "me")
    worker.once()
    assert runs.get(old) is None, "what has ended makes room first"
    assert state(runs, large) == "failed"
    assert "full" in message(runs, large)
    assert "full" in runs.trouble
    assert 5 < len(runs.rows(large)) < 25, "what was written stays"
    with pytest.raises(RunsError, match="full: delete runs"):
        submit(runs, padding="x" * 3_000_000, owner="you")
    runs.delete(large, "me")
    later = submit(runs, total=3, seconds=0, owner="later")
    while worker.once():
        pass
    assert whole(runs, later)


def garbage(path: Path) -> None:
    path.write_bytes(os.urandom(20_000))


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def middle(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096 : len(data) - 4096] = os.urandom(len(data) - 8192)
    path.write_bytes(data)


@pytest.mark.parametrize("harm", [garbage, torn, middle])
def test_a_store_that_was_damaged_while_it_was_closed(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    runs = Runs(tmp_path)
    lost = submit(runs, total=3)
    runs.store.close()
    for end in ("-wal", "-shm"):
        assert not Path(f"{runs.store.path}{end}").exists(), "closing leaves one file"
    harm(runs.store.path)
    harmed = runs.store.path.read_bytes()
    again = Runs(tmp_path)
    assert again.get(lost) is None
    id = submit(again, total=3)
    assert "set aside" in again.trouble
    (aside,) = tmp_path.glob("runs.sqlite3.damaged-*")
    assert aside.read_bytes() == harmed
    assert aside.name in again.trouble
    assert Worker(again, kinds=faults_common.KINDS).once()
    assert whole(again, id)
    assert [run.id for run in again.mine("me")] == [id]


def test_a_store_that_is_damaged_under_the_hands_of_its_workers(runs: Runs, start: Start) -> None:
    start(1)
    lost = submit(runs, total=2000)
    until(lambda: len(runs.rows(lost)) > 10)
    with open(runs.store.path, "r+b") as file:
        file.write(os.urandom(os.path.getsize(runs.store.path)))
    Path(f"{runs.store.path}-wal").write_bytes(b"")
    until(lambda: runs.get(lost) is None or "set aside" in runs.trouble)
    until(lambda: "set aside" in runs.trouble)
    id = submit(runs, total=10)
    until(lambda: state(runs, id) == "done")
    assert whole(runs, id)
    assert runs.get(lost) is None


def test_a_store_that_is_deleted_under_the_hands_of_its_workers(runs: Runs, start: Start) -> None:
    start(1)
    lost = submit(runs, total=2000)
    until(lambda: len(runs.rows(lost)) > 10)
    for end in ("", "-wal", "-shm"):
        Path(f"{runs.store.path}{end}").unlink()
    id = submit(runs, total=10)
    until(lambda: state(runs, id) == "done")
    assert whole(runs, id)
    assert runs.get(lost) is None


def test_a_full_disk(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "HOLD", 0.3)
    worker = Worker(runs, kinds=faults_common.KINDS)
    old, later, unwanted = (submit(runs, total=3, seconds=0) for _ in range(3))
    assert worker.once()
    free = {"bytes": 2**20}
    usage = shutil.disk_usage(runs.store.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=free["bytes"]))
    with pytest.raises(RunsError, match="make room on it, or delete runs"):
        submit(runs)
    assert "make room on it" in runs.trouble
    with pytest.raises(StoreError, match="make room on it"):
        worker.once()
    assert state(runs, later) == "queued", "it waits until there is room"
    runs.stop(unwanted, "me")
    runs.delete(old, "me")
    assert [run.id for run in runs.mine("me")] == [unwanted, later]
    free["bytes"] = 2**30
    assert worker.once()
    assert whole(runs, later)
    assert not worker.once()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    runs = Runs(tmp_path / "file" / "data")
    with pytest.raises(RunsError, match="set RNNVIZ_DATA_DIR to a folder that can be written"):
        submit(runs)
    assert "set RNNVIZ_DATA_DIR" in runs.trouble
    assert runs.get("any") is None
    assert (runs.mine("me"), runs.rows("any"), runs.place("any")) == ([], [], None)


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    submit(runs, total=3)
    runs.store.close()
    with sqlite3.connect(runs.store.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = runs.store.path.read_bytes()
    again = Runs(tmp_path)
    with pytest.raises(RunsError, match="newer rnnviz"):
        submit(again)
    assert "newer rnnviz" in again.trouble
    assert again.mine("me") == []
    again.store.close()
    assert runs.store.path.read_bytes() == before

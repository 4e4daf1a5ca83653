"""The file: its tables in old and new versions, damage, and many who use it at once."""

import hashlib
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnviz.runs import Runs, RunsError, StoreError, retention, schema, store

Work = Callable[[], int]


def state(runs: Runs, id: str) -> str:
    run = runs.get(id)
    return run.state if run else "gone"


def test_an_old_store_is_brought_up_to_date(runs: Runs, work: Work) -> None:
    runs.store.folder.mkdir(parents=True)
    old = sqlite3.connect(runs.store.path, isolation_level=None)
    schema.bring_up(old, schema.STEPS[:1])
    assert schema.version(old) == 1
    old.execute(
        "INSERT INTO runs (id, kind, title, owner, state, turn, created, changed, heard) "
        "VALUES ('old', 'count', 'from before', ?, 'queued', 1, 1, 1, 1)",
        (hashlib.sha256(b"me").hexdigest(),),
    )
    old.execute("""INSERT INTO specs VALUES ('old', '{"total": 3}')""")
    old.execute("INSERT INTO rows (run, series, number, data) VALUES ('old', 'count', 0, '{}')")
    old.close()
    run = runs.get("old")
    assert run is not None
    assert (run.title, run.spec, run.state, len(runs.rows("old"))) == (
        "from before",
        {"total": 3},
        "queued",
        1,
    )
    assert [found.id for found in runs.mine("me")] == ["old"]
    assert work() == 1
    assert runs.kept("old") == ["checkpoint", "last"]
    with runs.store.reading() as connection:
        assert schema.version(connection) == schema.VERSION


def test_a_step_that_fails_leaves_the_old_store(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "store", isolation_level=None)
    schema.bring_up(connection, schema.STEPS[:1])
    with pytest.raises(sqlite3.OperationalError):
        schema.bring_up(connection, (*schema.STEPS[:1], "CREATE TABLE half (a); NO SUCH STATEMENT"))
    assert schema.version(connection) == 1
    assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchone() is None
    connection.close()


def test_a_newer_store_is_refused_and_left_alone(runs: Runs) -> None:
    runs.submit("count", {}, "me")
    runs.store.close()
    with sqlite3.connect(runs.store.path) as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 5}")
    connection.close()
    before = runs.store.path.read_bytes()
    other = Runs(runs.store.folder)
    with pytest.raises(RunsError, match="newer rnnviz"):
        other.submit("count", {}, "me")
    assert other.get("x") is None
    assert "update rnnviz" in other.trouble
    assert runs.store.path.read_bytes() == before
    assert sorted(os.listdir(runs.store.folder)) == ["runs.sqlite3", "store.lock"]


@pytest.mark.parametrize("damage", ["no database", "malformed", "cut off"])
def test_a_damaged_store_is_set_aside(runs: Runs, work: Work, damage: str) -> None:
    id = runs.submit("grow", {"total": 20, "row": 3000}, "me")
    work()
    runs.store.close()
    content = bytearray(runs.store.path.read_bytes())
    if damage == "no database":
        content[:] = b"this is no database at all " * 1000
    elif damage == "malformed":
        content[4096 * 2 :] = os.urandom(len(content) - 4096 * 2)
    else:
        del content[len(content) // 2 :]
    runs.store.path.write_bytes(content)
    other = Runs(runs.store.folder)
    with pytest.raises(StoreError, match="damaged"):
        _use(other)
    assert other.get(id) is None
    new = other.submit("count", {"total": 1}, "me")
    assert work() == 1, "another process that had the old store open finds the new one"
    assert state(runs, new) == "done"
    (aside,) = [name for name in os.listdir(runs.store.folder) if "damaged" in name and "wal" not in name]
    assert aside in other.trouble
    assert aside in Runs(runs.store.folder).trouble, "whoever comes later reads it too"
    assert (runs.store.folder / aside).read_bytes() == bytes(content)


def _use(runs: Runs) -> None:
    """Meet the damage, wherever it is."""
    runs.submit("count", {"total": 1}, "me")
    with runs.store.reading() as connection:
        connection.execute("SELECT sum(length(data)) FROM rows").fetchone()


def test_a_sound_store_is_not_set_aside(runs: Runs) -> None:
    id = runs.submit("count", {}, "me")
    runs.store.set_aside()
    assert runs.get(id) is not None
    assert runs.trouble == ""


def test_a_folder_that_disappears_is_made_again(runs: Runs, work: Work) -> None:
    id = runs.submit("count", {}, "me")
    shutil.rmtree(runs.store.folder)
    assert runs.get(id) is None
    runs.submit("count", {"total": 2}, "me")
    assert work() == 1


def test_a_locked_store_is_said_to_be_busy_and_reads_do_not_pile_up(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY", 0.05)
    id = runs.submit("count", {}, "me")
    runs.store.close()
    blocker = sqlite3.connect(runs.store.path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(RunsError, match="busy: try again"):
        runs.submit("count", {}, "me")
    assert "busy" in runs.trouble
    runs._silent = 0.0
    assert runs.get(id) is not None, "a writer keeps no reader out"
    blocker.execute("ROLLBACK")
    blocker.close()
    runs.submit("count", {}, "me")
    runs._trouble = (0.0, "")
    assert runs.trouble == ""


def test_a_store_held_by_another_for_itself_alone_shows_what_was_last_known(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY", 0.05)
    id = runs.submit("count", {}, "me")
    assert runs.get(id) is not None
    runs.store.close()
    blocker = sqlite3.connect(runs.store.path, isolation_level=None)
    blocker.execute("PRAGMA locking_mode = EXCLUSIVE")
    blocker.execute("BEGIN IMMEDIATE")
    assert state(runs, id) == "queued"
    assert runs.rows(id) == []
    assert "busy" in runs.trouble
    blocker.close()


def test_many_threads_at_once(runs: Runs) -> None:
    faults: list[BaseException] = []

    def visit(name: str) -> None:
        try:
            for _ in range(5):
                id = runs.submit("count", {"total": 1}, name)
                assert runs.get(id) is not None
                runs.place(id)
                runs.stop(id, name)
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=visit, args=(f"owner {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == []
    assert sum(len(runs.mine(f"owner {n}")) for n in range(8)) == 40


def test_the_store_is_for_this_user_alone(runs: Runs) -> None:
    runs.submit("count", {}, "me")
    assert runs.store.folder.stat().st_mode & 0o777 == 0o700
    assert runs.store.path.stat().st_mode & 0o777 == 0o600


# What is kept


def _age(runs: Runs, id: str, days: float) -> None:
    with runs.store.writing() as connection:
        connection.execute("UPDATE runs SET changed = changed - ? WHERE id = ?", (86400 * days, id))


def test_old_runs_go_and_waiting_ones_stay(runs: Runs, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    done, stopped, paused, failed = (
        runs.submit(kind, {"total": 1, "at": 1}, "me") for kind in ("count", "count", "count", "fail")
    )
    runs.stop(stopped, "me")
    runs.pause(paused, "me")
    work()
    waiting = runs.submit("count", {"total": 1}, "me")
    everything = {done, stopped, paused, failed, waiting}
    for id in everything:
        _age(runs, id, 29)
    assert retention.tidy(runs.store) == 0
    for id in everything:
        _age(runs, id, 2)
    assert retention.tidy(runs.store) == 4
    assert [run.id for run in runs.mine("me")] == [waiting]
    monkeypatch.setenv("RNNVIZ_KEEP_DAYS", "365")
    assert retention.tidy(runs.store) == 0


def test_the_oldest_go_where_there_is_too_much_and_the_file_shrinks(runs: Runs, work: Work) -> None:
    runs.store.pages = 4000
    ids = [runs.submit("grow", {"total": 60, "row": 30_000}, f"owner {n}") for n in range(8)]
    work()
    assert runs.store.used > retention.HIGH
    size = runs.store.path.stat().st_size
    gone = retention.tidy(runs.store)
    assert 0 < gone < 8
    assert [runs.get(id) is None for id in ids] == [True] * gone + [False] * (8 - gone)
    assert runs.store.used <= retention.LOW
    runs.store.close()
    for id in ids[gone:]:
        _age(runs, id, 31)
    assert retention.tidy(runs.store) == 8 - gone
    runs.store.close()
    assert runs.store.path.stat().st_size < size - 1024 * store.PAGE


def test_a_new_run_finds_room(runs: Runs, work: Work) -> None:
    runs.store.pages = 1000
    old = [runs.submit("grow", {"total": 60, "row": 30_000}, f"owner {n}") for n in range(2)]
    work()
    assert runs.store.used > retention.HIGH
    runs.submit("count", {"total": 1}, "me")
    assert [runs.get(id) is None for id in old] == [True, False]

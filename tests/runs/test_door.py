"""The door of the engine: what a page may ask for, and what it then sees."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from rnnviz.runs import Runs, RunsError, default
from rnnviz.runs.desk import Desk
from rnnviz.runs.worker import Worker

Work = Callable[[], int]
SPEC = {"total": 4}


def count(runs: Runs, owner: str = "me", **spec: Any) -> str:
    return runs.submit("count", {**SPEC, **spec}, owner)


def state(runs: Runs, id: str) -> str:
    run = runs.get(id)
    return run.state if run else "gone"


def numbers(runs: Runs, id: str) -> list[int]:
    return [row.number for row in runs.rows(id)]


def test_a_run_from_the_queue_to_its_end(runs: Runs, work: Work) -> None:
    id = runs.submit("count", SPEC, "me", title="A <b>title</b>")
    run = runs.get(id)
    assert run is not None
    assert (run.state, run.active, runs.place(id)) == ("queued", True, 1)
    assert (run.title, run.spec, run.done, run.left, run.shared) == ("A <b>title</b>", SPEC, 0, None, False)
    assert runs.rows(id) == []
    assert runs.weights(id, "last") is None
    assert work() == 1
    after = runs.get(id)
    assert after is not None
    assert (after.state, after.done, after.words, after.message) == ("done", 1, "4 of 4", "")
    assert after.result == {"total": 4}
    assert after.version > run.version
    assert not after.active
    assert runs.place(id) is None
    assert [(row.series, row.data["square"]) for row in runs.rows(id)] == [("count", n**2) for n in range(5)]
    weights = runs.weights(id, "last")
    assert weights is not None
    assert torch.equal(weights["number"], torch.full((4,), 4.0))
    assert runs.kept(id) == ["checkpoint", "last"]


def test_rows_come_once_and_in_order(runs: Runs, work: Work) -> None:
    id = count(runs)
    work()
    rows = runs.rows(id)
    assert [row.serial for row in rows] == sorted({row.serial for row in rows})
    assert runs.rows(id, after=rows[1].serial) == rows[2:]
    assert runs.rows(id, after=rows[-1].serial) == []
    assert runs.rows("nobody's") == []


def test_nan_and_infinity_are_kept(runs: Runs) -> None:
    id = count(runs, rate=math.inf)
    run = runs.get(id)
    assert run is not None
    assert run.spec["rate"] == math.inf
    desk = Desk(runs.store)
    assert desk.claim() is not None
    desk.report(id, [("lstm", 0, {"loss": math.nan, "norm": -math.inf})], 0.1, "", 1.0)
    data = runs.rows(id)[0].data
    assert math.isnan(data["loss"])
    assert data["norm"] == -math.inf


def test_the_queue_is_first_come_first_served_and_shared_runs_come_last(runs: Runs, work: Work) -> None:
    example = runs.submit("count", {"total": 1}, "", shared=True)
    ids = [count(runs, f"owner {n}") for n in range(5)]
    assert [runs.place(id) for id in (*ids, example)] == [1, 2, 3, 4, 5, 6]
    runs.stop(ids[1], "owner 1")
    assert [runs.place(id) for id in (*ids, example)] == [1, None, 2, 3, 4, 5]
    runs.resume(ids[1], "owner 1")
    assert [runs.place(id) for id in (*ids, example)] == [1, 5, 2, 3, 4, 6]
    worker = Worker(runs, kinds={"count": "drills:count"})
    for id in (ids[0], ids[2], ids[3], ids[4], ids[1], example):
        assert runs.place(id) == 1
        assert worker.once()
        assert state(runs, id) == "done"
    assert not worker.once()


def test_pause_step_stop_and_resume_while_waiting(runs: Runs, work: Work) -> None:
    id = count(runs)
    runs.pause(id, "me")
    assert (state(runs, id), work()) == ("paused", 0)
    runs.pause(id, "me")
    runs.step(id, "me")
    runs.step(id, "me")
    assert state(runs, id) == "queued"
    assert work() == 1
    assert (state(runs, id), numbers(runs, id)) == ("paused", [0])
    runs.step(id, "me")
    work()
    assert (state(runs, id), numbers(runs, id)) == ("paused", [0, 1])
    runs.stop(id, "me")
    runs.stop(id, "me")
    assert (state(runs, id), work()) == ("stopped", 0)
    runs.pause(id, "me")
    assert state(runs, id) == "stopped"
    runs.resume(id, "me")
    runs.resume(id, "me")
    work()
    assert (state(runs, id), numbers(runs, id)) == ("done", [0, 1, 2, 3, 4])
    for end in (runs.pause, runs.stop):
        end(id, "me")  # too late, and no harm done
    for go in (runs.resume, runs.step):
        with pytest.raises(RunsError, match="finished"):
            go(id, "me")


def test_a_step_at_the_start_is_one_round(runs: Runs, work: Work) -> None:
    id = runs.submit("count", {"total": 6, "round": 3}, "me", step=True)
    work()
    assert (state(runs, id), numbers(runs, id)) == ("paused", [0])
    runs.step(id, "me")
    work()
    assert numbers(runs, id) == [0, 1, 2, 3], "rests where a round is whole"


def test_only_the_owner_may_touch_a_run(runs: Runs) -> None:
    id = count(runs)
    assert runs.owns(id, "me")
    assert not runs.owns(id, "you")
    assert not runs.owns("other", "me")
    for act in (runs.pause, runs.resume, runs.step, runs.stop, runs.delete):
        with pytest.raises(RunsError, match="somebody else"):
            act(id, "you")
        if act != runs.delete:
            with pytest.raises(RunsError, match="not there"):
                act("unknown", "me")
    assert state(runs, id) == "queued"


def test_the_store_does_not_know_the_token(runs: Runs) -> None:
    token = "a-secret-token-of-an-owner-000000"
    count(runs, token)
    runs.store.close()
    for file in runs.store.folder.iterdir():
        assert token.encode() not in file.read_bytes()


def test_mine_newest_first(runs: Runs) -> None:
    ids = [count(runs) for _ in range(3)]
    count(runs, "you")
    assert [run.id for run in runs.mine("me")] == ids[::-1]
    assert runs.mine("nobody") == []


def test_delete(runs: Runs, work: Work) -> None:
    id = count(runs)
    work()
    runs.delete(id, "me")
    runs.delete(id, "me")
    assert runs.get(id) is None
    assert (runs.rows(id), runs.kept(id), runs.mine("me")) == ([], [], [])
    with runs.store.reading() as connection:
        for table in ("runs", "rows", "specs", "artefacts"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_a_shared_run_is_there_once(runs: Runs, work: Work) -> None:
    first = runs.submit("count", {"total": 2, "a": 1}, "you", shared=True)
    assert runs.submit("count", {"a": 1, "total": 2}, "me", shared=True) == first
    assert runs.submit("count", {"a": 2, "total": 2}, "me", shared=True) != first
    assert not runs.owns(first, "you")
    with pytest.raises(RunsError, match="somebody else"):
        runs.stop(first, "you")
    run = runs.get(first)
    assert run is not None
    assert run.shared
    assert runs.mine("you") == []
    failing = runs.submit("fail", {"at": 1}, "me", shared=True)
    work()
    assert state(runs, failing) == "failed"
    assert runs.submit("fail", {"at": 1}, "me", shared=True) != failing
    assert runs.submit("count", {"total": 2, "a": 1}, "me", shared=True) == first


def test_limits(runs: Runs, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNVIZ_RUNS_EACH", "2")
    monkeypatch.setenv("RNNVIZ_RUNS_TOTAL", "3")
    ids = [count(runs) for _ in range(2)]
    with pytest.raises(RunsError, match="2 unfinished runs"):
        count(runs)
    runs.stop(ids[0], "me")
    count(runs)
    with pytest.raises(RunsError, match="2 unfinished runs"):
        runs.resume(ids[0], "me")
    count(runs, "you")
    with pytest.raises(RunsError, match="queue is full: 3 runs"):
        count(runs, "them")
    runs.submit("count", {"total": 1}, "", shared=True)  # counts for neither
    assert work() == 4
    assert runs.resume(ids[0], "me") is None


def test_ids_cannot_be_guessed(runs: Runs) -> None:
    ids = {count(runs, str(n)) for n in range(50)}
    assert len(ids) == 50
    assert all(len(id) == 24 and id.isascii() for id in ids)


def test_hostile_titles_and_specs(runs: Runs) -> None:
    id = runs.submit(
        "count", {"text": "\ud800'; DROP TABLE runs; --\x00"}, "me'--", title="\ud800" + "x" * 500
    )
    run = runs.get(id)
    assert run is not None
    assert run.spec["text"].startswith("\ud800'")
    assert len(run.title) <= 200
    with pytest.raises(TypeError):
        runs.submit("count", {"text": object()}, "me")


def test_what_is_given_out_can_be_changed_without_harm(runs: Runs) -> None:
    id = count(runs)
    run = runs.get(id)
    assert run is not None
    run.spec["total"] = 99
    again = runs.get(id)
    assert again is not None
    assert again.spec == SPEC


def test_the_default_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNVIZ_DATA_DIR", str(tmp_path / "here"))
    assert default() is default()
    assert default().store.folder == tmp_path / "here"
    assert default().get("nothing") is None
    assert (tmp_path / "here").stat().st_mode & 0o777 == 0o700
    monkeypatch.setenv("RNNVIZ_DATA_DIR", str(tmp_path / "there"))
    assert default().store.folder == tmp_path / "there"

"""One run under its worker: wishes while it computes, faults of the work, and a store that gives out."""

import errno
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import drills
import pytest

from rnnviz.runs import Run, Runs, StoreError, retention, turn
from rnnviz.runs.desk import Desk
from rnnviz.runs.perform import Report, here
from rnnviz.runs.worker import Worker

Work = Callable[[], int]


def get(runs: Runs, id: str) -> Run:
    run = runs.get(id)
    assert run is not None
    return run


def numbers(runs: Runs, id: str) -> list[int]:
    return [row.number for row in runs.rows(id)]


def last(runs: Runs, id: str) -> int | None:
    weights = runs.weights(id, "last")
    return None if weights is None else int(weights["number"][0])


def acting(when: int, act: Callable[[], Any]) -> Any:
    """A performer that does something once number ``when`` was reported, inside the work."""

    def perform(
        kind: str, spec: Any, checkpoint: bytes | None, on_step: Callable[[], None], kinds: Mapping[str, str]
    ) -> Iterator[Report]:
        for report in here(kind, spec, checkpoint, on_step, kinds):
            yield report
            if report.rows[0][1] == when:
                act()

    return perform


def compute(runs: Runs, when: int, act: Callable[[], Any]) -> None:
    assert Worker(runs, kinds=drills.KINDS, performer=acting(when, act)).once()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks for wishes at every step, saves at every update, and does not wait long."""
    monkeypatch.setattr(turn, "LOOK", 0.0)
    monkeypatch.setattr(turn, "THRIFT", 0)
    monkeypatch.setattr(turn, "HOLD", 0.2)


@pytest.mark.usefixtures("hasty")
def test_stop_in_the_middle_keeps_what_was_reached(runs: Runs, work: Work) -> None:
    id = runs.submit("count", {"total": 9}, "me")
    compute(runs, 4, lambda: runs.stop(id, "me"))
    assert (get(runs, id).state, numbers(runs, id), last(runs, id)) == ("stopped", [0, 1, 2, 3, 4], 4)
    runs.resume(id, "me")
    work()
    assert (get(runs, id).state, numbers(runs, id), last(runs, id)) == ("done", list(range(10)), 9)


@pytest.mark.usefixtures("hasty")
def test_pause_rests_where_a_round_is_whole(runs: Runs) -> None:
    id = runs.submit("count", {"total": 9, "round": 3}, "me")
    compute(runs, 4, lambda: runs.pause(id, "me"))
    assert (get(runs, id).state, numbers(runs, id)[-1], last(runs, id)) == ("paused", 6, 6)


@pytest.mark.usefixtures("hasty")
def test_a_pause_that_comes_with_the_result_comes_too_late(runs: Runs) -> None:
    id = runs.submit("count", {"total": 3, "round": 3}, "me")
    compute(runs, 2, lambda: runs.pause(id, "me"))
    assert (get(runs, id).state, get(runs, id).result) == ("done", {"total": 3})


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(("first", "then"), [("stop", "resume"), ("pause", "resume"), ("stop", "pause")])
def test_whoever_thinks_better_of_it_is_heard(runs: Runs, work: Work, first: str, then: str) -> None:
    id = runs.submit("count", {"total": 9}, "me")

    def change_of_mind() -> None:
        getattr(runs, first)(id, "me")
        getattr(runs, then)(id, "me")

    compute(runs, 4, change_of_mind)
    assert get(runs, id).state == ("done" if then == "resume" else "paused")


@pytest.mark.usefixtures("hasty")
def test_a_stop_that_is_taken_back_while_it_is_carried_out_goes_on(runs: Runs, work: Work) -> None:
    id = runs.submit("count", {"total": 9}, "me")
    desk = Desk(runs.store)
    assert desk.claim() is not None
    runs.stop(id, "me")
    assert desk.wish(id) == "stop"
    runs.resume(id, "me")
    desk.leave(id, "interrupt", {}, 1.0)
    assert (get(runs, id).state, runs.place(id)) == ("queued", 1)
    work()
    assert get(runs, id).state == "done"


@pytest.mark.usefixtures("hasty")
def test_delete_in_the_middle_leaves_nothing(runs: Runs) -> None:
    id = runs.submit("count", {"total": 9}, "me")
    compute(runs, 4, lambda: runs.delete(id, "me"))
    with runs.store.reading() as connection:
        for table in ("runs", "rows", "artefacts"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


@pytest.mark.usefixtures("hasty")
def test_a_fault_of_the_work_is_one_sentence(runs: Runs, work: Work) -> None:
    plain = runs.submit("fail", {"at": 3}, "me")
    memory = runs.submit("fail", {"at": 1, "error": "MemoryError"}, "me")
    unknown = runs.submit("no such kind", {}, "me")
    assert work() == 3
    assert (get(runs, plain).state, get(runs, plain).message) == (
        "failed",
        "ValueError: expected better, got this",
    )
    assert (numbers(runs, plain), last(runs, plain)) == ([0, 1, 2, 3], 3)
    assert get(runs, memory).message.startswith(
        "Out of memory (MemoryError: expected better, got this): choose"
    )
    assert "no such kind" in get(runs, unknown).message
    runs.resume(plain, "me")
    assert (get(runs, plain).state, get(runs, plain).message) == ("queued", "")


def test_what_is_said_of_an_error() -> None:
    assert turn.said(KeyError()) == "KeyError"
    assert len(turn.said(ValueError("x" * 1000))) == 300
    torch = RuntimeError(
        "[enforce fail] . DefaultCPUAllocator: can't allocate memory: you tried 9 bytes\nmore"
    )
    assert turn.said(torch).startswith("Out of memory (RuntimeError: [enforce fail]")


def test_checkpoints_are_kept_as_it_goes_and_attempts_begin_anew(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "SAVE", 0.0)
    monkeypatch.setattr(turn, "THRIFT", 0)
    with_slot = Desk(runs.store, 7)
    id = runs.submit("count", {"total": 9}, "me")
    for attempt in (1, 2):
        assert with_slot.claim() is not None
        assert get(runs, id).attempts == attempt
        with_slot.recover()
    assert (get(runs, id).state, get(runs, id).message != "") == ("queued", True)
    seen: list[tuple[int, str, int | None]] = []
    compute(runs, 5, lambda: seen.append((get(runs, id).attempts, get(runs, id).message, last(runs, id))))
    assert seen == [(1, "", 5)]


def test_a_run_is_given_up_after_three_dead_workers_and_can_be_tried_again(runs: Runs) -> None:
    desk, other = Desk(runs.store, 3), Desk(runs.store, 4)
    id = runs.submit("count", {"total": 9}, "me")
    for _ in range(3):
        assert desk.claim() is not None
        other.recover()
        assert get(runs, id).state == "running", "it is not the other's"
        desk.recover()
    assert get(runs, id).state == "failed"
    assert "press Continue" in get(runs, id).message
    runs.resume(id, "me")
    assert desk.claim() is not None
    desk.recover()
    assert get(runs, id).state == "queued"


@pytest.mark.parametrize(("wish", "state"), [("stop", "stopped"), ("delete", "gone"), ("pause", "queued")])
def test_the_wish_for_a_run_whose_worker_died(runs: Runs, wish: str, state: str) -> None:
    desk = Desk(runs.store, 0)
    id = runs.submit("count", {"total": 9}, "me")
    assert desk.claim() is not None
    getattr(runs, wish)(id, "me")
    desk.recover()
    run = runs.get(id)
    assert (run.state if run else "gone") == state


def test_the_same_rows_come_again_with_new_serials(runs: Runs) -> None:
    id = runs.submit("count", {"total": 9}, "me")
    desk = Desk(runs.store, 0)
    assert desk.claim() is not None
    for number in (0, 1, 2, 1, 2, 3):
        desk.report(id, [("a", number, {"n": number}), ("b", number, {})], 0.1, "", 1.0)
    rows = runs.rows(id)
    assert [(row.series, row.number) for row in rows] == [(s, n) for n in range(4) for s in "ab"]
    assert [row.number for row in runs.rows(id, after=6)] == [1, 1, 2, 2, 3, 3]


# A store that gives out


@pytest.mark.usefixtures("hasty")
def test_a_full_store_clears_out_old_runs_and_goes_on(
    runs: Runs, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs.store.pages = 400
    old = [runs.submit("grow", {"total": 9, "row": 30_000}, "me") for _ in range(3)]
    work()
    new = runs.submit("grow", {"total": 30, "row": 30_000}, "me")
    work()
    assert get(runs, new).state == "done"
    assert len(runs.rows(new)) == 31
    assert runs.get(old[0]) is None, "the oldest goes first"


@pytest.mark.usefixtures("hasty")
def test_a_store_that_stays_full_ends_the_run_in_a_clear_state(runs: Runs, work: Work) -> None:
    runs.store.pages = 300
    other = runs.submit("count", {"total": 2}, "you")
    runs.pause(other, "you")
    id = runs.submit("grow", {"total": 90, "row": 30_000}, "me")
    assert work() == 1
    run = get(runs, id)
    assert run.state == "failed"
    assert "full" in run.message
    assert "press Continue" in run.message
    assert "full" in runs.trouble
    written = len(runs.rows(id))
    assert 10 < written < 90
    runs.delete(id, "me")
    assert retention.make_room(runs.store) == 0
    runs.resume(other, "you")
    assert work() == 1
    assert get(runs, other).state == "done"
    runs._trouble = (0.0, "")
    assert runs.trouble == ""


@pytest.mark.usefixtures("hasty")
def test_a_stop_does_not_wait_for_room(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "HOLD", 60.0)
    id = runs.submit("count", {"total": 9, "size": 1_000_000}, "me")

    def stop() -> None:
        runs.store.close()
        runs.store.pages = 100
        runs.stop(id, "me")

    began = time.monotonic()
    compute(runs, 4, stop)
    assert time.monotonic() - began < 5
    assert (get(runs, id).state, last(runs, id)) == ("stopped", None)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("fault", ["locked", "no space"])
def test_the_work_is_held_while_the_store_does_not_answer(
    runs: Runs, work: Work, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """For many of the reports the store answers at the second try only."""
    monkeypatch.setattr(turn, "HOLD", 20.0)
    real, calls = Desk.report, []

    def report(self: Desk, *values: Any) -> str:
        calls.append(values)
        if len(calls) % 4 == 1:
            name = sqlite3.SQLITE_BUSY if fault == "locked" else sqlite3.SQLITE_FULL
            error = sqlite3.OperationalError(fault)
            error.sqlite_errorcode = name
            with self.store.writing():
                raise error
        return real(self, *values)

    monkeypatch.setattr(Desk, "report", report)
    id = runs.submit("count", {"total": 9}, "me")
    work()
    assert get(runs, id).state == "done"
    assert numbers(runs, id) == list(range(10))
    assert len(calls) > 10


@pytest.mark.usefixtures("hasty")
def test_a_store_that_cannot_be_used_is_not_waited_for(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    id = runs.submit("count", {"total": 9}, "me")

    def report(self: Desk, *values: Any) -> str:
        raise StoreError("unusable", OSError(errno.EIO, "gone").strerror)

    monkeypatch.setattr(Desk, "report", report)
    with pytest.raises(StoreError, match="gone"):
        Worker(runs, slot=0, kinds=drills.KINDS).once()
    monkeypatch.undo()
    Desk(runs.store, 0).recover()
    assert get(runs, id).state == "queued"


def test_a_share_of_nothing_known() -> None:
    run = Run("", "", "", {}, "running", "", 0.0, "", 3.0, 1, 0.0, 0.0, 1, False, None)
    assert run.left is None
    assert replace(run, done=0.25).left == 9

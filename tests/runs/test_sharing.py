"""Who goes first: the server's own runs stand back behind those of its visitors, and a long one lets others go by."""

from collections.abc import Iterator
from typing import Any

import drills
import pytest

from rnnviz.runs import Run, Runs, turn
from rnnviz.runs.perform import Report, here
from rnnviz.runs.worker import Worker


def found(runs: Runs, id: str) -> Run:
    run = runs.get(id)
    assert run is not None
    return run


def test_a_shared_run_makes_room_at_the_end_of_its_round_and_goes_on_later(runs: Runs) -> None:
    own: list[str] = []

    def visited(*arguments: Any) -> Iterator[Report]:
        """The work, and a visitor who comes when the number 4 has been counted."""
        for number, report in enumerate(here(*arguments)):
            if number == 4 and not own:
                own.append(runs.submit("count", {"total": 1}, "me"))
            yield report

    worker = Worker(runs, kinds=drills.KINDS, performer=visited)
    example = runs.submit("count", {"total": 20, "round": 3}, "", shared=True)
    assert worker.once()
    run = found(runs, example)
    assert (run.state, run.attempts) == ("queued", 0)
    assert [row.number for row in runs.rows(example)] == list(range(7))  # 6 is the next whole number
    assert runs.place(example) == 2
    assert worker.once()
    assert found(runs, own[0]).state == "done"
    assert found(runs, example).state == "queued"
    assert worker.once()
    assert found(runs, example).state == "done"
    rows = runs.rows(example)
    assert [row.number for row in rows] == list(range(21))
    assert [row.serial for row in rows] == sorted(row.serial for row in rows)


def test_a_visitors_run_makes_room_for_nobody_at_first(runs: Runs) -> None:
    def visited(*arguments: Any) -> Iterator[Report]:
        for number, report in enumerate(here(*arguments)):
            if number == 4:
                runs.submit("count", {"total": 1}, "another")
            yield report

    first = runs.submit("count", {"total": 10}, "me")
    assert Worker(runs, kinds=drills.KINDS, performer=visited).once()
    assert found(runs, first).state == "done"


def test_long_runs_take_turns_and_a_short_one_goes_by(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "LONG", 0.0)
    worker = Worker(runs, kinds=drills.KINDS)
    long = [runs.submit("count", {"total": 6, "round": 3}, owner) for owner in ("a", "b")]
    short = runs.submit("count", {"total": 1, "round": 2}, "c")
    served, lines = [], []
    while any(run := [id for id in (*long, short) if found(runs, id).state == "queued"]):
        lines.append(sorted(run, key=lambda id: runs.place(id) or 0))
        assert [runs.place(id) for id in lines[-1]] == list(range(1, len(run) + 1))
        assert worker.once()
        served.append(lines[-1][0])
    a, b = long
    # A turn ends after 0, after 3, and with the run.
    assert served == [a, b, short, a, b, short, a, b]
    for id in long:
        assert [row.number for row in runs.rows(id)] == list(range(7))
        run = found(runs, id)
        assert (run.state, run.attempts, run.message, run.result) == ("done", 0, "", {"total": 6})


def test_a_long_run_goes_on_while_nobody_waits(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "LONG", 0.0)
    runs.submit("count", {"total": 3}, "", shared=True)  # the server's own does not count
    mine = runs.submit("count", {"total": 9}, "me")
    assert Worker(runs, kinds=drills.KINDS).once()
    assert found(runs, mine).state == "done"


@pytest.mark.parametrize(("ask", "state"), [("pause", "paused"), ("stop", "stopped")])
def test_what_its_owner_wants_goes_before_courtesy(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, ask: str, state: str
) -> None:
    monkeypatch.setattr(turn, "LONG", 0.0)
    mine = runs.submit("count", {"total": 9, "round": 3}, "me")
    other = runs.submit("count", {"total": 1}, "another")

    def asked(*arguments: Any) -> Iterator[Report]:
        for report in here(*arguments):
            getattr(runs, ask)(mine, "me")
            yield report

    assert Worker(runs, kinds=drills.KINDS, performer=asked).once()
    assert found(runs, mine).state == state
    assert runs.place(other) == 1

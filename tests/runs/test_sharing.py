"""The server's own runs stand back behind those of its visitors, also once they are under way."""

from collections.abc import Iterator
from typing import Any

import drills

from rnnviz.runs import Run, Runs
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


def test_a_visitors_run_makes_room_for_nobody(runs: Runs) -> None:
    def visited(*arguments: Any) -> Iterator[Report]:
        for number, report in enumerate(here(*arguments)):
            if number == 4:
                runs.submit("count", {"total": 1}, "another")
            yield report

    first = runs.submit("count", {"total": 10}, "me")
    assert Worker(runs, kinds=drills.KINDS, performer=visited).once()
    assert found(runs, first).state == "done"

"""What the tests of the training page share: a store of their own, a quick race, and how to read the page."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from visitor import Visitor

from rnnviz.race import Race
from rnnviz.runs import Runs
from rnnviz.runs.worker import Worker
from rnnviz.training.epoch import Epoch
from rnnviz.ui import engine
from rnnviz.ui.training import choice

SMALL = {"task": "parity", "race": "gru,rnn", "span": "4", "width": "2", "batch": "2", "updates": "20"}
"""A race that takes a moment, as its link has it."""


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    """A store of the test's own, and an example that takes a moment."""
    runs = Runs(tmp_path)
    monkeypatch.setattr(engine, "runs", lambda: runs)
    quick = Race(cells=("gru",), length=4, hidden=2, batch=2, steps=20)
    monkeypatch.setattr(choice, "EXAMPLE", quick)
    monkeypatch.setattr(choice, "TEXT_EXAMPLE", replace(quick, task="text"))
    yield runs
    runs.store.close()


def compute(runs: Runs) -> bool:
    """What a worker would do next."""
    return Worker(runs).once()


def buttons(visitor: Visitor) -> dict[str, bool]:
    """The buttons of the run by label, and whether they can be pressed."""
    return {b.label: not b.disabled for b in visitor.app.button if (b.key or "").startswith("run_")}


def timers(visitor: Visitor) -> int:
    """How many timers the last run of the whole page has set."""
    return sum(message.WhichOneof("type") == "auto_rerun" for message in visitor.messages)


def stored(runs: Runs, id: str, cell: str) -> list[Epoch]:
    return [Epoch.from_row(row.data) for row in runs.rows(id) if row.series == cell]


def started(**more: str) -> Visitor:
    return Visitor("training", owner="ada", **(SMALL | more)).click("Start")

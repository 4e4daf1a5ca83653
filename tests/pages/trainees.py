"""What the tests of the training page share: a store of their own, a quick race, and how to read the page."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from runs_page import RunsPage, buttons, compute, own_store, timers
from visitor import Visitor

from rnnviz.race import Race
from rnnviz.runs import Runs
from rnnviz.training.epoch import Epoch
from rnnviz.ui.training import choice

__all__ = ["PAGE", "SMALL", "buttons", "compute", "started", "store", "stored", "timers"]

SMALL = {"task": "parity", "race": "gru,rnn", "span": "4", "width": "2", "batch": "2", "updates": "20"}
"""A race that takes a moment, as its link has it."""

PAGE = RunsPage("training", "run", "Start", SMALL)


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    """A store of the test's own, and an example that takes a moment."""
    with own_store(tmp_path, monkeypatch) as runs:
        quick = Race(cells=("gru",), length=4, hidden=2, batch=2, steps=20)
        monkeypatch.setattr(choice, "EXAMPLE", quick)
        monkeypatch.setattr(choice, "TEXT_EXAMPLE", replace(quick, task="text"))
        yield runs


def stored(runs: Runs, id: str, cell: str) -> list[Epoch]:
    return [Epoch.from_row(row.data) for row in runs.rows(id) if row.series == cell]


def started(**more: str) -> Visitor:
    return Visitor("training", owner="ada", **(SMALL | more)).click("Start")

"""What tests of the page of attention share: a store of their own, quick trainings, and how to read the page."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from runs_page import RunsPage, buttons, compute, own_store, timers
from visitor import Visitor

from rnnviz.attention import PairConfig, PoolConfig
from rnnviz.attention.epoch import PoolEpoch
from rnnviz.runs import Runs
from rnnviz.ui.attention import choice

__all__ = [
    "PAGE",
    "QUICK",
    "QUICK_PAIR",
    "SMALL",
    "buttons",
    "compute",
    "started",
    "store",
    "stored",
    "timers",
]

QUICK = PoolConfig(task="marked", cell="gru", length=6, hidden=4, updates=20, rate=0.02)
"""A training that takes a moment."""

SMALL = QUICK.to_query()
"""The same, as its link has it."""

QUICK_PAIR = PairConfig(task="copy", contexts=("dot",), length=3, hidden=8, updates=10)

PAGE = RunsPage("attention", "pooled", "Train", SMALL)


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    """A store of the test's own, and examples that take a moment."""
    with own_store(tmp_path, monkeypatch) as runs:
        quick = {
            "pooling": lambda task: replace(QUICK, task=task),
            "pairs": lambda task: replace(QUICK_PAIR, task=task),
        }
        parts = {name: replace(part, examples=quick[name]) for name, part in choice.PARTS.items()}
        monkeypatch.setattr(choice, "PARTS", parts)
        yield runs


def stored(runs: Runs, id: str) -> list[PoolEpoch]:
    return [PoolEpoch.from_row(row.data) for row in runs.rows(id) if row.series == "model"]


def started(**more: str) -> Visitor:
    return Visitor("attention", owner="ada", **(SMALL | more)).click("Train")

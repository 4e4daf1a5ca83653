"""What tests of the forecast page share: a store of their own, a quick forecast, files, and how to read the page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from runs_page import RunsPage, buttons, compute, own_store, timers
from visitor import Visitor

from rnnviz.forecast import ForecastConfig
from rnnviz.runs import Runs
from rnnviz.ui.forecast import choice

__all__ = ["PAGE", "QUICK", "SMALL", "buttons", "compute", "csv", "drop", "started", "store", "timers"]

QUICK = ForecastConfig(hidden=4, window=5, horizon=3, epochs=2, batch=512)
"""A forecast that takes a moment."""

SMALL = QUICK.to_query()
"""The same, as its link has it."""

PAGE = RunsPage("forecast", "forecast", "Train", SMALL)


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    """A store of the test's own, and examples that take a moment."""
    with own_store(tmp_path, monkeypatch) as runs:
        monkeypatch.setattr(choice, "EXAMPLE", QUICK)
        yield runs


def drop(visitor: Visitor, content: bytes | str, name: str = "prices.csv") -> Visitor:
    """Drop a file on the uploader."""
    (uploader,) = visitor.app.file_uploader
    data = content.encode() if isinstance(content, str) else content
    return visitor._touch(uploader.set_value((name, data, "text/csv")))


def started(**more: str) -> Visitor:
    return Visitor("forecast", owner="ada", **(SMALL | more)).click("Train")


def csv(
    rows: int = 200, *, seed: int = 0, head: str = "Date,Open,High,Low,Close,Volume", **columns: Any
) -> str:
    """A file as Yahoo has it: a random walk on business days, seeded."""
    generator = np.random.default_rng(seed)
    close = 50 * np.exp(np.cumsum(0.01 * generator.standard_normal(rows)))
    days = np.busday_offset("2020-01-01", np.arange(rows), roll="forward")
    lines = [
        f"{day},{c * 0.99:.4f},{c * 1.02:.4f},{c * 0.97:.4f},{c:.4f},{1000 + k}"
        for k, (day, c) in enumerate(zip(days, close, strict=True))
    ]
    return "\n".join([head, *lines]) + "\n"

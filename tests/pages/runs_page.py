"""What tests of the pages that train share: a store of their own, a worker in this process, how to read the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from visitor import Visitor

from rnnviz.runs import Runs
from rnnviz.runs.worker import Worker
from rnnviz.ui import engine


@contextmanager
def own_store(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    """A store that the pages take for the server's."""
    runs = Runs(folder)
    monkeypatch.setattr(engine, "runs", lambda: runs)
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

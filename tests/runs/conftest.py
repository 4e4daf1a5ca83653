"""A store of its own for each test, and a worker in this process for it."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import drills
import faults_common

from rnnviz.runs import Runs, pool
from rnnviz.runs.worker import Worker


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "data")


@pytest.fixture
def work(runs: Runs) -> Callable[[], int]:
    """Compute everything that waits; gives how many runs that were."""

    def all_of_it() -> int:
        worker, count = Worker(runs, kinds=drills.KINDS), 0
        while worker.once():
            count += 1
        return count

    return all_of_it


@pytest.fixture
def start(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> Iterator[faults_common.Start]:
    """`start(workers)` gives a server's pool, without pauses before a worker that died young."""
    monkeypatch.setattr(pool, "QUICK", 0.0)
    with faults_common.pools(runs) as start:
        yield start

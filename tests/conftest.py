"""Every test run executes the shape annotations of rnnviz, and draws the same examples each time."""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

# Runs of the tests stay out of the user's own store; each worker of the test run has its own.
os.environ["RNNVIZ_DATA_DIR"] = tempfile.mkdtemp(prefix="rnnviz-tests-")

# Small matrices on shared cores: more threads only make the workers wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import alone
import pytest
from hypothesis import settings
from jaxtyping import install_import_hook
from xdist.scheduler import LoadScopeScheduling

# Before anything imports rnnviz: jaxtyping and beartype then check shapes and types at every call.
install_import_hook("rnnviz", "beartype.beartype")

settings.register_profile("rnnviz", derandomize=True, deadline=None, max_examples=16, database=None)
settings.load_profile("rnnviz")

BROWSER = "tests/browser/"
SECOND = re.compile(BROWSER + r"test_(\w+_journey|components|harness|swift|workers)\.py")
"""About half of Chromium's tests by time, most of them with servers of their own."""


class InThreeRows(LoadScopeScheduling):
    """Chromium's tests on two workers, each beside one server; the others file by file wherever there is room.

    pytest-xdist's own `--dist loadgroup` would do, but 3.8 does not see its groups under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(BROWSER):
            return "second" if SECOND.match(nodeid) else "first"
        return nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> InThreeRows:
    config.option.loadscopereorder = False  # many tests need not take long
    return InThreeRows(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest rows first: Chromium's."""
    items.sort(key=lambda item: not item.nodeid.startswith(BROWSER))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Beside other workers of the test run, all but Chromium's tests take what those leave of the processor.

    They mostly wait, but must not be late. And the app's own workers step behind everything else: they would not
    come to their turn where other tests keep all cores busy, unless those tests do the same.
    """
    if "PYTEST_XDIST_WORKER" in os.environ and not item.nodeid.startswith(BROWSER):
        _step_behind()


@cache
def _step_behind() -> None:
    if hasattr(os, "SCHED_IDLE"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


@pytest.fixture(scope="session")
def run_alone() -> Iterator[Callable[[Path], alone.Done]]:
    """`run_alone(script)` runs a file by itself, as who has copied it would."""
    with alone.scripts() as run:
        yield run

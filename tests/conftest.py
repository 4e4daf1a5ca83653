"""Every test run executes the shape annotations of rnnviz, and draws the same examples each time."""

import os
import tempfile

# Runs of the tests stay out of the user's own store; each worker of the test run has its own.
os.environ["RNNVIZ_DATA_DIR"] = tempfile.mkdtemp(prefix="rnnviz-tests-")

# Small matrices on shared cores: more threads only make the workers wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import settings
from jaxtyping import install_import_hook
from xdist.scheduler import LoadScopeScheduling

# Before anything imports rnnviz: jaxtyping and beartype then check shapes and types at every call.
install_import_hook("rnnviz", "beartype.beartype")

settings.register_profile("rnnviz", derandomize=True, deadline=None, max_examples=25, database=None)
settings.load_profile("rnnviz")


class BrowserOnOneWorker(LoadScopeScheduling):
    """All Chromium tests on one worker, beside one server; the others one by one wherever there is room.

    pytest-xdist's own `--dist loadgroup` would do, but 3.8 does not see its groups under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> BrowserOnOneWorker:
    return BrowserOnOneWorker(config, log)

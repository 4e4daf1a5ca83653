"""What loading torch leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPT = """
import ctypes, threading
from rnnviz.ui import preload
preload.ensure()
(library,) = {line.split()[-1] for line in open("/proc/self/maps") if "libgomp" in line or "libiomp" in line}
# Asked itself: what torch says of its threads in a new thread sets them there.
thread = threading.Thread(target=lambda: print(ctypes.CDLL(library).omp_get_max_threads()))
thread.start(); thread.join()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the library is found as Linux names it")
def test_a_thread_that_begins_later_computes_on_one_core_too() -> None:
    given = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=given, timeout=120
    )
    assert done.stdout.split() == ["1"], done.stderr

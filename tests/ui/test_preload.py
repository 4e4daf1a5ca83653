"""What loading torch leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
import threading
from rnnviz.ui import preload
preload.ensure()
import torch
found = []
thread = threading.Thread(target=lambda: found.append(torch.__config__.parallel_info()))
thread.start(); thread.join()
print([line for line in found[0].splitlines() if "omp_get_max_threads" in line][0].split()[-1])
"""


def test_a_thread_that_begins_later_computes_on_one_core_too() -> None:
    given = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=given, timeout=120
    )
    assert done.stdout.split() == ["1"], done.stderr

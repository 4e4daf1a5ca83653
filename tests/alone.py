"""Scripts run by a Python of their own, which knows neither rnnviz nor the tests and loads torch once for them all."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Done = subprocess.CompletedProcess[str]

# Each script gets a process that is a copy of this one: torch is in it, and nothing of the scripts before.
_PARENT = """
import json, os, runpy, sys, traceback
import torch, torch._dynamo  # the latter is what the first step of an optimiser would load

for line in sys.stdin:
    folder, name = json.loads(line)
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        for number, file in ((1, ".out"), (2, ".err")):
            os.dup2(os.open(name + file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        sys.argv, status = [name], 1
        try:
            runpy.run_path(name, run_name="__main__")
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@contextmanager
def scripts() -> Iterator[Callable[[Path], Done]]:
    """`run(script)` runs a file as `python -I` in its own folder does, and gives what it printed and its status."""
    parent: list[subprocess.Popen[str]] = []

    def run(script: Path) -> Done:
        command = [sys.executable, "-I"]
        if not hasattr(os, "fork"):
            return subprocess.run(
                [*command, script.name], cwd=script.parent, capture_output=True, text=True, check=False
            )
        if not parent:
            parent.append(
                subprocess.Popen(
                    [*command, "-c", _PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                )
            )
        told, said = parent[0].stdin, parent[0].stdout
        assert told is not None
        assert said is not None
        told.write(json.dumps([str(script.parent), script.name]) + "\n")
        told.flush()
        status = int(said.readline())
        out, err = (script.with_name(script.name + end).read_text("utf-8") for end in (".out", ".err"))
        return subprocess.CompletedProcess(script.name, status, out, err)

    try:
        yield run
    finally:
        for process in parent:
            process.communicate(timeout=10)

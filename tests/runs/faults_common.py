"""What the tests of faults share: work that can be checked for a gap or a double, and other processes to harm it."""

import os
import random
import subprocess
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import drills

from rnnviz.runs import Runs, slots, work
from rnnviz.runs.pool import Pool
from rnnviz.runs.slots import Slot
from rnnviz.runs.work import Update

if TYPE_CHECKING:
    import torch

HERE = Path(__file__).parent
KINDS = work.KINDS | drills.KINDS | {name: f"faults_common:{name}" for name in ("walk", "mortal", "hungry")}
ENVIRONMENT = {"PYTHONPATH": str(HERE), "RNNVIZ_GRACE": "2"}
Start = Callable[..., Pool]
Tensors = "Mapping[str, torch.Tensor] | None"


# Work


def step(x: float) -> float:
    """The logistic map: after a few steps a number that was not carried over exactly is a different one."""
    return 3.9 * x * (1 - x)


def expected(spec: Mapping[str, Any]) -> list[tuple[int, float]]:
    """The rows of an undisturbed walk."""
    found, x = [], 0.1 + spec.get("seed", 0) / 1000
    for number in range(spec["total"] + 1):
        found.append((number, x))
        x = step(x)
    return found


def walk(spec: Mapping[str, Any], checkpoint: Tensors, on_step: Callable[[], None]) -> Iterator[Update]:
    """Numbers that depend on all before them, ``seconds`` each; a line in the file ``log`` for each."""
    name, total = uuid.uuid4().hex[:8], spec["total"]
    begin, x = 0, 0.1 + spec.get("seed", 0) / 1000
    if checkpoint is not None:
        begin, x = int(checkpoint["number"]) + 1, step(float(checkpoint["x"]))
    for number in range(begin, total + 1):
        note(spec, name, number)
        end = time.monotonic() + spec.get("seconds", 0.0)
        on_step()
        while time.monotonic() < end:
            time.sleep(0.005)
            on_step()
        note(spec, name, number)
        yield Update(
            series="walk",
            number=number,
            data={"x": x},
            done=number / total,
            words=f"{number} of {total}",
            whole=number % spec.get("round", 1) == 0 or number == total,
            save=lambda number=number, x=x: kept(number, x),  # type: ignore[misc]
            result={"x": x} if number == total else None,
        )
        x = step(x)


def mortal(spec: Mapping[str, Any], checkpoint: Tensors, on_step: Callable[[], None]) -> Iterator[Update]:
    """A walk that ends its process at ``at`` as long as the file ``cause`` is there."""
    for update in walk(spec, checkpoint, on_step):
        if update.number == spec["at"] and Path(spec["cause"]).exists():
            os.kill(os.getpid(), 9)
        yield update


def hungry(spec: Mapping[str, Any], checkpoint: Tensors, on_step: Callable[[], None]) -> Iterator[Update]:
    """A walk that takes all the memory that there is at ``at``, as long as the file ``cause`` is there."""
    for update in walk(spec, checkpoint, on_step):
        if update.number == spec["at"] and Path(spec["cause"]).exists():
            import resource

            import torch

            before = resource.getrlimit(resource.RLIMIT_AS)
            used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (used + 2**26, before[1]))
            try:
                torch.ones(2**40 if spec.get("huge") else 2**26)
            finally:
                resource.setrlimit(resource.RLIMIT_AS, before)
        yield update


def kept(number: int, x: float) -> "dict[str, dict[str, torch.Tensor]]":
    import torch

    return {"checkpoint": {"number": torch.tensor(number), "x": torch.tensor(x, dtype=torch.float64)}}


# What was computed, and by whom


def note(spec: Mapping[str, Any], name: str, number: int) -> None:
    """A line of a few bytes is appended whole, whoever else writes."""
    if "log" in spec:
        with open(spec["log"], "ab", buffering=0) as file:
            file.write(f"{spec['tag']} {name} {number} {time.monotonic():.6f}\n".encode())


def sessions(log: Path) -> dict[str, list[str]]:
    """For each tag who computed it, in the order of time; one name for each stretch that nobody interrupted."""
    found: dict[str, list[str]] = defaultdict(list)
    for _, tag, name in sorted(
        (float(at), tag, name) for tag, name, _, at in map(str.split, log.read_text().splitlines())
    ):
        if not found[tag] or found[tag][-1] != name:
            found[tag].append(name)
    return found


def numbers(log: Path, tag: str) -> list[list[int]]:
    """The numbers that each of the :func:`sessions` of a tag has come to."""
    found: dict[str, list[int]] = defaultdict(list)
    for line in map(str.split, log.read_text().splitlines()):
        if line[0] == tag:
            found[line[1]].append(int(line[2]))
    return [found[name] for name in sessions(log)[tag]]


def never_twice_at_once(log: Path) -> bool:
    """Whether nobody came back to a run after somebody else had begun with it."""
    return all(len(names) == len(set(names)) for names in sessions(log).values())


def whole(runs: Runs, id: str) -> bool:
    """Whether a walk has all its rows, in order and with the numbers of an undisturbed one."""
    run = runs.get(id)
    assert run is not None
    rows = runs.rows(id)
    return [(row.number, row.data["x"]) for row in rows] == expected(run.spec)


# Processes


@contextmanager
def pools(runs: Runs, **environment: str) -> Iterator[Start]:
    """`start(workers)` gives another server's pool. In the end no process of this folder is left."""
    started: list[Pool] = []

    def start(workers: int = 1) -> Pool:
        started.append(
            Pool(runs, workers, kinds="faults_common:KINDS", environment=ENVIRONMENT | environment)
        )
        started[-1].start()
        return started[-1]

    try:
        yield start
    finally:
        for one in started:
            one.close(workers=True)
        slots.end_all(runs.store.folder)


@contextmanager
def child(script: str, *words: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A Python process that runs ``script`` and says something when it is ready; killed in the end."""
    path = os.pathsep.join((str(HERE), str(HERE.parents[1])))
    process = subprocess.Popen(
        [sys.executable, "-c", script, *words],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment, "PYTHONPATH": path},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.wait(5)
        process.stdout.close()  # type: ignore[union-attr]


def workers(runs: Runs) -> dict[int, int]:
    """The worker processes by slot."""
    folder = runs.store.folder
    return {n: pid for n in slots.known(folder) if (pid := Slot(folder, n).worker()) is not None}


def slot_of(runs: Runs, id: str) -> int:
    with runs.store.reading() as connection:
        return int(connection.execute("SELECT slot FROM runs WHERE id = ?", (id,)).fetchone()[0])


def state(runs: Runs, id: str) -> str:
    run = runs.get(id)
    return run.state if run else "gone"


def message(runs: Runs, id: str) -> str:
    run = runs.get(id)
    assert run is not None
    return run.message


def until(true: Callable[[], Any], seconds: float = 30.0) -> float:
    """Wait until something is so; gives the seconds that it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "waited too long"
        time.sleep(0.01)
    return time.monotonic() - began


def submit(runs: Runs, kind: str = "walk", owner: str = "me", **spec: Any) -> str:
    return runs.submit(kind, {"total": 100, "seconds": 0.01, "tag": uuid.uuid4().hex, **spec}, owner)


def chance(seed: int) -> random.Random:
    return random.Random(seed)


def awake(runs: Runs, count: int) -> None:
    """Wait until so many workers have loaded all they need, however long the machine takes for that."""
    ids = {submit(runs, owner=owner, total=10**6): owner for owner in map(str, range(count))}
    until(lambda: all(runs.rows(id) for id in ids), 120)
    for id, owner in ids.items():
        runs.stop(id, owner)
    until(lambda: all(state(runs, id) == "stopped" for id in ids))
    for id, owner in ids.items():
        runs.delete(id, owner)

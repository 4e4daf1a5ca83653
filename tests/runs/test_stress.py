"""Fifty runs by owners who cannot make up their minds, on workers that are killed and servers that are restarted."""

import os
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import faults_common
import pytest
from faults_common import chance, never_twice_at_once, state, submit, until, whole, workers

from rnnviz.runs import Runs, RunsError, pool
from rnnviz.runs.model import ACTIVE

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")

RUNS, EACH, WISHES = 50, 4, 160
KILLS, RESTARTS = 5, 2
DONE = frozenset({"done"})


def allowed(wish: str, before: frozenset[str]) -> frozenset[str]:
    """The states in which a run may end up, by the last wish that was taken and those before."""
    if wish == "resume":
        return DONE
    if wish == "stop":
        return DONE | {"stopped"}
    # What has already been stopped is not paused.
    return DONE | {"paused"} | (before & {"stopped"} if wish == "pause" else frozenset())


@pytest.mark.parametrize("seed", [0])
def test_no_run_is_lost_stuck_or_computed_twice(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(pool, "QUICK", 0.0)
    monkeypatch.setenv("RNNVIZ_RUNS_EACH", str(EACH))
    random, log = chance(seed), tmp_path / "log"
    owner: dict[str, str] = {}
    for n in range(RUNS):
        whose = f"owner {n // EACH}"
        spec = {"seed": n, "tag": str(n), "log": str(log), "round": random.choice((1, 2, 3))}
        total = 120 if n % 7 == 0 else random.randint(5, 25)
        owner[submit(runs, owner=whose, total=total, seconds=0.008, **spec)] = whose
    ids, may = list(owner), dict.fromkeys(owner, DONE)
    assert [runs.place(id) for id in ids] == list(range(1, RUNS + 1))
    with pytest.raises(RunsError, match=f"{EACH} is the most"):
        submit(runs, owner="owner 0")

    events = ["kill"] * KILLS + ["restart"] * RESTARTS + ["wish"] * WISHES
    random.shuffle(events)
    killed = 0
    with faults_common.pools(runs) as start:
        server = start(2)
        until(lambda: len(workers(runs)) == 2)
        for event in events:
            if event != "wish" and waiting(runs):
                until(lambda: running(runs))  # harm is done where something is at stake
            if event == "kill":
                until(lambda: workers(runs))
                alive, busy = workers(runs), running(runs)
                os.kill(
                    random.choice([alive[n] for n in alive if n in busy] or [*alive.values()]), signal.SIGKILL
                )
                killed += 1
            elif event == "restart":
                server.close()
                server = start(2)
            else:
                id, wish = random.choice(ids), random.choice(("stop", "pause", "resume", "resume", "step"))
                with suppress(RunsError):  # it is done, or its owner has too many
                    getattr(runs, wish)(id, owner[id])
                    may[id] = allowed(wish, may[id])
            time.sleep(random.uniform(0.0, 0.06))
            assert max(unfinished(runs, owner).values(), default=0) <= EACH
        until(lambda: not any(state(runs, id) in ACTIVE for id in ids), 60)
        for id in ids:
            given_up = killed >= 3 and state(runs, id) == "failed"
            assert given_up or state(runs, id) in may[id], f"{state(runs, id)} is none of {sorted(may[id])}"
            numbers = sorted(row.number for row in runs.rows(id))
            assert numbers == list(range(len(numbers))), "a gap"

        # What rests goes on to the same end.
        for whose in sorted(set(owner.values())):
            for id in (id for id in ids if owner[id] == whose and state(runs, id) != "done"):
                runs.resume(id, whose)
        until(lambda: all(state(runs, id) == "done" for id in ids), 60)
    assert killed == KILLS
    assert all(whole(runs, id) for id in ids)
    assert never_twice_at_once(log)
    assert sorted(run.id for whose in set(owner.values()) for run in runs.mine(whose)) == sorted(ids)
    assert all(run is not None and run.message == "" for run in map(runs.get, ids))


def unfinished(runs: Runs, owner: dict[str, str]) -> Counter[str]:
    """How many unfinished runs each owner has, in one look."""
    with runs.store.reading() as connection:
        found = connection.execute("SELECT id FROM runs WHERE state IN ('queued', 'running', 'paused')")
        return Counter(owner[id] for (id,) in found)


def running(runs: Runs) -> list[int]:
    """The slots whose workers are computing, with something written already."""
    with runs.store.reading() as connection:
        found = connection.execute("SELECT slot FROM runs WHERE state = 'running' AND done > 0").fetchall()
        return [slot for (slot,) in found]


def waiting(runs: Runs) -> bool:
    with runs.store.reading() as connection:
        found = connection.execute(
            "SELECT count(*) FROM runs WHERE state = 'queued' AND wish = ''"
        ).fetchone()
        return bool(found[0])

"""What training costs everybody else: sliders on /gates and /gradients while two runs train, against the idle server.

Idle and training windows take turns on one server. Ten people over raw WebSockets, each with a seed of their own, move
a slider every second; then one visitor in Chromium presses an arrow key, from the press to the painted picture. Last,
the default race alone: how long until each cell has passed a loss of 0.01, seen from the store.
"""

import asyncio
import contextlib
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from common import OURS, browser, find_slider, median, ms, open_page, options, ours, quantile, report, save
from harness import serving, wait_until
from latency import press
from people import Person
from playwright.sync_api import Page

from rnnviz.race import Race
from rnnviz.runs import Runs

PAGES = (ours("/gates", "/gates"), ours("/gradients", "/gradients"))
PEOPLE = 10
THINK = 1.0
LONG = Race(steps=5000, hidden=128, length=60)
PASSED = 0.01

Times = dict[tuple[str, bool], list[float]]
"""Seconds by page, and by whether others trained."""


def waits_until(condition: Callable[[], bool], timeout: float) -> None:
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"expected the runs to come along within {timeout:.0f} s")
        time.sleep(0.1)


@contextlib.contextmanager
def training(runs: Runs, on: bool) -> Iterator[None]:
    """Two long runs under way for as long as the block lasts, or none."""
    owners = ["bench 0", "bench 1"] if on else []
    ids = [runs.submit("training", LONG.to_spec(), owner) for owner in owners]
    waits_until(lambda: all((run := runs.get(id)) and run.done > 0 for id in ids), 60)
    yield
    for id, owner in zip(ids, owners, strict=True):
        runs.stop(id, owner)
    waits_until(lambda: not any((run := runs.get(id)) and run.active for id in ids), 20)


async def person(url: str, page: str, number: int, end: float) -> list[float]:
    """Seconds of every answer until the end."""
    dice = random.Random(number)
    times = []
    async with Person(url, page, f"seed={number}") as visitor:
        await asyncio.wait_for(visitor.visit(), 60)
        await asyncio.sleep(dice.uniform(1, 1 + THINK))
        while time.monotonic() < end:
            times.append(await asyncio.wait_for(visitor.move(round(0.05 * dice.randrange(81), 2)), 60))
            await asyncio.sleep(THINK * dice.uniform(0.75, 1.25))
    return times


def people(url: str, page: str, first: int, seconds: float) -> list[float]:
    """Seconds of every answer to all of them. In a thread: Playwright's own loop runs in this one."""

    async def crowd() -> list[float]:
        end = time.monotonic() + seconds
        found = await asyncio.gather(*(person(url, page, first + k, end) for k in range(PEOPLE)))
        return [took for times in found for took in times]

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, crowd()).result()


def windows(runs: Runs, url: str, tabs: dict[str, Page], quick: bool) -> tuple[Times, Times]:
    """Answers to people, and pictures painted, in windows with and without training, taking turns."""
    rounds, seconds, presses = (1, 10.0, 10) if quick else (3, 10.0, 20)
    asked: Times = {(page.name, on): [] for page in PAGES for on in (False, True)}
    painted: Times = {key: [] for key in asked}
    for turn in range(rounds):
        for on in (False, True) if turn % 2 == 0 else (True, False):
            with training(runs, on):
                for page in PAGES:
                    first = 100 * (2 * turn + on)
                    asked[page.name, on] += people(url, page.path.strip("/"), first, seconds)
                    for k in range(presses):
                        key = "ArrowRight" if k < presses // 2 else "ArrowLeft"
                        painted[page.name, on].append(press(tabs[page.name], page, key))
    return asked, painted


def race(runs: Runs, chosen: Race) -> tuple[float, dict[str, float], dict[str, float]]:
    """Seconds of a whole race, seconds until each cell has passed, and the last test losses."""
    began = time.monotonic()
    id = runs.submit("training", chosen.to_spec(), "bench race")
    passed: dict[str, float] = {}
    serial, active = 0, True
    while active:
        active = bool((run := runs.get(id)) and run.active)
        for row in runs.rows(id, serial):
            serial = row.serial
            if row.data["test_loss"] < PASSED:
                passed.setdefault(row.series, time.monotonic() - began)
        time.sleep(0.1)
    return time.monotonic() - began, passed, {row.series: row.data["test_loss"] for row in runs.rows(id)}


def main() -> None:
    chosen = options(__doc__)
    task = Race(steps=150) if chosen.quick else Race()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="rnnviz-bench-", ignore_cleanup_errors=True)
        )
        chrome = stack.enter_context(browser())
        server = stack.enter_context(serving(OURS, env={"RNNVIZ_DATA_DIR": folder, "RNNVIZ_WORKERS": "2"}))
        runs = Runs(folder)
        tabs = {page.name: open_page(chrome, server.url + page.path) for page in PAGES}
        for page in PAGES:
            find_slider(tabs[page.name], page)
            wait_until(tabs[page.name], "probe.signatures().length > 0", 60)
        asked, painted = windows(runs, server.url, tabs, chosen.quick)
        whole, passed, last = race(runs, task)
    rows = []
    for what, times in (("answer to ten people", asked), ("painted in Chromium", painted)):
        for page in PAGES:
            idle, busy = times[page.name, False], times[page.name, True]
            figures = [f"{ms(median(t))} / {ms(quantile(t, 0.95))}" for t in (idle, busy)]
            ratio = quantile(busy, 0.95) / quantile(idle, 0.95)
            rows.append([f"{page.name}, {what}", *figures, f"{ratio:.2f}x"])
    cells = "; ".join(
        f"{cell} {loss:.2g}" + (f" (below {PASSED} after {passed[cell]:.0f} s)" if cell in passed else "")
        for cell, loss in last.items()
    )
    notes = (
        f"Goal: at most 1.5x. Adding, T={task.length}, H={task.hidden}, {task.steps} steps, on one worker: "
        f"{whole:.0f} s; last test loss: {cells}. "
        f"Goal: LSTM and GRU below {PASSED} in under 60 s, RNN near 1/6."
    )
    head = ["page", "idle, median / p95", "two runs training, median / p95", "ratio of p95"]
    report("training", "Sliders while others train", head, rows, notes)
    raw = {
        what: {f"{page}, {'training' if on else 'idle'}": found for (page, on), found in times.items()}
        for what, times in (("asked", asked), ("painted", painted))
    }
    save("training", {**raw, "race": {"seconds": whole, "passed": passed, "last": last}}, chosen.save)


if __name__ == "__main__":
    main()

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
from collections.abc import Iterator

from common import browser, find_slider, median, ms, open_page, options, ours, quantile, report, save
from harness import serving, wait_until
from latency import CALM
from people import Person

from rnnviz.race import Race
from rnnviz.runs import Runs

PEOPLE = 10
THINK = 1.0
PAGES = (ours("/gates", "/gates"), ours("/gradients", "/gradients"))
LONG = Race(steps=5000, hidden=128, length=60)
PASSED = 0.01


@contextlib.contextmanager
def training(runs: Runs, on: bool) -> Iterator[None]:
    """Two long runs under way for as long as the block lasts, or none."""
    ids = [runs.submit("training", LONG.to_spec(), f"bench {k}") for k in range(2)] if on else []
    waits_until(lambda: all((run := runs.get(id)) and run.done > 0 for id in ids), 60)
    yield
    for k, id in enumerate(ids):
        runs.stop(id, f"bench {k}")
    waits_until(lambda: not any((run := runs.get(id)) and run.active for id in ids), 20)


def waits_until(condition: object, timeout: float) -> None:
    end = time.monotonic() + timeout
    while not condition():  # type: ignore[operator]
        if time.monotonic() > end:
            raise TimeoutError(f"expected the runs to come along within {timeout:.0f} s")
        time.sleep(0.1)


async def person(url: str, page: str, number: int, end: float) -> list[float]:
    dice = random.Random(number)
    times = []
    async with Person(url, page, f"seed={number}") as visitor:
        await asyncio.wait_for(visitor.visit(), 60)
        await asyncio.sleep(dice.uniform(1, 1 + THINK))
        while time.monotonic() < end:
            times.append(await asyncio.wait_for(visitor.move(round(0.05 * dice.randrange(81), 2)), 60))
            await asyncio.sleep(THINK * dice.uniform(0.75, 1.25))
    return times


async def crowd(url: str, page: str, first: int, seconds: float) -> list[float]:
    end = time.monotonic() + seconds
    found = await asyncio.gather(*(person(url, page, first + k, end) for k in range(PEOPLE)))
    return [took for times in found for took in times]


def main() -> None:
    chosen = options(__doc__)
    rounds, seconds, presses = (1, 5.0, 6) if chosen.quick else (4, 12.0, 24)
    asked: dict[str, dict[bool, list[float]]] = {page.name: {False: [], True: []} for page in PAGES}
    painted: dict[str, dict[bool, list[float]]] = {page.name: {False: [], True: []} for page in PAGES}
    passed: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="rnnviz-bench-") as folder:
        server = serving(ours("", "").app, env={"RNNVIZ_DATA_DIR": folder, "RNNVIZ_WORKERS": "2"})
        with browser() as chrome, server as running:
            runs = Runs(folder)
            tabs = {page.name: open_page(chrome, running.url + page.path) for page in PAGES}
            for turn in range(rounds):
                for on in (False, True) if turn % 2 == 0 else (True, False):
                    with training(runs, on):
                        for page in PAGES:
                            first = 100 * (2 * turn + on)
                            asked[page.name][on] += asyncio.run(
                                crowd(running.url, page.path.strip("/"), first, seconds)
                            )
                            for press in range(presses):
                                tab = tabs[page.name]
                                tab.bring_to_front()
                                find_slider(tab, page).focus()
                                tab.evaluate("probe.arm()")
                                tab.keyboard.press("ArrowRight" if press < presses // 2 else "ArrowLeft")
                                painted[page.name][on].append(
                                    float(wait_until(tab, f"probe.painted({CALM})")) / 1000
                                )
            began = time.monotonic()
            race = Race(steps=150) if chosen.quick else Race()
            id = runs.submit("training", race.to_spec(), "bench race")
            serial = 0
            while (run := runs.get(id)) and run.active:
                for row in runs.rows(id, serial):
                    serial = row.serial
                    if row.data["test_loss"] < PASSED:
                        passed.setdefault(row.series, time.monotonic() - began)
                time.sleep(0.1)
            whole = time.monotonic() - began
            last = {row.series: row.data["test_loss"] for row in runs.rows(id)}
    rows = []
    for what, times in (("answer to ten people", asked), ("painted in Chromium", painted)):
        for page in PAGES:
            idle, busy = times[page.name][False], times[page.name][True]
            rows.append(
                [
                    f"{page.name}, {what}",
                    *(f"{ms(median(t))} / {ms(quantile(t, 0.95))}" for t in (idle, busy)),
                    f"{quantile(busy, 0.95) / quantile(idle, 0.95):.2f}x",
                ]
            )
    head = ["page", "idle, median / p95", "two runs training, median / p95", "ratio of p95"]
    cells = "; ".join(
        f"{cell} {loss:.2g}" + (f" (below {PASSED} after {passed[cell]:.0f} s)" if cell in passed else "")
        for cell, loss in last.items()
    )
    notes = (
        f"Goal: at most 1.5x. Adding, T={race.length}, H={race.hidden}, {race.steps} steps, the whole race on one "
        f"worker: {whole:.0f} s; last test loss: {cells}. Goal: LSTM and GRU below {PASSED} in under 60 s, RNN near "
        "1/6."
    )
    report("training", "Sliders while others train", head, rows, notes)
    save(
        "training",
        {"asked": asked, "painted": painted, "race": {"seconds": whole, "passed": passed}},
        chosen.save,
    )


if __name__ == "__main__":
    main()

"""A hundred people over raw WebSockets, each moving a slider every two seconds, on the server's own cores.

A person waits for the answer and then thinks for two seconds, so an overloaded server is asked less
often than a quick one: that favours the slower side. Each of ours has a seed of their own, so no answer
is another's from a cache.
"""

import argparse
import asyncio
import random
import resource
import statistics
import time

from common import Subject, options, ours, peer, quantile, report, save
from people import Person

SUBJECTS = [peer("heat maps, default settings", "heatmaps.py"), ours("/gates", "/gates")]
# Why .streamlit/config.toml turns the collection after each run off.
COLLECTING = ours("/gates, collecting after each run", "/gates")
THINK = 2.0
PATIENCE = 60.0  # seconds after which a person counts an answer as lost
STOPS = [round(0.05 * n, 2) for n in range(81)]


async def person(
    subject: Subject, url: str, number: int, begin: float, end: float
) -> tuple[list[float], list[str]]:
    """Seconds of every answer between begin and end, and every error of the whole visit."""
    dice = random.Random(number)
    times: list[float] = []
    errors: list[str] = []
    await asyncio.sleep(dice.uniform(0, 0.4 * max(0.0, begin - time.monotonic())))
    page, query = subject.path.strip("/"), f"seed={number}" if subject.ours else ""
    try:
        async with Person(url, page, query) as visitor:
            await asyncio.wait_for(visitor.visit(), 2 * PATIENCE)
            await asyncio.sleep(dice.uniform(0, THINK))
            while time.monotonic() < end:
                asked = time.monotonic()
                took = await asyncio.wait_for(visitor.move(dice.choice(STOPS)), PATIENCE)
                if begin <= asked:
                    times.append(took)
                await asyncio.sleep(THINK * dice.uniform(0.75, 1.25))
    except Exception as error:  # whatever goes wrong for a visitor counts
        errors.append(f"{type(error).__name__}: {error}")
    return times, errors


async def crowd(
    subject: Subject, url: str, people: int, warm: float, seconds: float
) -> tuple[list[float], list[str]]:
    begin = time.monotonic() + warm
    visits = (person(subject, url, number, begin, begin + seconds) for number in range(people))
    found = await asyncio.gather(*visits)
    return [took for times, _ in found for took in times], [error for _, errors in found for error in errors]


def warm_up(subject: Subject, url: str) -> None:
    """One visit before the crowd, as a teacher would: torch and the caches are loaded."""

    async def visit() -> None:
        async with Person(url, subject.path.strip("/")) as visitor:
            await visitor.visit()
            await visitor.move(1.5)
            await visitor.move(1.0)

    asyncio.run(asyncio.wait_for(visit(), PATIENCE))


def main() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--people", type=int, default=0)
    chosen = options(__doc__, parser)
    people = chosen.people or (20 if chosen.quick else 100)
    # A hundred first visits within ten seconds keep both cores busy; what is measured is the class at work.
    warm, seconds = (6.0, 6.0) if chosen.quick else (25.0, 30.0)
    # A socket is a file.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4096), hard), hard))
    raw = {}
    rows: list[list[object]] = []
    tails: list[float] = []
    for subject in [*SUBJECTS, COLLECTING]:
        with subject.serving(*(["--runner.postScriptGC=true"] if subject is COLLECTING else [])) as server:
            warm_up(subject, server.url)
            times, errors = asyncio.run(crowd(subject, server.url, people, warm, seconds))
        raw[subject.name] = {"seconds": times, "errors": errors}
        times = times or [float("nan")]
        tails.append(quantile(times, 0.95))
        rows.append(
            [
                subject.name,
                len(times),
                f"{1000 * statistics.median(times):.0f} ms",
                f"{1000 * tails[-1]:.0f} ms",
                f"{1000 * max(times):.0f} ms",
                len(errors),
                f"{tails[-1] / tails[0]:.3f}x",
            ]
        )
    notes = f"{people} people, {seconds:.0f} s. Goal for p95: at most 0.1x and under 300 ms, no error."
    first = [f"{name}: {run['errors'][0]}" for name, run in raw.items() if run["errors"]]
    if first:
        notes += "\n\nThe first error of each: " + "; ".join(first)
    head = ["page", "answers", "p50", "p95", "longest", "errors", "ratio of p95"]
    report("load", "A class on one server", head, rows, notes)
    save("load", raw, chosen.save)


if __name__ == "__main__":
    main()

"""Memory of the server: what 500 visits leave behind, and what an open session holds.

A visit connects, runs the page once and closes. The figure is the resident set, read after Streamlit has
dropped the closed sessions: both sides keep them for 3 s here rather than 120 s, so that the benchmark
does not only wait. The first visits fill caches and the allocator's pools; growth is counted after them.
"""

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

from common import Subject, options, ours, peer, report, save
from harness import Server
from people import Person, visit_and_leave

SUBJECTS = [peer("heat maps, default settings", "heatmaps.py"), ours("/gates", "/gates")]
KEPT = 3
AT_ONCE = 4


def resident(server: Server) -> float:
    """Megabytes of the server's resident set (Linux)."""
    for line in Path(f"/proc/{server.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"expected VmRSS of process {server.pid}, got none: this benchmark needs Linux")


def query(subject: Subject, number: int) -> str:
    """A seed of their own for each visitor of ours: no answer is another's from a cache."""
    return f"seed={number % 10_000}" if subject.ours else ""


def visits(subject: Subject, server: Server, first: int, count: int) -> float:
    """Megabytes after this many visits, once their sessions are gone."""

    async def all_visits() -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> None:
            async with gate:
                await visit_and_leave(server.url, subject.path.strip("/"), query(subject, number))

        await asyncio.gather(*(one(first + number) for number in range(count)))

    asyncio.run(all_visits())
    time.sleep(2 * KEPT + 2)
    # Streamlit drops expired sessions when the next one ends.
    asyncio.run(visit_and_leave(server.url, subject.path.strip("/"), query(subject, first)))
    time.sleep(1)
    return resident(server)


def idle(subject: Subject, server: Server, count: int) -> float:
    """Megabytes that an open session holds while its visitor looks at the page: the second `count` of them.

    On a server of its own, where no pool of freed memory hides what they take; the first fill the caches.
    """

    async def hold() -> float:
        sizes = []
        async with AsyncExitStack() as stack:
            for number in range(2 * count):
                person = Person(server.url, subject.path.strip("/"), query(subject, number))
                await stack.enter_async_context(person)
                await person.visit()
                if number + 1 in (count, 2 * count):
                    await asyncio.sleep(2)
                    sizes.append(resident(server))
        return (sizes[1] - sizes[0]) / count

    return asyncio.run(hold())


def main() -> None:
    chosen = options(__doc__)
    warm, count, held = (20, 40, 10) if chosen.quick else (150, 500, 100)
    raw = {}
    for subject in SUBJECTS:
        with subject.serving(f"--server.disconnectedSessionTTL={KEPT}") as server:
            start = visits(subject, server, 0, warm)
            first = visits(subject, server, warm, count)
            second = visits(subject, server, warm + count, count)
        with subject.serving() as server:
            per_session = idle(subject, server, held)
        raw[subject.name] = {"warm": start, "first": first, "second": second, "idle": per_session}
    default = raw[SUBJECTS[0].name]["idle"]
    rows = [
        [
            name,
            f"{run['warm']:.0f} MB",
            f"{run['first'] - run['warm']:+.1f} MB",
            f"{run['second'] - run['first']:+.1f} MB",
            f"{run['idle']:.2f} MB",
            f"{run['idle'] / default:.2f}x",
        ]
        for name, run in raw.items()
    ]
    head = [
        "page",
        f"after {warm} visits",
        f"the next {count}",
        f"{count} more",
        f"each of {held} open sessions",
        "ratio",
    ]
    report("memory", "Memory of the server", head, rows, "Goal: no growth; an open session at most 2x.")
    save("memory", raw, chosen.save)


if __name__ == "__main__":
    main()

"""The engine of background runs as the pages and the server see it. Loaded when it is first asked for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rnnviz.ui import preload
from rnnviz.ui.owner import owner

if TYPE_CHECKING:
    from rnnviz.runs import Runs

__all__ = ["owner", "runs", "working"]

PAUSE = 2.0
"""Seconds between the loading of torch and the start of the workers: the first visitor comes first."""


def runs() -> Runs:
    """The runs of this server."""
    from rnnviz.runs import default

    return default()


async def working() -> None:
    """Start the workers when nobody waits for the first page any more, and look after them until cancelled.

    They outlive it: a server that is started again finds its runs still going.
    """
    while not preload.done.is_set():
        await asyncio.sleep(PAUSE / 4)
    await asyncio.sleep(PAUSE)
    from rnnviz.runs.pool import Pool

    pool = Pool(runs())
    pool.start()
    try:
        await asyncio.Event().wait()
    finally:
        pool.close()

"""What is kept, and for how long. A run that waits or is computed is never touched."""

from __future__ import annotations

import time

from rnnviz.runs import settings
from rnnviz.runs.store import Connection, Store

HIGH, LOW = 0.9, 0.75
"""Beyond the first share of the store's limit the oldest runs go, until the second is reached."""

STEP = 1024
"""Pages given back to the disk in one transaction, so that nobody waits long."""

ENDED = "state IN ('stopped', 'done', 'failed')"


def tidy(store: Store) -> int:
    """Clear out what is too old or too much; gives the number of runs that went.

    A run that rests may be in somebody's lecture next week: it goes by age alone.
    """
    with store.writing(last_words=True) as connection:
        gone = connection.execute(
            f"DELETE FROM runs WHERE ({ENDED} OR state = 'paused') AND changed < ?",
            (time.time() - settings.keep_seconds(),),
        ).rowcount
    if store.used > HIGH:
        gone += make_room(store)
    shrink(store)
    return gone


def make_room(store: Store, share: float = LOW) -> int:
    """Delete the runs that ended longest ago until no more than ``share`` of the limit is in use."""
    gone = 0
    while store.used > share:
        with store.writing(last_words=True) as connection:
            if not _drop_oldest(connection):
                break
        gone += 1
    return gone


def shrink(store: Store) -> None:
    """Give what is free back to the disk, beyond a little that the next run will need."""
    while True:
        with store.reading() as connection:
            free = connection.execute("PRAGMA freelist_count").fetchone()[0]
            if free < 2 * STEP:
                return
            connection.execute(f"PRAGMA incremental_vacuum({STEP})").fetchall()


def _drop_oldest(connection: Connection) -> bool:
    return bool(
        connection.execute(
            f"DELETE FROM runs WHERE id = (SELECT id FROM runs WHERE {ENDED} ORDER BY changed LIMIT 1)"
        ).rowcount
    )

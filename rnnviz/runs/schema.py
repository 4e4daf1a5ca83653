"""The tables of the store, as the steps that led to them.

``PRAGMA user_version`` is the number of steps that a store has taken. A new one takes all of them, so that every
store goes the way that an old one goes when it is brought up to date. A step is never changed once it was published:
another one is added.
"""

from __future__ import annotations

import sqlite3

STEPS: tuple[str, ...] = (
    # Runs, what was chosen for them, and what they wrote. What was chosen stands apart: an update of SQLite writes
    # the whole row again, and a typed text may be long.
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        owner TEXT,                           -- the hash of the owner's token; NULL: everybody's
        state TEXT NOT NULL,
        wish TEXT NOT NULL DEFAULT '',        -- what its worker is to do: pause, stop, delete
        message TEXT NOT NULL DEFAULT '',
        done REAL NOT NULL DEFAULT 0,
        words TEXT NOT NULL DEFAULT '',
        seconds REAL NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,  -- times that it was begun since it last got on
        saved REAL NOT NULL DEFAULT 0,        -- how far the last checkpoint was
        slot INTEGER,                         -- whose it is while it is running
        turn INTEGER NOT NULL,                -- the order of the queue
        created REAL NOT NULL,
        changed REAL NOT NULL,                -- when its state last changed
        heard REAL NOT NULL,
        version INTEGER NOT NULL DEFAULT 1,
        result TEXT
    );
    CREATE INDEX runs_state ON runs (state, turn);
    CREATE INDEX runs_owner ON runs (owner, created);
    CREATE TABLE specs (
        run TEXT PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
        data TEXT NOT NULL
    );
    CREATE TABLE rows (
        serial INTEGER PRIMARY KEY AUTOINCREMENT,
        run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        series TEXT NOT NULL,
        number INTEGER NOT NULL,
        data TEXT NOT NULL,
        UNIQUE (run, series, number)
    );
    CREATE INDEX rows_serial ON rows (run, serial);
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL, time REAL NOT NULL);
    """,
    # What runs keep: checkpoints and weights, as safetensors; and runs that belong to everybody.
    """
    CREATE TABLE artefacts (
        run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        name TEXT NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (run, name)
    );
    ALTER TABLE runs ADD COLUMN shared TEXT;  -- the fingerprint of kind and spec
    CREATE UNIQUE INDEX runs_shared ON runs (shared) WHERE shared IS NOT NULL;
    """,
)

VERSION = len(STEPS)


def bring_up(connection: sqlite3.Connection, steps: tuple[str, ...] = STEPS) -> None:
    """Take the steps that are missing, all of them or none."""
    if not version(connection):
        # Both have to be set before the first table is there.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        for step in steps[version(connection) :]:
            for statement in _statements(step):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(steps)}")


def version(connection: sqlite3.Connection) -> int:
    """The number of steps that the store has taken; 0 for an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(step: str) -> list[str]:
    lines = (line.split("--")[0] for line in step.splitlines())
    return [statement for part in "\n".join(lines).split(";") if (statement := part.strip())]

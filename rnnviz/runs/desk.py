"""The worker's side of the store: taking the next run, telling how far it is, and leaving it in a clear state.

Each is one short transaction, so that a worker may die between any two of them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rnnviz.runs.model import State
from rnnviz.runs.store import Connection, Store

ATTEMPTS = 3
"""Workers that may die on a run without getting it on before it is given up."""

AGAIN = "Its worker ended unexpectedly: it goes on from what was saved."
GIVEN_UP = (
    f"Its worker died {ATTEMPTS} times at the same place, perhaps for want of memory: press Continue to try again, "
    "or choose a smaller network."
)

Outcome = Literal["finish", "rest", "yield", "interrupt", "fail"]
"""How a worker lets go of a run: it is through; a round is, and it rests or lets others go first; it was given up in
the middle of one; or it went wrong."""

BECOMES: dict[Outcome, dict[str, State]] = {
    "finish": {"": "done"},
    "rest": {"pause": "paused", "stop": "stopped", "": "queued"},
    "yield": {"pause": "paused", "stop": "stopped", "": "queued"},
    "interrupt": {"stop": "stopped", "": "queued"},
    "fail": {"": "failed"},
}
"""What a run becomes by what its owner wants at that very moment: who has thought better of a stop goes on."""


@dataclass(frozen=True)
class Job:
    """A run that was taken: what to compute, and from where. ``seconds`` were spent on it before."""

    id: str
    kind: str
    spec: dict[str, Any]
    checkpoint: bytes | None
    seconds: float


class Desk:
    """Where the worker of a slot finds its runs and reports. ``slot`` None: in this process, watched by nobody."""

    def __init__(self, store: Store, slot: int | None = None) -> None:
        self.store = store
        self.slot = slot

    def claim(self) -> Job | None:
        """Take the run that is next in line, or None."""
        with self.store.reading() as connection:  # most looks find nothing and disturb nobody
            if not connection.execute("SELECT 1 FROM runs WHERE state = 'queued' LIMIT 1").fetchone():
                return None
        now = time.time()
        with self.store.writing() as connection:
            found = connection.execute(
                "SELECT id, kind, data, seconds FROM runs JOIN specs ON run = id WHERE state = 'queued' "
                "ORDER BY owner IS NULL, turn LIMIT 1"
            ).fetchone()
            if found is None:
                return None
            id, kind, data, seconds = found
            connection.execute(
                "UPDATE runs SET state = 'running', slot = ?, attempts = attempts + 1, changed = ?, heard = ?, "
                "version = version + 1 WHERE id = ?",
                (self.slot, now, now, id),
            )
            checkpoint = connection.execute(
                "SELECT data FROM artefacts WHERE run = ? AND name = 'checkpoint'", (id,)
            ).fetchone()
        return Job(id, kind, json.loads(data), checkpoint and checkpoint[0], seconds)

    def wish(self, id: str) -> str:
        """What the owner wants of the run: "", "pause", "stop" or "delete"."""
        with self.store.reading() as connection:
            found = connection.execute("SELECT wish FROM runs WHERE id = ?", (id,)).fetchone()
        return str(found[0]) if found else "delete"

    def heard(self, id: str, seconds: float) -> None:
        """A sign of life."""
        with self.store.writing() as connection:
            connection.execute(
                "UPDATE runs SET heard = ?, seconds = ? WHERE id = ?", (time.time(), seconds, id)
            )

    def report(
        self,
        id: str,
        rows: Iterable[tuple[str, int, Mapping[str, Any]]],
        done: float,
        words: str,
        seconds: float,
        long: bool = False,
    ) -> str:
        """Write what was done since the last time; gives the :meth:`wish` of that moment.

        "yield" is the wish where somebody's own run has to wait for a shared one, or for one whose turn was ``long``.
        """
        written = [(id, series, number, json.dumps(data)) for series, number, data in rows]
        with self.store.writing() as connection:
            found = connection.execute(
                "SELECT wish, (owner IS NULL OR ?) AND EXISTS "
                "(SELECT 1 FROM runs WHERE state = 'queued' AND owner IS NOT NULL) FROM runs WHERE id = ?",
                (long, id),
            ).fetchone()
            if found is None:
                return "delete"
            # A row that is written again gets a new serial, so that those who follow the run see it.
            connection.executemany(
                "INSERT OR REPLACE INTO rows (run, series, number, data) VALUES (?, ?, ?, ?)", written
            )
            connection.execute(
                "UPDATE runs SET done = ?, words = ?, seconds = ?, heard = ?, version = version + 1 WHERE id = ?",
                (done, words, seconds, time.time(), id),
            )
        wish, held_up = found
        return wish or ("yield" if held_up else "")

    def save(self, id: str, tensors: Mapping[str, bytes], done: float) -> None:
        """Keep checkpoint and weights; a run that got on since the last time has its attempts before it again."""
        with self.store.writing() as connection:
            _keep(connection, id, tensors)
            connection.execute(
                "UPDATE runs SET attempts = min(attempts, 1), message = '' WHERE id = ? AND saved < ?",
                (id, done),
            )
            connection.execute("UPDATE runs SET saved = ?, heard = ? WHERE id = ?", (done, time.time(), id))

    def leave(
        self,
        id: str,
        outcome: Outcome,
        tensors: Mapping[str, bytes],
        seconds: float,
        message: str = "",
        result: Any = None,
    ) -> None:
        """Let go of the run; with "yield" it goes to the end of the line.

        A failure, or a word without tensors, may go beyond the limit of the store.
        """
        with self.store.writing(last_words=outcome == "fail" or not tensors) as connection:
            found = connection.execute("SELECT wish FROM runs WHERE id = ?", (id,)).fetchone()
            wish = found[0] if found else "delete"
            if wish == "delete":
                connection.execute("DELETE FROM runs WHERE id = ?", (id,))
                return
            state = BECOMES[outcome].get(wish) or BECOMES[outcome][""]
            _keep(connection, id, tensors)
            connection.execute(
                "UPDATE runs SET state = ?, wish = ?, slot = NULL, attempts = 0, seconds = ?, message = ?, "
                "result = ?, changed = ?, version = version + 1 WHERE id = ?",
                (
                    state,
                    wish if state == "queued" else "",
                    seconds,
                    message,
                    None if result is None else json.dumps(result),
                    time.time(),
                    id,
                ),
            )
            if outcome == "yield" and state == "queued":
                connection.execute(
                    "UPDATE runs SET turn = (SELECT max(turn) + 1 FROM runs) WHERE id = ?", (id,)
                )

    def recover(self) -> None:
        """Take care of what a dead worker of this slot left behind. Call it only while the slot is held."""
        with self.store.reading() as connection:
            question = "SELECT 1 FROM runs WHERE state = 'running' AND slot = ?"
            if not connection.execute(question, (self.slot,)).fetchone():
                return
        now = time.time()
        mine = "state = 'running' AND slot = ?"
        change = "SET state = ?, slot = NULL, wish = ?, message = ?, changed = ?, version = version + 1"
        with self.store.writing(last_words=True) as connection:
            connection.execute(f"DELETE FROM runs WHERE {mine} AND wish = 'delete'", (self.slot,))
            connection.execute(
                f"UPDATE runs {change} WHERE {mine} AND wish = 'stop'", ("stopped", "", "", now, self.slot)
            )
            connection.execute(
                f"UPDATE runs {change} WHERE {mine} AND attempts >= ?",
                ("failed", "", GIVEN_UP, now, self.slot, ATTEMPTS),
            )
            connection.execute(
                f"UPDATE runs SET state = 'queued', slot = NULL, message = ?, changed = ?, version = version + 1 "
                f"WHERE {mine}",
                (AGAIN, now, self.slot),
            )


def _keep(connection: Connection, id: str, tensors: Mapping[str, bytes]) -> None:
    connection.executemany(
        "INSERT INTO artefacts (run, name, data) SELECT ?, ?, ? WHERE EXISTS (SELECT 1 FROM runs WHERE id = ?) "
        "ON CONFLICT (run, name) DO UPDATE SET data = excluded.data",
        [(id, name, data, id) for name, data in tensors.items()],
    )

"""Runs: the door of the engine. Everything that a page asks of it or wants from it, and nothing else."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from rnnviz.runs import retention, settings
from rnnviz.runs.errors import RunsError
from rnnviz.runs.store import Connection
from rnnviz.runs.window import Window, hashed

UNFINISHED = "state IN ('queued', 'running', 'paused') AND wish != 'delete'"


class Runs(Window):
    """The runs under ``folder``; safe to use from any thread, and by several servers at once.

    What asks for something (:meth:`submit` to :meth:`delete`) raises :class:`RunsError` with one sentence. What looks,
    see :class:`~rnnviz.runs.window.Window`, never raises.
    """

    def submit(
        self,
        kind: str,
        spec: Mapping[str, Any],
        owner: str,
        title: str = "",
        shared: bool = False,
        step: bool = False,
    ) -> str:
        """Put a run into the queue; its id, which cannot be guessed. With ``step`` it rests after one round.

        A ``shared`` run belongs to nobody, and there is one for each kind and spec: the id of the one that is there
        comes back, unless it has failed. It waits until no other run waits, and counts for no limit.
        """
        data = json.dumps(spec, sort_keys=True)
        mark = hashlib.sha256(f"{kind}\n{data}".encode()).hexdigest() if shared else None
        run = secrets.token_urlsafe(18)
        title = title[:200].encode("utf-8", "replace").decode()
        if mark:
            with self._looking() as connection:  # a page asks again and again
                if found := _shared(connection, mark):
                    return found
        if self.store.used > retention.HIGH:
            retention.make_room(self.store)
        with self._asking() as connection:
            if mark:
                if found := _shared(connection, mark):
                    return found
                connection.execute("DELETE FROM runs WHERE shared = ?", (mark,))
            else:
                _limits(connection, hashed(owner))
            now = time.time()
            connection.execute(
                "INSERT INTO runs (id, kind, title, owner, state, wish, turn, created, changed, heard, shared) "
                "VALUES (?, ?, ?, ?, 'queued', ?, (SELECT coalesce(max(turn), 0) + 1 FROM runs), ?, ?, ?, ?)",
                (run, kind, title, None if shared else hashed(owner), "pause" * step, now, now, now, mark),
            )
            connection.execute("INSERT INTO specs VALUES (?, ?)", (run, data))
        return run

    def pause(self, id: str, owner: str) -> None:
        """Let it finish its round, save, and rest. A waiting run rests at once; one that has ended stays so."""
        with self._asking(last_words=True) as connection:
            state = _own(connection, id, owner)[0]
            if state == "queued":
                _put(connection, id, "paused")
            elif state == "running":
                _wish(connection, id, "pause")

    def resume(self, id: str, owner: str) -> None:
        """Back into the queue, to go on from what was saved; a run that is about to rest or stop goes on."""
        self._go(id, owner, "")

    def step(self, id: str, owner: str) -> None:
        """One round, then rest."""
        self._go(id, owner, "pause")

    def stop(self, id: str, owner: str) -> None:
        """End it within a second; what was saved stays, and it can be resumed."""
        with self._asking(last_words=True) as connection:
            state = _own(connection, id, owner)[0]
            if state in ("queued", "paused"):
                _put(connection, id, "stopped")
            elif state == "running":
                _wish(connection, id, "stop")

    def delete(self, id: str, owner: str) -> None:
        """Remove it and all that it wrote; a run that is not there any more is fine."""
        with self._asking(last_words=True) as connection:
            if not connection.execute(
                "SELECT 1 FROM runs WHERE id = ? AND wish != 'delete'", (id,)
            ).fetchone():
                return
            if _own(connection, id, owner)[0] == "running":
                _wish(connection, id, "delete")  # its worker lets go of it first
            else:
                connection.execute("DELETE FROM runs WHERE id = ?", (id,))
        self._last.pop(id, None)

    def _go(self, id: str, owner: str, wish: str) -> None:
        with self._asking() as connection:
            state = _own(connection, id, owner)[0]
            if state == "done":
                raise RunsError("This run is finished: there is nothing left to go on with.")
            if state in ("queued", "running"):
                _wish(connection, id, wish)
                return
            if state != "paused":
                _limits(connection, hashed(owner))
            _put(connection, id, "queued", wish)
            connection.execute(
                "UPDATE runs SET attempts = 0, message = '', turn = (SELECT max(turn) + 1 FROM runs) WHERE id = ?",
                (id,),
            )


def _shared(connection: Connection, mark: str) -> str | None:
    """The run that everybody shares, unless it has failed."""
    found = connection.execute(
        "SELECT id FROM runs WHERE shared = ? AND state != 'failed'", (mark,)
    ).fetchone()
    return found and str(found[0])


def _own(connection: Connection, id: str, owner: str) -> tuple[str, str]:
    """State and wish of a run of this owner."""
    found = connection.execute(
        "SELECT state, wish, owner FROM runs WHERE id = ? AND wish != 'delete'", (id,)
    ).fetchone()
    if found is None:
        raise RunsError("This run is not there any more: it was deleted, or its time was over.")
    if found[2] != hashed(owner):
        raise RunsError("This run belongs to somebody else: start one of your own.")
    return found[0], found[1]


def _put(connection: Connection, id: str, state: str, wish: str = "") -> None:
    connection.execute(
        "UPDATE runs SET state = ?, wish = ?, changed = ?, version = version + 1 WHERE id = ?",
        (state, wish, time.time(), id),
    )


def _wish(connection: Connection, id: str, wish: str) -> None:
    connection.execute("UPDATE runs SET wish = ?, version = version + 1 WHERE id = ?", (wish, id))


def _limits(connection: Connection, owner: str) -> None:
    """Refuse what would be one run too many."""
    each, total = settings.runs_each(), settings.runs_total()
    mine = connection.execute(
        f"SELECT count(*) FROM runs WHERE owner = ? AND {UNFINISHED}", (owner,)
    ).fetchone()[0]
    if mine >= each:
        raise RunsError(f"You have {mine} unfinished runs, and {each} is the most: stop one of them first.")
    waiting = connection.execute(
        "SELECT count(*) FROM runs WHERE state = 'queued' AND owner IS NOT NULL"
    ).fetchone()[0]
    if waiting >= total:
        raise RunsError(f"The queue is full: {waiting} runs wait in line. Try again in a few minutes.")


def default() -> Runs:
    """The runs of this server, or notebook: those under :func:`rnnviz.runs.settings.folder`."""
    return _at(settings.folder())


@cache
def _at(folder: Path) -> Runs:
    return Runs(folder)

"""Runs: the door of the engine. Everything that a page asks of it or wants from it, and nothing else."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from rnnviz.runs import errors, settings
from rnnviz.runs.errors import RunsError, StoreError
from rnnviz.runs.model import Row, Run
from rnnviz.runs.store import Connection, Store

COLUMNS = (
    "id, kind, title, state, message, done, words, seconds, attempts, created, heard, version, "
    "owner IS NULL, result"
)
UNFINISHED = "state IN ('queued', 'running', 'paused') AND wish != 'delete'"
REMEMBERED = 256
"""Runs whose spec, and whose last state, is kept at hand."""

TIGHT = 0.97
"""The share of the store's limit beyond which nothing new is taken in."""

CLUSTER = 15.0
"""Seconds for which trouble with a cluster is believed: it is told again as long as it lasts."""


class Runs:
    """The runs under ``folder``; safe to use from any thread, and by several servers at once.

    What asks for something (:meth:`submit` to :meth:`delete`) raises :class:`RunsError` with one sentence. What looks
    never raises: while the store does not answer it gives what was last known, and :attr:`trouble` says why.
    """

    def __init__(self, folder: Path | str) -> None:
        self.store = Store(Path(folder))
        self._specs: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._last: OrderedDict[str, Run] = OrderedDict()
        self._fault: StoreError | None = None
        self._silent = 0.0
        self._trouble = (0.0, "")

    # To ask for something

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
        with self._asking() as connection:
            if mark:
                found = connection.execute("SELECT id, state FROM runs WHERE shared = ?", (mark,)).fetchone()
                if found and found[1] != "failed":
                    return str(found[0])
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

    # To look

    def get(self, id: str) -> Run | None:
        """The run, or None where there is none."""
        try:
            with self._looking() as connection:
                row = connection.execute(
                    f"SELECT {COLUMNS} FROM runs WHERE id = ? AND wish != 'delete'", (id,)
                ).fetchone()
                run = row and self._run(connection, row)
        except StoreError:
            return self._last.get(id)
        if run:
            _remember(self._last, id, run)
        return run or None

    def mine(self, owner: str) -> list[Run]:
        """The owner's runs, newest first."""
        try:
            with self._looking() as connection:
                rows = connection.execute(
                    f"SELECT {COLUMNS} FROM runs WHERE owner = ? AND wish != 'delete' "
                    "ORDER BY created DESC, turn DESC",
                    (hashed(owner),),
                ).fetchall()
                return [self._run(connection, row) for row in rows]
        except StoreError:
            return []

    def rows(self, id: str, after: int = 0) -> list[Row]:
        """What the run wrote since ``after``, the largest serial that is known, in that order."""
        try:
            with self._looking() as connection:
                found = connection.execute(
                    "SELECT serial, series, number, data FROM rows WHERE run = ? AND serial > ? ORDER BY serial",
                    (id, after),
                ).fetchall()
        except StoreError:
            return []
        return [Row(serial, series, number, json.loads(data)) for serial, series, number, data in found]

    def place(self, id: str) -> int | None:
        """Its place in line, 1 for the next one; None where it does not wait."""
        try:
            with self._looking() as connection:
                mine = connection.execute(
                    "SELECT owner IS NULL, turn FROM runs WHERE id = ? AND state = 'queued'", (id,)
                ).fetchone()
                if not mine:
                    return None
                ahead = connection.execute(
                    "SELECT count(*) FROM runs WHERE state = 'queued' AND (owner IS NULL, turn) < (?, ?)",
                    mine,
                ).fetchone()[0]
        except StoreError:
            return None
        return 1 + int(ahead)

    def owns(self, id: str, owner: str) -> bool:
        """Whether the run is this owner's."""
        try:
            with self._looking() as connection:
                question = "SELECT 1 FROM runs WHERE id = ? AND owner = ? AND wish != 'delete'"
                return connection.execute(question, (id, hashed(owner))).fetchone() is not None
        except StoreError:
            return False

    def weights(self, id: str, name: str) -> dict[str, Any] | None:
        """Tensors that the run keeps under ``name``, or None. Read as safetensors: nothing in them is executed."""
        try:
            with self._looking() as connection:
                found = connection.execute(
                    "SELECT data FROM artefacts JOIN runs ON runs.id = run "
                    "WHERE run = ? AND name = ? AND wish != 'delete'",
                    (id, name),
                ).fetchone()
        except StoreError:
            return None
        if found is None:
            return None
        from safetensors.torch import load

        tensors: dict[str, Any] = load(found[0])
        return tensors

    def kept(self, id: str) -> list[str]:
        """The names under which the run keeps tensors."""
        try:
            with self._looking() as connection:
                found = connection.execute("SELECT name FROM artefacts WHERE run = ? ORDER BY name", (id,))
                return [name for (name,) in found]
        except StoreError:
            return []

    @property
    def trouble(self) -> str:
        """What is wrong with the store, as one sentence, or "". Looked at once a second at most."""
        now = time.monotonic()
        if now - self._trouble[0] > 1 or self._fault is not None:
            self._trouble = (now, self._look_for_trouble())
        return self._trouble[1]

    def _look_for_trouble(self) -> str:
        try:
            with self._looking() as connection:
                known = connection.execute(
                    "SELECT value FROM meta WHERE (name = 'trouble' AND time > ?) "
                    "OR (name = 'cluster' AND time > ? AND value != '') ORDER BY time DESC",
                    (time.time() - 86400, time.time() - CLUSTER),
                ).fetchone()
            if self.store.used > TIGHT or shutil.disk_usage(self.store.folder).free < errors.LITTLE:
                return str(errors.full(self.store.folder))
        except StoreError as error:
            return str(error)
        if self._fault is not None:
            return str(self._fault)
        return str(known[0]) if known else settings.no_cluster()

    # The store, with its faults remembered

    @contextmanager
    def _looking(self) -> Iterator[Connection]:
        if self._fault is not None and time.monotonic() < self._silent:
            raise self._fault  # a page asks several things at once: only the first of them waits
        try:
            with self.store.reading() as connection:
                yield connection
        except StoreError as error:
            self._fault, self._silent = error, time.monotonic() + 1
            raise
        if self._fault is not None and (self._fault.reason != "full" or time.monotonic() > self._silent + 30):
            self._fault = None

    @contextmanager
    def _asking(self, last_words: bool = False) -> Iterator[Connection]:
        try:
            with self.store.writing(last_words) as connection:
                yield connection
        except StoreError as error:
            self._fault, self._silent = error, time.monotonic() + (0 if error.reason == "full" else 1)
            raise
        self._fault = None

    def _run(self, connection: Connection, row: tuple[Any, ...]) -> Run:
        """The run of a row of :data:`COLUMNS`; what was chosen for it never changes and is kept at hand."""
        id, kind, title, *more, shared, result = row
        spec = self._specs.get(id)
        if spec is None:
            spec = json.loads(connection.execute("SELECT data FROM specs WHERE run = ?", (id,)).fetchone()[0])
            _remember(self._specs, id, spec)
        values: Any = (*more, bool(shared), json.loads(result) if result else None)
        return Run(id, kind, title, dict(spec), *values)


def hashed(owner: str) -> str:
    """What the store knows of an owner: enough to recognise the token, not enough to use it."""
    return hashlib.sha256(owner.encode("utf-8", "replace")).hexdigest()


def _remember(kept: OrderedDict[str, Any], id: str, value: Any) -> None:
    kept[id] = value
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)


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

"""What a page sees of the runs. Nothing here changes any of them, or raises."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rnnviz.runs import errors, settings
from rnnviz.runs.errors import StoreError
from rnnviz.runs.model import Row, Run
from rnnviz.runs.store import Connection, Store

COLUMNS = (
    "id, kind, title, state, message, done, words, seconds, attempts, created, heard, version, "
    "owner IS NULL, result"
)
REMEMBERED = 64
"""Runs whose spec, and whose last state, is kept at hand."""

TIGHT = 0.97
"""The share of the store's limit beyond which it counts as full."""

CLUSTER = 15.0
"""Seconds for which trouble with a cluster is believed: it is told again as long as it lasts."""


class Window:
    """The runs under ``folder``, to look at; safe to use from any thread.

    While the store does not answer it gives what was last known, and :attr:`trouble` says why.
    """

    def __init__(self, folder: Path | str) -> None:
        self.store = Store(Path(folder))
        self._specs: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._last: OrderedDict[str, Run] = OrderedDict()
        self._fault: StoreError | None = None
        self._silent = 0.0
        self._trouble = (0.0, "")

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

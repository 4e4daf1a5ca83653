"""The store: one SQLite file (WAL) that the server and its workers share. Readers never wait for writers.

Connections are kept and lent, one user at a time: a page's script runs in a thread of its own each time, and opening
costs more than most questions. Each is checked against the file before it is used, so that nobody goes on writing into
a store that has been set aside or deleted.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rnnviz.runs import errors, schema, settings
from rnnviz.runs.errors import StoreError

BUSY = 3.0
"""Seconds that a question waits for another process before the store counts as busy."""

IDLE = 8
"""Connections that are kept open."""

PAGE = 4096
"""Bytes of a page of the file."""

SPARE = 256
"""Pages beyond the limit, for the last words of a run that found no room."""

RESERVE = 4 * 2**20
"""Bytes that are left free on the disk: even to delete something takes room."""


class Connection(sqlite3.Connection):
    """A connection that remembers which file it opened."""

    file: tuple[int, int] | None = None


class Store:
    """The file under ``folder``, made when it is first used. Its methods raise :class:`StoreError` alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "runs.sqlite3"
        self.pages = settings.store_bytes() // PAGE
        self._idle: deque[Connection] = deque()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to ask."""
        with self._borrowed() as connection:
            yield connection

    @contextmanager
    def writing(self, last_words: bool = False) -> Iterator[Connection]:
        """A transaction: all of it or nothing.

        ``last_words`` may go a little beyond the limit of the store, and into what is left free on the disk.
        """
        with self._borrowed() as connection:
            if not last_words:
                self._spare_the_reserve(connection)
            if last_words:
                connection.execute(f"PRAGMA max_page_count = {self.pages + SPARE}")
            try:
                connection.execute("BEGIN IMMEDIATE")
                with connection:
                    yield connection
            finally:
                if last_words:
                    connection.execute(f"PRAGMA max_page_count = {self.pages}")

    def _spare_the_reserve(self, connection: Connection) -> None:
        room = shutil.disk_usage(self.folder).free
        if room < RESERVE:  # what was deleted leaves room in the file itself
            room += PAGE * connection.execute("PRAGMA freelist_count").fetchone()[0]
            if room < RESERVE:
                raise errors.full(self.folder)

    @property
    def used(self) -> float:
        """The share of the limit that is in use."""
        with self.reading() as connection:
            pages, free = (
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "freelist_count")
            )
        return float(pages - free) / self.pages

    def close(self) -> None:
        """Close what nobody uses at the moment."""
        while self._idle:
            self._idle.pop().close()

    # Connections

    @contextmanager
    def _borrowed(self) -> Iterator[Connection]:
        connection: Connection | None = None
        try:
            connection = self._take()
            yield connection
        except sqlite3.Error as error:
            fault = errors.of(error, self.folder)
            if connection is not None:
                connection.close()
                connection = None
            if fault.reason == "damaged":
                self.set_aside()
            raise fault from error
        finally:
            if connection is not None:
                if len(self._idle) < IDLE and not connection.in_transaction:
                    self._idle.append(connection)
                else:
                    connection.close()

    def _take(self) -> Connection:
        now = self._file()
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return self._open()
            if connection.file == now is not None:
                return connection
            connection.close()

    def _file(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise errors.unusable(self.folder, error.strerror) from error
        return found.st_dev, found.st_ino

    def _open(self) -> Connection:
        for _ in range(3):
            before = self._file()
            if before is None:
                with self.alone():
                    self._begin()
                continue
            connection = self._connect()
            try:
                found = schema.version(connection)
                if found > schema.VERSION:
                    raise errors.newer(self.path, found, schema.VERSION)
                if found < schema.VERSION:
                    with self.alone():
                        schema.bring_up(connection)
            except BaseException:
                connection.close()
                raise
            if self._file() == before:
                connection.file = before
                return connection
            connection.close()
        raise errors.busy()

    def _connect(self) -> Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY, isolation_level=None, check_same_thread=False, factory=Connection
        )
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            # Else every page that is freed is written once more, with zeros: each checkpoint twice, and a delete
            # on a full disk would need as much room as it makes.
            connection.execute("PRAGMA secure_delete = FAST")
            connection.execute("PRAGMA journal_size_limit = 8388608")
            connection.execute(f"PRAGMA max_page_count = {self.pages}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _begin(self) -> None:
        """Make an empty store, readable by this user alone. Call it alone."""
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise errors.unusable(self.folder, error.strerror) from error
        connection = self._connect()
        try:
            schema.bring_up(connection)
        finally:
            connection.close()

    # Faults

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from making, changing or replacing the file meanwhile."""
        from filelock import FileLock, Timeout

        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(self.folder / "store.lock", thread_local=False)
            lock.acquire(timeout=2 * BUSY)
        except Timeout:
            raise errors.busy() from None
        except OSError as error:
            raise errors.unusable(self.folder, error.strerror) from error
        try:
            yield
        finally:
            lock.release()

    def set_aside(self) -> None:
        """Put a damaged file out of the way and begin a new one, unless another process has just done so."""
        with self.alone():
            self.close()
            if self._file() is None or self._sound():
                return
            name = f"{self.path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
            try:
                for end in ("-wal", ""):
                    with suppress(FileNotFoundError):
                        os.replace(f"{self.path}{end}", self.folder / f"{name}{end}")
                with suppress(OSError):
                    os.unlink(f"{self.path}-shm")
            except OSError as error:
                raise errors.unusable(self.folder, error.strerror) from error
            self._begin()
            connection = self._connect()
            sentence = f"The store of runs was damaged; it was set aside as {name}, and a new one was begun."
            try:
                connection.execute(
                    "INSERT OR REPLACE INTO meta VALUES ('trouble', ?, ?)", (sentence, time.time())
                )
            finally:
                connection.close()

    def _sound(self) -> bool:
        connection = None
        try:
            connection = self._connect()
            return bool(connection.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok")
        except sqlite3.Error as error:
            return errors.of(error, self.folder).reason != "damaged"
        finally:
            if connection is not None:
                connection.close()


__all__ = ["Connection", "Store", "StoreError"]

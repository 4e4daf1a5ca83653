"""Slots: the places for worker processes of a data folder, numbered from 0.

A worker holds the lock of its slot as long as it lives, and the kernel frees it however the worker ends. Whoever gets
the lock therefore knows that the former worker is gone, and takes care of the run that it left.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from rnnviz.runs import errors


class Slot:
    """One place. ``folder`` is that of the runs."""

    def __init__(self, folder: Path, number: int) -> None:
        self.number = number
        self.home = folder / "workers"
        self._lock_file = self.home / f"{number}.lock"
        self._pid_file = self.home / f"{number}.pid"
        self._wanted_file = self.home / f"{number}.wanted"
        self._lock: object | None = None

    @property
    def log(self) -> Path:
        """Where its worker writes what went wrong."""
        return self.home / f"{self.number}.log"

    def take(self, patience: float = 0.0) -> bool:
        """Hold the slot, if it becomes free within ``patience`` seconds. Raises :class:`StoreError`."""
        from filelock import FileLock, Timeout

        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(self._lock_file, thread_local=False)
            lock.acquire(timeout=patience, poll_interval=0.02)
        except Timeout:
            return False
        except OSError as error:
            raise errors.unusable(self.home.parent, error.strerror) from error
        self._lock = lock
        return True

    def release(self) -> None:
        """Let go of it."""
        if self._lock is not None:
            self._lock.release()  # type: ignore[attr-defined]
            self._lock = None

    # The worker in it

    def sign(self) -> None:
        """Say who holds it. The holder calls this."""
        self._pid_file.write_text(str(os.getpid()))

    def erase(self) -> None:
        """Take the name off. The holder calls this before it lets go."""
        with suppress(OSError):
            self._pid_file.unlink()

    def worker(self) -> int | None:
        """The process that works in this slot, or None. Only a process that is one of ours is given."""
        try:
            pid = int(self._pid_file.read_text())
        except (OSError, ValueError):
            return None
        return pid if self._is_ours(pid) else None

    def _is_ours(self, pid: int) -> bool:
        """Whether a process is the worker of this slot: the numbers of ended processes are used again."""
        if sys.platform == "linux":
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except OSError:
                return False
            mine = (f"--slot={self.number}", f"--folder={self.home.parent}")
            return {b"rnnviz.runs.worker", *map(os.fsencode, mine)} <= set(words)
        if self.take():
            self.release()
            return False
        return True  # it is held, and only its holder writes its number

    def kill(self) -> bool:
        """End the worker at once, whatever it does; says whether there was one."""
        pid = self.worker()
        if pid is None:
            return False
        with suppress(OSError):
            os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        return True

    # Whether a server wants it

    def want(self) -> None:
        """A server says that it is there, and which code it has; said again every now and then.

        Of several servers the newest one counts.
        """
        with suppress(OSError):
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.wanted_code() < code():
                self._wanted_file.write_text(repr(code()))
            os.utime(self._wanted_file)

    def wanted_at(self) -> float:
        """When a server last said so; 0 for never."""
        try:
            return self._wanted_file.stat().st_mtime
        except OSError:
            return 0.0

    def wanted_code(self) -> float:
        """The code of the server that wants it, see :func:`code`; 0 for none."""
        try:
            return float(self._wanted_file.read_text())
        except (OSError, ValueError):
            return 0.0


def known(folder: Path) -> list[int]:
    """The slots that a folder has ever had."""
    return sorted(int(path.stem) for path in (folder / "workers").glob("*.lock") if path.stem.isdigit())


def end_all(folder: Path, seconds: float = 5.0) -> None:
    """End every worker of a folder, for a test or a script that takes the folder away."""
    slots = [Slot(folder, number) for number in known(folder)]
    end = time.monotonic() + seconds
    while [slot for slot in slots if slot.kill()] and time.monotonic() < end:
        time.sleep(0.02)


@cache
def code() -> float:
    """Which code a server runs: when a file of the package last changed, as of the first call."""
    package = Path(__file__).resolve().parents[1]
    return max(path.stat().st_mtime for path in package.rglob("*.py"))

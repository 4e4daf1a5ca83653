"""What can go wrong with the store and the queue, each as one sentence for the reader."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Literal

Reason = Literal["busy", "full", "damaged", "newer", "unusable"]

LITTLE = 16 * 2**20
"""Bytes free on the disk below which it counts as full."""


class RunsError(Exception):
    """What was asked for is not possible; the message is one sentence that says why, and what to do."""


class StoreError(RunsError):
    """The store itself does not answer. ``busy`` and ``full`` may pass by themselves, the others do not."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason: Reason = reason

    @property
    def passing(self) -> bool:
        """Whether trying again may help."""
        return self.reason in ("busy", "full")


_REASONS: dict[int, Reason] = {
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_PROTOCOL: "busy",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}


def busy() -> StoreError:
    """Another process holds the store."""
    return StoreError("busy", "The store of runs is busy: try again in a moment.")


def full(folder: Path) -> StoreError:
    """No room on the disk, or none below the limit of the store."""
    with suppress(OSError):
        if shutil.disk_usage(folder).free < LITTLE:
            return StoreError(
                "full",
                f"The disk of {folder}, where runs are kept, is full: make room on it, or delete runs.",
            )
    return StoreError("full", f"The store of runs in {folder} is full: delete runs that are not needed.")


def unusable(folder: Path, why: object) -> StoreError:
    """The folder cannot be read or written."""
    return StoreError(
        "unusable",
        f"Runs cannot be stored in {folder} ({why}): set RNNVIZ_DATA_DIR to a folder that can be written.",
    )


def newer(path: Path, found: int, known: int) -> StoreError:
    """The store was written by a later version; it is left as it is."""
    return StoreError(
        "newer",
        f"The store {path} was written by a newer rnnviz (version {found} of its tables, {known} is known here): "
        "update rnnviz, or set RNNVIZ_DATA_DIR to another folder.",
    )


def of(error: sqlite3.Error, folder: Path) -> StoreError:
    """The fault behind an error of SQLite. Gives a programming error back as it is, by raising it."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        raise error
    reason = _REASONS.get(code & 0xFF, "unusable")
    if reason == "busy":
        return busy()
    if reason == "full":
        return full(folder)
    if reason == "damaged":
        return StoreError("damaged", f"The store of runs in {folder} is damaged: a new one is begun.")
    return unusable(folder, error)

"""What the engine may take, from the environment. Read when it is asked for."""

from __future__ import annotations

import logging
import os
import zlib
from importlib.util import find_spec
from pathlib import Path


def folder() -> Path:
    """Where runs are kept: ``RNNVIZ_DATA_DIR``, else the user's data directory."""
    if chosen := os.environ.get("RNNVIZ_DATA_DIR"):
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("rnnviz", appauthor=False)


def workers() -> int:
    """Worker processes: ``RNNVIZ_WORKERS``, else one for each core that this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return int(_number("RNNVIZ_WORKERS", cores, 0))


def scheduler() -> str:
    """The Dask scheduler to compute with, ``RNNVIZ_SCHEDULER``; "" where this machine's own workers do."""
    address = os.environ.get("RNNVIZ_SCHEDULER", "")
    return address if find_spec("distributed") else ""


def bridge() -> int | None:
    """The slot of the worker that carries runs to the cluster, another one for each address; None without one."""
    address = scheduler()
    return 1000 + zlib.crc32(address.encode()) % 9000 if address else None


def no_cluster() -> str:
    """Why the cluster that was asked for is not used, as one sentence, or ""."""
    if os.environ.get("RNNVIZ_SCHEDULER") and not scheduler():
        return (
            "RNNVIZ_SCHEDULER is set, but the package distributed is not installed: runs are computed on this machine. "
            "Install it (pip install distributed==2026.8.0), or leave the setting out."
        )
    return ""


def grace() -> float:
    """Seconds that an idle worker waits for a server before it ends: ``RNNVIZ_GRACE``."""
    return _number("RNNVIZ_GRACE", 15, 0.5)


def keep_seconds() -> float:
    """How long a run is kept after it has ended: ``RNNVIZ_KEEP_DAYS``, in seconds."""
    return 86400 * _number("RNNVIZ_KEEP_DAYS", 30, 0)


def store_bytes() -> int:
    """The most that the store may hold: ``RNNVIZ_STORE_MB``, in bytes."""
    return int(2**20 * _number("RNNVIZ_STORE_MB", 500, 1))


def runs_each() -> int:
    """Unfinished runs that one owner may have: ``RNNVIZ_RUNS_EACH``."""
    return int(_number("RNNVIZ_RUNS_EACH", 4, 1))


def runs_total() -> int:
    """Runs that may wait in the queue: ``RNNVIZ_RUNS_TOTAL``."""
    return int(_number("RNNVIZ_RUNS_TOTAL", 100, 1))


def _number(name: str, default: int | float, least: int | float) -> float:
    text = os.environ.get(name, "")
    try:
        value = float(text) if text else float(default)
        if value >= least:
            return value
    except ValueError:
        pass
    logging.getLogger(__name__).warning(
        "expected %s to be a number of at least %g, got %r; %g is used", name, least, text, default
    )
    return float(default)

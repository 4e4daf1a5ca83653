"""Turns: few page scripts run at once, the others wait in line.

Streamlit gives each visitor a thread. Thirty that run at once spend much of their time handing Python's lock to each
other; in turns a page costs what it costs alone. ``bench/load.py`` measures what a class gets.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

ABREAST = 2
"""Scripts that run at once: while one computes in torch, which needs no lock, another one draws."""

_free = threading.Semaphore(ABREAST)
_own = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """Run the block when it is this thread's turn; within a turn, at once."""
    if getattr(_own, "running", False):
        yield
        return
    with _free:
        _own.running = True
        try:
            yield
        finally:
            _own.running = False


@contextmanager
def aside() -> Iterator[None]:
    """Let others run while this thread only waits for something; take a turn again afterwards."""
    if not getattr(_own, "running", False):
        yield
        return
    _own.running = False
    _free.release()
    try:
        yield
    finally:
        _free.acquire()
        _own.running = True

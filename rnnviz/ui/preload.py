"""Loading torch behind the first paint.

Importing torch takes about a second and holds the interpreter for most of it. A visitor who comes at once must
see the page first: the import waits until the first page has sent its controls, or until the server has been idle
for a moment, whichever comes first.
"""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
from importlib import import_module

from rnnviz.ui import assets, turns

PAUSE = 2.5
"""Seconds after the start at which a server without visitors begins to load torch."""

FLUSH = 0.6
"""Seconds at most that the import waits for the first visitor's browser to fetch what it draws controls with."""

FIRST = ("numpy", "PIL.Image", "rnnviz.ui.opened")
"""What the first page needs besides torch: what Streamlit reads a page's icon with, and what pages are made of."""

done = threading.Event()
_lock = threading.Lock()


def ensure() -> None:
    """Return once torch is loaded. Costs nothing after the first call; the first one pauses for the paint."""
    if done.is_set():
        return
    with turns.aside():
        assets.controls_served.wait(FLUSH)
        time.sleep(0.05)  # the answer is on its way, the drawing is not
        _load()


async def at_once() -> None:
    """Load the :data:`FIRST` in a thread, while the first visitor's browser still fetches Streamlit's own scripts."""
    await asyncio.to_thread(lambda: [import_module(name) for name in FIRST])


async def after_a_moment() -> None:
    """Load in a thread after a pause, unless a visitor has already caused it."""
    await asyncio.sleep(PAUSE)
    await asyncio.to_thread(_load)


def _load() -> None:
    with _lock:
        if done.is_set():
            return
        # One thread a request: thirty visitors share the cores, and small models gain nothing from two. PyTorch's
        # own call does not reach its matrix library in threads that are begun later, as each run of a page is: a
        # bidirectional LSTM took 41 ms of processor time with both, and 140 ms and more with the call alone.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        import torch

        torch.set_num_threads(1)
        from rnnviz.ui import compute

        compute.warm()
        # Streamlit's own collection after each rerun is off (see .streamlit/config.toml). What is loaded by now
        # stays for good: freezing it keeps later collections short.
        gc.collect()
        gc.freeze()
        done.set()

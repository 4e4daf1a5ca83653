"""How often a page looks at its run: the more who watch, the longer the pause, so that a class costs what a few do."""

from __future__ import annotations

import threading
import time

LADDER: tuple[tuple[int, float], ...] = ((16, 0.8), (48, 1.6), (144, 3.2), (10**9, 6.4))
"""Up to so many watchers, so many seconds between two looks. A look costs some 10 ms of the server's Python."""

BACK = 0.7
"""The share of a rung's watchers below which the looks become more frequent again: people come and go."""

_seen: dict[int, float] = {}
_lock = threading.Lock()


def pause(watchers: int, before: float | None = None) -> float:
    """Seconds until the next look. With ``before``, the pause so far, it is not shortened for a few less."""
    fit = next(seconds for most, seconds in LADDER if watchers <= most)
    if before is None or fit >= before:
        return fit
    return next((seconds for most, seconds in LADDER if watchers <= BACK * most), fit)


def count(who: int, now: float | None = None) -> int:
    """How many have looked lately, ``who`` among them."""
    now = time.monotonic() if now is None else now
    longest = 2 * LADDER[-2][1]
    with _lock:
        _seen[who] = now
        for gone in [one for one, last in _seen.items() if now - last > longest]:
            del _seen[gone]
        return len(_seen)

"""Computations of a second or more: done once, in the background, for whoever asks, with their progress shown.

Two threads do them for all visitors, so that a class of thirty who open one link cause one computation, and who
moves a slider elsewhere is not held up. Work that nobody waits for any more is given up.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import cache, lru_cache
from html import escape
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from rnnviz.ui import turns

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Report = Callable[[float], None]
"""What a computation calls now and then with the share that is done, from 0 to 1; it raises when it is to stop."""

LOOK = 0.1
"""Seconds between two looks at how far a computation is."""


class AbandonedError(Exception):
    """Nobody waits for the computation any more."""


@dataclass(eq=False)
class Job(Generic[Value]):
    """A computation under way: how far it is, and how many wait for it."""

    future: Future[Value] = field(default_factory=Future)
    share: float = 0.0
    waiting: int = 0

    def report(self, share: float) -> None:
        """Note how far it is. Raises :class:`AbandonedError` when nobody waits."""
        if not self.waiting:
            raise AbandonedError
        self.share = min(max(share, 0.0), 1.0)


class Once(Generic[Value]):
    """A shelf of results by key, the last ``kept`` of them, and the computations under way."""

    def __init__(self, kept: int) -> None:
        self.kept = kept
        self._done: OrderedDict[Hashable, Value] = OrderedDict()
        self._jobs: dict[Hashable, Job[Value]] = {}
        self._lock = threading.Lock()

    def known(self, key: Hashable) -> Value | None:
        """The result for ``key``, if it is on the shelf."""
        with self._lock:
            return self._done.get(key)

    def get(self, key: Hashable, work: Callable[[Report], Value], slot: DeltaGenerator, words: str) -> Value:
        """The result for ``key``: at once where it is known, else when ``work(report)`` is through.

        Until then a progress bar headed by ``words`` stands in ``slot``, an ``st.empty()`` that does not
        displace the picture. What ``work`` raises is raised here, and nothing is kept of it.
        """
        with self._lock:
            if key in self._done:
                self._done.move_to_end(key)
                return self._done[key]
            job = self._jobs.get(key)
            if job is None or (not job.waiting and not job.future.done()):
                job = self._jobs[key] = Job()
                job.waiting = 1
                _pool("once").submit(self._run, key, job, work)
            else:
                job.waiting += 1
        try:
            return _awaited(job, slot, words)
        finally:
            # Also when the visitor has moved on: Streamlit then ends the run from within.
            with self._lock:
                job.waiting -= 1

    def _run(self, key: Hashable, job: Job[Value], work: Callable[[Report], Value]) -> None:
        try:
            job.report(0.0)
            value = work(job.report)
        except BaseException as error:  # whatever it is belongs to those who wait
            with self._lock:
                self._forget(key, job)
            job.future.set_exception(error)
            return
        with self._lock:
            self._forget(key, job)
            self._done[key] = value
            while len(self._done) > self.kept:
                self._done.popitem(last=False)
        job.future.set_result(value)

    def _forget(self, key: Hashable, job: Job[Value]) -> None:
        if self._jobs.get(key) is job:
            del self._jobs[key]


class Results(Generic[Key, Value]):
    """Results of ``work(key, report)``: a quick one comes from where it is asked for, a slow one through ``Once``.

    ``quick`` and ``slow`` are how many of each are kept. A quick one has None in place of the report.
    """

    def __init__(self, work: Callable[[Key, Report | None], Value], *, quick: int, slow: int) -> None:
        self._work = work
        self._quick = lru_cache(maxsize=quick)(lambda key: work(key, None))
        self._slow: Once[Value] = Once(slow)

    def get(self, key: Key, slot: DeltaGenerator, words: str | None) -> Value:
        """The result for ``key``, behind a bar in ``slot`` headed by ``words``, or with None at once."""
        if words is None:
            return self._quick(key)
        return self._slow.get(key, lambda report: self._work(key, report), slot, words)


def aside(work: Callable[[], Value]) -> Future[Value]:
    """Begin to compute something for one visitor alone; it is kept nowhere but in the future."""
    return _pool("aside").submit(work)


def await_aside(future: Future[Any], slot: DeltaGenerator, words: str) -> None:
    """Wait until that is through, others having their turns meanwhile; after a moment ``words`` stand in ``slot``.

    ``slot`` is an ``st.empty()``. Where Streamlit ends the run from within, the computation goes on and can be awaited
    again.
    """
    shown = False
    with turns.aside():
        while not wait([future], LOOK).done:
            if not shown:
                slot.html(f"<p class='rv-busy' role='status'>{escape(words)}</p>")
            shown = True
    if shown:
        slot.empty()


def _awaited(job: Job[Value], slot: DeltaGenerator, words: str) -> Value:
    shown = False
    with turns.aside():
        while not wait([job.future], LOOK).done:  # most are quicker than a bar is worth
            slot.progress(job.share, text=words)
            shown = True
    if shown:
        slot.empty()
    return job.future.result()


@cache
def _pool(name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1), thread_name_prefix=name)

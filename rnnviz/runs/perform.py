"""Computing a run, here or a stretch of it elsewhere. Neither knows the store.

:func:`here` drives the work in this process and yields as it goes. :func:`stretch` computes for a bounded time and
gives back plain values that can be sent: a cluster computes a run as a sequence of stretches, each from the checkpoint
of the one before. A :data:`Performer` is either of them, seen from the worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, cast

from rnnviz.runs.work import KINDS, Update, work_of

Rows = tuple[tuple[str, int, dict[str, Any]], ...]


class Halt(BaseException):
    """Raised by ``on_step`` to leave the work at once. No ``Exception``, so that no work takes it for a fault."""


@dataclass(frozen=True, eq=False)
class Report:
    """What a worker hears: rows as (series, number, data), how far the work is, and how to save it.

    ``save()`` gives safetensors by name; good until the next report is asked for. ``whole``: it may rest here.
    """

    rows: Rows
    done: float
    words: str
    whole: bool
    result: dict[str, Any] | None
    save: Callable[[], dict[str, bytes]]


Performer = Callable[
    [str, Mapping[str, Any], bytes | None, Callable[[], None], Mapping[str, str]], Iterator[Report]
]
"""``performer(kind, spec, checkpoint, on_step, kinds)``: reports until the work is through; passes on what
``on_step()`` raises, which it calls many times a second, and cleans up when it is closed."""


def here(
    kind: str,
    spec: Mapping[str, Any],
    checkpoint: bytes | None,
    on_step: Callable[[], None],
    kinds: Mapping[str, str] = KINDS,
) -> Iterator[Report]:
    """The work, in this process."""
    with closing(_start(kind, spec, checkpoint, on_step, kinds)) as updates:
        for update in updates:
            yield Report(
                ((update.series, update.number, update.data),),
                share(update.done),
                update.words,
                update.whole,
                update.result,
                lambda update=update: saved(update),  # type: ignore[misc]
            )


@dataclass(frozen=True)
class Stretch:
    """A part of the work, as plain values. ``tensors``: safetensors by name; ``finished``: nothing is left."""

    rows: Rows
    done: float
    words: str
    whole: bool
    result: dict[str, Any] | None
    tensors: dict[str, bytes]
    finished: bool


def stretch(
    kind: str,
    spec: Mapping[str, Any],
    checkpoint: bytes | None,
    seconds: int | float,
    most: int | float,
    kinds: Mapping[str, str] = KINDS,
    on_step: Callable[[], None] = lambda: None,
) -> Stretch:
    """The work from ``checkpoint`` on for ``seconds`` and to the end of its round, or to its end.

    A round that takes longer than ``most`` seconds is cut at the next update. One update at least.
    """
    begin = time.monotonic()
    rows: list[tuple[str, int, dict[str, Any]]] = []
    last: Update | None = None
    finished = True
    with closing(_start(kind, spec, checkpoint, on_step, kinds)) as updates:
        for update in updates:
            last = update
            rows.append((update.series, update.number, update.data))
            if time.monotonic() - begin >= (seconds if update.whole else most):
                finished = False
                break
        if last is None:
            return Stretch((), 1.0, "", True, None, {}, True)
        return Stretch(
            tuple(rows), share(last.done), last.words, last.whole, last.result, saved(last), finished
        )


def saved(update: Update) -> dict[str, bytes]:
    """All that an update keeps, as safetensors."""
    from safetensors.torch import save

    return {
        name: save({key: tensor.detach().contiguous() for key, tensor in tensors.items()})
        for name, tensors in update.save().items()
    }


def share(done: float) -> float:
    """A share from 0 to 1, whatever came."""
    return float(done) if 0 <= done <= 1 else float(done > 1)


def _start(
    kind: str,
    spec: Mapping[str, Any],
    checkpoint: bytes | None,
    on_step: Callable[[], None],
    kinds: Mapping[str, str],
) -> Any:
    tensors = None
    if checkpoint is not None:
        from safetensors.torch import load

        tensors = load(checkpoint)
    return cast(Any, work_of(kind, kinds)(spec, tensors, on_step))

"""The work on a Dask cluster, piece by piece: what ``RNNVIZ_SCHEDULER=tcp://host:port`` puts in place of this machine.

A piece is about half a second of work, from the checkpoint of the one before. So progress is seen as it is made, what
the owner wants takes effect between pieces, and a cluster worker that dies costs one piece, which is sent again.

The machines of the cluster need Python, torch and rnnviz as the server has them, and run ``dask worker --nthreads 1``;
the scheduler needs no rnnviz. What travels is JSON and safetensors. ``distributed`` is imported here alone, and only
when there is something to connect to.
"""

from __future__ import annotations

import json
import logging
import platform
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module, metadata
from pkgutil import resolve_name
from typing import Any

from rnnviz import __version__
from rnnviz.runs.errors import RunsError
from rnnviz.runs.perform import Report, Stretch, stretch

PIECE, MOST = 0.4, 0.8
"""Seconds after which a piece ends with its round, and after which it ends anyhow."""

POLL = 0.02
"""Seconds between two looks at a piece."""

CONNECT = 3.0
"""Seconds that one attempt to reach the scheduler may take."""

SLOWEST = 15.0
"""The longest pause between two attempts, in seconds."""

LATE = 10.0
"""Seconds without an answer after which a run says that it waits."""

WAITS = "waiting for the cluster"
GO_ON = "runs wait, and go on by themselves as soon as it"
LEAVE_OUT = "set RNNVIZ_SCHEDULER to the tcp://host:port of a scheduler, or leave it out."
KILLED = (
    "The workers of the cluster died on this run again and again, perhaps for want of memory: press Continue to try "
    "again, or choose a smaller network."
)
UNREAD = "The cluster cannot read what the server sends: install the same Python and distributed on both."

log = logging.getLogger(__name__)


class Cluster:
    """A connection to a scheduler that comes back by itself, and the work over it.

    ``threads`` is how many pieces can be computed at once, ``trouble`` one sentence about the cluster, or "".
    :meth:`look` keeps both up and is called by one thread, again and again; :meth:`perform` may be used by many.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.threads = 0
        self.trouble = ""
        self._client: Any = None
        self._pause, self._next = 0.5, 0.0

    def look(self) -> None:
        """Connect, if there is no connection and it is time to try again; count the threads once a second."""
        if time.monotonic() < self._next:
            return
        try:
            if self._client is None or self._client.status not in ("running", "connecting"):
                self.close()
                self._client = _connect(self.address)
            client = self._client
            found = client.sync(client.scheduler.identity, n_workers=0, callback_timeout=CONNECT)
            self.threads, self._pause = int(found["total_threads"]), 0.5
            self.trouble = (
                "" if self.threads else f"The cluster at {self.address} has no workers: {GO_ON} has some."
            )
            self._next = time.monotonic() + 1
        except Exception as error:
            log.warning("no connection to %s: %s: %s", self.address, type(error).__name__, error)
            self.threads, self.trouble = 0, f"The cluster at {self.address} does not answer: {GO_ON} does."
            if not isinstance(error, OSError):  # time that is over is one too
                why = str(error).strip().partition("\n")[0]
                self.trouble = f"The cluster at {self.address} cannot be used ({why}): {LEAVE_OUT}"
            self._next = time.monotonic() + self._pause
            self._pause = min(SLOWEST, 2 * self._pause)

    def close(self) -> None:
        """Let go of the connection; what is still being computed there is thrown away."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):
                client.close(timeout=1)

    def perform(
        self,
        kind: str,
        spec: Mapping[str, Any],
        checkpoint: bytes | None,
        on_step: Callable[[], None],
        kinds: Mapping[str, str],
    ) -> Iterator[Report]:
        """The work as a :data:`~rnnviz.runs.perform.Performer`.

        The first piece is one round, so that a run that goes step by step takes just one. The piece after one that
        ended amid a round is the rest of that round, so that a run never waits long for its rest.
        """
        seconds = 0.0
        last: Stretch | None = None
        while last is None or not last.finished:
            request = json.dumps([made(), kind, spec, seconds, MOST, dict(kinds)])
            for piece in self._compute(kind, request, checkpoint, on_step):
                if piece is not None and piece.rows:
                    yield _report(piece, piece.rows, piece.words)
                elif piece is None and last is not None:
                    yield _report(last, (), WAITS)
                last = piece or last
            assert last is not None
            checkpoint = last.tensors.get("checkpoint", checkpoint)
            seconds = PIECE if last.whole else 0.0

    def _compute(
        self, kind: str, request: str, checkpoint: bytes | None, on_step: Callable[[], None]
    ) -> Iterator[Stretch | None]:
        """The piece; before it, a None now and then while it is long in coming. What is lost is sent again."""
        said = time.monotonic()
        while True:
            sent = self._send(kind, request, checkpoint)
            try:
                while sent is None or sent.status == "pending":
                    on_step()
                    if time.monotonic() - said > (LATE if sent else 1.0):
                        yield None
                        said = time.monotonic()
                    time.sleep(POLL)
                    if sent is None:
                        break
                piece = sent and _fetch(sent)
            finally:
                if sent is not None:
                    sent.release()  # nobody waits for it any more
            if piece is not None:
                yield piece
                return

    def _send(self, kind: str, request: str, checkpoint: bytes | None) -> Any:
        """The piece on its way, as a future, or None while there is no connection."""
        client = self._client
        if client is None or client.status != "running":
            return None
        try:
            return client.submit(
                lambda name, *given: resolve_name(name)(
                    *given
                ),  # travels as it is: the scheduler has no rnnviz
                f"{__name__}:compute",
                request,
                checkpoint,
                key=f"{kind}-{uuid.uuid4().hex}",
                pure=False,
            )
        except Exception as error:
            log.warning("a piece could not be sent: %s: %s", type(error).__name__, error)
            return None


def compute(request: str, checkpoint: bytes | None) -> Stretch:
    """A piece, on a machine of the cluster."""
    sender, kind, spec, seconds, most, kinds = json.loads(request)
    if sender != made():
        raise RunsError(
            f"The workers of the cluster have {made()}, the server has {sender}: install the same on both."
        )
    import torch

    torch.set_num_threads(1)  # as in a worker of the server: the order of a sum depends on it
    return stretch(kind, spec, checkpoint, seconds, most, kinds)


@cache
def made() -> str:
    """What the numbers are made with, on this machine."""
    python = ".".join(platform.python_version_tuple()[:2])
    return f"rnnviz {__version__}, torch {metadata.version('torch').split('+')[0]}, Python {python}"


def _connect(address: str) -> Any:
    distributed = import_module("distributed")
    host, port = import_module("distributed.comm").get_address_host_port(address)
    # A client that was made in vain would be closed, slowly, whenever it is collected.
    socket.create_connection((host, port), CONNECT).close()
    client = distributed.Client(address, timeout=CONNECT, set_as_default=False, name="rnnviz")
    log.info("connected to %s", address)
    return client


def _fetch(sent: Any) -> Stretch | None:
    """What came back, or None where it was lost on the way. Raises what the work raised."""
    failed = sent.status == "error"
    try:
        piece: Stretch = sent.result(timeout=CONNECT)
        return piece
    except Exception as error:
        if not failed:
            log.warning("a piece was lost: %s: %s", type(error).__name__, error)
            return None
        if type(error).__name__ == "KilledWorker":
            raise RunsError(KILLED) from error
        if isinstance(error, ModuleNotFoundError):
            raise RunsError(
                f"The workers of the cluster have no {error.name}: install there what the server has."
            ) from error
        if "deserialization" in str(error):
            raise RunsError(UNREAD) from error
        raise


def _report(piece: Stretch, rows: Any, words: str) -> Report:
    return Report(rows, piece.done, words, piece.whole, piece.result, lambda: piece.tensors)

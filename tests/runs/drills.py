"""Kinds of work to try the engine with: counting, and everything that can go wrong."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rnnviz.runs.work import Update

if TYPE_CHECKING:
    import torch

KINDS = {name: f"drills:{name}" for name in ("count", "fail", "die", "hang", "swallow", "grow")}
"""With the folder of this file on the path."""


def _update(number: int, total: int, size: int = 4, **more: Any) -> Update:
    """The update of a count: a state of ``size`` numbers, all of them ``number``."""

    def save() -> dict[str, dict[str, "torch.Tensor"]]:
        import torch

        return {
            "checkpoint": {"number": torch.tensor(number)},
            "last": {"number": torch.full((size,), float(number))},
        }

    return Update(
        series="count",
        number=number,
        data={"number": number, "square": number**2},
        done=number / total,
        words=f"{number} of {total}",
        whole=more.pop("whole", True),
        save=save,
        **more,
    )


def count(
    spec: Mapping[str, Any], checkpoint: "Mapping[str, torch.Tensor] | None", on_step: Callable[[], None]
) -> Iterator[Update]:
    """Count from 0 to ``total``, ``seconds`` each; every ``round``-th number is whole."""
    total, every = spec["total"], spec.get("round", 1)
    begin = int(checkpoint["number"]) + 1 if checkpoint is not None else 0
    for number in range(begin, total + 1):
        end = time.monotonic() + spec.get("seconds", 0.0)
        on_step()
        while time.monotonic() < end:
            time.sleep(0.005)
            on_step()
        yield _update(
            number,
            total,
            spec.get("size", 4),
            whole=number % every == 0,
            result={"total": total} if number == total else None,
        )


def fail(
    spec: Mapping[str, Any], checkpoint: "Mapping[str, torch.Tensor] | None", on_step: Callable[[], None]
) -> Iterator[Update]:
    """Count to ``at``, then raise ``error`` by its name."""
    yield from count({**spec, "total": spec["at"]}, checkpoint, on_step)
    raise {"ValueError": ValueError, "MemoryError": MemoryError}[spec.get("error", "ValueError")](
        "expected better, got this\nand a second line"
    )


def die(
    spec: Mapping[str, Any], checkpoint: "Mapping[str, torch.Tensor] | None", on_step: Callable[[], None]
) -> Iterator[Update]:
    """Count to ``at``, then end the process as the kernel does when memory runs out."""
    yield from count({**spec, "total": spec["at"]}, checkpoint, on_step)
    os.kill(os.getpid(), signal.SIGKILL)


def hang(
    spec: Mapping[str, Any], checkpoint: "Mapping[str, torch.Tensor] | None", on_step: Callable[[], None]
) -> Iterator[Update]:
    """Count to ``at``, then neither go on nor listen."""
    yield from count({**spec, "total": spec["at"]}, checkpoint, on_step)
    time.sleep(600)


def swallow(
    spec: Mapping[str, Any], checkpoint: "Mapping[str, torch.Tensor] | None", on_step: Callable[[], None]
) -> Iterator[Update]:
    """Count, and take every exception of ``on_step`` that it can for its own."""

    def deaf() -> None:
        try:
            on_step()
        except Exception:
            time.sleep(0.001)

    yield from count(spec, checkpoint, deaf)


def grow(
    spec: Mapping[str, Any], checkpoint: "Mapping[str, torch.Tensor] | None", on_step: Callable[[], None]
) -> Iterator[Update]:
    """Count, with rows of ``row`` characters."""
    for update in count(spec, checkpoint, on_step):
        update.data["padding"] = "x" * spec["row"]
        yield update

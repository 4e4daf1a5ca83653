"""The work: what a worker runs, here or on a cluster. The same function everywhere, nothing else knows the difference.

A kind of work is a function ``work(spec, checkpoint, on_step)`` that yields an :class:`Update` now and then, at least
every half a second at ordinary sizes. It calls ``on_step()`` more often than that; what that raises must pass through.
With the ``checkpoint`` of an earlier update it goes on from there, to the same numbers as without the interruption.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

KINDS: dict[str, str] = {
    "training": "rnnviz.training.work:work",
    "forecast": "rnnviz.forecast.work:work",
    "attention": "rnnviz.attention.work:work",
    "architecture": "rnnviz.architectures.work:work",
}
"""Every kind of work, as ``module:function``: named, not imported, so that the engine knows nothing of what it runs."""


@dataclass(frozen=True, eq=False)
class Update:
    """What has been done since the last one.

    ``series``, ``number`` and ``data`` become a :class:`~rnnviz.runs.model.Row`. ``done`` and ``words`` tell how far
    the whole work is. ``whole`` says that a round is complete, so that a run that goes step by step may rest here.
    ``save()`` gives all that is to be kept, by name: ``"checkpoint"``, from which the work can go on, and whatever the
    pages open later (``"best:lstm"``). It is called now and then, at rests and at the end, before the next update.
    ``result`` is set in the last update at most.
    """

    series: str
    number: int
    data: dict[str, Any]
    done: float
    words: str
    whole: bool
    save: Callable[[], dict[str, dict[str, Tensor]]]
    result: dict[str, Any] | None = None


Work = Callable[
    [Mapping[str, Any], "Mapping[str, Tensor] | None", Callable[[], None]],
    Iterator[Update],
]


def work_of(kind: str, kinds: Mapping[str, str] = KINDS) -> Work:
    """The function of a kind. Raises ``ValueError`` for one that is not known."""
    if kind not in kinds:
        raise ValueError(
            f"expected a kind of work out of {', '.join(kinds)}, got {kind!r}; choose one of them"
        )
    module, _, name = kinds[kind].partition(":")
    work: Work = getattr(import_module(module), name)
    return work

"""What the second section shows of a run: its networks as they were saved, and what they make of a source.

Everything is computed from the weights that the run has saved, and kept for whoever asks next, by these very weights:
nothing of one run is ever found under another, and what has not changed is the same picture.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rnnviz.attention.config import PairConfig
from rnnviz.attention.epoch import PairEpoch, kept
from rnnviz.ui import engine, preload
from rnnviz.ui.attention.shown import PairShown
from rnnviz.ui.shelf import Shelf

if TYPE_CHECKING:
    from rnnviz.attention.observed import PairSeen
    from rnnviz.figures.drawing import Spec
    from rnnviz.tasks.pairs import PairTask


@dataclass(frozen=True)
class Network:
    """The weights of one context as they were saved; ``mark`` names them, equal for equal ones.

    ``trained``: they are those with the lowest validation loss so far, and not those before training.
    """

    config: PairConfig
    context: str
    mark: str
    trained: bool
    tensors: Mapping[str, Any] = field(repr=False, compare=False, hash=False)


# A network of 128 units holds 1 MB, what it made of a source some 50 KB.
_networks: Shelf[Network] = Shelf(24)
_seen: Shelf[PairSeen] = Shelf(128)
specs: Shelf[Spec] = Shelf(64)
"""Pictures, by what they are made from."""


def network(shown: PairShown, context: str) -> Network:
    """The network of a context: the best one that is saved, else as it was before training."""
    run = shown.run
    return _networks.get((run.id, run.version, context), lambda: _network(shown, context))


def seen(one: Network, source: str | int) -> PairSeen:
    """What it makes of a test source, by number, or of a text of one's own, which the task must be able to read."""

    def look() -> PairSeen:
        from rnnviz.attention.observed import look_pair

        return look_pair(one.config, one.context, one.tensors, source)

    return _seen.get((one, source), look)


def task(config: PairConfig) -> PairTask:
    """The task of a training."""
    preload.ensure()
    return _task(config)


def best(epochs: Sequence[PairEpoch]) -> PairEpoch | None:
    """The epoch whose weights are kept: the first with the lowest validation loss. None before the first look.

    Where no loss was a number it is the first epoch of all.
    """
    return kept(epochs) or (epochs[0] if epochs else None)


def guessing(config: PairConfig) -> tuple[tuple[int, float], ...]:
    """By length of the source the share of answers that guessing each symbol gets right, told where the answer ends."""
    found = task(config)
    symbols = len(found.alphabet_out) - 1  # all but the stop sign
    return tuple((length, float(symbols) ** -(len(found.test(length).target) - 1)) for length in found.tested)


def met(config: PairConfig) -> float:
    """About what share of the test sources, as long as those in training, comes up in training too."""
    from rnnviz.attention.fitting import BATCH

    return task(config).met(BATCH * config.updates)


def _network(shown: PairShown, context: str) -> Network:
    preload.ensure()
    runs = engine.runs()
    before = runs.weights(shown.run.id, f"before:{context}") or _untrained(shown.config, context)
    tensors = runs.weights(shown.run.id, f"after:{context}") or before
    mark = _mark(tensors)
    return Network(shown.config, context, mark, mark != _mark(before), tensors)


def _mark(tensors: Mapping[str, Any]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(tensors):
        digest.update(tensors[name].detach().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _untrained(config: PairConfig, context: str) -> Mapping[str, Any]:
    from rnnviz.attention.seq2seq import build_pair

    return build_pair(config, context, _task(config)).state_dict()


@lru_cache(maxsize=8)
def _task(config: PairConfig) -> PairTask:
    from rnnviz.tasks import pairs

    return pairs.task_of(config)

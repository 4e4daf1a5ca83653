"""What a trained network with attention did on one sequence: all that the pages draw of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from rnnviz.attention.config import PairConfig, PoolConfig
from rnnviz.attention.measures import entropy, shown
from rnnviz.attention.pooling import pooled_of
from rnnviz.attention.seq2seq import pair_of
from rnnviz.tasks import pairs, pooled
from rnnviz.tasks.base import check_example
from rnnviz.tasks.pairs import PairTask
from rnnviz.tasks.pooled import PoolTask

SPARE = 3
"""Steps that an answer may be too long, until it is cut."""

AT_HAND = 8
"""Tasks that are kept for the next look."""


@dataclass(frozen=True, eq=False)
class PoolSeen:
    """What a pooling network did on one test sequence.

    ``x`` (T, D) is what was read, its inputs named by ``channels``; ``labels`` is what stands at each step, as one
    sign, and ``levels`` (T,) from 0 to 1 the mark or value there, called ``level``, or None. ``h`` are the states that
    are looked over, ``scores`` what each of them got, ``weights`` the softmax of that over time, ``entropy`` theirs in
    nats (that of equal weights is ln T), ``context`` the weighted sum of the states. The answer stands at the step
    ``at``, from 0. ``truth`` and ``said`` are answers, ``right`` says whether they are the same; ``probabilities`` are
    those of the ``outputs``.
    """

    config: PoolConfig
    example: int
    channels: tuple[str, ...]
    labels: tuple[str, ...]
    levels: Float[Tensor, " T"] | None
    level: str
    x: Float[Tensor, "T D"]
    h: Float[Tensor, "T H"]
    scores: Float[Tensor, " T"]
    weights: Float[Tensor, " T"]
    entropy: float
    context: Float[Tensor, " H"]
    at: int
    truth: str
    said: str
    right: bool
    outputs: tuple[str, ...]
    probabilities: Float[Tensor, " O"]


@dataclass(frozen=True, eq=False)
class PairSeen:
    """What an encoder and decoder made of one source, its own words fed back to it.

    ``source`` are the S symbols that were read, ``said`` the M that were said, ``truth`` the N that should have been;
    both end with the stop sign, ``said`` only where it came in time. ``right`` says for each of the M whether it is the
    one of the truth at its place, ``exact`` whether all is right from end to end. ``probabilities`` (M, V) are those
    of the symbols ``alphabet`` at each step, in its order, the stop sign last. ``at``: the source place (from 0) of
    each symbol of the truth, None at the stop sign and where nothing stands for it.

    ``weights`` (M, S) of attention at each step and their ``entropy`` (M,) in nats are None without attention.
    ``encoded`` (S, K) is what the encoder left of each symbol, ``states`` (M, H) the decoder's, ``contexts`` (M, K)
    what it was told of the source at each step. ``example`` is the number of the test source, or None for a source of
    one's own. ``trained`` are the lengths of source that were trained on, from shortest to longest.
    """

    config: PairConfig
    context: str
    example: int | None
    source: tuple[str, ...]
    said: tuple[str, ...]
    truth: tuple[str, ...]
    right: tuple[bool, ...]
    exact: bool
    at: tuple[int | None, ...]
    alphabet: tuple[str, ...]
    probabilities: Float[Tensor, "M V"]
    weights: Float[Tensor, "M S"] | None
    entropy: Float[Tensor, " M"] | None
    encoded: Float[Tensor, "S K"]
    states: Float[Tensor, "M H"]
    contexts: Float[Tensor, "M K"]
    trained: tuple[int, int]


@torch.inference_mode(False)
@torch.no_grad()
def look_pooled(config: PoolConfig, tensors: Mapping[str, Tensor], example: int = 0) -> PoolSeen:
    """Watch the pooling network with these weights on a test sequence.

    ``ValueError`` for weights that do not fit, or an example outside 0 to 31.
    """
    check_example(example)
    task = _pool_task(config)
    model = pooled_of(config, tensors, task)
    x = task.test.x[:, example : example + 1]
    found = model(x)
    h, weights = found.h[:, 0], found.weights[0]
    said = int(found.output[0].argmax())
    truth = int(task.test.y[example])
    return PoolSeen(
        config=config,
        example=example,
        channels=task.channels,
        labels=task.labels(example),
        levels=task.levels(example),
        level=task.level,
        x=x[:, 0],
        h=h,
        scores=model.pool.score(h)[:, 0],
        weights=weights,
        entropy=entropy(weights).item(),
        context=weights @ h,
        at=int(task.test.at[example]),
        truth=task.outputs[truth],
        said=task.outputs[said],
        right=said == truth,
        outputs=task.outputs,
        probabilities=found.output[0].softmax(0),
    )


@torch.inference_mode(False)
@torch.no_grad()
def look_pair(
    config: PairConfig, context: str, tensors: Mapping[str, Tensor], source: str | int = 0
) -> PairSeen:
    """Watch the encoder and decoder with these weights on a text of one's own, or on a test source by its number.

    Test sources are as long as the longest in training; dates are as long as they are. ``ValueError`` for weights that
    do not fit, an example outside 0 to 31, a text that the task does not know, or a context that is none of the run's.
    """
    task = _pair_task(config)
    model = pair_of(config, context, tensors, task)
    if isinstance(source, int):
        check_example(source)
        lengths = shown(task)
        test = task.test(lengths[source % len(lengths)])
        text = task.source_text(test.source[:, source // len(lengths)])
    else:
        text = source
    read = task.read(text)
    truth = (*task.answer(text), task.alphabet_out[-1])
    found = model.say(read, len(truth) + SPARE)
    said = tuple(task.alphabet_out[index] for index in found.tokens[:, 0].tolist())
    M = said.index(truth[-1]) + 1 if truth[-1] in said else len(said)
    weights = None if found.weights is None else found.weights[0, :M]
    right = tuple(k < len(truth) and said[k] == truth[k] for k in range(M))
    return PairSeen(
        config=config,
        context=context,
        example=source if isinstance(source, int) else None,
        source=tuple(task.alphabet_in[index] for index in read[:, 0].tolist()),
        said=said[:M],
        truth=truth,
        right=right,
        exact=said[:M] == truth,
        at=tuple(place if place >= 0 else None for place in task.places(text)),
        alphabet=task.alphabet_out,
        probabilities=found.logits[:M, 0].softmax(-1),
        weights=weights,
        entropy=None if weights is None else entropy(weights),
        encoded=found.encoded[:, 0],
        states=found.states[:M, 0],
        contexts=found.context[:M, 0],
        trained=(task.lengths[0], task.lengths[-1]),
    )


@lru_cache(maxsize=AT_HAND)
def _pool_task(config: PoolConfig) -> PoolTask:
    task = pooled.task_of(config)
    task.test  # noqa: B018  # outside inference mode, whoever asks next
    return task


@lru_cache(maxsize=AT_HAND)
def _pair_task(config: PairConfig) -> PairTask:
    task = pairs.task_of(config)
    for length in shown(task):
        task.test(length)
    return task

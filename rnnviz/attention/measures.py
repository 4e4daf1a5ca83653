"""What is measured of a network with attention after an epoch: on test sequences, but for the loss that judges it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import cross_entropy

from rnnviz.attention.pooling import PooledModel
from rnnviz.attention.seq2seq import Decoded, Seq2seq
from rnnviz.tasks.pairs import PairBatch, PairTask
from rnnviz.tasks.pooled import PoolTask


@dataclass(frozen=True)
class PoolMeasures:
    """A part of a :class:`~rnnviz.attention.epoch.PoolEpoch`, with its names."""

    test_loss: float
    accuracy: float
    entropy: float
    on_answer: float
    hit: float
    weights: list[float]
    validation_loss: float


@dataclass(frozen=True)
class PairMeasures:
    """A part of a :class:`~rnnviz.attention.epoch.PairEpoch`, with its names."""

    test_loss: float
    symbols: float
    exact: float
    by_length: list[tuple[int, float]]
    entropy: float | None
    aligned: float | None
    shifted: tuple[int, float] | None
    validation_loss: float


@torch.inference_mode(False)
@torch.no_grad()
def measure_pool(model: PooledModel, task: PoolTask) -> PoolMeasures:
    """Look at a pooling network without touching it."""
    test, validation = task.test, task.validation
    found = model(test.x)
    at = test.at.unsqueeze(1)  # (B, 1)
    return PoolMeasures(
        test_loss=task.loss(found.output, test).item(),
        accuracy=task.accuracy(found.output, test),
        entropy=entropy(found.weights).mean().item(),
        on_answer=found.weights.gather(1, at).mean().item(),
        hit=(found.weights.argmax(1, keepdim=True) == at).float().mean().item(),
        weights=[float(f"{value:.7g}") for value in found.weights[0].tolist()],
        validation_loss=task.loss(model(validation.x).output, validation).item(),
    )


@torch.inference_mode(False)
@torch.no_grad()
def measure_pair(model: Seq2seq, task: PairTask, ask: Callable[[], None] | None = None) -> PairMeasures:
    """Look at an encoder and decoder without touching it; ``ask`` is called before each length.

    Loss, ``symbols`` and ``exact`` are means over the lengths in training, all alike; the weights are those on
    :func:`shown` lengths.
    """
    losses, judged, symbols, by_length = [], [], [], []
    looks: list[tuple[Decoded, PairBatch]] = []
    for length in task.tested:
        if ask is not None:
            ask()
        test = task.test(length)
        said = model.say(test.source, len(test.target))
        right = said.tokens == test.target
        by_length.append((length, right.all(0).float().mean().item()))
        if length in task.lengths:
            losses.append(_taught(model, test))
            judged.append(_taught(model, task.validation(length)))
            symbols.append(right.float().mean().item())
        if length in shown(task):
            looks.append((said, test))
    spread, aligned, shifted = _looked(looks)
    return PairMeasures(
        test_loss=fmean(losses),
        symbols=fmean(symbols),
        exact=fmean(share for length, share in by_length if length in task.lengths),
        by_length=by_length,
        entropy=spread,
        aligned=aligned,
        shifted=shifted,
        validation_loss=fmean(judged),
    )


def shown(task: PairTask) -> tuple[int, ...]:
    """The lengths of the test sources that are looked at one by one: the longest in training.

    All of them where sources come as long as they are, such as dates.
    """
    return task.lengths if task.tested == task.lengths else task.lengths[-1:]


def entropy(weights: Float[Tensor, "*B S"]) -> Float[Tensor, "*B"]:
    """-sum alpha ln alpha, in nats: 0 where all weight stands on one place, ln S where it is spread evenly."""
    found: Tensor = torch.special.entr(weights).sum(-1)
    return found


def _taught(model: Seq2seq, batch: PairBatch) -> float:
    """The mean cross-entropy with the truth fed, in nats."""
    logits = model.teach(batch.source, batch.target).logits
    return cross_entropy(logits.flatten(0, 1), batch.target.flatten()).item()


def _looked(
    looks: Sequence[tuple[Decoded, PairBatch]],
) -> tuple[float | None, float | None, tuple[int, float] | None]:
    """Entropy, aligned and shifted, over the steps of these answers up to their own stop sign.

    The last two where there is a place. What a decoder does beyond its stop sign nobody reads.
    """
    spread, off = [], []
    for said, test in looks:
        if said.weights is None:
            return None, None, None
        stop = said.logits.shape[-1] - 1
        read = (said.tokens == stop).cumsum(0) <= 1  # (M, B), up to the first stop sign and with it
        spread.append(entropy(said.weights).T[read])
        known = read & (test.at >= 0)
        off.append((said.weights.argmax(-1).T - test.at)[known])
    places = torch.cat(off)
    shares = {k: (places == k).float().mean().item() for k in (-1, 0, 1)}
    side = max((-1, 1), key=lambda k: shares[k])
    return torch.cat(spread).mean().item(), shares[0], (side, shares[side])

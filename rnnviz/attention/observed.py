"""What a trained network with attention did on one sequence: all that the pages draw of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from rnnviz.attention.config import PairConfig, PoolConfig


@dataclass(frozen=True, eq=False)
class PoolSeen:
    """What a pooling network did on one test sequence.

    ``x`` (T, D) is what was read, its inputs named by ``channels``; ``labels`` is what stands at each step, as one
    sign, and ``levels`` (T,) from 0 to 1 the mark or value there, called ``level``, or None. ``h`` are the states that are looked over, ``scores`` what each of them got, ``weights`` the softmax of
    that over time, ``entropy`` theirs in nats (that of equal weights is ln T), ``context`` the weighted sum of the
    states. The answer stands at the step ``at``, from 0. ``truth`` and ``said`` are answers in words, ``right`` says
    whether they are the same; ``probabilities`` are those of the ``outputs``.
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


def look_pooled(config: PoolConfig, tensors: Mapping[str, Tensor], example: int = 0) -> PoolSeen:
    """Watch the pooling network with these weights on a test sequence.

    ``ValueError`` for weights that do not fit, or an example outside 0 to 31.
    """
    raise NotImplementedError


def look_pair(
    config: PairConfig, context: str, tensors: Mapping[str, Tensor], source: str | int = 0
) -> PairSeen:
    """Watch the encoder and decoder with these weights on a text of one's own, or on a test source by its number.

    Test sources have the length of the longest in training. ``ValueError`` for weights that do not fit, an example
    outside 0 to 31, a text that the task does not know, or a context that is none of the run's.
    """
    raise NotImplementedError

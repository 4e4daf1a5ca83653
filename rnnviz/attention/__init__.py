"""Attention: scores -> weights -> context, over one sequence and between two.

>>> from rnnviz.attention import PoolingAttention
>>> PoolingAttention(16)(h).weights  # (B, T), each row sums to 1

Importing the package is free: torch is loaded with the first name that needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.attention.config import PairConfig, PoolConfig
from rnnviz.lazy import lazy

if TYPE_CHECKING:
    from rnnviz.attention.pooling import Pooled, PooledModel, PoolingAttention, build_pooled, pooled_of
    from rnnviz.attention.positions import sinusoids
    from rnnviz.attention.scores import SCORES, Attended, attend
    from rnnviz.attention.seq2seq import Decoded, Seq2seq, build_pair, pair_of

_HOME = {
    "Attended": "scores",
    "Decoded": "seq2seq",
    "Pooled": "pooling",
    "PooledModel": "pooling",
    "PoolingAttention": "pooling",
    "SCORES": "scores",
    "Seq2seq": "seq2seq",
    "attend": "scores",
    "build_pair": "seq2seq",
    "build_pooled": "pooling",
    "pair_of": "seq2seq",
    "pooled_of": "pooling",
    "sinusoids": "positions",
}

__all__ = [
    "SCORES",
    "Attended",
    "Decoded",
    "PairConfig",
    "PoolConfig",
    "Pooled",
    "PooledModel",
    "PoolingAttention",
    "Seq2seq",
    "attend",
    "build_pair",
    "build_pooled",
    "pair_of",
    "pooled_of",
    "sinusoids",
]

__getattr__, __dir__ = lazy(__name__, _HOME, __all__)

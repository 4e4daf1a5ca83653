"""Attention: scores -> weights -> context, over one sequence and between two.

>>> from rnnviz.attention import PoolingAttention
>>> PoolingAttention(16)(h).weights  # (B, T), each row sums to 1

Importing the package is free: torch is loaded with the first name that needs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rnnviz.attention.config import PairConfig, PoolConfig

if TYPE_CHECKING:
    from rnnviz.attention.pooling import PoolingAttention
    from rnnviz.attention.scores import Attended, attend

_HOME = {
    "Attended": "scores",
    "PoolingAttention": "pooling",
    "attend": "scores",
}

__all__ = ["Attended", "PairConfig", "PoolConfig", "PoolingAttention", "attend"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""How many steps there are besides N, and how a long sequence is cut. Imports nothing heavy."""

from __future__ import annotations

import math

from rnnviz.architectures.config import Shape

CONTEXTS: tuple[tuple[str, str], ...] = (
    ("last", "c = h_N"),
    ("learned", "c = g(h_N)"),
    ("all", "c = g(h_1 … h_N)"),
)
"""The fixed contexts that are set side by side, each with what stands for it."""


def shorts(N: int) -> tuple[int, ...]:
    """The lengths of the short sequences in one of N steps: about sqrt(N) of them, the longer ones first.

    They are those of ``torch.tensor_split``: lengths differ by 1 at most.
    """
    S = round(math.sqrt(N))
    return tuple(N // S + (k < N % S) for k in range(S))


def said(shape: Shape) -> int:
    """How many steps are answered: the M of N to M, else N, 1, or a step for each short sequence."""
    match shape.kind:
        case "n_to_1" | "attention" | "layernorm":
            return 1
        case "n_to_m":
            return shape.length // 2
        case "contexts":
            return -(-shape.length // 3)
        case "hierarchical":
            return len(shorts(shape.length))
    return shape.length


def answered(shape: Shape) -> tuple[int, ...]:
    """The steps at which something is said, from 1; those of a decoder are counted on after the input's N."""
    N, M = shape.length, said(shape)
    match shape.kind:
        case "n_to_1" | "attention" | "layernorm":
            return (N,)
        case "n_to_m" | "contexts":
            return tuple(range(N + 1, N + M + 1))
        case "hierarchical":
            lengths = shorts(N)
            return tuple(sum(lengths[: k + 1]) for k in range(M))
    return tuple(range(1, N + 1))

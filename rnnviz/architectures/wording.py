"""What each architecture is for, what to look for, its equation, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """``use``: one sentence that says what it is for. ``look``: one that says what to look for in its pictures.

    ``equation`` is LaTeX without dollar signs, in PyTorch's letters; ``source`` who it is from, with an address.
    """

    use: str
    look: str
    equation: str
    source: str


def words(kind: str) -> Words:
    """Those of an architecture. ``ValueError`` for an unknown one."""
    if kind not in _WORDS:
        raise ValueError(
            f"expected an architecture out of {', '.join(_WORDS)}, got {kind!r}; choose one of them"
        )
    return _WORDS[kind]


_WORDS: dict[str, Words] = {}

"""What was read and what was said, in a line over the pictures. Whatever a user typed is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.attention.observed import PairSeen


CROWDED = 36
"""Letters of source, answer and truth from which they are written smaller."""


def answer(seen: PairSeen, trained: bool) -> str:
    """The source, what became of it, and whether that is right."""
    own = "Your source" if seen.example is None else f"Test source {seen.example}"
    before = "" if trained else " <span>before training</span>"
    stop = seen.alphabet[-1]
    said = "".join(
        _sign(symbol, right)
        for symbol, right in zip(seen.said, seen.right, strict=True)
        if symbol != stop or not right
    )
    if seen.exact:
        verdict = "<b class='rv-right'>✓ right</b>"
    else:
        truth = escape("".join(seen.truth[:-1]))
        verdict = f"<b class='rv-wrong'>✗</b> should be <code>{truth}</code>"
    source = escape("".join(seen.source))
    letters = len(seen.source) + len(seen.said) + (0 if seen.exact else len(seen.truth))
    crowded = " rv-crowded" if letters >= CROWDED else ""
    return (
        f"<p class='rv-answer{crowded}'><span>{own}</span> <code>{source}</code> <span>→</span> "
        f"<code>{said or '∅'}</code> {verdict}{before}</p>"
    )


def refused(words: str) -> str:
    """Why a source of one's own cannot be read."""
    return f"<p class='rv-answer rv-refused' role='alert'>{escape(words[:1].upper() + words[1:])}.</p>"


def _sign(symbol: str, right: bool) -> str:
    shown = escape(symbol)
    return shown if right else f"<em>{shown}</em>"

"""The gallery: a card for each architecture, with its diagram in small."""

from __future__ import annotations

from functools import cache

from rnnviz.architectures.config import ARCHITECTURES
from rnnviz.architectures.wording import words
from rnnviz.ui.architectures import pictures
from rnnviz.ui.cards import Card, cards
from rnnviz.ui.session import Session

SHORT = {
    "one_to_n": "1 to N, once",
    "one_to_n_each": "1 to N, each",
    "attention": "Attention",
}
"""Names that fit on a card."""


def draw(session: Session) -> str:
    """The cards; the architecture that is chosen."""
    return cards(
        "Architecture", _offered(), key="architecture", value=session.shape.kind, version=session.version
    )


@cache
def _offered() -> tuple[Card, ...]:
    return tuple(
        Card(kind, SHORT.get(kind, label), words(kind).use, pictures.miniature(kind))
        for kind, label in ARCHITECTURES
    )

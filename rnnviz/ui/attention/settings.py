"""The settings of both parts as widgets."""

from __future__ import annotations

from typing import ClassVar

import streamlit as st

from rnnviz.attention.config import PAIR_FIELD, POOL_FIELD, PairConfig, PoolConfig
from rnnviz.ui.attention import choice
from rnnviz.ui.session import Session
from rnnviz.ui.settings import Settings

LADDERS: dict[str, tuple[int | float | None, ...]] = {
    "rate": (*(float(f"{digit}e{power}") for power in range(-5, -1) for digit in (1, 2, 5)), 0.1)
}
"""What is offered for the learning rate; another one may be typed."""

_SHORT = {"length": "Length", "updates": "Steps", "rate": "Rate"}
"""Labels that fit into half the side bar."""


class PoolControls(Settings[PoolConfig]):
    """Draws widgets for pooling attention and collects what they say. Keys begin with ``p_``."""

    where, prefix, fields, words, ladders = "pool", "p_", POOL_FIELD, _SHORT, LADDERS


class PairControls(Settings[PairConfig]):
    """Draws widgets for encoder and decoder and collects what they say. Keys begin with ``q_``."""

    where, prefix, fields, ladders = "pair", "q_", PAIR_FIELD, LADDERS
    words: ClassVar[dict[str, str]] = {**_SHORT, "length": "Longest"}

    def contexts(self) -> None:
        """What the decoders are told. The last one cannot be taken away."""
        self.several(
            "contexts",
            label_of=short,
            many="At most {most} contexts at once: the first {most} take part.",
            none="One context at least: {first} stays.",
        )


def short(context: str) -> str:
    """The name of a context without the word attention."""
    return PAIR_FIELD["contexts"].label_of(context).removeprefix("Attention, ")


def draw_pool(session: Session) -> None:
    """What is chosen for one sequence."""
    drawn = PoolControls(session)
    _task(drawn, "pooling")
    drawn.choose("cell")
    _numbers(drawn)
    drawn.keep()
    _reset(session, "pool", PoolConfig)


def draw_pair(session: Session) -> None:
    """What is chosen from sequence to sequence."""
    drawn = PairControls(session)
    _task(drawn, "pairs")
    drawn.contexts()
    drawn.choose("encoder")
    idle = drawn.chosen.encoder == "positions"
    drawn.flag("both", disabled="Positions alone have no direction." if idle else "")
    _numbers(drawn)
    drawn.keep()
    _reset(session, "pair", PairConfig)


DRAW = {"pooling": draw_pool, "pairs": draw_pair}
"""The settings of each part."""


def draw(session: Session, part: str) -> None:
    """All settings of a part, and the way back to how they were."""
    with st.container(key="attention_settings"):
        DRAW[part](session)


def _task(drawn: PoolControls | PairControls, part: str) -> None:
    """The task. As long as all else is as its example has it, the settings of another one are those of its example."""
    examples, known = choice.PARTS[part].examples, drawn.known
    drawn.choose("task")
    task = drawn.chosen.task
    if task != known.task and known == examples(known.task):
        _put(drawn.session, drawn.where, examples(task))


def _numbers(drawn: PoolControls | PairControls) -> None:
    for pair in (("length", "hidden"), ("updates", "rate")):
        for place, name in zip(st.columns(2, gap="small"), pair, strict=True):
            with place:
                if name in LADDERS:
                    drawn.ladder(name)
                else:
                    idle = name == "length" and drawn.chosen.task == "dates"
                    drawn.number(name, disabled="It does nothing here." if idle else "")
    drawn.number("seed")


def _reset(session: Session, where: str, kind: type[PoolConfig] | type[PairConfig]) -> None:
    st.button(
        "Reset settings",
        key=f"{where}_reset",
        icon=":material/settings_backup_restore:",
        type="tertiary",
        disabled=getattr(session, where) == kind(),
        on_click=_put,
        args=(session, where, kind()),
    )


def _put(session: Session, where: str, config: PoolConfig | PairConfig) -> None:
    setattr(session, where, config)
    session.version += 1

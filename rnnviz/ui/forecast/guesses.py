"""What the reader guessed, each with a control to overrule it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.typed import quoted
from rnnviz.ui.controls import plain
from rnnviz.ui.forecast import source
from rnnviz.ui.forecast.source import Own

if TYPE_CHECKING:
    from rnnviz.forecast.table import Guess
    from rnnviz.ui.session import Session


def draw(session: Session, own: Own) -> None:
    """How the file was read, each guess with a way to overrule it."""
    offered = sorted(
        (
            guess
            for guess in own.table.guesses.values()
            if own.content and guess.name != "target" and _open(guess)
        ),
        key=lambda guess: bool(guess.sure),  # what is to be checked comes first
    )
    refused = source.sources().refused
    if refused:
        st.html(f"<p class='rv-trouble' role='alert'>{escape(refused)} It stays as it was read before.</p>")
    if not offered:
        return
    st.html("<h2 class='rv-h2'>How it was read</h2>")
    with st.container(key="forecast_guesses"):
        for pair in zip(offered[::2], [*offered[1::2], None], strict=False):
            for place, guess in zip(st.columns(2, gap="small"), pair, strict=True):
                if guess is not None:
                    with place:
                        _guess(session, own, guess)
    if any(name != "target" for name in own.overrides):
        st.button(
            "Read it as found",
            key="forecast_as_found",
            icon=":material/settings_backup_restore:",
            type="tertiary",
            on_click=source.wish,
            args=(False, own.content, own.name),
        )


def _open(guess: Guess) -> bool:
    """Whether there is anything to choose."""
    return len({guess.value, *dict(guess.choices)}) > 1


def _guess(session: Session, own: Own, guess: Guess) -> None:
    labels = dict(guess.choices)
    values = list(labels) if guess.value in labels else [guess.value, *labels]
    key = f"guess_{guess.name}_{source.sources().uploads}"  # of another file it is another question
    session.sync(key, guess.value)
    if st.session_state[key] not in values:
        st.session_state[key] = guess.value

    def chosen() -> None:
        value = st.session_state[key]
        if value in values:
            given = int(value) if guess.name == "header" else value
            source.wish(False, own.content, own.name, **own.overrides | {guess.name: given})

    st.selectbox(
        plain(guess.label) + ("" if guess.sure else " :orange[(please check)]"),
        values,
        format_func=lambda value: quoted(str(labels.get(value, value)), marks=False),
        key=key,
        help=None if guess.sure else "The file allows more than one reading.",
        on_change=chosen,
    )

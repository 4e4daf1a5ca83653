"""The settings of a race as widgets. Each returns a legal value, whatever the browser sent."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

import streamlit as st

from rnnviz import fields
from rnnviz.race import FIELD, LONGEST_TEXT, SHORTEST_TEXT, Race
from rnnviz.registry import CELLS
from rnnviz.typed import short
from rnnviz.ui.controls import plain
from rnnviz.ui.session import Session
from rnnviz.ui.training import reading

LADDERS: dict[str, tuple[float | None, ...]] = {
    "rate": (*(float(f"{digit}e{power}") for power in range(-5, 0) for digit in (1, 2, 5)), 1.0),
    "clip": (None, 0.01, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 100.0),
    "forget": (None, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0),
}
"""What is offered for a number that lies on no even scale; another one may be typed."""

_SHORT = {
    "length": "Length",
    "hidden": "Hidden size",
    "batch": "Batch size",
    "steps": "Steps",
    "forget": "Forget bias",
}
"""Labels that fit into half the side bar."""


class RaceControls:
    """Draws widgets for the race of a session and collects what they say. Keys begin with ``r_``."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._chosen: dict[str, Any] = {}

    @property
    def race(self) -> Race:
        """The race as the widgets drawn so far have it."""
        return replace(self.session.race, **self._chosen) if self._chosen else self.session.race

    def keep(self) -> None:
        """Remember what was chosen."""
        self.session.race = self.race
        self._chosen = {}

    def choose(self, name: str) -> None:
        """A select box for a choice."""
        known, value = FIELD[name], getattr(self.session.race, name)
        key = self._sync(name, value)
        if st.session_state[key] not in known.values:
            st.session_state[key] = value
        chosen = st.selectbox(
            known.label, list(known.values), format_func=known.label_of, key=key, help=known.help
        )
        if chosen in known.values:
            self._set(name, chosen)

    def number(self, name: str) -> None:
        """A field for a whole number."""
        known = FIELD[name]
        low, high = int(known.minimum or 0), int(known.maximum or 0)
        key = self._sync(name, getattr(self.session.race, name))
        chosen = st.number_input(
            _SHORT.get(name, known.label), low, high, step=int(known.step or 1), key=key, help=known.help
        )
        self._set(name, min(max(int(chosen), low), high))

    def ladder(self, name: str, *, disabled: str = "") -> None:
        """A select box for a number, or for None, that takes others when they are typed. ``disabled``: why it is."""
        known, value = FIELD[name], getattr(self.session.race, name)
        offered = [self._word(name, rung) for rung in LADDERS[name]]
        shown = self._word(name, value)
        if shown not in offered:
            offered.append(shown)
        key = self._sync(name, shown)
        typed = st.selectbox(
            known.label,
            offered,
            key=key,
            help=f"{known.help} {disabled}".strip(),
            accept_new_options=True,
            disabled=bool(disabled),
        )
        if disabled or not isinstance(typed, str) or typed == shown:
            return
        given = "none" if typed.strip().lower() == known.unset_label else typed
        values, notes = fields.parse((known,), {known.query: given})
        for note in notes:
            st.caption(f":orange[{plain(note.replace(known.query, known.label, 1))}]")
        self._set(name, values[name])

    def flag(self, name: str) -> None:
        """A switch."""
        known = FIELD[name]
        key = self._sync(name, getattr(self.session.race, name))
        self._set(name, bool(st.toggle(known.label, key=key, help=known.help)))

    def cells(self) -> None:
        """The cells that race. The last one cannot be taken away."""
        known, before = FIELD["cells"], self.session.race.cells
        key = self._sync("cells", list(before))
        picked = st.pills(
            known.label,
            list(known.values),
            selection_mode="multi",
            format_func=lambda name: CELLS[name].label,
            key=key,
            help=known.help,
        )
        legal = [name for name in dict.fromkeys(picked) if name in CELLS]
        kept = [name for name in before if name in legal]
        chosen = (*kept, *(name for name in legal if name not in kept))
        most = int(known.maximum or 0)
        if len(chosen) > most:
            st.caption(f":orange[At most {most} cells at once: the first {most} take part.]")
        if not chosen:
            st.caption(f":orange[One cell at least: {CELLS[before[0]].label} and its like stay in the race.]")
        if chosen:
            self._set("cells", chosen[:most])

    def seed(self) -> None:
        """The seed, and a button that draws a new one."""
        left, right = st.columns([1, 1.15], vertical_alignment="bottom", gap="xsmall")
        with left:
            self.number("seed")
        right.button("New seed", key="r_new_seed", width="stretch", on_click=self._new_seed)

    def text(self) -> None:
        """A text of one's own: a file, or what is typed and pasted; what is uploaded can be edited."""
        st.file_uploader(
            "A text file",
            type=["txt", "md", "csv"],
            key="r_upload",
            max_upload_size=1,
            on_change=self._uploaded,
            label_visibility="collapsed",
        )
        key = self._sync("text", self.session.race.text)
        typed = st.text_area(
            "Your text",
            key=key,
            height=110,
            max_chars=LONGEST_TEXT + 1,  # one more than is used, so that a cut is noticed and said
            placeholder=f"Paste or type at least {SHORTEST_TEXT} characters",
        )
        text, note = reading.clean(typed or "")
        for words in (st.session_state.get("r_read", ""), note):
            if words:
                st.caption(f":orange[{plain(words)}]")
        self._set("text", text)
        if text:
            st.caption(f"{len(text):,} characters, {len(set(text)):,} different ones")

    # Shared

    def _sync(self, name: str, value: Any) -> str:
        key = f"r_{name}"
        self.session.sync(key, value)
        return key

    def _set(self, name: str, value: Any) -> None:
        if value != getattr(self.session.race, name):
            self._chosen[name] = value

    def _word(self, name: str, value: int | float | None) -> str:
        return FIELD[name].unset_label if value is None else short(value)

    def _new_seed(self) -> None:
        self.session.race = replace(self.session.race, seed=secrets.randbelow(10_000))
        self.session.version += 1

    def _uploaded(self) -> None:
        """Take the text over from the file that has just come; a file that is taken away changes nothing."""
        file = st.session_state.get("r_upload")
        st.session_state["r_read"] = ""
        if file is None:
            return
        try:
            text, note = reading.decode(file.getvalue())
        except ValueError as error:
            st.session_state["r_read"] = str(error)
            return
        st.session_state["r_read"] = note
        self.session.race = replace(self.session.race, text=text)
        self.session.version += 1

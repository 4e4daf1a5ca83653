"""The settings of a race as widgets. Each returns a legal value, whatever the browser sent."""

from __future__ import annotations

import streamlit as st

from rnnviz.race import FIELD, LONGEST_TEXT, SHORTEST_TEXT, Race
from rnnviz.registry import CELLS
from rnnviz.ui.controls import plain
from rnnviz.ui.settings import Settings
from rnnviz.ui.training import reading

LADDERS: dict[str, tuple[int | float | None, ...]] = {
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


class RaceControls(Settings[Race]):
    """Draws widgets for the race of a session and collects what they say. Keys begin with ``r_``."""

    where, prefix, fields, words, ladders = "race", "r_", FIELD, _SHORT, LADDERS

    def cells(self) -> None:
        """The cells that race. The last one cannot be taken away."""
        self.several(
            "cells",
            label_of=lambda name: CELLS[name].label,
            many="At most {most} cells at once: the first {most} take part.",
            none="One cell at least: {first} and its like stay in the race.",
        )

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
        key = self._sync("text", self.known.text)
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
            st.caption(
                f"{len(text):,} characters, {len(set(text)):,} different ones. Whoever has the link of a run can look "
                "at it, and read this text."
            )

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
        self.put(text=text)

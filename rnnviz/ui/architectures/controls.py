"""The settings of an architecture as widgets; lengths and sizes move the picture while they are dragged."""

from __future__ import annotations

import streamlit as st

from rnnviz.architectures.config import FIELD, Shape
from rnnviz.ui.architectures.choice import LAYERED
from rnnviz.ui.live_slider import live_slider
from rnnviz.ui.settings import Settings

WORDS = {"length": "Steps N", "hidden": "Hidden H", "batch": "Batch B"}
"""Labels with the letters of the shapes."""


class ShapeControls(Settings[Shape]):
    """Draws widgets for the shape of a session and collects what they say. Keys begin with ``a_``."""

    where, prefix, fields, words = "shape", "a_", FIELD, WORDS

    def slide(self, name: str) -> None:
        """A slider that sends while it is dragged."""
        field, value = self.fields[name], getattr(self.known, name)
        chosen = live_slider(
            self._label(name),
            key=f"live_{self.prefix}{name}",
            value=value,
            minimum=field.minimum or 0,
            maximum=field.maximum or 0,
            step=field.step or 1,
            help=field.help,
            version=self.session.version,
        )
        self._set(name, chosen)

    def pick(self, kind: str) -> None:
        """What was chosen among the cards."""
        self._set("kind", kind)

    def row(self) -> None:
        """All settings but the kind, in a row."""
        widths = (0.8, 1, 1, 1, 1, 1.25)
        cell, *sliders, seed = st.columns(widths, gap="medium", vertical_alignment="bottom")
        with cell:
            self.choose("cell")
        for place, name in zip(sliders, ("length", "hidden", "batch", "layers"), strict=True):
            if name != "layers" or self.known.kind in LAYERED:  # its place stays free
                with place:
                    self.slide(name)
        with seed:
            self.seed()

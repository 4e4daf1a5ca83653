"""The page that looks inside a cell: a section under its head line, for the experiment or a trained network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.ui import shell
from rnnviz.ui.cell import live
from rnnviz.ui.controls import Controls

if TYPE_CHECKING:
    from rnnviz.ui.opened_kind import Opened

LOOKS = {
    "live": "Press play, then click a box: its equation, and this step's numbers in it.",
    "weights": "Look which weights are large, and how the weight scale moves W alone.",
    "hand": "Change a number, and follow it through the cell with a pencil.",
}
"""What to look for, by section."""

TRAINED = {
    "live": "Press play, then click a box for its arithmetic.",
    "weights": "Look which weights training has made large.",
}
"""The same of a trained network."""

_LOW_CSS = (
    "@media (max-height: 859px) { [data-testid=stHeader] { height: 2.4rem; min-height: 0 } "
    ".stMainBlockContainer { padding-top: 2.6rem } .rv-look { display: none } }"
)
"""On a low projector the picture has to be scrolled to; what stands over it is less."""


def _weights(controls: Controls) -> None:
    from rnnviz.ui.cell import weights

    weights.draw(controls)


def _hand(controls: Controls) -> None:
    from rnnviz.ui.cell import hand

    hand.draw(controls)


SECTIONS: dict[str, Callable[[Controls], None]] = {"live": live.draw, "weights": _weights, "hand": _hand}
"""The sections of the experiment, each ``draw(controls)``."""


def body(controls: Controls) -> None:
    """The page of an experiment."""
    head(controls, tuple(SECTIONS))
    SECTIONS.get(controls.view.within, live.draw)(controls)


def trained(controls: Controls, found: Opened) -> None:
    """The page of a trained network."""
    from rnnviz.ui.cell import trained as networks

    head(controls, tuple(networks.SECTIONS), trained=True)
    networks.draw(controls, found)


def head(controls: Controls, sections: Sequence[str], *, trained: bool = False) -> None:
    """Title, what to look for, and the buttons of the sections."""
    if controls.view.present:
        st.html(f"<style>{_LOW_CSS}</style>")
    widths = [1.5, 0.7, 0.7] if trained else [2.2, 1]
    title, *example, buttons = st.columns(widths, gap="medium", vertical_alignment="bottom")
    for place in example:
        with place:
            controls.slider("example")
    with buttons, st.container(horizontal=True, horizontal_alignment="right"):
        controls.segment("within", options=list(sections))
    within = controls.view.within
    with title:
        looks = TRAINED if trained else LOOKS
        shell.head("Inside the cell", looks[within if within in sections else "live"])

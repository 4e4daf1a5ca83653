"""By hand: a network of one or two units, every number of it to be typed, computed and checked."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.handcell.presets import preset_of, text_of
from rnnviz.registry import CELLS
from rnnviz.ui import charts, preload, shell
from rnnviz.ui.cell import component, hand_choice, hand_grid, hand_table, hand_words
from rnnviz.ui.controls import Controls

if TYPE_CHECKING:
    from rnnviz.handcell.numbers import Setup
    from rnnviz.handcell.run import Hand

HEIGHT = 520
"""Of the picture in pixels."""

OWN = (
    "Your own numbers. Those of each cell stay while you look at another one, and the link of this page holds what is "
    "on the screen."
)
"""What is said of numbers that are none of the examples."""

_CSS = (Path(__file__).parent / "hand.css").read_text("utf-8")


def draw(controls: Controls) -> None:
    """The tables to type into, the sheet of all numbers, the cell at work, and what PyTorch makes of the same."""
    controls.keep()
    session, store = controls.session, hand_choice.kept()
    st.html(f"<style>{_CSS}</style>")
    shell.aside()
    setup, notes = hand_grid.taken(hand_choice.current(session), store.version)
    hand_choice.show(session, setup)
    hand_choice.widgets(session, setup)
    known = preset_of(setup)
    st.html(f"<p class='rv-look rv-for'>{escape(known.look if known else OWN)}</p>")
    preload.ensure()
    found = computed(text_of(setup))
    numbers, sheet = st.columns([1.5, 1] if hand_grid.wide(setup) else [1, 1.35], gap="large")
    with numbers:
        hand_grid.grid(setup, store.version)
        # One place for them, so that the tables stay where they are.
        st.html(
            "".join(f"<p class='rv-wrong' role='alert'>{escape(note)}</p>" for note in notes[:3]) or "<i></i>"
        )
    with sheet:
        full = st.session_state.get("hand_digits", False) is True
        rows = hand_table.steps(found, full=full)
        st.html(f"<div class='rv-sheets' tabindex=0 role='region' aria-label='Every number'>{rows}</div>")
        st.toggle("All digits", key="hand_digits")
    _picture(setup, found, controls)
    _below(setup, found, controls)


@lru_cache(maxsize=64)
def computed(text: str) -> Hand:
    """The run of the setup that has this text."""
    from rnnviz.handcell.presets import setup_of
    from rnnviz.handcell.run import run

    return run(setup_of(text)[0])


def _picture(setup: Setup, found: Hand, controls: Controls) -> None:
    readout = {"weight": found.reference.readout.weight, "bias": found.reference.readout.bias}
    component.cell(
        found.seen,
        key="hand_cell",
        alt=f"The {CELLS[setup.cell].label} with these numbers at work: what flows through it at each step",
        height=HEIGHT,
        present=controls.view.present,
        readout=readout,
        digits=4,
        first=1,
    )


def _below(setup: Setup, found: Hand, controls: Controls) -> None:
    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(hand_words.sentences(found))
        with st.container(horizontal=True, vertical_alignment="center"):
            _as_pytorch(setup)
            st.page_link(
                charts.PAGES / "training.py",
                label="How such a network learns, by hand too",
                icon=":material/arrow_forward:",
                query_params=controls.session.query() | {"section": "hand"},
            )
    with formula:
        shell.equation(setup.cell)
        st.html(
            "<p class='rv-note'>Here <i>U</i> = W<sub>ih</sub>, <i>W</i> = W<sub>hh</sub>, and the readout is "
            "y<sub>t</sub> = V h<sub>t</sub> + b<sub>y</sub>. All in float64. Backwards flows the gradient of the last "
            "y.</p>"
        )


def _as_pytorch(setup: Setup) -> None:
    """The script that prints the same numbers; written when it is opened."""
    with st.popover(
        "Copy as PyTorch", icon=":material/code:", on_change="rerun", key="hand_code_open"
    ) as popover:
        if popover.open:
            from rnnviz.handcell.script import script

            st.caption("Runs on its own with PyTorch and prints these numbers.")
            st.code(script(setup), language="python", height=420)

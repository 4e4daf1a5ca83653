"""By hand: which numbers are on the screen, which were there before, and the widgets that put others there."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from functools import partial

import streamlit as st

from rnnviz.handcell.numbers import UNITS, Setup
from rnnviz.handcell.presets import FIRST, PRESETS, drawn, preset_of, setup_of, start, text_of
from rnnviz.registry import CELLS
from rnnviz.ui.session import Session

OWN = ""
"""What the menu of examples shows for numbers of the visitor's own."""


@dataclass
class Kept:
    """A visitor's numbers, kept while another section or page is shown.

    ``setups`` has the last ones of each cell and number of units, ``text`` those that were shown last, and ``version``
    grows whenever something else than the tables changed them.
    """

    setups: dict[tuple[str, int], Setup] = field(default_factory=dict)
    text: str = ""
    version: int = 0

    def of(self, cell: str, units: int, like: Setup) -> Setup:
        """The numbers of such a network: the last ones, else fresh ones that read what ``like`` reads."""
        return self.setups.get((cell, units)) or start(cell, units, like.x)

    def keep(self, setup: Setup) -> str:
        """Remember what is shown, and give its text."""
        self.setups[setup.cell, setup.units] = setup
        self.text = text_of(setup)
        return self.text


def kept() -> Kept:
    """This visitor's numbers."""
    if "hand_cell_kept" not in st.session_state:
        st.session_state["hand_cell_kept"] = Kept()
    found: Kept = st.session_state["hand_cell_kept"]
    return found


def current(session: Session) -> Setup:
    """The numbers that the link has, else those that were shown last, else the first ones."""
    store = kept()
    setup, _ = setup_of(session.view.hand or store.text or text_of(FIRST))
    if text_of(setup) != store.text:
        store.version += 1
    return setup


def show(session: Session, setup: Setup) -> None:
    """Put these numbers into the link, and keep them."""
    text = kept().keep(setup)
    if session.view.hand != text:
        session.view = replace(session.view, within="hand", hand=text)


def widgets(session: Session, setup: Setup) -> None:
    """The cell, its units, an example to begin with, and numbers from the start or by chance."""
    cell, units, example, fresh = st.columns([1.25, 0.6, 1.5, 1.1], gap="small", vertical_alignment="bottom")
    buttons = fresh.container(horizontal=True, gap="small")
    known = preset_of(setup)
    # What the visitor chooses changes the numbers before the page runs: here the widgets follow these.
    st.session_state["hand_cell_name"] = setup.cell
    st.session_state["hand_units"] = setup.units
    st.session_state["hand_example"] = known.name if known else OWN
    changed = partial(_changed, session)
    cell.selectbox(
        "Cell",
        list(CELLS),
        format_func=lambda name: CELLS[name].label,
        key="hand_cell_name",
        on_change=changed,
    )
    units.segmented_control("Units H", UNITS, required=True, key="hand_units", on_change=changed)
    example.selectbox(
        "Example",
        [*([] if known else [OWN]), *PRESETS],
        format_func=lambda name: PRESETS[name].label if name in PRESETS else "Your own numbers",
        key="hand_example",
        on_change=_begin,
        args=(session,),
    )
    buttons.button(
        "Reset",
        key="hand_reset",
        width="stretch",
        on_click=_reset,
        args=(session,),
        help="The first numbers of this cell, and 10, 20, 30.",
    )
    buttons.button(
        "Random",
        key="hand_random",
        width="stretch",
        on_click=_random,
        args=(session,),
        help="Two decimals within ±1, U smaller where the inputs are larger. The link holds the numbers themselves.",
    )


def _put(session: Session, setup: Setup) -> None:
    """Show other numbers than the tables have."""
    show(session, setup)
    kept().version += 1


def _changed(session: Session) -> None:
    """Another cell, or another number of units."""
    name, units = st.session_state.get("hand_cell_name"), st.session_state.get("hand_units")
    if name in CELLS and units in UNITS:
        _put(session, kept().of(name, units, current(session)))


def _begin(session: Session) -> None:
    """An example."""
    name = st.session_state.get("hand_example")
    if name in PRESETS:
        _put(session, PRESETS[name].setup)


def _reset(session: Session) -> None:
    now = current(session)
    first = (FIRST.cell, FIRST.units) == (now.cell, now.units)
    _put(session, FIRST if first else start(now.cell, now.units))


def _random(session: Session) -> None:
    now = current(session)
    _put(session, drawn(now.cell, now.units, now.x, secrets.randbelow(10_000)))

"""By hand: what is chosen in this section, and the widgets for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from rnnviz.ui.controls import plain
from rnnviz.ui.live_slider import live_slider
from rnnviz.ui.training.hand_numbers import LEAST, MOST, STEPS, Kind, Setup, letters, numbers
from rnnviz.ui.training.widgets import segment

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

NUMBERS = "0.5, -0.2, 0.8, 0.1, -0.6"

SLIDERS: dict[str, dict[str, Any]] = {
    "length": {
        "label": "Length T",
        "minimum": LEAST,
        "maximum": MOST,
        "step": 1,
        "help": "Time steps. What is typed is read over and over until they are full.",
    },
    "units": {"label": "Units H", "minimum": 2, "maximum": 8, "step": 1},
    "rate": {"label": "Learning rate", "minimum": 0.05, "maximum": 1.0, "step": 0.05},
}
"""What is dragged, by its name in :class:`Chosen`."""


@dataclass
class Chosen:
    """A visitor's choices in this section, kept while another one is shown.

    ``typed`` is what stands in the fields, ``items`` what could last be read of it.
    """

    kind: Kind = "letters"
    typed: dict[Kind, str] = field(default_factory=lambda: {"letters": "banana", "numbers": NUMBERS})
    items: dict[Kind, tuple[Any, ...]] = field(
        default_factory=lambda: {"letters": tuple("banana"), "numbers": numbers(NUMBERS)[0]}
    )
    length: int = 5
    units: int = 3
    rate: int | float = 0.5
    seed: int = 0
    taken: int = 0
    part: str = "forward"
    parameter: str = "W_hh"

    def learn(self, steps: int) -> None:
        """Take so many steps more; none at all to go back to the start."""
        self.taken = min(self.taken + steps, STEPS) if steps else 0


def current() -> Chosen:
    """This visitor's choices."""
    if "by_hand" not in st.session_state:
        st.session_state["by_hand"] = Chosen()
    found: Chosen = st.session_state["by_hand"]
    return found


def settings(chosen: Chosen, version: int) -> Setup:
    """What is read, by how many units, and how fast it learns."""
    kind, typed, length, units, rate, seed = st.columns([1.45, 1.15, 1, 1, 1.15, 0.8], gap="small")
    with kind:
        words = segment("hand_kind", "Reads", {"letters": "Letters", "numbers": "Numbers"}, chosen.kind)
        chosen.kind = "letters" if words == "letters" else "numbers"
    with typed:
        _typed(chosen)
    for place, (name, slider) in zip((length, units, rate), SLIDERS.items(), strict=True):
        with place:
            value = live_slider(
                key=f"live_hand_{name}", value=getattr(chosen, name), version=version, **slider
            )
            setattr(chosen, name, value)
    with seed:
        chosen.seed = min(
            max(int(st.number_input("Seed", 0, 9999, chosen.seed, step=1, key="hand_seed")), 0), 9999
        )
    items = chosen.items[chosen.kind]
    return Setup(chosen.kind, items, chosen.length, chosen.units, chosen.seed, chosen.rate)


def _typed(chosen: Chosen) -> None:
    """The field for the word or the numbers, and a sentence on what cannot be read of it."""
    key, kind = f"hand_{chosen.kind}", chosen.kind
    label = "Word" if kind == "letters" else "Numbers"
    help = "Read one after the other; at each step the next one is to be said."
    text = chosen.typed[kind] = (
        st.text_input(label, chosen.typed[kind], key=key, max_chars=200, help=help) or ""
    )
    found, notes = letters(text) if kind == "letters" else numbers(text)
    for note in notes:
        st.caption(f":orange[{plain(note)}]")
    if len(set(found)) > 1:
        chosen.items[kind] = found


def buttons(chosen: Chosen) -> DeltaGenerator:
    """One step of learning, ten, or none; gives the place for what came of them."""
    row = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right")
    after = row.empty()
    full = chosen.taken >= STEPS
    kinds: tuple[tuple[str, int, Literal["primary", "secondary"]], ...]
    kinds = ("Take a step", 1, "primary"), ("10 steps", 10, "secondary")
    for words, steps, kind in kinds:
        row.button(words, key=f"hand_{steps}", type=kind, disabled=full, on_click=chosen.learn, args=(steps,))
    row.button(
        "From the start",
        key="hand_0",
        type="tertiary",
        disabled=not chosen.taken,
        on_click=chosen.learn,
        args=(0,),
    )
    return after

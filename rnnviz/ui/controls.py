"""The widgets, drawn from the tables of fields. Each returns a legal value, whatever the browser sent."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from rnnviz import fields
from rnnviz.experiment import FIELD as EXPERIMENT
from rnnviz.experiment import Experiment
from rnnviz.registry import CELLS
from rnnviz.ui import view as views
from rnnviz.ui.live_slider import live_slider
from rnnviz.ui.session import Session
from rnnviz.ui.view import View

MOST_CELLS = 6


class Controls:
    """Draws widgets for a session and collects what they say."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._experiment: dict[str, Any] = {}
        self._view: dict[str, Any] = {}

    @property
    def experiment(self) -> Experiment:
        """The experiment as the widgets drawn so far have it."""
        # To build one checks all its fields; most runs change one or none.
        known = self.session.experiment
        return replace(known, **self._experiment) if self._experiment else known

    @property
    def view(self) -> View:
        """The view as the widgets drawn so far have it."""
        return replace(self.session.view, **self._view) if self._view else self.session.view

    def keep(self) -> None:
        """Remember what was chosen for the next run and the next page."""
        self.session.experiment, self.session.view = self.experiment, self.view
        self._experiment, self._view = {}, {}

    # Sliders that move the picture while they are dragged

    def slider(
        self,
        name: str,
        *,
        maximum: int | float | None = None,
        minimum: int | float | None = None,
        step: int | float | None = None,
        disabled: str | None = None,
    ) -> None:
        """A live slider for a number of the experiment, or of the view, its range that of the field unless given.

        ``disabled`` gives the reason.
        """
        in_view = name in views.FIELD
        field = views.FIELD[name] if in_view else EXPERIMENT[name]
        source: Any = self.session.view if in_view else self.session.experiment
        lowest = (field.minimum or 0) if minimum is None else minimum
        step = (field.step or 1) if step is None else step
        highest = (field.maximum or 0) if maximum is None else maximum
        value = getattr(source, name)
        shown = value if value is None else min(value, highest)
        at_the_end = name in ("loss", "epoch")  # where the last step, or epoch, is what None means
        if field.optional and at_the_end and value is not None and value > highest:
            shown = None
        chosen = live_slider(
            field.label,
            key=f"live_{name}",
            value=shown,
            minimum=lowest,
            maximum=highest,
            step=step,
            help=field.help,
            unset_label=field.unset_label or None,
            unset_at="max" if at_the_end else "min",
            disabled=disabled is not None,
            disabled_note=disabled,
            version=self.session.version,
        )
        if disabled is None and chosen != shown:
            (self._view if in_view else self._experiment)[name] = chosen

    # Choices

    def cell(self, among: Sequence[str] = tuple(CELLS)) -> None:
        """The main cell, one of ``among``; the others keep their order behind it."""
        before = self.session.experiment.cells
        shown = next((name for name in before if name in among), among[0])
        chosen = self._select("cell", "Cell", list(among), shown, lambda name: CELLS[name].label)
        if chosen != before[0]:
            rest = [name for name in before if name != chosen]
            self._experiment["cells"] = (chosen, *rest)[:MOST_CELLS]

    def cells(self, among: Sequence[str] = tuple(CELLS)) -> None:
        """All cells of the experiment, out of ``among``; others stay behind them. The last cannot be taken away."""
        known = self.session.experiment.cells
        before = tuple(name for name in known if name in among) or (among[0],)
        self.session.sync("w_cells", list(before))
        picked = st.pills(
            EXPERIMENT["cells"].label,
            list(among),
            selection_mode="multi",
            format_func=lambda name: CELLS[name].label,
            key="w_cells",
            label_visibility="collapsed",
        )
        legal = [name for name in dict.fromkeys(picked) if name in among]
        kept = [name for name in before if name in legal]
        chosen = (*kept, *(name for name in legal if name not in kept))
        if len(chosen) > MOST_CELLS:
            st.caption(f"At most {MOST_CELLS} cells at once: the first {MOST_CELLS} are drawn.")
        together = (*chosen, *(name for name in known if name not in among))[:MOST_CELLS]
        if chosen and together != known:
            self._experiment["cells"] = together

    def beside(self) -> None:
        """The second cell, or nothing."""
        others = [value for value in views.FIELD["beside"].values if value != self.experiment.cell]
        self.choose("beside", options=others)

    def choose(self, name: str, *, options: list[str] | None = None) -> None:
        """A select box for a choice of the experiment or of the view."""
        field, value, store = self._of(name)
        offered = options if options is not None else list(field.values)
        shown = value if value in offered else offered[0]
        chosen = self._select(name, field.label, offered, shown, field.label_of, field.help)
        if chosen != value:
            store[name] = chosen

    def one_of(self, name: str, labels: Sequence[str]) -> None:
        """A select box for a whole number of the experiment or of the view: 0 is the first of the labels."""
        field, value, store = self._of(name)
        offered = [str(k) for k in range(len(labels))]
        shown = str(min(value, len(labels) - 1))
        chosen = self._select(name, field.label, offered, shown, lambda k: labels[int(k)], field.help)
        if int(chosen) != min(value, len(labels) - 1):
            store[name] = int(chosen)

    def segment(self, name: str, *, options: list[str] | None = None, turn: int = 0) -> None:
        """A row of buttons for a choice of the view.

        ``turn`` counts how often something else than the buttons has set it, where a timer draws them again: what the
        timer brings along may be older than that, and counts for the buttons of that turn alone.
        """
        field, value, store = self._of(name)
        offered = options if options is not None else list(field.values)
        key = f"w_{name}_{turn}" if turn else f"w_{name}"
        current = value if value in offered else offered[0]
        self.session.sync(key, current)
        if st.session_state[key] not in offered:
            st.session_state[key] = current
        chosen = st.segmented_control(
            field.label,
            offered,
            required=True,
            format_func=field.label_of,
            key=key,
            help=field.help,
            label_visibility="collapsed",
        )
        picked = chosen if chosen in offered else current
        if picked != value:
            store[name] = picked

    def toggle(self, name: str) -> None:
        """A switch for a flag of the view."""
        field, value, store = self._of(name)
        self.session.sync(f"w_{name}", value)
        on = bool(st.toggle(field.label, key=f"w_{name}", help=field.help))
        if on != value:
            store[name] = on

    # What is typed

    def typed(self) -> None:
        """The field for the text or the numbers, while such a signal is on."""
        experiment = self.experiment
        if experiment.signal not in ("text", "numbers"):
            return
        name = experiment.signal
        field = EXPERIMENT[name]
        known = self.session.typed.get(name, getattr(self.session.experiment, name))
        if (
            self.session.synced.get(f"w_{name}") != self.session.version
            and self.session.experiment.signal == name
        ):
            known = getattr(self.session.experiment, name)
        self.session.sync(f"w_{name}", known)
        text = st.text_input(field.label, key=f"w_{name}", help=field.help, max_chars=20_000) or ""
        self.session.typed[name] = text
        values, notes = fields.parse((replace(field, when=None),), {name: text})
        for note in notes:
            st.caption(f":orange[{plain(note)}]")
        if values[name] != getattr(self.session.experiment, name):
            self._experiment[name] = values[name]

    def seed(self) -> None:
        """The seed, and a button that draws a new one."""
        field = EXPERIMENT["seed"]
        left, right = st.columns([1, 1.15], vertical_alignment="bottom", gap="xsmall")
        self.session.sync("w_seed", self.session.experiment.seed)
        chosen = left.number_input(field.label, 0, 9999, step=1, key="w_seed", help=field.help)
        with right:
            self.new_seed()
        seed = min(max(int(chosen), 0), 9999)
        if seed != self.session.experiment.seed:
            self._experiment["seed"] = seed

    def new_seed(self) -> None:
        """A button that draws new weights."""
        st.button(
            "New seed",
            key="new_seed",
            width="stretch",
            on_click=lambda: self.session.assign(seed=secrets.randbelow(10_000)),
        )

    # Shared

    def _of(self, name: str) -> tuple[fields.Field, Any, dict[str, Any]]:
        if name in views.FIELD:
            return views.FIELD[name], getattr(self.session.view, name), self._view
        return EXPERIMENT[name], getattr(self.session.experiment, name), self._experiment

    def _select(
        self,
        name: str,
        label: str,
        options: list[str],
        value: str,
        label_of: Callable[[str], str],
        help: str | None = None,
    ) -> str:
        key = f"w_{name}"
        self.session.sync(key, value)
        if st.session_state[key] not in options:
            st.session_state[key] = value
        chosen = st.selectbox(label, options, format_func=label_of, key=key, help=help)
        return chosen if chosen in options else value


def plain(text: str) -> str:
    """Text with Markdown's marks made harmless."""
    return "".join(f"\\{char}" if char in r"\`*_{}[]()#+-.!|<>$:~&" else char for char in text)

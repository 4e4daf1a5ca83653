"""Widgets for settings that a table of fields declares. Each returns a legal value, whatever the browser sent."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Generic, TypeVar

import streamlit as st

from rnnviz import fields
from rnnviz.fields import Field
from rnnviz.typed import short
from rnnviz.ui.controls import plain
from rnnviz.ui.session import Session

Chosen = TypeVar("Chosen")


class Settings(Generic[Chosen]):
    """Draws widgets for a frozen value of the session and collects what they say.

    ``where`` is the value's name in the session, ``prefix`` begins the keys of its widgets, ``fields`` declares its
    settings by name, ``words`` has the labels that are to be shorter, ``ladders`` what is offered for a number that
    lies on no even scale (another one may be typed; None where it may be unset).
    """

    where: ClassVar[str]
    prefix: ClassVar[str]
    fields: ClassVar[Mapping[str, Field]]
    words: ClassVar[Mapping[str, str]] = {}
    ladders: ClassVar[Mapping[str, tuple[int | float | None, ...]]] = {}

    def __init__(self, session: Session) -> None:
        self.session = session
        self._chosen: dict[str, Any] = {}

    @property
    def known(self) -> Any:
        """The value as the session has it."""
        return getattr(self.session, self.where)

    @property
    def chosen(self) -> Chosen:
        """The value as the widgets drawn so far have it."""
        value: Chosen = replace(self.known, **self._chosen) if self._chosen else self.known
        return value

    def keep(self) -> None:
        """Remember what was chosen."""
        setattr(self.session, self.where, self.chosen)
        self._chosen = {}

    def put(self, **changes: Any) -> None:
        """Set something from outside the widgets, which then follow."""
        setattr(self.session, self.where, replace(self.known, **changes))
        self.session.version += 1

    def choose(self, name: str, *, short: bool = False) -> None:
        """A select box for a choice; ``short`` labels end at their comma."""
        field, value = self.fields[name], getattr(self.known, name)
        key = self._sync(name, value)
        if st.session_state[key] not in field.values:
            st.session_state[key] = value
        chosen = st.selectbox(
            self._label(name),
            list(field.values),
            format_func=lambda value: field.label_of(value).partition("," if short else "\0")[0],
            key=key,
            help=field.help,
        )
        if chosen in field.values:
            self._set(name, chosen)

    def number(self, name: str, *, disabled: str = "") -> None:
        """A field for a whole number. ``disabled``: why it is."""
        field = self.fields[name]
        low, high = int(field.minimum or 0), int(field.maximum or 0)
        key = self._sync(name, getattr(self.known, name))
        chosen = st.number_input(
            self._label(name),
            low,
            high,
            step=int(field.step or 1),
            key=key,
            help=f"{field.help} {disabled}".strip(),
            disabled=bool(disabled),
        )
        self._set(name, min(max(int(chosen), low), high))

    def ladder(self, name: str, *, disabled: str = "") -> None:
        """A select box for a number, or for None, that takes others when they are typed. ``disabled``: why it is."""
        field, value = self.fields[name], getattr(self.known, name)
        offered = [self._word(name, rung) for rung in self.ladders[name]]
        shown = self._word(name, value)
        if shown not in offered:
            offered.append(shown)
        key = self._sync(name, shown)
        typed = st.selectbox(
            self._label(name),
            offered,
            key=key,
            help=f"{field.help} {disabled}".strip(),
            accept_new_options=True,
            disabled=bool(disabled),
        )
        if disabled or not isinstance(typed, str) or typed == shown:
            return
        given = "none" if typed.strip().lower() == field.unset_label else typed
        values, notes = fields.parse((field,), {field.query: given})
        for note in notes:
            st.caption(f":orange[{plain(note.replace(field.query, field.label, 1))}]")
        self._set(name, values[name])

    def flag(self, name: str, *, disabled: str = "") -> None:
        """A switch. ``disabled``: why it is."""
        field = self.fields[name]
        key = self._sync(name, getattr(self.known, name))
        help = f"{field.help} {disabled}".strip()
        on = bool(st.toggle(self._label(name), key=key, help=help, disabled=bool(disabled)))
        if not disabled:
            self._set(name, on)

    def several(self, name: str, *, label_of: Callable[[str], str], many: str, none: str) -> None:
        """A row of pills for choices, in the order in which they are picked. The last one cannot be taken away.

        ``many`` is said where more are picked than take part ("{most}"), ``none`` where the ones before stay, of which
        "{first}" is the first.
        """
        field, before = self.fields[name], getattr(self.known, name)
        key = self._sync(name, list(before))
        picked = st.pills(
            self._label(name),
            list(field.values),
            selection_mode="multi",
            format_func=label_of,
            key=key,
            help=field.help,
        )
        legal = [value for value in dict.fromkeys(picked) if value in field.values]
        kept = [value for value in before if value in legal]
        chosen = (*kept, *(value for value in legal if value not in kept))
        most = int(field.maximum or 0)
        if len(chosen) > most:
            st.caption(f":orange[{many.format(most=most)}]")
        if not chosen:
            st.caption(f":orange[{none.format(first=label_of(before[0]))}]")
        if chosen:
            self._set(name, chosen[:most])

    def seed(self) -> None:
        """The seed, and a button that draws a new one."""
        left, right = st.columns([1, 1.15], vertical_alignment="bottom", gap="xsmall")
        with left:
            self.number("seed")
        right.button("New seed", key=f"{self.prefix}new_seed", width="stretch", on_click=self._new_seed)

    # Shared

    def _sync(self, name: str, value: Any) -> str:
        key = f"{self.prefix}{name}"
        self.session.sync(key, value)
        return key

    def _set(self, name: str, value: Any) -> None:
        if value != getattr(self.known, name):
            self._chosen[name] = value

    def _label(self, name: str) -> str:
        return self.words.get(name, self.fields[name].label)

    def _word(self, name: str, value: int | float | None) -> str:
        return self.fields[name].unset_label if value is None else short(value)

    def _new_seed(self) -> None:
        self.put(seed=secrets.randbelow(10_000))

"""The numbers of a network by hand in tables that can be typed into."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.handcell.numbers import LEAST, MOST, Setup, bound, number, shapes
from rnnviz.registry import cell_named
from rnnviz.typed import short
from rnnviz.ui import assets
from rnnviz.ui.live_slider import read_state

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

KEY = "hand_grid"

RESERVE = 150
"""Pixels that are kept free until the tables are there."""

_LONGEST = 400
"""So many characters of a field are looked at."""

_Column = tuple[list[str], list[list[Any] | None]]
"""A head (its letter, what its numbers do, the name of the array), and the place in an array of each cell."""

_COLUMNS: dict[str, tuple[str, str]] = {
    "weight_ih": ("U", "× x_t"),
    "bias_ih": ("b_ih", "+"),
    "weight_hh": ("W", "× h_t−1"),
    "bias_hh": ("b_hh", "+"),
    "gain_ih": ("γ_ih", "× LN"),
    "gain_hh": ("γ_hh", "× LN"),
    "gain_c": ("γ_c", "× LN"),
    "bias_c": ("b_c", "+"),
}
"""How the column of an array is headed, and what its numbers do."""


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "rnnviz_hand_grid", js=assets.shim("cell/hand_grid.js", str(RESERVE)), isolate_styles=False
    )


def taken(setup: Setup, version: int) -> tuple[Setup, list[str]]:
    """The setup with what was typed, and a sentence for each field that holds no legal number.

    The number that was there before stays. What was typed into tables of another ``version`` counts for nothing, and so
    does what is not of their form.
    """
    state = read_state(st.session_state.get(KEY))
    if state is None or state["version"] != version or not isinstance(state["v"], Mapping):
        return setup, []
    notes: list[str] = []
    for name in ("x", *shapes(setup.cell, setup.units)):
        row, words = list(setup.array(name)), state["v"].get(name)
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            continue
        if name == "x" and LEAST <= len(words) <= MOST:
            row = [*row, *[row[-1]] * len(words)][: len(words)]
        elif len(words) != len(row):
            continue
        for k, word in enumerate(words):
            value, wrong = number(word[:_LONGEST], name)
            if value is None:
                notes.append(f"{_place(setup, name, k)}: {wrong}; {short(row[k])} stays.")
            else:
                row[k] = value
        setup = setup.with_array(name, row)
    return setup, notes


def grid(setup: Setup, version: int) -> None:
    """Draw the tables. Raise ``version`` when something else than they changed the setup."""
    state = read_state(st.session_state.get(KEY))
    names = ("x", *shapes(setup.cell, setup.units))
    _component()(
        key=KEY,
        data={
            "label": "The numbers of the network",
            "parts": parts(setup),
            "values": {name: [short(value) for value in setup.array(name)] for name in names},
            "bounds": {name: bound(name) for name in names},
            "version": version,
            "seq": state["seq"] if state is not None else 0,
        },
        on_value_change=_ignore,
    )


def wide(setup: Setup) -> bool:
    """Whether the weights stand in more columns than five, which is what an LSTM of two units has."""
    return any(len(part.get("heads", ())) > 5 for part in parts(setup))


def parts(setup: Setup) -> list[dict[str, Any]]:
    """The tables: what stands over them, how columns and rows are headed, and which number stands in which cell."""
    known, units = cell_named(setup.cell), setup.units
    own = [str(k + 1) for k in range(units)]
    steps = {"name": "x", "letter": "x", "least": LEAST, "most": MOST}
    columns: list[_Column] = []
    rows = [block if units == 1 else f"{block}_{unit}" for block in known.blocks for unit in own]
    order = [name for name in _COLUMNS if name in dict(known.params)]
    # As they are written: U x + b_ih + W h + b_hh, a gain behind its matrix.
    order.sort(key=lambda name: (name.endswith("_hh"), name.startswith("bias"), name.startswith("gain")))
    for name in order:
        if name in ("gain_c", "bias_c"):
            continue
        letter, does = _COLUMNS[name]
        width = units if name == "weight_hh" else 1
        for k in range(width):
            head = [f"{letter}_{k + 1}" if width > 1 else letter, f"{does},{k + 1}" if width > 1 else does]
            columns.append(([*head, name], [[name, row * width + k] for row in range(len(rows))]))
    peepholes = [name for name, _ in known.params if name.startswith("weight_c")]
    if peepholes:
        at = {name.removeprefix("weight_c"): name for name in peepholes}
        cells = [[at[block], k] if block in at else None for block in known.blocks for k in range(units)]
        columns.append((["p", "× c", "weight_ci, weight_cf, weight_co"], cells))
    begin = [
        [f"{state}0", k, f"{state}_0" if units == 1 else f"{state}_0,{k + 1}"]
        for state in known.states
        for k in range(units)
    ]
    found: list[dict[str, Any]] = [
        {"title": "Inputs", "note": "one a step", "row": {"steps": steps}},
        {"title": "Start", "note": "", "row": {"fields": begin}},
        {
            "title": "Weights",
            "note": "read a row as one sum",
            **_table(columns, rows),
        },
    ]
    if "gain_c" in dict(known.params):
        norm: list[_Column] = [
            ([*_COLUMNS[name], name], [[name, k] for k in range(units)]) for name in ("gain_c", "bias_c")
        ]
        found.append(
            {
                "title": "Norm of c",
                "note": "",
                **_table(norm, ["c"] if units == 1 else [f"c_{k}" for k in own]),
            }
        )
    out: list[_Column] = [
        ([f"V_{k + 1}" if units > 1 else "V", f"× h_t,{k + 1}" if units > 1 else "× h_t", "V"], [["V", k]])
        for k in range(units)
    ]
    out.append((["b_y", "+", "b_y"], [["b_y", 0]]))
    found.append({"title": "Readout", "note": "", **_table(out, ["y"])})
    return found


def _table(columns: list[_Column], rows: list[str]) -> dict[str, Any]:
    return {
        "heads": [head for head, _ in columns],
        "rows": rows,
        "cells": [list(row) for row in zip(*(cells for _, cells in columns), strict=True)],
    }


def _place(setup: Setup, name: str, index: int) -> str:
    """A field in words: x, step 2; U (weight_ih), f, unit 1."""
    if name == "x":
        return f"x, step {index + 1}"
    shape, known = shapes(setup.cell, setup.units)[name], cell_named(setup.cell)
    words = [name if name not in _COLUMNS else f"{_COLUMNS[name][0]} ({name})"]
    if name == "V" or shape[0] == setup.units != 1:
        words += [f"unit {index % setup.units + 1}"] * (setup.units > 1)
    elif name != "b_y":
        row = index // (shape[1] if len(shape) > 1 else 1)
        words += [known.blocks[row // setup.units]] * (len(known.blocks) > 1)
        words += [f"unit {row % setup.units + 1}"] * (setup.units > 1)
    return ", ".join(words)


def _ignore() -> None:
    """Streamlit only keeps a component's state under names for which a callback is given."""

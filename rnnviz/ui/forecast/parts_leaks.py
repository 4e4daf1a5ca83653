"""The leak lab: a switch for each trap, and what it would pretend on this file beside the truth."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.forecast.config import LEAKS, TUTORIAL, ForecastConfig
from rnnviz.ui import preload, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.forecast import parts_run, parts_tables, pictures
from rnnviz.ui.forecast.result import style
from rnnviz.ui.training.widgets import segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rnnviz.ui.forecast.shown import Part, Shown

WORDS: dict[str, str] = {
    "scaler": "The scaler is fitted to all rows, so that training already knows something of later prices.",
    "shuffle": "Windows are dealt to training and test at random: most test rows lie next to one that was learned.",
    "onestep": "Each forecast is told the true price of the row before, and drawn as if it looked far ahead.",
    "window": "range(len(data) − window − 1) leaves out the newest window, and with it the newest row.",
    "peek": "The epoch is kept that does best on the test part, which is then scored with it.",
}
"""What each trap is."""

BASES = {"own": "This forecast's", "tutorial": "The tutorials'"}
"""Whose settings the network of the lab has."""

_TUTORIAL = "The tutorials': two layers of 64 units on scaled prices, without early stopping."


def draw(controls: Controls, shown: Shown) -> None:
    """The switches, the buttons, and what each trap made of this file. All traps are sprung; the switches show them."""
    style()
    controls.keep()
    shell.look(
        "The usual mistakes, one by one, on these very prices. Look how far the diamond, what would be claimed, lies "
        "from the dot, what is real."
    )
    part = parts_run.find(controls.session, shown, "leaks")
    above = st.container()
    lab = st.container(key="leak_lab")
    left, right = lab.columns([1, 1.75], gap="large")
    with left:
        config = _base(shown, part)
        rows = rows_of(_switches())
    with above:
        parts_run.draw(
            controls.session, shown, "leaks", part, config, label="Spring the traps", total=len(LEAKS) + 2
        )
    with right:
        preload.ensure()
        from rnnviz.figures import forecast_parts

        found = tuple(one for one in (part.found if part is not None else ()) if one.name in rows)
        pictures.mount(
            "leaks",
            part or shown,
            controls.view,
            470,
            "RMSE of each trap as a multiple of that of the last known price: as it would be claimed, and as it is",
            lambda: forecast_parts.leaks.spec(found, rows),
            len(found),
            *rows,
        )
    if found:
        st.html(parts_tables.leaks(found))
        shell.findings(
            [
                f"<b>{escape(parts_tables.TRAPS.get(one.name, one.name))}.</b> {escape(one.words)}"
                for one in found
            ]
        )


def rows_of(names: Sequence[str]) -> list[str]:
    """The rows of the picture: without a trap, each trap that is on, and, where all of them are, all at once."""
    return ["honest", *names, *(["all"] if len(names) == len(LEAKS) else [])]


def _switches() -> list[str]:
    """A switch for each trap, with what it is; gives those that are on."""
    names = []
    for name, label in LEAKS:
        if st.toggle(label, value=True, key=f"leak_{name}"):
            names.append(name)
        st.html(f"<p class='rv-note rv-trap'>{escape(WORDS[name])}</p>")
    return names


def _base(shown: Shown, part: Part | None) -> ForecastConfig:
    """The settings that the traps are sprung with."""
    config = replace(shown.config, leaks=())
    if config.mode == "levels":
        return config
    value = "tutorial" if part is not None and part.config.mode == "levels" else "own"
    chosen = segment("leak_base", "Settings of the network", BASES, value)
    st.html(f"<p class='rv-note rv-trap'>{_TUTORIAL}</p>")
    return config if chosen == "own" else tutorial_of(config)


def tutorial_of(config: ForecastConfig) -> ForecastConfig:
    """The model of the tutorials, for the horizon, the interval and the seed of a forecast."""
    return replace(TUTORIAL, horizon=config.horizon, level=config.level, seed=config.seed)

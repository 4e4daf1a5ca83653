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
    from rnnviz.ui.forecast.shown import Part, Shown

WORDS: dict[str, str] = {
    "scaler": "The scaler is fitted to all rows, so that training already knows how far prices will go.",
    "shuffle": "Windows are dealt to training and test at random: a test row lies between two that were learned.",
    "onestep": "Each forecast is told the true price of the row before, and drawn as if it looked far ahead.",
    "window": "range(len(data) − window − 1) leaves out the newest window, and with it the newest row.",
    "peek": "The epoch is kept that does best on the test part, which is then scored with it.",
}
"""What each trap is."""

BASES = {"own": "This forecast’s settings", "tutorial": "Levels, as the tutorials do it"}


def draw(controls: Controls, shown: Shown) -> None:
    """The switches, the buttons, and what each trap made of this file."""
    style()
    controls.keep()
    shell.look(
        "The usual mistakes, one by one, on these very prices. Look how far apart the diamond, what would be claimed, "
        "and the dot, what is real, come to lie."
    )
    part = parts_run.find(controls.session, shown, "leaks")
    left, right = st.columns([1, 1.75], gap="large")
    with left:
        names, config = _choice(shown, part)
    with right:
        parts_run.draw(
            controls.session,
            shown,
            "leaks",
            part,
            replace(config, leaks=names),
            label="Spring the traps",
            total=len(rows_of(part.config.leaks if part is not None else names)),
            why="" if names else "Turn on at least one trap.",
        )
        preload.ensure()
        from rnnviz.figures import forecast_parts

        found = part.found if part is not None else ()
        rows = rows_of(part.config.leaks if part is not None else names)
        pictures.mount(
            "leaks",
            part or shown,
            controls.view,
            400,
            "RMSE of each trap as a multiple of that of yesterday’s price: as it would be claimed, and as it is",
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


def rows_of(names: tuple[str, ...]) -> list[str]:
    """The rows of the picture: without a trap, each trap, and all at once."""
    return ["honest", *names, "all"]


def _choice(shown: Shown, part: Part | None) -> tuple[tuple[str, ...], ForecastConfig]:
    """The traps that are on, and the settings that they are sprung with."""
    before = part.config.leaks if part is not None else tuple(name for name, _ in LEAKS)
    names = []
    for name, label in LEAKS:
        if st.toggle(label, value=name in before, key=f"leak_{name}"):
            names.append(name)
        st.html(f"<p class='rv-note rv-trap'>{escape(WORDS[name])}</p>")
    base = "own"
    if shown.config.mode != "levels":
        tutorial = part is not None and part.config.mode == "levels"
        base = segment("leak_base", "Network", BASES, "tutorial" if tutorial else "own")
    return tuple(names), shown.config if base == "own" else tutorial_of(shown.config)


def tutorial_of(config: ForecastConfig) -> ForecastConfig:
    """The model of the tutorials, for the horizon, the interval and the seed of a forecast."""
    return replace(TUTORIAL, horizon=config.horizon, level=config.level, seed=config.seed)

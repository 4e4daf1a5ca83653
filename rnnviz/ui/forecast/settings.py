"""The settings of a forecast as widgets, and the model of the tutorials in one press."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from rnnviz.forecast.config import FIELD, TUTORIAL, ForecastConfig
from rnnviz.ui.session import Session
from rnnviz.ui.settings import Settings

LADDERS: dict[str, tuple[int | float | None, ...]] = {
    "rate": (*(float(f"{digit}e{power}") for power in range(-5, -1) for digit in (1, 2, 5)), 0.1),
    "clip": (None, 0.01, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 100.0),
    "level": (0.5, 0.68, 0.8, 0.9, 0.95, 0.99),
}
"""What is offered for a number that lies on no even scale; another one may be typed."""

TUTORIALS = "two LSTM layers of 64 units on the scaled price itself, 100 epochs, no early stopping"
"""The model of the tutorials in words."""

KEPT = ("horizon", "level", "seed")
"""Settings that the tutorials leave open: they stay as they are."""


class ForecastControls(Settings[ForecastConfig]):
    """Draws widgets for the forecast of a session and collects what they say. Keys begin with ``f_``."""

    where, prefix, fields, words, ladders = "forecast", "f_", FIELD, {"rate": "Rate"}, LADDERS


def draw(session: Session) -> None:
    """All settings: the usual ones, the others behind a line, the tutorials' and the defaults."""
    with st.container(key="forecast_settings"):
        drawn = ForecastControls(session)
        drawn.choose("network")
        for pair in (("layers", "hidden"), ("window", "horizon")):
            for place, name in zip(st.columns(2, gap="small"), pair, strict=True):
                with place:
                    drawn.number(name)
        left, right = st.columns([1, 1.6], gap="small")
        with left:
            drawn.number("epochs")
        with right:
            drawn.choose("mode", short=True)
        with st.expander("More settings"):
            for pair in (("rate", "clip"), ("batch", "patience")):
                for place, name in zip(st.columns(2, gap="small"), pair, strict=True):
                    with place:
                        (drawn.ladder if name in LADDERS else drawn.number)(name)
            drawn.ladder("level")
            drawn.seed()
        drawn.keep()
        known, theirs = session.forecast, tutorial(session.forecast)
        st.button(
            "Set as the tutorials do it" if known == theirs else "As the tutorials do it",
            key="forecast_tutorial",
            icon=":material/school:",
            width="stretch",
            disabled=known == theirs,
            help=f"The model that most articles print: {TUTORIALS}.",
            on_click=_put,
            args=(session, theirs),
        )
        st.button(
            "Reset settings",
            key="forecast_reset",
            icon=":material/settings_backup_restore:",
            type="tertiary",
            disabled=known == ForecastConfig(),
            on_click=_put,
            args=(session, ForecastConfig()),
        )


def tutorial(config: ForecastConfig) -> ForecastConfig:
    """The model of the tutorials, with what they leave open as it is."""
    return replace(TUTORIAL, **{name: getattr(config, name) for name in KEPT})


def _put(session: Session, config: ForecastConfig) -> None:
    session.forecast = config
    session.version += 1

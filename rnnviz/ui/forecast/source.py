"""Where the prices come from: a sample, a file that this visitor brought, or the store of the run that is shown.

What a visitor brought lies in the session of that visitor and nowhere else.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.errors import TableError
from rnnviz.typed import quoted
from rnnviz.ui import once, preload
from rnnviz.ui.forecast.shown import Shown

if TYPE_CHECKING:
    from concurrent.futures import Future

    from streamlit.delta_generator import DeltaGenerator

    from rnnviz.figures.drawing import Spec
    from rnnviz.forecast.result import Split
    from rnnviz.forecast.table import Table
    from rnnviz.ui.session import Session


@dataclass(eq=False)
class Own:
    """What a visitor brought: a file, as it was read with ``overrides``; or, without ``content``, the table of a run.

    ``serial`` tells one reading from another. ``counts``: of a run's table, how many rows were left out why.
    """

    name: str
    content: bytes
    table: Table
    serial: str
    overrides: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(eq=False)
class Wish:
    """What is to be read next: a ``fresh`` file, or the present one with other overrides; ``reading`` once it is."""

    name: str
    content: bytes
    overrides: dict[str, Any]
    fresh: bool
    reading: Future[Table] | None = None


@dataclass(eq=False)
class Sources:
    """What this visitor has chosen to forecast.

    ``targets`` are the columns that were chosen of samples. ``error`` says why the last file could not be read,
    ``refused`` why it could not be read otherwise. ``trained`` holds, by run, the :func:`mark` of what it was given.
    ``uploads`` counts files: each gets an empty uploader after it. ``picture`` and ``fit`` are the last picture of the
    prices and the last answer of :func:`split`, each with what it was made for.
    """

    own: Own | None = None
    wish: Wish | None = None
    targets: dict[str, str] = field(default_factory=dict)
    trained: dict[str, str] = field(default_factory=dict)
    error: str = ""
    refused: str = ""
    uploads: int = 0
    readings: int = 0
    picture: tuple[Any, Spec] | None = None
    fit: tuple[Any, tuple[Split | None, str]] | None = None


def sources() -> Sources:
    """This visitor's, made at the first call."""
    if "forecast_sources" not in st.session_state:
        st.session_state["forecast_sources"] = Sources()
    found: Sources = st.session_state["forecast_sources"]
    return found


def table(session: Session) -> Table | None:
    """The table that would be forecast now, or None where a file is still to come."""
    known, sample = sources(), session.view.sample
    if sample == "own":
        return known.own.table if known.own is not None else None
    found = _sample(sample)
    target = known.targets.get(sample, found.target)
    return found if target == found.target or target not in found.targets else replace(found, target=target)


def mark(session: Session) -> str:
    """What tells the present table from others, within this session."""
    known, sample = sources(), session.view.sample
    if sample == "own":
        return f"own/{known.own.serial}" if known.own is not None else ""
    found = table(session)
    return f"{sample}/{found.target if found is not None else ''}"


def name(session: Session) -> str:
    """What the present series is called: maybe a user's text."""
    found = table(session)
    return found.name if found is not None else ""


def wish(fresh: bool, content: bytes, name: str, **overrides: Any) -> None:
    """Read this before the page is drawn again."""
    sources().wish = Wish(name, content, overrides, fresh)


def settle(session: Session, slot: DeltaGenerator) -> bool:
    """Read what is to be read, others having their turns meanwhile; whether there was anything.

    What cannot be read leaves everything as it was, but for one sentence.
    """
    known = sources()
    if (asked := known.wish) is None:
        return False
    if asked.reading is None:
        preload.ensure()
        asked.reading = once.aside(lambda: _read(asked))
    # Streamlit may end the run here: the wish stays, and the next run waits for the same reading.
    once.await_aside(asked.reading, slot, f"Reading {quoted(asked.name, marks=False)} …")
    known.wish, known.error, known.refused = None, "", ""
    try:
        found = asked.reading.result()
    except TableError as error:
        if asked.fresh:
            known.error = f"{quoted(asked.name, marks=False)}: {error}."
        else:
            known.refused = sentence(error)
        session.version += 1  # the widgets go back to what stands
        return True
    known.readings += 1
    known.own = Own(asked.name, asked.content, found, f"file {known.readings}", asked.overrides)
    if asked.fresh or session.view.sample != "own":
        session.view = replace(
            session.view, sample="own", part="data", forecast="", compared="", backtest="", leaks=""
        )
    session.version += 1
    return True


def adopt(shown: Shown) -> None:
    """Take over what a run was given, unless it came from here."""
    known = sources()
    if shown.run.id in known.trained:
        return
    if shown.sample != "own":
        known.targets[shown.sample] = _target(shown)
        known.trained[shown.run.id] = f"{shown.sample}/{_target(shown)}"
        return
    found = shown.table
    from rnnviz.forecast import stored

    known.own = Own(found.name, b"", found, f"run {shown.run.id}", counts=stored.left_out(shown.run.spec))
    known.trained[shown.run.id] = f"own/{known.own.serial}"


def same(shown: Shown, session: Session) -> bool:
    """Whether the present table is what the run was given."""
    given = f"{shown.sample}/{_target(shown)}" if shown.example else sources().trained.get(shown.run.id)
    return given == mark(session)


def split(session: Session, config: ForecastConfig) -> tuple[Split | None, str]:
    """The parts that would be made of the present series, or why it cannot be forecast with these settings."""
    found, known = table(session), sources()
    if found is None:
        return None, "Drop a file of prices at the side first, or choose one of the samples."
    key = (mark(session), config.window, config.horizon)
    if known.fit is None or known.fit[0] != key:
        known.fit = (key, _split(found, config))
    return known.fit[1]


def _split(found: Table, config: ForecastConfig) -> tuple[Split | None, str]:
    preload.ensure()
    from rnnviz.forecast import forecasting, windows

    try:
        prices = forecasting.modelled(found.prices)
        windows.checked(prices)
        return windows.split_of(len(prices), config.window, config.horizon), ""
    except TableError as error:
        return None, sentence(error)


def sentence(error: Exception) -> str:
    """What an error says, as a sentence of its own."""
    words = str(error).strip()
    words = words[:1].upper() + words[1:]
    return words if words.endswith((".", "!", "?")) else words + "."


def _read(asked: Wish) -> Table:
    from rnnviz.forecast.reading import read_table

    try:
        found = read_table(asked.content, name=asked.name, **asked.overrides)
    except TableError:
        raise
    except Exception as error:  # whatever a file does to the reader, the visitor gets a sentence
        logging.getLogger(__name__).exception("a file could not be read")
        raise TableError("this file could not be read; save it as CSV and try again") from error
    return found if found.name else replace(found, name=asked.name)


def _target(shown: Shown) -> str:
    """The column of a sample that a run forecasts."""
    found = _sample(shown.sample)
    target = shown.run.spec.get("target", "")
    return target if target in found.targets else found.target


@lru_cache(maxsize=16)
def _sample(name: str) -> Table:
    from rnnviz.forecast import samples

    return samples.sample(name)

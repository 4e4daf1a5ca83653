"""Which forecast the page shows: the one in the link, else the example of a sample that the server computes for all."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.forecast import config as configs
from rnnviz.forecast.config import ForecastConfig
from rnnviz.runs import RunsError
from rnnviz.ui import engine, preload, run_buttons
from rnnviz.ui.forecast import shown, source
from rnnviz.ui.forecast.shown import Shown
from rnnviz.ui.session import Session

if TYPE_CHECKING:
    from rnnviz.runs import Runs

EXAMPLE = ForecastConfig()
"""How the server forecasts each sample once, for whoever has not started a run."""

OTHERS = ("compared", "backtest", "leaks")
"""The settings of the view that name a run of another part."""

_SETTINGS = {field.query for field in configs.FIELDS}


@dataclass
class Memory(run_buttons.Memory):
    """What the page remembers of a visitor besides the session.

    ``last`` is the run shown last of each series, ``part`` the section that was drawn last, and ``turn`` counts how
    often another one was set by something else than its buttons.
    """

    last: dict[str, str] = field(default_factory=dict)
    part: str = ""
    turn: int = -1


def memory() -> Memory:
    """This visitor's memory, made at the first call."""
    if "forecast" not in st.session_state:
        st.session_state["forecast"] = Memory()
    found: Memory = st.session_state["forecast"]
    return found


def find(session: Session) -> Shown | None:
    """The forecast that is shown, as it is now; None where the link names one that is gone, or none can be had."""
    runs, owner, view = engine.runs(), engine.owner(), session.view
    if view.forecast:
        return shown.load(runs, view.forecast, owner)
    if view.sample == "own":
        return None
    return shown.load(runs, example(runs, owner, view.sample), owner, example=True)


def follow(session: Session) -> None:
    """Bring the settings of a run, and its series, into the side bar, once, when the page comes to show it.

    A link that has settings of its own keeps them: they were set after the run was started.
    """
    known = memory()
    if session.view.forecast == known.followed:
        return
    known.followed, known.error = session.view.forecast, ""
    found = shown.load(engine.runs(), session.view.forecast, engine.owner())
    if found is None:
        return
    sample = found.sample
    if sample != session.view.sample:
        session.view = replace(session.view, sample=sample)
        session.version += 1
    known.last[sample] = found.run.id
    source.adopt(found)
    set_apart = session.adopted.get("forecast") == found.run.id and _SETTINGS & set(session.adopted)
    if not set_apart and session.forecast != found.config:
        session.forecast = found.config
        session.version += 1


def show(session: Session, id: str) -> None:
    """Show another forecast from now on. The whole page is then to be drawn, for its side to follow."""
    session.view = replace(session.view, forecast=id, compared="", backtest="", leaks="")
    session.version += 1


_known: dict[tuple[Runs, str], str] = {}
_lock = threading.Lock()


def example(runs: Runs, owner: str, sample: str) -> str:
    """The id of a sample's example. It is submitted when somebody first looks, and again when it is gone.

    Raises :class:`rnnviz.runs.RunsError` where it cannot be had.
    """
    with _lock:
        run = runs.get(_known[runs, sample]) if (runs, sample) in _known else None
        if run is None or run.state == "failed":
            preload.ensure()
            from rnnviz.forecast import samples, stored

            table = samples.sample(sample)
            spec = stored.spec("forecast", EXAMPLE, table) | {"sample": sample, "target": table.target}
            _known[runs, sample] = runs.submit(shown.KIND, spec, owner, title="Example", shared=True)
        return _known[runs, sample]


def active(session: Session) -> bool:
    """Whether what the page shows will change by itself."""
    view = session.view
    try:
        runs, owner = engine.runs(), engine.owner()
        ids = [getattr(view, name) for name in OTHERS]
        if view.forecast or view.sample != "own":
            ids.append(view.forecast or example(runs, owner, view.sample))
        if any((run := runs.get(id)) is not None and run.active for id in ids if id):
            return True
        return view.part == "yours" and any(one.active for one in runs.mine(owner))
    except RunsError:
        return False

"""Which forecast the page shows: the one in the link, else the example of a sample that the server computes for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rnnviz.forecast.config import ForecastConfig
from rnnviz.ui import engine, preload, run_buttons, run_choice
from rnnviz.ui.forecast import shown, source
from rnnviz.ui.forecast.shown import Shown
from rnnviz.ui.session import Session

if TYPE_CHECKING:
    from rnnviz.runs import Runs

EXAMPLE = ForecastConfig()
"""How the server forecasts each sample once, for whoever has not started a run."""

OTHERS = ("compared", "backtest", "leaks")
"""The settings of the view that name a run of another part."""


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
    return run_choice.memory("forecast", Memory)


def find(session: Session) -> Shown | None:
    """The forecast that is shown, as it is now; None where the link names one that is gone, or none can be had."""
    runs, owner, view = engine.runs(), engine.owner(), session.view
    if view.forecast:
        return shown.load(runs, view.forecast, owner)
    if view.sample == "own":
        return None
    return shown.load(runs, example(runs, owner, view.sample), owner, example=True)


def follow(session: Session) -> None:
    """Bring the settings of a run, and its series, into the side bar, once, when the page comes to show it."""
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
    run_choice.take_over(session, "forecast", found.config, "forecast", found.run.id)


def show(session: Session, id: str) -> None:
    """Show another forecast from now on. The whole page is then to be drawn, for its side to follow."""
    session.view = replace(session.view, forecast=id, compared="", backtest="", leaks="")
    session.version += 1


examples = run_choice.Examples(shown.KIND)


def example(runs: Runs, owner: str, sample: str) -> str:
    """The id of a sample's example. Raises :class:`rnnviz.runs.RunsError` where it cannot be had."""
    return examples.id_of(runs, owner, sample, lambda: _spec(sample))


def _spec(sample: str) -> dict[str, Any]:
    preload.ensure()
    from rnnviz.forecast import samples, stored

    table = samples.sample(sample)
    return stored.spec("forecast", EXAMPLE, table) | {"sample": sample, "target": table.target}


def active(session: Session) -> bool:
    """Whether what the page shows will change by itself."""
    return run_choice.active(_shown(session), listed=session.view.part == "yours")


def _shown(session: Session) -> Iterator[str]:
    view = session.view
    yield from (getattr(view, name) for name in OTHERS)
    if view.forecast or view.sample != "own":
        yield view.forecast or example(engine.runs(), engine.owner(), view.sample)

"""Which run the page shows: the one in the link, else the example that the server trains for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rnnviz.race import VERSION, Race
from rnnviz.ui import engine, run_choice
from rnnviz.ui.run_buttons import Memory
from rnnviz.ui.session import Session
from rnnviz.ui.training import shown
from rnnviz.ui.training.shown import KIND, Shown

if TYPE_CHECKING:
    from rnnviz.runs import Runs

EXAMPLE = Race()
"""What the server trains once, for whoever has not started a run."""

TEXT_EXAMPLE = Race(task="text", cells=("lstm", "rnn"), length=50, hidden=128, steps=1000)
"""The same for the section on text."""


def memory() -> Memory:
    """This visitor's memory, made at the first call."""
    return run_choice.memory("training", Memory)


def find(session: Session) -> Shown | None:
    """The run that is shown, as it is now; None where the link names one that is gone, or none can be had."""
    runs, owner = engine.runs(), engine.owner()
    if session.view.run:
        return shown.load(runs, session.view.run, owner)
    return shown.load(runs, _example(session, runs, owner), owner, example=True)


def follow(session: Session) -> None:
    """Bring the settings of a run into the side bar, once, when the page comes to show it."""
    known = memory()
    if session.view.run == known.followed:
        return
    known.followed, known.error = session.view.run, ""
    run = engine.runs().get(session.view.run) if session.view.run else None
    race = shown.race_of(run)
    if run is not None and race is not None:
        # What Start trains is of this version, whatever the run was.
        run_choice.take_over(session, "race", replace(race, version=VERSION), "run", run.id)


def show(session: Session, id: str) -> None:
    """Show another run from now on. The whole page is then to be drawn, for the settings at its side to follow."""
    session.view = replace(session.view, run=id, epoch=None)
    session.version += 1


examples = run_choice.Examples(KIND)


def _example(session: Session, runs: Runs, owner: str) -> str:
    """The id of the section's example. Raises :class:`rnnviz.runs.RunsError` where it cannot be had."""
    race = TEXT_EXAMPLE if session.view.train == "text" else EXAMPLE
    return examples.id_of(runs, owner, race, race.to_spec)


def active(session: Session) -> bool:
    """Whether what the page shows will change by itself."""
    return run_choice.active(_shown(session), listed=session.view.train == "runs")


def _shown(session: Session) -> Iterator[str]:
    yield session.view.run or _example(session, engine.runs(), engine.owner())

"""The visitor's own runs, newest first: look at one again, or delete it."""

from __future__ import annotations

from dataclasses import replace

from rnnviz.runs.model import Run
from rnnviz.ui import run_choice, run_list
from rnnviz.ui.controls import Controls
from rnnviz.ui.training import choice, status
from rnnviz.ui.training.shown import KIND, Shown, race_of


def draw(controls: Controls, shown: Shown | None) -> None:
    """The list, a line a run."""
    session = controls.session

    def show(run: Run) -> None:
        choice.show(session, run.id)
        session.view = replace(session.view, train="race")

    def delete(run: Run) -> None:
        if run_choice.delete(choice.memory(), run.id) and session.view.run == run.id:
            choice.show(session, "")

    run_list.draw(
        KIND,
        () if shown is None else (shown.run.id,),
        describe,
        show,
        delete,
        none="None yet. Choose settings on the left and press Start.",
        goes="The run, its curves and its networks are gone then, for everybody who has the link.",
    )


def describe(run: Run) -> tuple[str, str]:
    """What a run is called in the list, and its sizes."""
    race = race_of(run)
    if race is None:
        return run.title or "A run of another version", ""
    return (
        status.name_of(race),
        f"T {race.length} · H {race.hidden} · {race.steps:,} steps · seed {race.seed}",
    )

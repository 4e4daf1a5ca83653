"""The visitor's own runs, newest first: look at one again, or delete it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rnnviz.runs.model import Run
from rnnviz.ui import run_choice, run_list
from rnnviz.ui.attention import choice, status
from rnnviz.ui.attention import shown as shows
from rnnviz.ui.attention.shown import KIND, Shown
from rnnviz.ui.controls import Controls
from rnnviz.ui.session import Session


def draw(controls: Controls, shown: Shown[Any, Any] | None) -> None:
    """The list, a line a run."""
    session = controls.session
    run_list.draw(
        KIND,
        {choice.run_of(session, part) for part in choice.PARTS.values()} - {""},
        describe,
        lambda run: _show(session, run),
        lambda run: _delete(session, run),
        none="None yet. Choose settings on the left and press Train.",
        goes="The run, its curves and its networks are gone then, for everybody who has the link.",
    )


def describe(run: Run) -> tuple[str, str]:
    """What a run is called in the list, and its sizes."""
    config = shows.config_of(run)
    if config is None:
        return run.title or "A run of another version", ""
    return status.name_of(config), status.sizes_of(config)


def _show(session: Session, run: Run) -> None:
    part = choice.PARTS.get(run.spec.get("part", ""))
    if part is not None:
        choice.show(session, part, run.id)
        session.view = replace(session.view, attend=part.name)


def _delete(session: Session, run: Run) -> None:
    part = choice.PARTS.get(run.spec.get("part", ""), choice.PARTS["pooling"])
    if run_choice.delete(choice.memory(choice.part_of(session).name), run.id):
        shows.forget(run.id)
        if choice.run_of(session, part) == run.id:
            choice.show(session, part, "")

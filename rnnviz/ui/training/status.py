"""What a run is doing, in words, and which buttons mean something. Nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.race import FIELDS, Race
from rnnviz.registry import CELLS
from rnnviz.ui import run_status, run_words
from rnnviz.ui.run_buttons import Button
from rnnviz.ui.run_words import duration, ordinal, value_of
from rnnviz.ui.training.shown import Shown

__all__ = ["buttons", "changes", "detail", "differing", "headline", "html", "name_of", "onward"]
__all__ += ["duration", "ordinal", "value_of"]


def buttons(shown: Shown | None, race: Race) -> Mapping[str, Button]:
    """The four buttons, by name: start, pause (or continue), step, stop."""
    standing, why = run_status.standing(shown), race.missing
    state = standing.state
    same = shown is not None and not changes(shown.race, race)
    return {
        "start": standing.begin("Start", "Train the chosen settings.", same=same, missing=why),
        "pause": standing.go_on()
        if standing.rests
        else Button("Pause", standing.moves, "Rest after this epoch; nothing is lost.", "pause"),
        "step": Button(
            "Step",
            state in ("paused", "stopped") or (state in (None, "done") and not why),
            "Train one epoch, then rest."
            if state in ("paused", "stopped")
            else "Begin a run of your own, one epoch at a time.",
            "skip_next",
        ),
        "stop": standing.stop(paused=True),
    }


def changes(before: Race, after: Race) -> list[str]:
    """The settings in which two races differ, each as "Hidden size 32 in place of 64"."""
    found = run_words.changes(FIELDS, before, after)
    return found if found or before.text == after.text else ["another text"]


def differing(before: Race, after: Race) -> str:
    """A sentence on what Start would train other than the run, or ""."""
    return run_words.differing("Start trains these new settings", changes(before, after))


def headline(shown: Shown) -> str:
    """The state in a word or two."""
    return run_words.headline(shown.run, shown.place)


def detail(shown: Shown) -> str:
    """How far the run is, and how long it takes or took."""
    run, race, newest = shown.run, shown.race, shown.newest
    if newest < 0:
        return run_words.waiting(run)
    step = max(found[-1].step for found in shown.epochs.values() if found)
    if run.state == "done":
        parts = [f"{newest:,} epoch{'s' * (newest != 1)}", f"{step:,} steps"]
    else:
        parts = [f"epoch {newest:,} of {race.epochs:,}", f"step {step:,} of {race.steps:,}"]
    return run_status.paced(run, parts)


def onward(shown: Shown) -> str:
    """What the reader can do now, or is looking at, where the state alone does not say it."""
    instead = run_status.instead(
        shown,
        "The server's own example. Choose settings and press Start.",
        "You are watching somebody's run.",
    )
    return run_words.onward(
        shown.run, shown.own, instead, "Continue goes on from here, Step trains one epoch."
    )


def html(shown: Shown, more: str) -> str:
    """The status as it stands beside the buttons: state, how far, a bar, and ``more`` beneath."""
    return run_words.html(shown.run, headline(shown), detail(shown), more)


def name_of(race: Race) -> str:
    """What a race is called in lists."""
    task = next(known for known in FIELDS if known.name == "task").label_of(race.task)
    return f"{task} · {', '.join(CELLS[cell].label for cell in race.cells)}"

"""What a run is doing, in words, and which buttons mean something. Nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from rnnviz.race import FIELDS, Race
from rnnviz.registry import CELLS
from rnnviz.typed import short
from rnnviz.ui.training.shown import Shown

MOST_CHANGES = 3
"""Settings that differ from the run's and are named; the others are counted."""


@dataclass(frozen=True)
class Button:
    """What a button says, whether it can be pressed, and what pointing at it tells."""

    label: str
    enabled: bool
    help: str


def buttons(shown: Shown | None, race: Race) -> Mapping[str, Button]:
    """The four buttons, by name: start, pause (or continue), step, stop."""
    state = shown.run.state if shown is not None and shown.own else None
    rests = state in ("paused", "stopped", "failed")
    moves = state in ("queued", "running")
    under_way = shown is not None and state is not None and state != "done" and not changes(shown.race, race)
    why = race.missing
    foreign = shown is not None and not shown.own and not shown.example
    return {
        "start": Button(
            "Train your own" if foreign else "Start",
            not why and not under_way,
            why or ("This run has just these settings." if under_way else "Train the chosen settings."),
        ),
        "pause": Button("Continue", True, "Go on from where it is.")
        if rests
        else Button("Pause", moves, "Rest after this epoch; nothing is lost."),
        "step": Button(
            "Step",
            state in ("paused", "stopped") or (state in (None, "done") and not why),
            "Train one epoch, then rest."
            if state in ("paused", "stopped")
            else "Begin a run of your own, one epoch at a time.",
        ),
        "stop": Button("Stop", moves or state == "paused", "End it; what it has learned is kept."),
    }


def changes(before: Race, after: Race) -> list[str]:
    """The settings in which two races differ, each as "Hidden size 32 in place of 64"."""
    found = []
    for known in FIELDS:
        old, new = getattr(before, known.name), getattr(after, known.name)
        if old != new:
            found.append(f"{known.label.lower()} {value_of(known, new)} in place of {value_of(known, old)}")
    if not found and before.text != after.text:
        found.append("another text")
    return found


def differing(before: Race, after: Race) -> str:
    """A sentence on what Start would train other than the run, or ""."""
    found = changes(before, after)
    more = len(found) - MOST_CHANGES
    listed = "; ".join(found[:MOST_CHANGES]) + (f"; and {more} more" if more > 0 else "")
    return f"Start trains these new settings: {listed}." if found else ""


def headline(shown: Shown) -> str:
    """The state in a word or two."""
    run = shown.run
    if run.state == "queued":
        if shown.place in (None, 1):
            return "Next in line"
        return f"{ordinal(shown.place or 1)} in line"
    return {
        "running": "Training",
        "paused": "Paused",
        "stopped": "Stopped",
        "done": "Finished",
        "failed": "Interrupted by a fault",
    }[run.state]


def detail(shown: Shown) -> str:
    """How far the run is, and how long it takes or took."""
    run, race, newest = shown.run, shown.race, shown.newest
    if newest < 0:
        return {
            "queued": "It starts as soon as a worker is free.",
            "running": "The first numbers are on their way.",
        }.get(run.state, "Nothing has been trained.")
    step = max(found[-1].step for found in shown.epochs.values() if found)
    if run.state == "done":
        parts = [f"{newest:,} epoch{'s' * (newest != 1)}", f"{step:,} steps"]
    else:
        parts = [f"epoch {newest:,} of {race.epochs:,}", f"step {step:,} of {race.steps:,}"]
    if run.state == "running" and run.left is not None:
        parts.append(f"{duration(run.left)} left")
    elif run.seconds > 0:
        parts.append(f"{duration(run.seconds)} of training")
    return " · ".join(parts)


def onward(shown: Shown) -> str:
    """What the reader can do now, or is looking at, where the state alone does not say it."""
    run = shown.run
    if run.state == "failed":
        way = "Continue goes on from what was saved." if shown.own else ""
        return " ".join(part for part in (run.message, way) if part)
    if shown.example:
        return "The server's own example. Choose settings and press Start."
    if not shown.own:
        return "You are watching somebody's run."
    if run.state in ("paused", "stopped"):
        return "Continue goes on from here, Step trains one epoch."
    return run.message


def html(shown: Shown, more: str) -> str:
    """The status as it stands beside the buttons: state, how far, a bar, and ``more`` beneath."""
    run = shown.run
    share = 1.0 if run.state == "done" else min(max(run.done, 0.0), 1.0)
    return (
        f"<div class='rv-status rv-{run.state}' role='status'><p><b>{escape(headline(shown))}</b> "
        f"<span>{escape(detail(shown))}</span></p>"
        f"<progress max='1' value='{share:.4f}' aria-label='Share of the training that is done'></progress>"
        f"<p class='rv-onward'>{escape(more)}</p></div>"
    )


def duration(seconds: int | float) -> str:
    """A time as people say it: "0.4 s", "14 s", "3 min", "1 h 20 min"."""
    if seconds < 9.5:
        return f"{max(seconds, 0.1):.1f} s" if seconds < 0.95 else f"{seconds:.0f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, ... 11th, ... 21st."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def name_of(race: Race) -> str:
    """What a race is called in lists."""
    task = next(known for known in FIELDS if known.name == "task").label_of(race.task)
    return f"{task} · {', '.join(CELLS[cell].label for cell in race.cells)}"


def value_of(known: Any, value: Any) -> str:
    """A setting's value as the reader has it."""
    match value:
        case None:
            return str(known.unset_label)
        case bool():
            return "on" if value else "off"
        case tuple():
            return ", ".join(CELLS[cell].label for cell in value)
        case str():
            return str(known.label_of(value))
        case int():
            return f"{value:,}"
        case _:
            return short(value)

"""What a run is doing, in words: its state, how long, how long ago, and which settings are new. Nothing here draws."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from rnnviz.fields import Field
from rnnviz.runs.model import Run
from rnnviz.typed import short

MOST_CHANGES = 3
"""Settings that differ from the run's and are named; the others are counted."""

STATES = {
    "queued": "waiting",
    "running": "training",
    "paused": "paused",
    "stopped": "stopped",
    "done": "finished",
    "failed": "interrupted",
}
"""The states in a list."""


def headline(run: Run, place: int | None) -> str:
    """The state in a word or two; ``place`` is that in the line, from 1."""
    if run.state == "queued":
        return "Next in line" if place in (None, 1) else f"{ordinal(place or 1)} in line"
    return {
        "running": "Training",
        "paused": "Paused",
        "stopped": "Stopped",
        "done": "Finished",
        "failed": "Interrupted by a fault",
    }[run.state]


def waiting(run: Run) -> str:
    """What there is to say before the first number."""
    return {
        "queued": "It starts as soon as a worker is free.",
        "running": "The first numbers are on their way.",
    }.get(run.state, "Nothing has been trained.")


def onward(run: Run, own: bool, instead: str, resting: str) -> str:
    """What the reader can do now, or is looking at, where the state alone does not say it.

    ``instead`` is what there is to say of a run that is an example or somebody else's, "" for none; ``resting`` how to
    go on with one's own.
    """
    if run.state == "failed":
        way = "Continue goes on from what was saved." if own else ""
        return " ".join(part for part in (run.message, way) if part)
    if instead:
        return instead
    if run.state in ("paused", "stopped"):
        return resting
    if run.state == "queued" and run.done > 0 and not run.message:
        return "Others have their turn; it goes on from here by itself."
    return run.message


def html(run: Run, headline: str, detail: str, onward: str) -> str:
    """The status as it stands beside the buttons: state, how far, a bar, and ``onward`` beneath."""
    share = 1.0 if run.state == "done" else min(max(run.done, 0.0), 1.0)
    return (
        f"<div class='rv-status rv-{run.state}' role='status'><p><b>{escape(headline)}</b> "
        f"<span>{escape(detail)}</span></p>"
        f"<progress max='1' value='{share:.4f}' aria-label='Share of the training that is done'></progress>"
        f"<p class='rv-onward'>{escape(onward)}</p></div>"
    )


def described(heading: str, name: str, state: str, rows: Iterable[tuple[str, str]]) -> str:
    """A run for the side of the page: ``name`` and ``state``, both HTML, and its settings as label and value."""
    table = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in rows)
    return (
        f"<section class='rv-run'><h2>{heading}</h2><p><b>{name}</b><br>{state}</p><dl>{table}</dl></section>"
    )


def changes(fields: Iterable[Field], before: object, after: object) -> list[str]:
    """The settings in which two values differ, each as "Hidden size 32 in place of 64"."""
    found = []
    for known in fields:
        old, new = getattr(before, known.name), getattr(after, known.name)
        if old != new:
            found.append(f"{known.label.lower()} {value_of(known, new)} in place of {value_of(known, old)}")
    return found


def differing(head: str, found: Sequence[str]) -> str:
    """A sentence on what would be trained other than the run, after ``head``; or ""."""
    more = len(found) - MOST_CHANGES
    listed = "; ".join(found[:MOST_CHANGES]) + (f"; and {more} more" if more > 0 else "")
    return f"{head}: {listed}." if found else ""


def value_of(known: Field, value: object) -> str:
    """A setting's value as the reader has it."""
    match value:
        case None:
            return known.unset_label
        case bool():
            return "on" if value else "off"
        case tuple():
            return ", ".join(known.label_of(item) for item in value)
        case str():
            return known.label_of(value)
        case int():
            return f"{value:,}"
        case float():
            return short(value)
        case _:
            return str(value)


def duration(seconds: int | float) -> str:
    """A time as people say it: "0.4 s", "14 s", "3 min", "1 h 20 min"."""
    if seconds < 9.5:
        return f"{max(seconds, 0.1):.1f} s" if seconds < 0.95 else f"{seconds:.0f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def ago(seconds: int | float) -> str:
    """How long ago, as people say it."""
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min ago"
    if seconds < 86400:
        return f"{seconds / 3600:.0f} h ago"
    days = round(seconds / 86400)
    return f"{days} day{'s' if days != 1 else ''} ago"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, ... 11th, ... 21st."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"

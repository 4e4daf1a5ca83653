"""What is said of a flow and its fixed points, in measured numbers. The sentences are HTML."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from rnnviz.prose import listed
from rnnviz.ui.findings import number, share

if TYPE_CHECKING:
    from rnnviz.fixedpoints import Kind
    from rnnviz.portrait import Found, Graph, Portrait

KINDS: tuple[Kind, ...] = ("stable", "saddle", "unstable", "marginal")
MOST = 6
"""Rows of the table."""


def sentences(picture: Portrait | Graph, held: str) -> list[str]:
    """How many points of each kind there are and what that means, and what the plane does not show."""
    points = picture.found.points
    lines = [_counted(picture.found, held), *_meaning(picture)]
    if picture.free is not None and points.count("stable"):
        count = picture.free.shape[1]
        steps = len(picture.free) - 1
        lines.append(
            f"Of <b>{count}</b> states left to themselves for {steps} steps, <b>{picture.arrived}</b> "
            f"{'ends' if picture.arrived == 1 else 'end'} within 0.01 of a stable point."
        )
    return lines + _plane(picture)


def _counted(found: Found, held: str) -> str:
    points = found.points
    counts = [f"<b>{points.count(kind)}</b> {kind}" for kind in KINDS if points.count(kind)]
    searched = f"from {found.starts} starts"
    if points.cut:
        searched += f", {points.cut} of them cut short after {found.rounds} rounds"
    elif points.lost:
        searched += f", {points.lost} of them in vain"
    what = listed(counts) if counts else "<b>no</b> fixed point"
    text = f"With the input held at {escape(held)}: {what}, found {searched}; there may be others."
    if found.beyond:
        text += f" Not counted: {found.beyond} beyond |h| = 1, where z rounds to 1; no state gets there."
    return text


def _meaning(picture: Portrait | Graph) -> list[str]:
    points = picture.found.points
    stable, saddles = points.count("stable"), points.count("saddle")
    if points.count("marginal") > 1:
        return [
            "Marginal points side by side: a whole line or plane of states stays where it is. Such a network keeps any "
            "number, and any noise."
        ]
    if stable == 1:
        half = _halving(float(points.eigenvalues[0, 0].abs()))
        return [
            f"A single stable point: in the long run every difference near it halves <b>{half}</b>, and with it what "
            f"the network knows of its past. {_ending(picture)}"
        ]
    if stable:
        between = ""
        if saddles:
            found = "A saddle was found" if saddles == 1 else f"{saddles} saddles were found"
            between = f" {found}, too: as a rule the borders of basins run through such points."
        return [
            f"<b>{stable}</b> stable points: a memory. Where a state ends depends on where it began.{between}"
        ]
    if points.count("marginal"):
        return [
            "A marginal point: where the largest |λ| is 1, the eigenvalues do not tell whether states come to rest. "
            "See them “left to themselves”."
        ]
    if points.kinds:
        return [
            "No stable point was found. If there is none, states do not come to rest: they go round, wander or grow. "
            "See them “left to themselves”."
        ]
    return []


def _ending(picture: Portrait | Graph) -> str:
    """Whether all states end at the only stable point: other ones may go round it for ever."""
    if picture.free is None:
        return "If all states end there, the network forgets: see them “left to themselves”."
    if picture.arrived == picture.free.shape[1]:
        return "All states that were left to themselves end there: it forgets."
    return "But not all states end there, as far as they were followed."


def _plane(picture: Portrait | Graph) -> list[str]:
    from rnnviz.portrait import FAR, Portrait

    if not isinstance(picture, Portrait):
        return []
    lines = []
    gone = (~(picture.run.abs() <= picture.plane.reach * 1.03)).any(1).nonzero().flatten()
    if picture.plane.shares is not None:
        kept = float(picture.flow.inside.nanmedian())
        near = f" as far as |s| is {FAR:g} at most" if len(gone) else ""
        lines.append(
            f"The plane holds <b>{share(sum(picture.plane.shares))}</b> of the variance of the run{near}. Of a step "
            f"from a place in it <b>{share(kept)}</b> of the length stays in it (median); the arrows show that part, "
            "the colour all."
        )
    outside = int((picture.spots.abs() > picture.plane.reach * 1.03).any(1).sum())
    if outside:
        lines.append(f"Outside the picture: <b>{outside}</b> of the fixed points.")
    if len(gone):
        lines.append(f"The run leaves the picture at step <b>{int(gone[0])}</b>.")
    return lines


def table(picture: Portrait | Graph, chosen: int) -> str:
    """A row a point: its kind, its largest eigenvalue, how fast that works, where it lies, and how still it is."""
    from rnnviz.portrait import Portrait

    points = picture.found.points
    beside = picture.off if isinstance(picture, Portrait) and picture.plane.shares is not None else None
    if not points.kinds:
        return "<p class='rv-note'>None was found: search harder, or hold another input.</p>"
    heads = ["", "kind", "max |λ|", "distance", *(["off plane"] if beside is not None else []), "|F(s) − s|"]
    rows = []
    first = min(max(chosen - MOST + 1, 0), max(len(points.kinds) - MOST, 0))
    for k in range(first, min(first + MOST, len(points.kinds))):
        largest = float(points.eigenvalues[k, 0].abs())
        cells = [str(k + 1), points.kinds[k], number(largest), rate(largest)]
        cells += [number(float(beside[k]))] if beside is not None else []
        cells += [number(float(points.speed[k]))]
        mine = " class='rv-chosen'" if k == chosen else ""
        kind = f"<span class='rv-kind rv-{points.kinds[k]}'></span>"
        rows.append(
            f"<tr{mine}>"
            + "".join(f"<td>{kind if c == 1 else ''}{cell}</td>" for c, cell in enumerate(cells))
        )
    more = len(points.kinds) - MOST
    note = f"<p class='rv-note'>{MOST} of {len(points.kinds)} points.</p>" if more > 0 else ""
    head = "".join(f"<th scope='col'>{name}</th>" for name in heads)
    inside = f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
    return f"<div class='rv-beside'><table class='rv-points'>{inside}</table></div>{note}"


def rate(largest: float) -> str:
    """How a distance changes along the strongest direction, in steps."""
    from rnnviz.fixedpoints import EVEN

    if abs(largest - 1) <= EVEN:
        return "stays"
    return f"halves {_halving(largest)}" if largest < 1 else f"doubles {_halving(1 / largest)}"


def _halving(largest: float) -> str:
    """In how many steps a distance halves that is multiplied by so much in each."""
    steps = math.log(0.5) / math.log(largest) if largest > 0 else 0.0
    return "within a step" if steps <= 1 else f"in {steps:.3g} steps" if steps < 1000 else "in > 1000 steps"

"""What the pictures of the inside show, in sentences that quote the measured numbers, as HTML."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from rnnviz.race import Race
from rnnviz.training.epoch import Epoch
from rnnviz.ui.findings import share
from rnnviz.ui.training.words import Epochs, best, diverged, label_of, number

TINY = 2.0**-126
"""Below this a float32 loses its digits, and soon itself."""

_LOST = "0, or too small for float32"

_NOTHING = {
    "norms": "Nothing has been trained yet.",
    "profile": "The gradient at the last step is too small, or that at step 1 too large, for float32.",
    "saturation": "Nothing here has an end that it could be pinned at.",
    "weights": "There is no recurrent matrix here.",
}
"""What is said of a picture where there is no number to say."""


def inside(race: Race, epochs: Epochs, picture: str) -> list[str]:
    """What one picture of the inside shows: "norms", "profile", "saturation" or "weights"."""
    begun = {cell: epochs[cell] for cell in race.cells if epochs.get(cell)}
    if not begun:
        return ["Nothing has been measured yet."]
    say = {"norms": _norms, "profile": _reach, "saturation": _saturated, "weights": _radius}[picture]
    found = [said for cell, rows in begun.items() for said in say(race, cell, rows)]
    return [*found, *diverged(begun)] or [_NOTHING[picture]]


def _norms(race: Race, cell: str, epochs: Sequence[Epoch]) -> list[str]:
    trained = [one for one in epochs if one.number > 0]
    top = best(trained, lambda one: one.norm_max, largest=True)
    if top is None:
        return []
    text = f"{label_of(cell)}: longest gradient <b>{number(top.norm_max)}</b> (in the epoch to step {top.step:,})"
    if race.clip is not None:
        above = sum(race.clip < one.norm_max < math.inf for one in trained)
        text += f"; something was clipped in <b>{above}</b> of {len(trained)} epochs"
    return [text + "."]


def _reach(race: Race, cell: str, epochs: Sequence[Epoch]) -> list[str]:
    first, last = _ratio(epochs[0]), _ratio(epochs[-1])
    if first is None or last is None:
        return []
    words = "‖∂L/∂h‖ at step 1 over that at the last step"
    if len(epochs) == 1:
        return [f"{label_of(cell)}: {words} is <b>{first}</b> before training."]
    return [
        f"{label_of(cell)}: {words} is <b>{first}</b> before training, <b>{last}</b> after step {epochs[-1].step:,}."
    ]


def _ratio(one: Epoch) -> str | None:
    """The first of the profile over the last, or None where the last is nothing to compare with."""
    if len(one.profile) < 2 or not one.profile[-1] >= TINY:
        return None
    ratio = one.profile[0] / one.profile[-1]
    if not math.isfinite(ratio):
        return None
    return number(ratio) if one.profile[0] >= TINY else _LOST


def _saturated(race: Race, cell: str, epochs: Sequence[Epoch]) -> list[str]:
    before, now = epochs[0].saturation, epochs[-1].saturation
    parts = [
        f"<i>{escape(name)}</i> {share(sum(before[name]))} → <b>{share(sum(now[name]))}</b>"
        for name in now
        if name in before and math.isfinite(sum(now[name])) and math.isfinite(sum(before[name]))
    ]
    return [f"{label_of(cell)}, saturated before → now: {', '.join(parts)}."] if parts else []


def _radius(race: Race, cell: str, epochs: Sequence[Epoch]) -> list[str]:
    first, last = epochs[0], epochs[-1]
    pairs = [
        ("‖W<sub>hh</sub>‖", first.weights.get("weight_hh"), last.weights.get("weight_hh")),
        ("spectral radius of W<sub>hh</sub>", first.radius, last.radius),
    ]
    parts = [
        f"{what} {number(before)} → <b>{number(now)}</b>"
        for what, before, now in pairs
        if before is not None and now is not None
    ]
    return [f"{label_of(cell)}, before → now: {', '.join(parts)}."] if parts else []

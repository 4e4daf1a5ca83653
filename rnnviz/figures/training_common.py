"""What the pictures of a training share: a cell's course over all epochs, its name at the end, axes that rest."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from rnnviz.figures import base, log_axis
from rnnviz.figures.theme import CELL_COLOURS, CELL_DASHES, CELL_SYMBOLS
from rnnviz.figures.training_way import Values as Values  # for the pictures that draw from here
from rnnviz.figures.training_way import Way
from rnnviz.race import Race
from rnnviz.registry import CELLS
from rnnviz.training.epoch import Epoch

Epochs = Mapping[str, Sequence[Epoch]]
"""What is drawn: by cell the epochs so far, of any number, in any order."""

_UP = (0.0, 0.31, 0.7, 1.0, 1.31, 1.7, 2.0, 3.0)
_DOWN = (*map(float, range(9)), 10.0, 12.0, 16.0, 20.0, 30.0, 45.0, 100.0, 310.0)
"""The decades above and below 1 at which a log axis may end: it widens in few and large steps."""


class Course(Way[Epoch]):
    """One cell's way through a race."""

    def __init__(self, cell: str, epochs: Iterable[Epoch], race: Race) -> None:
        self.cell = cell
        steps = np.minimum(np.arange(race.epochs + 1) * race.per_epoch, race.steps)
        look = CELL_COLOURS[cell], CELL_DASHES[cell], CELL_SYMBOLS[cell]
        super().__init__(CELLS[cell].label, look, epochs, steps)


def courses(epochs: Epochs, race: Race) -> list[Course]:
    """The courses of all cells of the race, in its order, also of those that have not begun."""
    return [Course(cell, epochs.get(cell, ()), race) for cell in race.cells]


def positive(values: Values) -> Values:
    """The values that have a place on a log axis."""
    return np.where(values > 0, values, np.nan)


def decades(
    values: Iterable[Values], low: int | float, top: int | float, cap: float = 3.0
) -> tuple[float, float]:
    """The ends of a log axis for these values, in decades: ``low`` to ``top``, or wider by fixed rungs, up to ``cap``.

    More epochs can only widen it.
    """
    every = np.concatenate([np.empty(0), *(one[one > 0] for one in values)])
    least = min(low, math.log10(every.min()) - 0.02) if every.size else low
    most = max(top, math.log10(every.max())) if every.size else top
    floor = low if least >= low else -base.rung(-least, _DOWN) if least < 0 else 0.0
    return floor, top if most <= top else base.rung(min(most, cap), _UP)


def ticks(low: int | float, top: int | float) -> dict[str, Any]:
    """The ticks of such an axis: plain numbers where they are short, 1-2-5 where there are few decades."""
    digits = (1, 2, 5) if top - low <= 2.01 else (1,)
    step = base.step_for(max(1, round(top - low)), 6)
    found = [
        float(f"{digit}e{k}") for k in range(math.floor(low), math.ceil(top) + 1, step) for digit in digits
    ]
    shown = [value for value in found if low - 1e-9 <= math.log10(value) <= top + 1e-9]
    names = [f"{v:g}" if 1e-4 < v < 1e4 else log_axis.power_of_ten(round(math.log10(v))) for v in shown]
    return {"tickvals": shown, "ticktext": names}


def step_axis(race: Race, *, few: bool = False) -> dict[str, Any]:
    """An axis of training steps over the whole race; with ``few`` only its ends are named."""
    return axis_of_steps(race.steps, few=few)


def axis_of_steps(steps: int, *, few: bool = False) -> dict[str, Any]:
    """An axis of so many training steps; with ``few`` only its ends are named."""
    every = steps if few else base.step_for(steps, 5)
    return {
        "range": [-0.015 * steps, 1.015 * steps],
        "tickvals": list(range(0, steps + 1, every)),
        "tickformat": ",",
        "title": {"text": "training step"},
    }


def tips(
    found: Sequence[Way[Any]],
    lines: Sequence[Values],
    what: str,
    low: int | float,
    top: int | float,
    *,
    log: bool = True,
    form: str = ".4g",
) -> tuple[dict[str, Any], list[float]]:
    """A mark at the end of each line, and how high each name wants to stand.

    A cell that diverged ends in a cross, one that is above the axis in a triangle at its edge, and on a log axis one
    at 0 in a ring at the bottom: marks, whose height is no value. Of a cell without a line the mark is left out.
    """
    x, y, symbols, words = [], [], [], []
    wanted = []
    for one, values in zip(found, lines, strict=True):
        there = np.flatnonzero(np.isfinite(values))
        last = float(values[there[-1]]) if len(there) else math.nan
        at = (math.log10(last) if last > 0 else low if last == 0 else math.nan) if log else last
        place = min(max(at, low), top)
        step = one.steps[there[-1]] if len(there) else math.nan
        symbol, word = one.symbol, f"{what} {last:{form}}"
        if one.diverged is not None:
            step, symbol = one.diverged.step, "x-thin"
            word = f"diverged at step {step:,}: a number that is not finite"
            place = place if math.isfinite(at) else top
        elif at > top:
            symbol, word = "triangle-up-open", f"{what} {last:.3g}, above the axis"
        elif log and last == 0:
            symbol, word = "circle-open", f"{what} exactly 0"
        x.append(step)
        y.append(10.0**place if log else place)
        symbols.append(symbol)
        words.append(f"{one.label}<br>{word}")
        wanted.append(place if math.isfinite(place) else math.nan)
    colours = [one.colour for one in found]
    marker = {"symbol": symbols, "color": colours, "line": {"color": colours, "width": 2}}
    mark = {
        "type": "scatter",
        "mode": "markers",
        "name": "ends",
        "meta": {"mark": what},
        "x": np.array(x, dtype=np.float64),
        "y": np.array(y, dtype=np.float64),
        "marker": marker,
        "cliponaxis": False,
        "text": words,
        "hovertemplate": "%{text}<extra></extra>",
    }
    return mark, wanted


def name_of(cell: str, diverged: bool = False) -> str:
    """The name of a cell in short lines, and whether it is still in the race."""
    lines = textwrap.wrap(CELLS[cell].label.replace(" form)", ")"), 10)
    return "<br>".join([*lines, "diverged"] if diverged else lines)


def names(
    found: Sequence[Course],
    wanted: Sequence[float],
    low: int | float,
    top: int | float,
    axis: int,
    line: int | float,
) -> list[dict[str, Any]]:
    """The names of the cells at the right of a panel, near where they want to stand; NaN is anywhere.

    ``line`` is how much of the panel's height a line of words takes.
    """
    texts = [name_of(one.cell, one.diverged is not None) for one in found]
    places = stacked(texts, wanted, low, top, line)
    return [
        at_right(text, one.colour, place, axis) for one, text, place in zip(found, texts, places, strict=True)
    ]


def at_right(text: str, colour: str, y: int | float, axis: int = 0) -> dict[str, Any]:
    """Words in a colour at the right of a panel."""
    note = base.beside(text, colour, 1.02, y, "right")
    return {**note, "xref": f"{base.ref('x', axis)} domain", "yref": base.ref("y", axis)}


def stacked(
    texts: Sequence[str], wanted: Sequence[float], low: int | float, top: int | float, line: int | float
) -> list[float]:
    """Places for texts of one or more lines, of which one takes the share ``line`` of the height from low to top.

    As :func:`rnnviz.figures.base.apart`, which knows one distance only: each text stands as so many single lines.
    """
    goal = [place if math.isfinite(place) else (low + top) / 2 for place in wanted]
    lines = [1 + text.count("<br>") for text in texts]
    step = min(line, 1 / max(1, sum(lines))) * (top - low)
    # Among those that are as good as equal the first stands on top, so that names do not change places all the time.
    order = sorted(range(len(texts)), key=lambda k: (round(4 * goal[k] / step), -k))
    rows = [k for k in order for _ in range(lines[k])]
    offsets = {k: [(i - (lines[k] - 1) / 2) * step for i in range(lines[k])] for k in order}
    goals = [goal[k] + offset for k in order for offset in offsets[k]]
    # Rising goals, or the lines of two texts would be mixed.
    places = base.apart(np.maximum.accumulate(goals).tolist() if goals else [], step, low, top)
    own: list[list[float]] = [[] for _ in texts]
    for k, place in zip(rows, places, strict=True):
        own[k].append(place)
    return [float(np.mean(one)) for one in own]


def level(value: int | float, axis: int) -> dict[str, Any]:
    """A dotted line across a panel."""
    place = {"xref": f"{base.ref('x', axis)} domain", "yref": base.ref("y", axis), "x0": 0, "x1": 1}
    return {"type": "line", **place, "y0": value, "y1": value, "line": {"dash": "dot"}, "layer": "below"}


def waiting(found: Sequence[Way[Any]], axis: int = 0, *, narrow: bool = False) -> dict[str, Any] | None:
    """A calm word in an empty panel, between two lines of its grid; in a ``narrow`` one in two lines."""
    if any(one.epochs for one in found):
        return None
    place = {
        "xref": f"{base.ref('x', axis)} domain",
        "yref": f"{base.ref('y', axis)} domain",
        "x": 0.5,
        "y": 0.45 if narrow else 0.25,
    }
    return base.remark(f"The curves grow here{'<br>' if narrow else ' '}once the training starts.", **place)

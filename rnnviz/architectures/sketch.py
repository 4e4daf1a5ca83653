"""Laying out a diagram: columns for steps, of which the middle ones are left out where there are many."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from rnnviz.architectures.config import Shape
from rnnviz.architectures.diagram import Arrow, Box, Diagram, Role

GAP = "⋯"
"""What stands in a box for the steps that are left out; its ``t`` is None."""

MOST = 8
"""Columns of a row, one of them the gap."""

Columns = tuple[int | None, ...]
"""The steps (from 1) that get a column; None is the gap."""


def columns(N: int, most: int = MOST) -> Columns:
    """All of N steps, or as many of the first and the last as fit, with a gap between them."""
    if most >= N:
        return tuple(range(1, N + 1))
    first = most // 2
    return (*range(1, first + 1), None, *range(N - (most - first - 1) + 1, N + 1))


def low(number: int | str) -> str:
    """As a subscript: "₁₂"."""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


class Sketch:
    """Boxes and arrows as they are added. A row's boxes are called by its name and their step: "x3", "cell3"."""

    def __init__(self) -> None:
        self.boxes: list[Box] = []
        self.arrows: list[Arrow] = []

    def box(
        self,
        name: str,
        label: str,
        x: float | int,
        y: float | int,
        role: Role,
        words: str,
        t: int | None = None,
    ) -> None:
        """One box."""
        self.boxes.append(Box(name, label, float(x), float(y), role, words, t))

    def link(
        self,
        start: str,
        end: str,
        kind: Literal["value", "state", "back", "skip", "feed", "weight"] = "value",
        label: str = "",
    ) -> None:
        """One arrow."""
        self.arrows.append(Arrow(start, end, kind, label))

    def row(
        self,
        name: str,
        steps: Columns,
        y: int,
        role: Role,
        label: str,
        words: str,
        *,
        left: int = 0,
        gap: bool = False,
    ) -> None:
        """A box for every step, from the column ``left`` on; {t}, {low} and {before} in the texts stand for the step.

        With ``gap`` there is one for the steps left out too, called ``name`` + "gap".
        """
        for column, t in enumerate(steps, left):
            if t is not None:
                told = {"t": t, "low": low(t), "before": low(t - 1)}
                self.box(f"{name}{t}", label.format(**told), column, y, role, words.format(**told), t)
            elif gap:
                self.box(f"{name}gap", GAP, column, y, role, f"steps {_left_out(steps)}, not drawn")

    def along(self, name: str, steps: Columns, *, back: bool = False) -> None:
        """The state, from each box of a row to the next; with ``back`` the other way."""
        names = [f"{name}{'gap' if t is None else t}" for t in steps]
        for one, next_one in pairwise(names):
            if back:
                self.link(next_one, one, "back")
            else:
                self.link(one, next_one, "state")

    def up(
        self,
        lower: str,
        upper: str,
        steps: Columns,
        kind: Literal["value", "state", "back", "skip", "feed", "weight"] = "value",
    ) -> None:
        """From every step's box of one row to that of another."""
        for t in steps:
            if t is not None:
                self.link(f"{lower}{t}", f"{upper}{t}", kind)

    def done(self, alt: str, *rows: tuple[str, Columns]) -> Diagram:
        """The diagram; ``alt`` goes on with what of each named row is left out."""
        for what, steps in rows:
            if None in steps:
                alt += f" {what.capitalize()} {_left_out(steps)} are left out of the drawing."
        return Diagram(tuple(self.boxes), tuple(self.arrows), alt)


def _left_out(steps: Sequence[int | None]) -> str:
    at = steps.index(None)
    before, after = steps[at - 1], steps[at + 1]
    assert before is not None
    assert after is not None
    return f"{before + 1} to {after - 1}" if after - before > 2 else str(before + 1)


def cell_name(shape: Shape) -> str:
    """What stands in the boxes of its cells."""
    return shape.cell.upper()


def begun(shape: Shape, most: int = MOST) -> tuple[Sketch, Columns]:
    """A sketch with the inputs along its lower edge, and the steps that are drawn, at most ``most``."""
    sketch, steps = Sketch(), columns(shape.length, most)
    inputs(sketch, steps)
    return sketch, steps


def reading(shape: Shape) -> tuple[Sketch, Columns]:
    """The same, and a row of cells that read them."""
    sketch, steps = begun(shape)
    cells(sketch, shape, steps)
    sketch.up("x", "cell", steps)
    return sketch, steps


def inputs(sketch: Sketch, steps: Columns, left: int = 0) -> None:
    """A row of inputs, the lowest."""
    sketch.row("x", steps, 0, "input", "x{low}", "input of step {t}", left=left)


def cells(sketch: Sketch, shape: Shape, steps: Columns, y: int = 1) -> None:
    """A row of cells with their states."""
    words = f"the {cell_name(shape)} at step {{t}}: from h{{before}} and what comes from below to h{{low}}"
    sketch.row("cell", steps, y, "cell", cell_name(shape), words, gap=True)
    sketch.along("cell", steps)


def outputs(sketch: Sketch, steps: Columns, y: int, below: str) -> None:
    """A row of answers, each read off what is below it."""
    sketch.row("y", steps, y, "output", "ŷ{low}", "answer of step {t}: the linear head of the state below")
    sketch.up(below, "y", steps)

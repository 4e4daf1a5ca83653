"""Where everything stands in the picture of a cell, worked out from its graph alone.

Lengths are in units of the drawing, which the browser scales to the room that there is: about one CSS pixel on a
laptop for the wide form, and on a phone for the tall one. Nothing is placed cell by cell: :mod:`cell_layout_place` has
rules for what a quantity is to the others, and :mod:`cell_layout_route` finds ways between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnnviz.dataflow import Node

Form = Literal["wide", "tall"]
Shape = Literal["source", "gate", "operation", "state"]


@dataclass(frozen=True)
class Spot:
    """Room kept free, by its middle and its size: a text is centred in it both ways, a strip fills it."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Box:
    """The box of a node, by its middle and its size.

    In it stand a ``number`` (13 units high), a ``strip`` of all units, in most a ``letter``, and in a gate the name of
    its function (``symbol`` at ``sign``: σ, tanh, ReLU). Shapes: a "source" is what the step is given; a "gate" is
    weighed from inputs; an "operation" is a pill that has its ``sign`` (×, +, 1 −, tanh, LN) at one end, to be drawn
    round. A "state" stands at the rim over the wire that hands it on: its ``sign``, where it has one, is a circle
    apart from the box, where its operands meet and its wires begin. A state weighed from inputs looks like a gate.
    """

    name: str
    x: float
    y: float
    width: float
    height: float
    shape: Shape
    symbol: str = ""
    number: Spot | None = None
    strip: Spot | None = None
    letter: Spot | None = None
    sign: Spot | None = None


@dataclass(frozen=True)
class Wire:
    """What carries the numbers of one node to another: corners of a line of right angles, from rim to rim.

    Wires of one node run along the same line until they part, so that they look like one that branches. ``to`` is ""
    for a state that is handed on to the next step: its wire ends at the rim of the picture, and passes under its box.
    """

    of: str
    to: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Dot:
    """Where the wires of a node part. Lines that cross without a dot have nothing to do with each other."""

    of: str
    x: float
    y: float


@dataclass(frozen=True)
class Layout:
    """A picture ``width`` by ``height``, its boxes in the order of the graph, its wires, and where these branch."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    dots: tuple[Dot, ...] = ()


def layout_of(nodes: tuple[Node, ...], form: Form = "wide") -> Layout:
    """Place a graph: time flows to the right in the wide form, and downwards in the tall one."""
    depth: dict[str, int] = {}
    for node in nodes:
        depth[node.name] = 1 + max((depth[name] for name in node.of), default=-1)
    rows: dict[int, int] = {}
    boxes = {}
    for node in nodes:
        column, row = depth[node.name], rows.get(depth[node.name], 0)
        rows[column] = row + 1
        shape: Shape = "source" if node.kind == "source" else "gate" if node.terms else "operation"
        along, across = 60.0 + 110 * column, 50.0 + 80 * row
        x, y = (along, across) if form == "wide" else (across, along)
        boxes[node.name] = Box(
            node.name,
            x,
            y,
            72.0,
            52.0,
            shape,
            number=Spot(x, y + 2, 64.0, 16.0),
            strip=Spot(x, y + 18, 60.0, 6.0),
            letter=Spot(x, y - 15, 64.0, 16.0),
        )
    wires = tuple(
        Wire(
            name,
            node.name,
            ((boxes[name].x, boxes[name].y), (boxes[node.name].x, boxes[node.name].y)),
        )
        for node in nodes
        for name in node.of
    )
    width = max(box.x + box.width for box in boxes.values())
    height = max(box.y + box.height for box in boxes.values())
    return Layout(width, height, tuple(boxes.values()), wires)

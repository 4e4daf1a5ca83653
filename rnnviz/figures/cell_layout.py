"""Where everything stands in the picture of a cell, worked out from its graph alone.

Lengths are in units of the drawing, which the browser scales to the room that there is: about one CSS pixel on a
laptop for the wide form, and on a phone for the tall one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnnviz.dataflow import Node

Form = Literal["wide", "tall"]
Shape = Literal["source", "gate", "operation", "state"]


@dataclass(frozen=True)
class Box:
    """The box of a node, by its middle and its size. A state h or c also leaves the cell: see :class:`Wire`."""

    name: str
    x: float
    y: float
    width: float
    height: float
    shape: Shape


@dataclass(frozen=True)
class Wire:
    """What carries the numbers of one node to another: corners of a line of right angles, from box to box.

    ``to`` is "" for a state that is handed on to the next step: its wire ends at the rim of the picture.
    """

    of: str
    to: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Layout:
    """A picture ``width`` by ``height``, its boxes in the order of the graph, and its wires."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]


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
        boxes[node.name] = Box(node.name, x, y, 72.0, 44.0, shape)
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

"""Where everything stands in the picture of a cell, worked out from its graph alone.

Lengths are in units of the drawing, which the browser scales to the room that there is: about one CSS pixel on a
laptop for the wide form, and on a phone for the tall one. Nothing is placed cell by cell: :mod:`cell_layout_plan` has
rules for what a node is to the others, and :mod:`cell_layout_route` finds ways between them.
"""

from __future__ import annotations

from functools import lru_cache

from rnnviz.dataflow import Node
from rnnviz.figures.cell_layout_lattice import Lattice
from rnnviz.figures.cell_layout_parts import Box, Dot, Form, Layout, Shape, Spot, Wire
from rnnviz.figures.cell_layout_place import HANDED, MARGIN, placed
from rnnviz.figures.cell_layout_plan import Plan, plan_of
from rnnviz.figures.cell_layout_ports import blocks, ends, lines, rims, starts
from rnnviz.figures.cell_layout_route import Router

__all__ = ["Box", "Dot", "Form", "Layout", "Shape", "Spot", "Wire", "layout_of"]


@lru_cache(maxsize=128)
def layout_of(nodes: tuple[Node, ...], form: Form = "wide") -> Layout:
    """Place a graph: time flows to the right in the wide form, and downwards in the tall one."""
    plan = plan_of(nodes)
    where = placed(nodes, plan, form)
    boxes, wide = where.boxes, form == "wide"
    width, height = _size(list(boxes.values()), wide=wide)
    axis = "y" if wide else "x"
    lattice = Lattice((block for box in boxes.values() for block in blocks(box)), *lines(where, form))
    router = Router(lattice, {"h_before": (axis, where.bus[0]), "x": (axis, where.bus[1])})
    weighed = {(term.of, node.name) for node in nodes for term in node.terms if term.matrix}
    wires = []
    for of, to in _ordered(nodes, plan, boxes):
        box = boxes[of]
        if to:
            bus = (of, to) in weighed
            late = box.shape == "source" and not bus
            points = router.way(
                of, starts(box, form, weighed=bus), ends(boxes[to], form, of, weighed=bus), late=late
            )
        else:
            begin = (box.x + box.width / 2, box.y) if wide else (box.x, box.y + box.height / 2)
            points = router.way(of, starts(box, form), rims(box, form)) if box.apart else (begin, begin)
            points = (*points[:-1], (width, points[-1][1]) if wide else (points[-1][0], height))
        wires.append(Wire(of, to, points))
    return Layout(
        width, height, tuple(boxes.values()), tuple(wires), tuple(Dot(*dot) for dot in router.dots())
    )


def _size(boxes: list[Box], *, wide: bool) -> tuple[float, float]:
    """The size of the picture: all boxes, and at the end of time room for the wires that hand states on."""
    right = max(box.x + box.width / 2 for box in boxes) + MARGIN
    bottom = max(box.y + box.height / 2 for box in boxes) + MARGIN
    states = [box for box in boxes if box.shape == "state"]
    if wide:
        return max(right, *(box.x + box.width / 2 + HANDED for box in states)), bottom
    return right, max(bottom, *(box.y + box.height / 2 + HANDED for box in states))


def _ordered(nodes: tuple[Node, ...], plan: Plan, boxes: dict[str, Box]) -> list[tuple[str, str]]:
    """Every wire: those of the lane first, then the others from the shortest on, and at last those of sources."""
    edges = [(of, node.name) for node in nodes for of in node.of]
    edges += [(state, "") for state in ("c", "h") if state in boxes]

    def rank(edge: tuple[str, str]) -> tuple[int, float]:
        of, to = edge
        straight = dict(zip(plan.lane, (f"{plan.memory}_before", *plan.lane), strict=False))
        if not to or straight.get(to) == of:
            return 0, 0.0
        one, other = boxes[of], boxes[to]
        return 2 if one.shape == "source" and to not in plan.lane else 1, abs(one.x - other.x) + abs(
            one.y - other.y
        )

    return sorted(edges, key=rank)

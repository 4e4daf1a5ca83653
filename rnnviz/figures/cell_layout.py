"""Where everything stands in the picture of a cell, worked out from its graph alone.

Lengths are in units of the drawing, which the browser scales to the room that there is: about one CSS pixel on a
laptop for the wide form, and on a phone for the tall one. Nothing is placed cell by cell: :mod:`cell_layout_plan` has
rules for what a node is to the others, and :mod:`cell_layout_route` finds ways between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rnnviz.dataflow import Node
from rnnviz.figures.cell_layout_parts import Box, Dot, Form, Layout, Shape, Spot, Wire
from rnnviz.figures.cell_layout_place import MARGIN, Placed, placed
from rnnviz.figures.cell_layout_plan import Plan, plan_of
from rnnviz.figures.cell_layout_route import Block, Port, Router

__all__ = ["Box", "Dot", "Form", "Layout", "Shape", "Spot", "Wire", "layout_of"]


@lru_cache(maxsize=128)
def layout_of(nodes: tuple[Node, ...], form: Form = "wide") -> Layout:
    """Place a graph: time flows to the right in the wide form, and downwards in the tall one."""
    plan = plan_of(nodes)
    where = placed(nodes, plan, form)
    boxes = where.boxes
    wide = form == "wide"
    right = max(box.x + box.width / 2 for box in boxes.values())
    bottom = max(box.y + box.height / 2 for box in boxes.values())
    states = [box for box in boxes.values() if box.shape == "state"]
    width = max(right + MARGIN, *(box.x + box.width / 2 + 22 for box in states)) if wide else right + MARGIN
    height = bottom + MARGIN if wide else max(bottom, *(box.y + box.height / 2 + 22 for box in states))
    axis = "y" if wide else "x"
    router = Router(
        (block for box in boxes.values() for block in _blocks(box)),
        *_lines(where, form),
        {"h_before": (axis, where.bus[0]), "x": (axis, where.bus[1])},
    )
    wires = []
    weighed = {(term.of, node.name) for node in nodes for term in node.terms if term.matrix}
    for of, to in _ordered(nodes, plan, boxes):
        if not to and not _apart(boxes[of]):
            box = boxes[of]
            line = ((box.x + box.width / 2, box.y), (width, box.y))
            if not wide:
                line = ((box.x, box.y + box.height / 2), (box.x, height))
            wires.append(Wire(of, to, line))
            continue
        side = (1 if of == "x" else -1) if (of, to) in weighed and boxes[of].shape == "source" else 0
        end = _ins(boxes[to], form, side) if to else _hands(boxes[of], form)
        corners = router.way(of, _outs(boxes[of], form), end)
        if not to:
            x, y = corners[-1]
            corners = (*corners[:-1], (width, y) if wide else (x, height))
        wires.append(Wire(of, to, corners))
    dots = tuple(Dot(*dot) for dot in router.dots())
    return Layout(width, height, tuple(boxes.values()), tuple(wires), dots)


def _ordered(nodes: tuple[Node, ...], plan: Plan, boxes: dict[str, Box]) -> list[tuple[str, str]]:
    """Every wire: those of the lane first, then the shorter ones, and at last those of sources."""
    edges = [(of, node.name) for node in nodes for of in node.of]
    edges += [(state, "") for state in ("c", "h") if state in boxes]

    def rank(edge: tuple[str, str]) -> tuple[int, float]:
        of, to = edge
        if not to or (to in plan.lane and of in (*plan.lane, f"{plan.memory}_before")):
            return (0, 0.0)
        (ax, ay), (bx, by) = _heart(boxes[of]), _heart(boxes[to])
        return (2 if boxes[of].shape == "source" else 1, abs(ax - bx) + abs(ay - by))

    return sorted(edges, key=rank)


def _heart(box: Box) -> tuple[float, float]:
    return (
        (box.sign.x, box.sign.y) if box.sign and (_apart(box) or box.shape == "operation") else (box.x, box.y)
    )


def _blocks(box: Box) -> Iterator[Block]:
    yield Block(box.x - box.width / 2, box.y - box.height / 2, box.x + box.width / 2, box.y + box.height / 2)
    if _apart(box):
        assert box.sign
        yield Block(box.sign.x - 14, box.sign.y - 14, box.sign.x + 14, box.sign.y + 14)


def _apart(box: Box) -> bool:
    """Whether its sign stands outside of a box."""
    return box.shape == "state" and box.sign is not None and (box.sign.width == box.sign.height)


def _rim(box: Box) -> tuple[float, float, float, float]:
    if _apart(box):
        assert box.sign
        return box.sign.x - 14, box.sign.y - 14, box.sign.x + 14, box.sign.y + 14
    return box.x - box.width / 2, box.y - box.height / 2, box.x + box.width / 2, box.y + box.height / 2


_OFFSETS = (0.0, -11.0, 11.0, -22.0, 22.0)


def _outs(box: Box, form: Form) -> list[Port]:
    left, top, right, bottom = _rim(box)
    x, y = _heart(box)
    wide = form == "wide"
    if box.shape == "gate":
        up = Port(x, top, (0, -1)) if wide else Port(left, y, (-1, 0))
        ahead = Port(right, y, (1, 0), 25.0) if wide else Port(x, bottom, (0, 1), 25.0)
        return [up, ahead]
    if box.shape == "source":
        ports = [Port(right, y, (1, 0), 0.0 if wide else 20.0)]
        ports += [Port(x + dx, bottom, (0, 1), abs(dx) / 9) for dx in _OFFSETS]
        ports += [Port(x + dx, top, (0, -1), abs(dx) / 9 + 8) for dx in _OFFSETS] if wide else []
        return ports
    return [
        Port(right, y, (1, 0)),
        Port(left, y, (-1, 0), 8.0 if wide else 0.0),
        Port(x, top, (0, -1), 0.0 if wide else 8.0),
        Port(x, bottom, (0, 1)),
    ]


def _ins(box: Box, form: Form, side: int) -> list[Port]:
    """``side``: -1 or 1 for the sources of a gate, by the half of its side that they come to; else 0."""
    left, top, right, bottom = _rim(box)
    x, y = _heart(box)
    wide = form == "wide"
    if box.shape == "state" and not _apart(box):
        if side < 0:
            return [Port(left, y, (-1, 0)) if wide else Port(x, top, (0, -1))]
        return [Port(x, bottom, (0, 1)) if wide else Port(right, y, (1, 0))]
    if box.shape == "gate":
        if side:
            return [Port(x + 11 * side, bottom, (0, 1)) if wide else Port(right, y + 11 * side, (1, 0))]
        if wide:
            return [Port(x + dx, top, (0, -1), abs(abs(dx) - 22) / 4) for dx in _OFFSETS if dx]
        return [Port(left, y + dy, (-1, 0)) for dy in (-11.0, 11.0)]
    return [
        Port(left, y, (-1, 0), 0.0 if wide else 6.0),
        Port(right, y, (1, 0), 6.0 if wide else 0.0),
        Port(x, top, (0, -1), 6.0 if wide else 0.0),
        Port(x, bottom, (0, 1), 0.0 if wide else 12.0),
    ]


def _hands(box: Box, form: Form) -> list[Port]:
    """Where a state is handed on: the near side of its box at the rim, over the wire."""
    if form == "wide":
        return [Port(box.x - box.width / 2, box.y, (-1, 0))]
    return [Port(box.x + dx, box.y - box.height / 2, (0, -1)) for dx in _OFFSETS]


def _lines(where: Placed, form: Form) -> tuple[list[float], list[float]]:
    """The lines that wires may run on: through ports first, then along the buses, then past boxes."""
    xs, ys = [], []
    boxes = where.boxes.values()
    for box in boxes:
        x, y = _heart(box)
        xs.append(x)
        ys.append(y)
    for box in boxes:
        if _apart(box):
            ys.append(box.y)
            xs.append(box.x)
    (ys if form == "wide" else xs).extend(where.bus)
    for box in boxes:
        if box.shape in ("gate", "source"):
            if form == "wide" or box.shape == "source":
                xs.extend(box.x + dx for dx in _OFFSETS)
            if form == "tall":
                ys.extend(box.y + dy for dy in (-11.0, 11.0))
    for box in boxes:
        if box.shape == "gate":
            continue
        for left, top, right, bottom in (_rim(box),):
            xs.extend((left - 9, right + 9, left - 17, right + 17))
            ys.extend((top - 9, bottom + 9, top - 17, bottom + 17))
    return xs, ys

"""From seats to lengths: the boxes of the picture of a cell, in its wide or its tall form."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rnnviz.dataflow import Node
from rnnviz.figures.cell_layout_parts import Box, Form, Shape, Spot
from rnnviz.figures.cell_layout_plan import Plan, Row

WIDE, HIGH = 72.0, 52.0
"""The box of a source, a gate, or a state."""

LONG, LOW, ROUND = 78.0, 30.0, 28.0
"""The pill of an operation, and the circle of a sign."""

MARGIN, HANDED = 8.0, 22.0
"""Room around the picture, and beyond the boxes of states for the wires that hand them on."""

HALF, QUARTER = 22.0, 11.0
"""How far from the middle of a side wires may reach it."""

SYMBOLS = {"sigmoid": "σ", "tanh": "tanh", "relu": "ReLU", "times": "×", "plus": "+"}
SYMBOLS |= {"complement": "1 −", "norm": "LN"}


@dataclass(frozen=True)
class Scale:
    """The lengths of a form. Along the time: the ``first`` column, their ``pitch``, what ``beside`` and one ``below``
    another means, from the last column to the boxes at the ``rim``. Across it: the ``lane``, and the steps from there
    to the rows, and from the gates to the lines of ``bus`` that feed them, that of h before that of x.
    """

    first: float
    pitch: float
    beside: float
    below: float
    rim: float
    lane: float
    near: float
    far: float
    gates: float
    bus: tuple[float, float]


SCALES: dict[Form, Scale] = {
    "wide": Scale(140.0, 92.0, 50.0, 0.0, 75.0, 46.0, 74.0, 50.0, 74.0, (45.0, 62.0)),
    "tall": Scale(128.0, 78.0, 39.0, 46.0, 66.0, 70.0, 93.0, 0.0, 73.0, (53.0, 69.0)),
}

_SPREAD = 14.0
"""How much wider the columns of the wide form stand for each that there is less than five."""

_ARC = 26.0
"""What a wire over the lane needs above it, to the boxes of the lane."""


@dataclass(frozen=True)
class Placed:
    """The boxes of a picture in the order of the graph, the lines of the buses of ``h_before`` and ``x``, and that of a
    wire over the lane, or 0.
    """

    boxes: dict[str, Box]
    bus: tuple[float, float]
    arc: float


def placed(nodes: tuple[Node, ...], plan: Plan, form: Form) -> Placed:
    """The box of every node."""
    scale, wide = SCALES[form], form == "wide"
    over = any(f"{plan.memory}_before" in node.of for node in nodes if node.name in plan.lane[1:]) and wide
    gate = any(node.terms for node in nodes if node.name == plan.lane[0])
    rows = _rows(plan, scale, (WIDE / 2 + MARGIN if gate and not wide else scale.lane) + _ARC * over)
    along = _along(nodes, plan, scale, wide=wide)
    end = max(along.values()) + scale.rim
    edge = rows["lane"] - (0.0 if gate or wide else HALF)  # pills are longer to the left of the lane
    bus = (rows["gates"] + scale.bus[0], rows["gates"] + scale.bus[1])

    def at(time: float, across: float) -> tuple[float, float]:
        return (time, across) if wide else (across, time)

    boxes = {}
    for node in nodes:
        name = node.name
        if node.kind == "source":
            if name == "x":
                under = min(along.values()) + (0.0 if gate else QUARTER)
                middle = (under, bus[1] + HIGH / 2 + 18.0) if wide else (bus[1] + QUARTER, HIGH / 2 + MARGIN)
            else:
                first = (WIDE if wide else HIGH) / 2 + MARGIN
                middle = at(first, edge if name == f"{plan.memory}_before" else rows["gates"])
            boxes[name] = _box(node, middle, "source")
            continue
        row = plan.seats[name].row
        if not wide and row == "gates" and not node.terms and name != "h":
            row = "near"  # a pill has no room beside the buses
        here = at(along[name], rows[row])
        if node.terms:
            boxes[name] = _box(node, here, "state" if name == "h" else "gate")
        elif name in ("h", "c"):
            box = _box(node, at(end, edge if row == "lane" else rows[row]), "state")
            boxes[name] = replace(box, sign=Spot(*here, ROUND, ROUND), apart=True)
        else:
            boxes[name] = _pill(node, here, 1 if wide else -1)
    return Placed(boxes, bus, rows["lane"] - HIGH / 2 - 16.0 if over else 0.0)


def _rows(plan: Plan, scale: Scale, lane: float) -> dict[Row, float]:
    """How far across the rows are; one that nobody sits in takes no room."""
    used = {seat.row for seat in plan.seats.values()}
    near = lane + scale.near * ("near" in used)
    far = near + scale.far * ("far" in used)
    return {"lane": lane, "near": near, "far": far, "gates": far + scale.gates * ("gates" in used)}


def _along(nodes: tuple[Node, ...], plan: Plan, scale: Scale, *, wide: bool) -> dict[str, float]:
    """How far along the time everybody sits. In the tall form operations of a column stand below each other."""
    few = max(0, 4 - max(seat.column for seat in plan.seats.values())) * _SPREAD * wide
    stacks: dict[int, list[str]] = {}
    for node in nodes if not wide else ():
        seat = plan.seats.get(node.name)
        if seat and not (node.terms or node.name == "h" or seat.row == "lane" or seat.beside):
            stacks.setdefault(seat.column, []).append(node.name)
    found = {}
    for name, seat in plan.seats.items():
        pushed = (len(stack) * scale.below - scale.pitch for of, stack in stacks.items() if of < seat.column)
        at = scale.first + few / 2 + (scale.pitch + few) * seat.column + sum(max(0.0, by) for by in pushed)
        stack = stacks.get(seat.column, [])
        if name in stack:
            at += stack.index(name) * scale.below
        elif stack and name == "h" and seat.row == "gates":
            at += (len(stack) - 1) * scale.below
        found[name] = at + scale.beside * seat.beside
    return found


def _box(node: Node, at: tuple[float, float], shape: Shape) -> Box:
    x, y = at
    symbol = SYMBOLS.get(node.kind, "")
    inside = bool(node.terms and symbol)
    letter = Spot(x - 14, y - 15, 36.0, 16.0) if inside else Spot(x, y - 15, 64.0, 16.0)
    sign = Spot(x + 18, y - 15, 28.0, 16.0) if inside else None
    number, strip = Spot(x, y + 2, 64.0, 16.0), Spot(x, y + 17, 60.0, 6.0)
    return Box(node.name, x, y, WIDE, HIGH, shape, symbol, number, strip, letter, sign)


def _pill(node: Node, sign: tuple[float, float], side: int) -> Box:
    """A pill whose sign stands at ``sign``, and its number to the right (``side`` 1) or left (-1) of it."""
    x, y = sign[0] + side * (LONG - ROUND - 2) / 2, sign[1]
    number = Spot(x + side * ROUND / 2, y - 4, 48.0, 16.0)
    strip = Spot(number.x - 2.5 * side, y + 8.0, 40.0, 5.0)  # clear of the round end
    symbol = SYMBOLS.get(node.kind, "")
    return Box(node.name, x, y, LONG, LOW, "operation", symbol, number, strip, sign=Spot(*sign, ROUND, ROUND))

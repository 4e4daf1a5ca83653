"""From seats to lengths: the boxes of the picture of a cell, in its wide or its tall form."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rnnviz.dataflow import Node
from rnnviz.figures.cell_layout_parts import Box, Form, Shape, Spot
from rnnviz.figures.cell_layout_plan import Plan, Seat

WIDE, HIGH = 72.0, 52.0
"""The box of a source, a gate, or a state."""

LONG, LOW, ROUND = 76.0, 30.0, 28.0
"""The pill of an operation, and the circle of a sign."""

SYMBOLS = {"sigmoid": "σ", "tanh": "tanh", "relu": "ReLU", "times": "×", "plus": "+"}
SYMBOLS |= {"complement": "1 −", "norm": "LN"}

MARGIN = 8.0


@dataclass(frozen=True)
class Scale:
    """The lengths of a form, along the time and across it. ``bus`` is the distance of lines that feed many gates."""

    first: float
    pitch: float
    beside: float
    lane: float
    near: float
    far: float
    gates: float
    arc: float
    rim: float
    bus: tuple[float, float]


SCALES: dict[Form, Scale] = {
    "wide": Scale(140.0, 92.0, 50.0, 46.0, 74.0, 50.0, 74.0, 20.0, 75.0, (42.0, 57.0)),
    "tall": Scale(126.0, 78.0, 39.0, 66.0, 92.0, 0.0, 68.0, 8.0, 66.0, (52.0, 66.0)),
}


@dataclass(frozen=True)
class Placed:
    """The boxes of a picture, and the lines that ``h_before`` and ``x`` run on past the gates."""

    boxes: dict[str, Box]
    bus: tuple[float, float]
    across: dict[str, float]


def placed(nodes: tuple[Node, ...], plan: Plan, form: Form) -> Placed:
    """The box of every node."""
    scale, named = SCALES[form], {node.name: node for node in nodes}
    wide = form == "wide"
    across = _rows(plan, scale, named)

    def spot(along: float, over: float) -> tuple[float, float]:
        return (along, over) if wide else (over, along)

    columns = 1 + max(seat.column for seat in plan.seats.values())
    pitch = scale.pitch + (max(0, 5 - columns) * 14 if wide else 0)
    alongs: dict[str, float] = {}
    for name, seat in plan.seats.items():
        alongs[name] = scale.first + pitch * seat.column + scale.beside * seat.beside
        if not wide and Seat(seat.column, "near") in plan.seats.values() and _last(plan, seat):
            alongs[name] += 46.0
    boxes = {}
    end = max(alongs.values()) + scale.rim
    for node in nodes:
        if node.kind == "source":
            continue
        seat = plan.seats[node.name]
        sign = spot(alongs[node.name], across[seat.row])
        if node.name in ("h", "c") and not node.terms:
            at = spot(end, across[seat.row] if wide or seat.row != "lane" else 44.0)
            box = _box(node, at, "state")
            boxes[node.name] = replace(box, sign=Spot(*sign, ROUND, ROUND))
        elif node.terms:
            boxes[node.name] = _box(node, sign, "state" if node.name == "h" else "gate")
        else:
            boxes[node.name] = _pill(node, sign, 1 if wide else -1)
    used = {seat.row for seat in plan.seats.values()}
    bus = (across["gates"] + scale.bus[0], across["gates"] + scale.bus[1])
    start = 44.0 if wide else 34.0
    for name in (f"{plan.memory}_before", "h_before", "x"):
        if name in boxes:
            continue
        if name == "x":
            at = (scale.first + 11.0 * ("gates" in used), bus[1] + 44.0) if wide else (bus[1] + 18.0, start)
        elif name == f"{plan.memory}_before":
            at = spot(start, across["lane"] if wide else 44.0)
        else:
            at = spot(start, across["gates"])
        boxes[name] = _box(named[name], at, "source")
    return Placed({node.name: boxes[node.name] for node in nodes}, bus, across)


def _last(plan: Plan, seat: Seat) -> bool:
    return seat.row in ("far", "gates") and Seat(seat.column, "far") in plan.seats.values()


def _rows(plan: Plan, scale: Scale, named: dict[str, Node]) -> dict[str, float]:
    skips = any(of.endswith("_before") or of in plan.lane for of in ())
    at = scale.lane + scale.arc * skips
    across = {"lane": at}
    used = {seat.row for seat in plan.seats.values()}
    if "near" in used:
        at += scale.near
    across["near"] = at
    if "far" in used:
        at += scale.far
    across["far"] = at
    if "gates" in used:
        at += scale.gates
    across["gates"] = at
    return across


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
    x, y = sign[0] + side * (LONG / 2 - ROUND / 2 - 1), sign[1]
    beside = x + side * ROUND / 2
    return Box(
        node.name,
        x,
        y,
        LONG,
        LOW,
        "operation",
        SYMBOLS.get(node.kind, ""),
        Spot(beside, y - 4, 44.0, 16.0),
        Spot(beside, y + 8.5, 40.0, 5.0),
        None,
        Spot(*sign, ROUND, ROUND),
    )

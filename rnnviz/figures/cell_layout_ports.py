"""Where wires may reach the boxes of the picture of a cell, and the lines that they may run on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from rnnviz.figures.cell_layout_lattice import CLEAR, DOWN, LEFT, RIGHT, UP, Block, Port
from rnnviz.figures.cell_layout_parts import Box, Form
from rnnviz.figures.cell_layout_place import HALF, QUARTER, WIDE, Placed
from rnnviz.figures.cell_layout_route import BARE

_OFFSETS = (0.0, -QUARTER, QUARTER, -HALF, HALF)
_NEAR, _NEXT, _GAP = 12.0, 21.0, 36.0


def blocks(box: Box) -> Iterator[Block]:
    """The rectangles that wires must go round."""
    yield Block(box.x - box.width / 2, box.y - box.height / 2, box.x + box.width / 2, box.y + box.height / 2)
    if box.apart:
        yield _block(box)


def starts(box: Box, form: Form, *, weighed: bool = False) -> list[Port]:
    """Where the wires of a box may begin; to what weighs them they leave at the side of the buses if they can."""
    rim, (x, y), wide = _block(box), _heart(box), form == "wide"
    if box.shape == "source":
        ports = [Port(rim.right, y, RIGHT, 0.0 if wide else 20.0)]
        ports += [Port(x + dx, rim.bottom, DOWN, abs(dx) - 25.0 * (wide and weighed)) for dx in _OFFSETS]
        return [*ports, *(Port(x + dx, rim.top, UP, abs(dx) + 8) for dx in _OFFSETS if wide)]
    if box.shape == "gate":  # towards the lane; ahead if it must be
        up = Port(x, rim.top, UP) if wide else Port(rim.left, y, LEFT)
        return [up, Port(rim.right, y, RIGHT, 25.0) if wide else Port(x, rim.bottom, DOWN, 25.0)]
    return _around(rim, x, y, {LEFT: 8.0} if wide else {UP: 8.0})


def ends(box: Box, form: Form, of: str, *, weighed: bool) -> list[Port]:
    """Where wires of ``of`` may end. What a gate weighs comes from the side of the buses, all else from the lane."""
    rim, (x, y), wide = _block(box), _heart(box), form == "wide"
    if box.shape == "state" and not box.apart:  # the gate that stands on the lane
        if of != "x":
            return [Port(rim.left, y, LEFT) if wide else Port(x, rim.top, UP)]
        return [Port(x, rim.bottom, DOWN) if wide else Port(rim.right, y, RIGHT)]
    if box.shape == "gate":
        if weighed and of in ("x", "h_before"):
            side = QUARTER if of == "x" else -QUARTER
            return [Port(x + side, rim.bottom, DOWN) if wide else Port(rim.right, y + side, RIGHT)]
        if wide:
            return [Port(x + dx, rim.top, UP, abs(abs(dx) - HALF) / 4) for dx in _OFFSETS if dx]
        return [Port(rim.left, y + dy, LEFT) for dy in (-QUARTER, QUARTER)]
    return _around(rim, x, y, {RIGHT: 6.0, UP: 6.0} if wide else {LEFT: 6.0, UP: 6.0, DOWN: 12.0})


def rims(box: Box, form: Form) -> list[Port]:
    """Where the wire that hands a state on may reach its box at the rim of the picture."""
    if form == "wide":
        return [Port(box.x - box.width / 2, box.y, LEFT)]
    return [Port(box.x + dx, box.y - box.height / 2, UP) for dx in _OFFSETS]


def lines(where: Placed, form: Form) -> tuple[list[float], list[float]]:
    """The lines that wires may run on, the more important ones first: through boxes, along the buses, past boxes."""
    boxes, wide = where.boxes.values(), form == "wide"
    xs = [_heart(box)[0] for box in boxes] + [box.x for box in boxes if box.apart]
    ys = [_heart(box)[1] for box in boxes] + [box.y for box in boxes if box.apart]
    (ys if wide else xs).extend(where.bus)
    for box in boxes:
        if box.width == WIDE and (wide or box.shape != "gate"):
            xs.extend(box.x + dx for dx in _OFFSETS)
        if box.width == WIDE and not wide:
            ys.extend((box.y - QUARTER, box.y + QUARTER))
    if where.arc:
        ys.append(where.arc)
    rims = [block for box in boxes for block in blocks(box)]
    for one, other in permutations(rims, 2):  # between two that stand close together
        if 2 * CLEAR <= other.left - one.right < _GAP and one.top < other.bottom and other.top < one.bottom:
            xs.append((one.right + other.left) / 2)
        if 2 * CLEAR <= other.top - one.bottom < _GAP and one.left < other.right and other.left < one.right:
            ys.append((one.bottom + other.top) / 2)
    for far in (_NEAR, _NEXT):
        for rim in (_block(box) for box in boxes if box.shape != "gate"):
            xs += (rim.right + far, rim.left - far)
            # The tall form has no room to be choosy.
            ys += [y for y in (rim.bottom + far, rim.top - far) if not (wide and _tight(y, rims))]
    return [x for x in xs if x > CLEAR], [y for y in ys if y > CLEAR]


def _tight(y: float, rims: list[Block]) -> bool:
    """Whether a wire at this height would run very close to a box."""
    return any(0 < rim.top - y < BARE or 0 < y - rim.bottom < BARE for rim in rims)


def _heart(box: Box) -> tuple[float, float]:
    """Where the wires of a box meet: the sign of an operation, the middle of all others."""
    round_ = box.sign is not None and (box.apart or box.shape == "operation")
    return (box.sign.x, box.sign.y) if round_ and box.sign else (box.x, box.y)


def _block(box: Box) -> Block:
    """The rim that wires reach: that of the sign where it stands apart from the box."""
    at = box.sign if box.apart and box.sign else box
    return Block(at.x - at.width / 2, at.y - at.height / 2, at.x + at.width / 2, at.y + at.height / 2)


def _around(rim: Block, x: float, y: float, cost: dict[int, float]) -> list[Port]:
    sides = ((rim.right, y), (x, rim.bottom), (rim.left, y), (x, rim.top))
    return [Port(px, py, out, cost.get(out, 0.0)) for out, (px, py) in enumerate(sides)]

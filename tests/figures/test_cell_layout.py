"""The picture of every cell, in every variant and both forms: nothing overlaps, wires lead where the graph says."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from rnnviz.dataflow import Node, Term, flow_of
from rnnviz.figures.cell_layout import Box, Form, Layout, Spot, Wire, layout_of
from rnnviz.figures.cell_layout_lattice import Block, Lattice
from rnnviz.figures.cell_layout_route import Router
from rnnviz.registry import CELLS

Rectangle = tuple[float, float, float, float]
Segment = tuple[tuple[float, float], tuple[float, float]]

_X = Term("x", "weight_ih", "bias_ih")
_INVENTED = (  # a cell that is in no registry: a minimal gated unit with two looks at its state
    Node("x", "source", "input"),
    Node("h_before", "source", "state"),
    Node("f", "sigmoid", "gate", ("x", "h_before"), "f", (_X, Term("h_before", "weight_hh", "bias_hh"))),
    Node("seen", "times", "seen", ("f", "h_before")),
    Node("n", "tanh", "candidate", ("x", "seen"), "n", (_X, Term("seen", "weight_hh"))),
    Node("rest", "complement", "rest", ("f",)),
    Node("taken", "times", "taken", ("f", "n")),
    Node("kept", "times", "kept", ("rest", "h_before")),
    Node("h", "plus", "state", ("kept", "taken")),
)
GRAPHS = {
    **{
        f"{cell}{' residual' * residual}": flow_of(cell, residual=residual)
        for cell in CELLS
        for residual in (False, True)
    },
    "layer norm": flow_of("lstm", layernorm=True),
    "layer norm and peepholes": flow_of("lstm_peephole", layernorm=True),
    "invented": _INVENTED,
}
CROSSINGS = {  # wide and tall: at most these, mostly where x passes over the line of h on its way to a gate
    "lstm": (3, 3),
    "lstm residual": (4, 4),
    "lstm_peephole": (4, 4),
    "lstm_peephole residual": (5, 5),
    "lstm_layernorm": (3, 3),
    "lstm_layernorm residual": (4, 4),
    "layer norm": (3, 3),
    "layer norm and peepholes": (4, 4),
    "gru": (2, 2),
    "gru residual": (2, 3),
    "gru_reset_before": (2, 1),
    "gru_reset_before residual": (2, 3),
    "mingru residual": (0, 2),
    "invented": (1, 2),
}
pictures = pytest.mark.parametrize(
    ("nodes", "form"),
    [
        pytest.param(nodes, form, id=f"{name}, {form}")
        for name, nodes in GRAPHS.items()
        for form in ("wide", "tall")
    ],
)


def rectangle(at: Box | Spot) -> Rectangle:
    return at.x - at.width / 2, at.y - at.height / 2, at.x + at.width / 2, at.y + at.height / 2


def blocks(layout: Layout) -> list[tuple[str, Rectangle]]:
    """Everything that stands in the picture by itself: boxes, and the signs apart from them."""
    return [
        (box.name, rectangle(at))
        for box in layout.boxes
        for at in ((box, box.sign) if box.apart and box.sign else (box,))
    ]


def meet(one: Rectangle, other: Rectangle, apart: float = 0.0) -> bool:
    return (
        one[0] < other[2] + apart
        and other[0] < one[2] + apart
        and one[1] < other[3] + apart
        and other[1] < one[3] + apart
    )


def on_rim(point: tuple[float, float], of: Rectangle) -> bool:
    (x, y), (left, top, right, bottom) = point, of
    return (x in (left, right) and top <= y <= bottom) or (y in (top, bottom) and left <= x <= right)


def segments(wire: Wire) -> list[Segment]:
    return [(min(one, other), max(one, other)) for one, other in pairwise(wire.points)]


def crossings(layout: Layout) -> int:
    """In how many places lines of two nodes cross; checks that they do so at right angles, away from corners."""
    places = set()
    for one, other in combinations(layout.wires, 2):
        if one.of == other.of:
            continue
        for (a, b), (c, d) in ((s, t) for s in segments(one) for t in segments(other)):
            if not meet((*a, *b), (*c, *d), 6.0):
                continue
            assert (a[0] == b[0]) != (c[0] == d[0]), (one, other)  # side by side, and too near
            upright, level = ((a, b), (c, d)) if a[0] == b[0] else ((c, d), (a, b))
            place = (upright[0][0], level[0][1])
            if not meet((*a, *b), (*c, *d), 1e-6):
                continue
            assert upright[0][1] + 4 < place[1] < upright[1][1] - 4, (one, other)
            assert level[0][0] + 4 < place[0] < level[1][0] - 4, (one, other)
            places.add((*place, frozenset((one.of, other.of))))
    return len(places)


@pictures
def test_boxes_stand_apart_inside_of_the_picture(nodes: tuple[Node, ...], form: Form) -> None:
    layout = layout_of(nodes, form)
    assert [box.name for box in layout.boxes] == [node.name for node in nodes]
    for (_, one), (_, other) in combinations(blocks(layout), 2):
        assert not meet(one, other, 8.0)
    for _, (left, top, right, bottom) in blocks(layout):
        assert min(left, top, layout.width - right, layout.height - bottom) >= 4
    for x, y in (point for wire in layout.wires for point in wire.points):
        assert 0 <= x <= layout.width
        assert 0 <= y <= layout.height
    assert form == "wide" or layout.width <= 360
    assert layout.width <= 735
    assert layout.height <= 700


@pictures
def test_texts_have_room(nodes: tuple[Node, ...], form: Form) -> None:
    for box in layout_of(nodes, form).boxes:
        assert box.number
        assert box.strip
        inner = [box.number, box.strip, *([box.letter] if box.letter else [])]
        if box.sign and not box.apart:
            inner.append(box.sign)
        left, top, right, bottom = rectangle(box)
        for spot in inner:
            a, b, c, d = rectangle(spot)
            assert min(a - left, right - c, b - top, bottom - d) >= 1
        for one, other in combinations(inner, 2):
            assert not meet(rectangle(one), rectangle(other))
        assert box.number.width >= 44
        assert box.number.height >= 15
        assert box.strip.height >= 5
        assert box.shape == "operation" or (box.letter and box.letter.width >= 36)
        assert bool(box.symbol) == (box.sign is not None)


@pictures
def test_every_edge_has_its_wire_from_rim_to_rim(nodes: tuple[Node, ...], form: Form) -> None:
    layout = layout_of(nodes, form)
    states = [node.name for node in nodes if node.name in ("h", "c")]
    edges = [(of, node.name) for node in nodes for of in node.of] + [(state, "") for state in states]
    assert sorted((wire.of, wire.to) for wire in layout.wires) == sorted(edges)
    boxes = {box.name: box for box in layout.boxes}
    for wire in layout.wires:
        for (ax, ay), (bx, by) in pairwise(wire.points):
            assert (ax == bx) != (ay == by)
        for (ax, ay), (bx, by), (cx, cy) in zip(wire.points, wire.points[1:], wire.points[2:], strict=False):
            assert [ax == bx, ay == by] == [by == cy, bx == cx]  # a corner, or it would not be there
        for name, point in ((wire.of, wire.points[0]), (wire.to, wire.points[-1])):
            if name:
                box = boxes[name]
                assert on_rim(point, rectangle(box.sign if box.apart and box.sign else box))
        if not wire.to:
            at, rim = ((0, layout.width), (1, layout.height))[form == "tall"]
            assert wire.points[-1][at] == rim
            if boxes[wire.of].apart:  # passes under its box
                assert meet((*segments(wire)[-1][0], *segments(wire)[-1][1]), rectangle(boxes[wire.of]))


@pictures
def test_no_wire_enters_a_box(nodes: tuple[Node, ...], form: Form) -> None:
    layout = layout_of(nodes, form)
    for wire in layout.wires:
        for name, of in blocks(layout):
            own = name in (wire.of, wire.to)
            if name == wire.of and not wire.to:
                continue
            inside = [s for s in segments(wire) if meet((*s[0], *s[1]), of, 0.0 if own else 5.0)]
            assert not inside, (wire, name)


@pictures
def test_wires_of_two_nodes_cross_seldom_and_never_touch(nodes: tuple[Node, ...], form: Form) -> None:
    name = next(name for name, graph in GRAPHS.items() if graph == nodes)
    assert crossings(layout_of(nodes, form)) <= CROSSINGS.get(name, (0, 0))[form == "tall"]


@pictures
def test_dots_stand_where_wires_part(nodes: tuple[Node, ...], form: Form) -> None:
    layout = layout_of(nodes, form)
    parted = set()
    for of in {wire.of for wire in layout.wires}:
        wires = [wire.points for wire in layout.wires if wire.of == of]
        stretches = {s for points in wires for s in _split(points, wires)}
        ends: dict[tuple[float, float], int] = {}
        for one, other in stretches:
            ends[one] = ends.get(one, 0) + 1
            ends[other] = ends.get(other, 0) + 1
        parted |= {(of, *point) for point, count in ends.items() if count > 2}
    assert {(dot.of, dot.x, dot.y) for dot in layout.dots} == parted
    assert len(layout.dots) == len(parted)


def _split(
    points: tuple[tuple[float, float], ...], wires: list[tuple[tuple[float, float], ...]]
) -> list[Segment]:
    """The stretches of a line between all corners and ends of lines that are on it."""
    found = []
    for one, other in pairwise(points):
        low, high = min(one, other), max(one, other)
        on = {p for line in wires for p in line if low[0] <= p[0] <= high[0] and low[1] <= p[1] <= high[1]}
        found += list(pairwise(sorted(on)))
    return found


@pictures
def test_time_flows_one_way_and_the_memory_runs_straight(nodes: tuple[Node, ...], form: Form) -> None:
    layout = layout_of(nodes, form)
    boxes = {box.name: box for box in layout.boxes}
    memory = "c" if "c" in boxes else "h"
    axis = 0 if form == "wide" else 1
    for state in {"h", memory}:
        one, other = boxes[f"{state}_before"], boxes[state]
        assert (one.x, one.y)[axis] < (other.x, other.y)[axis]
        assert (one.x, one.y)[1 - axis] == (other.x, other.y)[
            1 - axis
        ]  # where it leaves the next one takes it up
    lane = {wire.points[0][1 - axis] for wire in layout.wires if wire.of == f"{memory}_before"}
    handed = next(wire for wire in layout.wires if wire.of == memory and not wire.to)
    assert {
        point[1 - axis] for point in handed.points
    } <= lane  # one straight line, and it began at the box before


def test_no_room_for_a_wire() -> None:
    router = Router(Lattice([Block(0.0, 0.0, 10.0, 10.0)], [5.0], [5.0]), {})
    with pytest.raises(ValueError, match="expected room for a way from h, got none"):
        router.way("h", [], [])


def test_the_lane_of_the_lstm_is_that_of_the_papers() -> None:
    boxes = {box.name: box for box in layout_of(flow_of("lstm")).boxes}
    signs = {name: box.sign for name, box in boxes.items() if box.sign}
    assert boxes["c_before"].y == signs["kept"].y == signs["c"].y == boxes["c"].y
    assert boxes["h_before"].y == boxes["f"].y == signs["h"].y == boxes["h"].y
    order = [boxes[name].x for name in ("h_before", "f", "i", "g", "o", "h")]
    assert order == sorted(order)
    assert [signs["kept"].x, signs["c"].x] == [boxes["f"].x, boxes["g"].x]
    assert boxes["x"].y > boxes["h_before"].y > boxes["c_before"].y

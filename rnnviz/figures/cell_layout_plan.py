"""Who stands where in the picture of a cell, before any lengths: by what each node is to the others.

Olah's pictures of the LSTM set the example (colah.github.io/posts/2015-08-Understanding-LSTMs): the memory runs
straight along its lane, the gates stand in a row in the order in which the lane needs them, operations between both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnnviz.dataflow import Node

Row = Literal["lane", "near", "far", "gates"]


@dataclass(frozen=True)
class Seat:
    """The place of a node: columns count from 0 in the direction of time, rows from the lane to the gates.

    ``beside`` moves it half a column on. The sign of a state sits here; its box stands at the rim.
    """

    column: int
    row: Row
    beside: bool = False


@dataclass(frozen=True)
class Plan:
    """The ``memory`` ("c", or "h" of a cell without) whose ``lane`` runs straight, and a seat for all but sources."""

    memory: str
    lane: tuple[str, ...]
    seats: dict[str, Seat]


def plan_of(nodes: tuple[Node, ...]) -> Plan:
    """Seat every node of a graph."""
    named = {node.name: node for node in nodes}
    memory = "c" if "c" in named else "h"
    lane = _lane(named, memory)
    seats: dict[str, Seat] = {}
    for node in _in_order(named, lane):
        newest = max((seat.column for seat in seats.values()), default=-1)
        over = max((seats[name].column for name in node.of if name in seats and name not in lane), default=0)
        if node.name in lane:
            first = node.name == lane[0]
            after = 0 if first else seats[lane[lane.index(node.name) - 1]].column + 1
            seats[node.name] = Seat(max(after, over), "lane")
        elif node.terms:
            seats[node.name] = Seat(newest + 1, "gates")
        elif _made_of(named, node.name, memory):
            seats[node.name] = _behind(node, lane, seats, newest)
        else:
            readers = [reader for reader in nodes if node.name in reader.of]
            for_lane = all(reader.name in lane for reader in readers)
            for_gate = any(reader.terms for reader in readers)
            beside = len(node.of) == 1 and not for_lane
            seats[node.name] = Seat(over, "far" if for_gate else "near", beside)
    return Plan(memory, lane, seats)


def _lane(named: dict[str, Node], memory: str) -> tuple[str, ...]:
    """The longest way of a memory through operations, from the step before to this; the state itself at least."""

    def ways(name: str) -> list[tuple[str, ...]]:
        if name == f"{memory}_before":
            return [()]
        return [(*way, name) for of in named[name].of if not named[name].terms for way in ways(of)]

    return max(ways(memory), key=len, default=(memory,))


def _in_order(named: dict[str, Node], lane: tuple[str, ...]) -> list[Node]:
    """All but sources, each after what it is made of, and that in the order in which the lane needs it."""
    found: dict[str, Node] = {}

    def visit(name: str) -> None:
        if name in found or named[name].kind == "source":
            return
        for of in sorted(named[name].of, key=lambda of: of not in lane):
            visit(of)
        found[name] = named[name]

    for name in (*lane, *named):
        visit(name)
    return list(found.values())


def _made_of(named: dict[str, Node], name: str, memory: str) -> bool:
    """Whether operations alone lead from the new memory to a node."""
    return name == memory or any(
        _made_of(named, of, memory) for of in named[name].of if not named[name].terms
    )


def _behind(node: Node, lane: tuple[str, ...], seats: dict[str, Seat], newest: int) -> Seat:
    """A seat behind everything that the memory is made of: functions of it hang down from the lane, one by one."""
    above = [
        seats[name] for name in node.of if name in seats and name not in lane and seats[name].row != "gates"
    ]
    if len(node.of) == 1:
        return Seat(above[0].column, "far") if above else Seat(newest + 1, "near")
    taken = Seat(newest, "gates") in seats.values()
    return Seat(newest + 1 if taken else newest, "gates")

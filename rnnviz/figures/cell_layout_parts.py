"""The parts of the picture of a cell: boxes with room for their numbers, wires, and dots where wires part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
    round. A "state" stands at the rim over the wire that hands it on, and its ``sign`` is a circle ``apart`` from the
    box, where its operands meet and its wires begin; a state that is weighed from inputs looks like a gate.
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
    apart: bool = False


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

"""What is drawn of a layer: its gates, candidate and states, in the order of reading, with their ranges."""

from __future__ import annotations

from typing import NamedTuple

from rnnviz.figures import base
from rnnviz.figures.base import Floats
from rnnviz.registry import Cell, Kind, cell_named
from rnnviz.statistics import state_kind
from rnnviz.trace import LayerTrace


class Quantity(NamedTuple):
    """One gate or state: its letter, what bounds it, what it does, and its values (T, H)."""

    name: str
    kind: Kind
    meaning: str
    values: Floats

    @property
    def title(self) -> str:
        """The letter and the first words of the meaning."""
        return f"<b>{self.name}</b>  {self.meaning.partition(':')[0]}"

    @property
    def scale(self) -> str:
        """Its scale: "gate" is [0, 1], "tanh" [-1, 1], "loose" symmetric and as wide as the data need."""
        return {"sigmoid": "gate", "tanh": "tanh"}.get(self.kind, "loose")

    def limits(self, loose: float) -> tuple[float, float]:
        """The ends of its scale; ``loose`` is the reach of the loose one."""
        return {"gate": (0.0, 1.0), "tanh": (-1.0, 1.0)}.get(self.scale, (-loose, loose))


def quantities(layer: LayerTrace, cell: Cell, batch: int = 0) -> list[Quantity]:
    """Sigmoid gates first, then the candidate, the memory c and the state h, of one sequence of the batch."""
    gates = sorted(cell.gates, key=lambda gate: gate.kind != "sigmoid")
    found = [Quantity(g.name, g.kind, g.meaning, base.array(layer.gates[g.name][:, batch])) for g in gates]
    if layer.c is not None:
        found.append(Quantity("c", "linear", "memory: the cell state", base.array(layer.c[:, batch])))
    kind = state_kind(cell.name, "h", residual=layer.residual)
    found.append(Quantity("h", kind, "hidden state: what the cell shows", base.array(layer.h[:, batch])))
    return found


def loose_reach(found: list[Quantity]) -> float:
    """The reach of the symmetric scale that all unbounded quantities share."""
    return base.reach(*(q.values for q in found if q.scale == "loose"))


def c_range(*layers: LayerTrace, batch: int = 0) -> float:
    """The reach of one scale for all unbounded values of the layers, rounded up to 1, 2 or 5.

    Give it to the figures of each layer, so that they can be compared by eye.
    """
    return loose_reach([q for layer in layers for q in quantities(layer, cell_named(layer.cell), batch)])

"""What the flow of a layer is made of, computed once for whoever asks.

The key is the layer itself as :mod:`rnnviz.ui.compute` and the trained networks keep it, and what is held.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rnnviz.ui.once import Once, Report

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from torch import Tensor

    from rnnviz.portrait import Found, Graph, Portrait
    from rnnviz.trace import LayerTrace

KEPT = 32
"""Portraits kept. The largest holds about 0.5 MB: 25 paths of 500 steps, and the flow."""

Held = tuple[float, ...]

_hard: Once[Found] = Once(KEPT)


def found(layer: LayerTrace, held: Held) -> Found:
    """The fixed points: those of a search that somebody has asked for, where there has been one."""
    return _hard.known((layer, held)) or _quick(layer, held)


def is_hard(layer: LayerTrace, held: Held) -> bool:
    """Whether they have been searched hard."""
    return _hard.known((layer, held)) is not None


def searched(layer: LayerTrace, held: Held, slot: DeltaGenerator) -> Found:
    """The fixed points of a hard search, behind a bar in ``slot``."""

    def work(report: Report) -> Found:
        from rnnviz import portrait

        return portrait.search(layer, _tensor(held), hard=True, on_round=report)

    return _hard.get((layer, held), work, slot, "Searching from more starts")


def picture(layer: LayerTrace, held: Held, free: bool) -> Portrait | Graph:
    """The portrait of the layer; the graph of a state of one number."""
    return _picture(layer, held, free, found(layer, held))


@lru_cache(maxsize=KEPT)
def _quick(layer: LayerTrace, held: Held) -> Found:
    from rnnviz import portrait

    return portrait.search(layer, _tensor(held))


@lru_cache(maxsize=KEPT)
def _picture(layer: LayerTrace, held: Held, free: bool, points: Found) -> Portrait | Graph:
    from rnnviz import portrait

    single = layer.c is None and layer.h.shape[2] == 1
    return (portrait.graph if single else portrait.portrait)(layer, _tensor(held), points, free=free)


def _tensor(held: Held) -> Tensor:
    import torch

    return torch.tensor(held, dtype=torch.float64)

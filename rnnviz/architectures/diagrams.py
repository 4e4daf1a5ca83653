"""The diagram of each architecture, unrolled over its steps. Imports nothing heavy.

Many steps are abbreviated: the first few, a gap, the last few, at most eight columns a row; two clocks, and encoder and
decoder, take at most ten together. The description says which steps are left out.
"""

from __future__ import annotations

from collections.abc import Callable

from rnnviz.architectures import drawn_coders, drawn_deep, drawn_single
from rnnviz.architectures.config import Shape
from rnnviz.architectures.diagram import Diagram


def diagram_of(shape: Shape) -> Diagram:
    """The unrolled network of a shape. Boxes stand on whole columns and rows, or in a row of their own."""
    return _DRAWN[shape.kind](shape)


_DRAWN: dict[str, Callable[[Shape], Diagram]] = {
    "n_to_n": drawn_single.n_to_n,
    "n_to_1": drawn_single.n_to_1,
    "one_to_n": drawn_single.one_to_n,
    "one_to_n_each": drawn_single.one_to_n,
    "n_to_m": drawn_coders.n_to_m,
    "bidirectional": drawn_deep.bidirectional,
    "stacked": drawn_deep.stacked,
    "hierarchical": drawn_deep.hierarchical,
    "residual": drawn_deep.residual,
    "layernorm": drawn_single.layernorm,
    "attention": drawn_single.attention,
    "contexts": drawn_coders.contexts,
}

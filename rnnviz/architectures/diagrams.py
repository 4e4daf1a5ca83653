"""The diagram of each architecture, unrolled over its steps."""

from __future__ import annotations

from rnnviz.architectures.config import Shape
from rnnviz.architectures.diagram import Diagram


def diagram_of(shape: Shape) -> Diagram:
    """The unrolled network: at most a dozen columns, whatever N is; an ellipsis stands for steps that are left out."""
    raise NotImplementedError

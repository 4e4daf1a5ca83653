"""An architecture as a plain PyTorch script: the classes and draws of this package, quoted, without rnnviz."""

from __future__ import annotations

from rnnviz.architectures.config import Shape


def code(shape: Shape) -> str:
    """A script that imports torch and math alone and prints shapes and first numbers of the untrained network."""
    raise NotImplementedError

"""The engine of background runs as the pages see it: the runs of this server, and whose they are."""

from __future__ import annotations

from rnnviz import runs as engine
from rnnviz.runs import Runs
from rnnviz.ui.owner import owner

__all__ = ["owner", "runs"]


def runs() -> Runs:
    """The runs of this server."""
    return engine.default()

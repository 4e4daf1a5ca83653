"""What every section about the cell of the experiment begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.ui import compute, shell
from rnnviz.ui.controls import Controls

if TYPE_CHECKING:
    from rnnviz.inside import Inside
    from rnnviz.observe import Observation


def begin(controls: Controls, *names: str) -> tuple[Observation, Inside]:
    """The row of settings, "cell" and ``names``; the run of that cell, and the cell taken apart."""
    (cell,) = shell.settings(controls, "cell", *names)
    run = compute.observation(controls.experiment, cell)
    return run, compute.inside(run)

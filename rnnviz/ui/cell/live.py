"""The cell of the experiment at work."""

from __future__ import annotations

from rnnviz.registry import CELLS
from rnnviz.ui import compute, shell
from rnnviz.ui.cell import component
from rnnviz.ui.controls import Controls

HEIGHT = 560
"""Of the picture in pixels, all its parts and the time bar together."""


def draw(controls: Controls) -> None:
    """Settings, the picture, and what stands under it."""
    (name,) = shell.settings(controls, "cell", "length", "scale", "forget")
    experiment, view = controls.experiment, controls.view
    run = compute.observation(experiment, name)

    from rnnviz.inside import inside

    seen = inside(run.trace.layers[0], run.x, run.gradients.layers[0])
    component.cell(
        seen,
        key="cell",
        alt=f"The {CELLS[name].label} at work: what flows through it at each step",
        height=HEIGHT,
        labels=run.signal.labels,
        present=view.present,
    )
    shell.as_pytorch(experiment, (name,))
    shell.equation(name)

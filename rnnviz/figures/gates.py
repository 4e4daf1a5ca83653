"""Gates and states of a layer over time, as heat maps of all units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from rnnviz.figures import base, colour_bar
from rnnviz.figures.distributions import distribution, saturation, spread
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.quantities import c_range, loose_reach, quantities
from rnnviz.figures.units import unit_lines
from rnnviz.registry import Cell
from rnnviz.trace import LayerTrace

__all__ = ["c_range", "distribution", "heatmaps", "saturation", "spread", "unit_lines"]

_GAP = (0.025, 0.115)
"""Between the panels, across and down, as shares of the picture: the titles stand in the latter."""


@Drawing
def heatmaps(
    layer: LayerTrace,
    cell: Cell,
    *,
    unit: int | None = None,
    batch: int = 0,
    c_range: float | None = None,
    columns: int | None = None,
    labels: Sequence[str] | None = None,
) -> Spec:
    """Every gate and state of a layer as unit x time: sigmoid gates first, then the candidate and the states.

    Sigmoid gates are on a fixed [0, 1]; tanh gates and bounded states on [-1, 1]; the memory c and other
    unbounded values on one symmetric range, ``c_range`` or what the data need, rounded up to 1, 2 or 5
    (:func:`c_range` fits several layers). Each of these scales has one colour bar. ``unit`` (from 0) is
    marked at the right of each panel; ``labels`` name the T steps; ``batch`` is the sequence shown. There are
    ``columns`` panels side by side, by default 1 to 3.
    """
    panels = quantities(layer, cell, batch)
    steps = len(panels[0].values)
    bound = c_range if c_range is not None else loose_reach(panels)
    across = columns or (len(panels) if len(panels) < 4 else 2 if len(panels) == 4 else 3)
    down = math.ceil(len(panels) / across)
    wide = base.domains(across, _GAP[0])
    high = base.rows([1.0] * down, _GAP[1])
    time = base.time_axis(steps, labels, most=max(3, 12 // across))
    name_step = "t = %{x:d} (%{x})" if "ticktext" in time and len(time["tickvals"]) == steps else "t = %{x:d}"

    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    bars: dict[str, list[int]] = {}
    for k, panel in enumerate(panels):
        row, column = divmod(k, across)
        low, top = panel.limits(bound)
        bars.setdefault(panel.scale, []).append(k)
        data.append(
            {
                "type": "heatmap",
                "name": panel.name,
                "z": panel.values.T,
                "x0": 1,
                "y0": 0,
                "zmin": low,
                "zmax": top,
                "autocolorscale": True,
                "showscale": False,
                "xaxis": base.ref("x", k),
                "yaxis": base.ref("y", k),
                "hovertemplate": f"unit %{{y}}, {name_step}, {panel.name} = %{{z:.3f}}<extra></extra>",
            }
        )
        lowest, first = k + across >= len(panels), column == 0
        layout[base.key("x", k)] = {
            **time,
            "domain": wide[column],
            "anchor": base.ref("y", k),
            "showticklabels": lowest,
            **({"title": {"text": "time step t"}} if lowest else {}),
            **({"matches": "x"} if k else {}),
        }
        layout[base.key("y", k)] = {
            **base.unit_axis(panel.values.shape[1]),
            "domain": high[row],
            "anchor": base.ref("x", k),
            "showticklabels": first,
            **({"title": {"text": "unit"}} if first else {}),
            # Only the h of an LSTM with a projection has fewer units than its gates.
            **({"matches": "y"} if k and panel.values.shape == panels[0].values.shape else {}),
        }
    for place, members in zip(base.rows([1.0] * len(bars), 0.16), bars.values(), strict=True):
        bar = colour_bar.beside(place, [panels[m].name for m in members], *panels[members[0]].limits(bound))
        data[members[0]] |= {"showscale": True, "colorbar": bar}
    titles = [base.title(panel.title, k, panel.meaning) for k, panel in enumerate(panels)]
    layout["annotations"] = base.present([*titles, base.not_finite(*(panel.values for panel in panels))])
    layout["shapes"] = [
        _pointer(k, unit) for k, p in enumerate(panels) if unit is not None and unit < p.values.shape[1]
    ]
    return base.spec("gates", data, layout)


def _pointer(panel: int, unit: int) -> dict[str, Any]:
    """A small triangle at the right edge of the panel, pointing at the unit's row."""
    return {
        "type": "path",
        "path": "M 1 0 L 8 -4 L 8 4 Z",
        "xref": f"{base.ref('x', panel)} domain",
        "yref": base.ref("y", panel),
        "xsizemode": "pixel",
        "ysizemode": "pixel",
        "xanchor": 1,
        "yanchor": unit,
        "line": {"width": 0},
    }

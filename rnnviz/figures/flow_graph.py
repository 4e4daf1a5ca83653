"""A state of one number: its next value over its present one, and the staircase of a run between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures import base, flow_marks
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.flow_plane import RUN
from rnnviz.figures.theme import CELL_COLOURS, NEUTRAL
from rnnviz.portrait import Graph

MAP = CELL_COLOURS["lstm"]
"""The colour of the graph."""


@Drawing
def graph(
    graph: Graph, name: str = "h", *, chosen: int = 0, labels: Sequence[str] | None = None
) -> Spec:  # fmt: skip
    """What a step makes of each value under the held input; fixed points lie where that crosses the diagonal.

    The run is drawn over it as pairs of neighbours: it lies off the graph where the input is not the held one. States
    left to themselves go in staircases between the graph and the diagonal. Paths carry ``meta = {"path": k}``.
    """
    reach = graph.reach
    ends = np.array([-reach, reach])
    data: list[dict[str, Any]] = [
        _line("h = F(h)", ends, ends, NEUTRAL, 1.25, dash="dot"),
        _line("F", graph.places.numpy(), graph.values.numpy(), MAP, 2.5),
    ]
    if graph.free is None:
        run = graph.run.numpy()
        pairs = np.stack([run, np.append(run[1:], run[-1])], 1)
        hover = ["start state", *base.hover_labels(labels, len(run) - 1)]
        data.append(
            {
                **_line("the run", pairs[:, 0], pairs[:, 1], RUN, 1.5),
                "meta": {"path": 0},
                "text": hover,
                "hoverinfo": "text",
            }
        )
    else:
        data += [_stairs(path, k) for k, path in enumerate(graph.free.numpy().T)]
    data += _points(graph, chosen)
    axis = {"range": [-reach, reach], "nticks": 7, "tickformat": ".3~g", "constrain": "domain"}
    layout = {
        "hovermode": "closest",
        "margin": {"t": 8, "r": 8},
        "xaxis": {**axis, "title": {"text": f"{name} now"}},
        "yaxis": {**axis, "title": {"text": f"{name} after a step"}, "scaleanchor": "x", "scaleratio": 1},
    }
    return base.spec("flow-graph", data, layout)


def _line(
    name: str, x: NDArray[Any], y: NDArray[Any], colour: str, width: float, dash: str = "solid"
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": np.ascontiguousarray(x, dtype=np.float32),
        "y": np.ascontiguousarray(y, dtype=np.float32),
        "line": {"color": colour, "width": width, "dash": dash},
        "hoverinfo": "skip",
    }


def _stairs(path: NDArray[Any], k: int) -> dict[str, Any]:
    """Up to the graph, over to the diagonal, and so on: two corners a step, the trail on the graph."""
    corners = np.stack([path[:-1], path[:-1], path[:-1], path[1:]], 1).reshape(-1, 2)
    return {**_line(f"free {k}", corners[:, 0], corners[:, 1], RUN, 1.25), "uid": f"free{k}", "opacity": 0.8}


def _points(graph: Graph, chosen: int) -> list[dict[str, Any]]:
    found = graph.found.points
    spots = found.points[:, 0].tolist()
    ring = spots[chosen] if chosen < len(spots) else float("nan")
    around = {"symbol": "circle-open", "size": 24, "opacity": 1, "color": NEUTRAL, "line": {"width": 2}}
    data: list[dict[str, Any]] = [
        {"name": "chosen", "uid": "ring", "x": np.array([ring]), "y": np.array([ring]), "marker": around}
    ]
    data += [
        {
            "name": flow_marks.told(found, k),
            "uid": f"point{k}",
            "meta": {"point": k},
            "x": np.array([spots[k]]),
            "y": np.array([spots[k]]),
            "marker": flow_marks.mark(found.kinds[k]),
            "hovertemplate": "%{fullData.name}<extra></extra>",
        }
        for k in reversed(range(len(spots)))
    ]
    return [{"type": "scatter", "mode": "markers", "cliponaxis": False, **trace} for trace in data]

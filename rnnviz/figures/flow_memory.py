"""A trained memory of three bits: the cube of its states, and what it read and said over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.dynamics import Projection
from rnnviz.figures import base, flow_marks
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import CELL_COLOURS, NEUTRAL, PATH_COLOURS
from rnnviz.figures.trajectories import trajectory
from rnnviz.fixedpoints import FixedPoints, Way

_BITS = PATH_COLOURS[:3]
"""A colour for each bit."""

_LEAST = 0.02
"""A way is drawn with a point where it has moved so far in the picture."""


@Drawing
def cube(
    projection: Projection,
    found: FixedPoints,
    ways: Sequence[Way],
    bits: Sequence[str],
    dims: int = 3,
) -> Spec:
    """The run in the principal components of ``projection``, the fixed points as they are marked everywhere, the stable
    ones with their ``bits``, and the ways from the saddles to them as thin lines.

    The path of the run carries ``meta = {"path": 0}``; its first point is the start state. ``ValueError`` as
    :func:`rnnviz.figures.trajectories.trajectory`.
    """
    figure: Spec = trajectory.spec(projection, dims, first=0)
    data: list[dict[str, Any]] = figure["data"]
    run = data[0]
    run |= {
        "mode": "lines",
        "line": {"color": CELL_COLOURS["gru"], "width": 3 if dims == 3 else 1.75},
        "opacity": 0.8,
    }
    run.pop("marker", None)
    data[1:] = []
    spots = _seen(found.points, projection)[:, :dims]
    _frame(figure["layout"], spots)
    over = {"type": "scatter3d" if dims == 3 else "scatter"}
    data.append({**over, **_lines(ways, projection, dims)})
    for kind in ("unstable", "saddle", "stable"):
        mine = [k for k, one in enumerate(found.kinds) if one == kind]
        marker = flow_marks.mark(kind, 12.0 if kind == "stable" else 9.0)
        if dims == 3:  # in space Plotly knows fewer symbols, and draws no wide edges
            hollow = {"symbol": "circle-open" if kind == "unstable" else "diamond-open"}
            marker = {"size": 8 if kind == "stable" else 4, "color": flow_marks.COLOURS[kind], "opacity": 1}
            marker |= {} if kind == "stable" else hollow
        data.append(
            {
                **over,
                "mode": "markers+text" if kind == "stable" else "markers",
                "name": kind,
                **{letter: np.ascontiguousarray(spots[mine, c]) for c, letter in enumerate("xyz"[:dims])},
                "text": [f"<b>{' '.join(bits[k])}</b>" for k in mine],
                "textposition": _places(spots[mine]),
                "hovertext": [flow_marks.told(found, k) for k in mine],
                "hoverinfo": "text",
                "marker": marker,
                **({"cliponaxis": False} if dims == 2 else {}),
            }
        )
    return figure


@Drawing
def three_bits(pulses: Float[Tensor, "T 3"], said: Float[Tensor, "T 3"], truth: Float[Tensor, "T 3"]) -> Spec:
    """A panel for each bit: the pulses as triangles, what is true as a dashed line, what the network says as a line."""
    steps = len(pulses)
    time, high = base.time_axis(steps), base.rows([1.0, 1.0, 1.0], 0.09)
    x = base.steps_of(steps)
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {
        "hovermode": "x",
        "margin": {"t": 22, "r": 8},
        "xaxis": {**time, "anchor": "y3", "title": {"text": "time step t"}},
    }
    notes = []
    for bit in range(3):
        panel = {"type": "scatter", "yaxis": base.ref("y", bit)}
        at = pulses[:, bit].nonzero().flatten().numpy()
        sign = pulses[at, bit].numpy()
        data += [
            {
                **panel,
                "mode": "lines",
                "name": "true",
                "x": x,
                "y": base.array(truth[:, bit]),
                "line": {"color": NEUTRAL, "dash": "dot", "width": 1.5},
                "hoverinfo": "skip",
                "meta": {"fit": True},  # no dot runs along it
            },
            {
                **panel,
                "mode": "lines",
                "name": f"bit {bit + 1}",
                "x": x,
                "y": base.array(said[:, bit]),
                "line": {"color": _BITS[bit]},
                "hovertemplate": f"bit {bit + 1} %{{y:.3f}}<extra></extra>",
            },
            {
                **panel,
                "mode": "markers",
                "name": "pulse",
                "x": at + 1,
                "y": 1.42 * sign,
                "marker": {
                    "symbol": ["triangle-up" if one > 0 else "triangle-down" for one in sign],
                    "color": _BITS[bit],
                    "size": 9,
                    "opacity": 1,
                },
                "hovertemplate": "pulse<extra></extra>",
            },
        ]
        layout[base.key("y", bit)] = {
            "domain": high[bit],
            "anchor": "x",
            "range": [-1.75, 1.75],
            "tickvals": [-1, 0, 1],
            "showgrid": True,
        }
        notes.append({**base.title(f"bit {bit + 1}", bit), "xref": "x domain"})
    layout["annotations"] = notes
    return base.spec("three-bits", data, layout)


def _frame(layout: dict[str, Any], spots: NDArray[np.float32]) -> None:
    """Axes that hold the fixed points and a little more, whatever the run does."""
    sizes = (1.75 if spots.shape[1] == 2 else 1.3) * np.abs(spots).max(axis=0, initial=0.1)
    if spots.shape[1] == 2:
        for letter, size in zip("xy", sizes.tolist(), strict=True):
            layout[f"{letter}axis"]["range"] = [-size, size]
        return
    for letter, size in zip("xyz", sizes.tolist(), strict=True):
        layout["scene"][f"{letter}axis"]["range"] = [-size, size]
    ratio = 1.15 * sizes / sizes.max()
    layout["scene"]["aspectratio"] = dict(zip("xyz", ratio.tolist(), strict=True))


def _places(spots: NDArray[np.float32]) -> str | list[str]:
    """Where words stand beside points: in the plane, where they lie close in pairs, away from the neighbour."""
    if spots.shape[1] == 3 or len(spots) < 2:
        return "top center"
    away = np.linalg.norm(spots[:, None] - spots, axis=2)
    np.fill_diagonal(away, np.inf)
    nearest = spots[away.argmin(axis=1)]
    return [
        "top center" if y >= other else "bottom center"
        for y, other in zip(spots[:, 1], nearest[:, 1], strict=True)
    ]


def _seen(states: Float[Tensor, "N S"], projection: Projection) -> NDArray[np.float32]:
    """Other states along the axes of a projection."""
    return base.array((states - projection.mean.double()) @ projection.axes.double().T)


def _lines(ways: Sequence[Way], projection: Projection, dims: int) -> dict[str, Any]:
    """All ways as one line with gaps, with a point only where they have moved."""
    pieces: list[NDArray[np.float32]] = []
    gap = np.full((1, dims), np.nan, np.float32)
    for way in ways:
        places = _seen(way.states, projection)[:, :dims]
        kept = [0]
        for n in range(1, len(places)):
            if np.linalg.norm(places[n] - places[kept[-1]]) > _LEAST:
                kept.append(n)
        pieces += [places[[*kept, len(places) - 1]], gap]
    points = np.concatenate(pieces) if pieces else gap
    return {
        "mode": "lines",
        "name": "ways from the saddles",
        **{letter: np.ascontiguousarray(points[:, c]) for c, letter in enumerate("xyz"[:dims])},
        "connectgaps": False,
        "line": {"color": NEUTRAL, "width": 2 if dims == 3 else 1},
        "opacity": 0.7,
        "hoverinfo": "skip",
    }

"""The path of the hidden state through the space of its first principal components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.dynamics import Projection
from rnnviz.figures import base
from rnnviz.figures.base import Floats
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import NEUTRAL, PATH_COLOURS

_DASHES = ("solid", "dash", "dot", "dashdot")
_CAMERA = {"eye": {"x": 1.75, "y": 1.75, "z": 0.95}, "center": {"x": 0, "y": 0, "z": -0.2}}


@Drawing
def trajectory(
    projection: Projection,
    dims: int = 2,
    *,
    names: Sequence[str] | None = None,
    labels: Sequence[str] | None = None,
    first: int = 1,
) -> Spec:
    """The K paths of T steps in 2 or 3 principal components, time as colour, start and end marked.

    The trace of path k has ``meta = {"path": k}``: its points are the steps ``first`` .. ``first + T - 1``
    (``first=0`` where the start state is among them), so that a moving head can be drawn over it. In 2-D one
    unit has the same length on both axes. The ranges are symmetric around 0 (the mean of all states) and
    rounded up, at least. ``names`` names the paths in a legend. A state with fewer components than ``dims``
    is drawn at 0 on the missing axes. ``ValueError`` unless ``dims`` is 2 or 3.
    """
    if dims not in (2, 3):
        raise ValueError(f"dims must be 2 or 3, got {dims}")
    points = base.array(projection.points)
    steps, paths, components = points.shape
    if components < dims:
        points = np.concatenate([points, np.zeros((steps, paths, dims - components), np.float32)], axis=2)
    explained = [*base.array(projection.explained).tolist(), 0.0, 0.0][:dims]
    points = points[..., :dims]
    hover = _hover(labels, steps, first)
    many = paths > 1
    called = list(names) if names is not None else [f"path {k + 1}" for k in range(paths)]
    data = [_path(points[:, k], k, called[k], many, hover, first) for k in range(paths)]
    timed = _dots(points, first) if many else data[0]
    timed["marker"] |= {"showscale": True, "colorbar": _bar(first, steps)}
    data += [*([timed] if many else []), *_ends(points, many)]
    shares = ["–" if np.isnan(share) else f"{100 * share:.0f} %" for share in explained]
    notes = [base.not_finite(points)]
    layout: dict[str, Any] = {"hovermode": "closest", "showlegend": many}
    if many:
        layout["legend"] = {"x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom"}
    axis = {"tickformat": ".3~g", "showgrid": True, "zeroline": True, "nticks": 7}
    if dims == 3:
        notes.append(base.note("in brackets: share of the variance", 0.0, 0.0, opacity=0.7))
        sizes = [_reach(points[..., c], _reach(points) / 3) for c in range(3)]
        ticks = {"tickmode": "linear", "tick0": 0, "dtick": base.round_up(max(sizes) / 3)}
        scene: dict[str, Any] = {
            f"{letter}axis": {
                **axis,
                **ticks,
                "range": [-size, size],
                "title": {"text": f"PC {c + 1} ({shares[c]})"},
            }
            for c, (letter, size) in enumerate(zip("xyz", sizes, strict=True))
        }
        # One unit has the same length on all axes, so the box is as long as its ranges. A flat one may be larger.
        length = 1.05 * (max(sizes) / float(np.prod(sizes)) ** (1 / 3)) ** 0.2
        ratio = {letter: length * size / max(sizes) for letter, size in zip("xyz", sizes, strict=True)}
        scene |= {"aspectmode": "manual", "aspectratio": ratio, "camera": _CAMERA, "dragmode": "turntable"}
        margin = {"l": 0, "r": 0, "t": 0, "b": 0}
        layout |= {"scene": scene, "margin": margin, "annotations": base.present(notes)}
        return base.spec("trajectory3", data, layout)
    for c, letter in enumerate("xy"):
        reach = _reach(points[..., c], _reach(points) / 4)
        words = {"text": f"PC {c + 1} ({shares[c]} of variance)"}
        layout[f"{letter}axis"] = {**axis, "range": [-reach, reach], "title": words}
    # The axis with room to spare is lengthened in the browser, so that the panel always fills the picture.
    layout["yaxis"] |= {"scaleanchor": "x", "scaleratio": 1}
    return base.spec("trajectory2", data, {**layout, "annotations": base.present(notes)})


def _path(points: Floats, k: int, name: str, many: bool, hover: list[str], first: int) -> dict[str, Any]:
    """One path: a line; where it is the only one, with a point for each step that is coloured by time."""
    dims = points.shape[1]
    colour = PATH_COLOURS[k % len(PATH_COLOURS)] if many else NEUTRAL
    where = ", ".join(f"PC {c + 1} %{{{letter}:.3f}}" for c, letter in enumerate("xyz"[:dims]))
    prefix = f"{base.visible(name)}, " if many else ""
    path: dict[str, Any] = {
        "type": "scatter3d" if dims == 3 else "scatter",
        "mode": "lines" if many else "lines+markers",
        "name": name,
        "meta": {"path": k},
        **{letter: np.ascontiguousarray(points[:, c]) for c, letter in enumerate("xyz"[:dims])},
        "line": {"color": colour, "dash": _DASHES[k // 8 % 4]},
        "text": hover,
        "hovertemplate": f"{prefix}%{{text}}<br>{where}<extra></extra>",
    }
    if not many:
        path["marker"] = _by_time(np.arange(first, first + len(points)), first, len(points))
    return path


def _dots(points: Floats, first: int) -> dict[str, Any]:
    """Points of all paths at round time steps, filled by time and ringed in the colour of their path."""
    steps, paths, dims = points.shape
    step = base.step_for(steps, 8)
    times = np.arange(-(-first // step) * step, first + steps, step)
    chosen = points[times - first]
    rings = [PATH_COLOURS[k % len(PATH_COLOURS)] for _ in times for k in range(paths)]
    marker = _by_time(np.repeat(times, paths), first, steps)
    return {
        "type": "scatter3d" if dims == 3 else "scatter",
        "mode": "markers",
        "name": "time",
        **{letter: np.ascontiguousarray(chosen[..., c].ravel()) for c, letter in enumerate("xyz"[:dims])},
        "marker": {**marker, "line": {"color": rings, "width": 1.5}},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _by_time(times: Any, first: int, steps: int) -> dict[str, Any]:
    last = first + steps - 1
    return {"color": times.astype(np.int16), "cmin": min(first, 0), "cmax": last, "autocolorscale": True}


def _ends(points: Floats, many: bool) -> list[dict[str, Any]]:
    """Where the paths start (open ring) and end (full square), in words where there is but one."""
    steps, paths, dims = points.shape
    result: list[dict[str, Any]] = []
    for word, t, symbol in (("start", 0, "circle-open"), ("end", steps - 1, "square")):
        result.append(
            {
                "type": "scatter3d" if dims == 3 else "scatter",
                "mode": "markers" if many else "markers+text",
                "name": word,
                **{letter: np.ascontiguousarray(points[t, :, c]) for c, letter in enumerate("xyz"[:dims])},
                "text": [word] * paths,
                "textposition": "top right" if dims == 2 else "top center",
                "marker": {
                    "symbol": symbol,
                    "color": [PATH_COLOURS[k % len(PATH_COLOURS)] if many else NEUTRAL for k in range(paths)],
                    "size": 11 if dims == 2 else 6,
                },
                "hoverinfo": "skip",
                "showlegend": False,
                **({"cliponaxis": False} if dims == 2 else {}),
            }
        )
    return result


def _reach(points: Floats, least: float = 0.0) -> float:
    """The reach of an axis: its largest value and some room for the marks, in fine enough steps."""
    moves = bool(np.nan_to_num(points).any())
    largest = base.extent(points) * 1.1 if moves or not least else 0.0
    largest = max(largest, least)
    return min(base.round_up(largest / digit) * digit for digit in (1.0, 1.5, 3.0, 4.0))


def _hover(labels: Sequence[str] | None, steps: int, first: int) -> list[str]:
    if first == 0:
        return ["start state", *base.hover_labels(labels, steps - 1)]
    return base.hover_labels(labels, steps)


def _bar(first: int, steps: int) -> dict[str, Any]:
    return {
        "x": 1.01,
        "xanchor": "left",
        "len": 0.6,
        "title": {"text": "t", "side": "top"},
        "tickvals": [first, first + steps - 1],
    }

"""What all figures share: quick construction, panels, ranges that stay put, and axes of time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.figures.drawing import Spec

Numbers = Tensor | NDArray[Any] | Sequence[float]
"""What a figure takes: a tensor, an array, or plain numbers."""

Floats = NDArray[np.float32]


def spec(kind: str, data: Sequence[dict[str, Any]], layout: dict[str, Any]) -> Spec:
    """A figure as plain dicts, without a template.

    ``kind`` is the ``uirevision``: as long as it stays, the browser keeps zoom and camera.
    """
    return {
        "data": list(data),
        "layout": {"uirevision": kind, "showlegend": False, **layout, "template": {}},
    }


def array(values: Numbers) -> Floats:
    """The numbers as float32; infinity becomes NaN, which leaves a gap (see :func:`not_finite`)."""
    if isinstance(values, Tensor):
        values = values.detach().cpu().numpy()
    # A float64 beyond float32 becomes infinity, and then a gap: that is meant, and no cause for a warning.
    with np.errstate(over="ignore"):
        result = np.array(values, dtype=np.float32)
    result[~np.isfinite(result)] = np.nan
    return result


def not_finite(*values: Floats) -> dict[str, Any] | None:
    """An annotation that counts the gaps (values that are NaN or infinite), or None where there are none."""
    count = sum(int(np.isnan(v).sum()) for v in values)
    if not count:
        return None
    total = sum(v.size for v in values)
    return note(
        f"{count:,} of {total:,} values are not finite and left blank", 1.0, 1.0, "right", yshift=16.0
    )


def note(
    text: str, x: float, y: float, side: str = "left", *, yshift: float = 0.0, **more: Any
) -> dict[str, Any]:
    """Words at a place of the paper (0 to 1 from bottom left), standing above it."""
    place = {"x": x, "y": y, "xref": "paper", "yref": "paper", "xanchor": side, "yanchor": "bottom"}
    return {"text": text, "showarrow": False, "yshift": yshift, **place, **more}


def remark(text: str, **place: Any) -> dict[str, Any]:
    """Words that stand back behind the picture."""
    return {"text": text, "showarrow": False, "opacity": 0.75, **place}


def beside(text: str, colour: str, x: int | float, y: int | float, side: str = "left") -> dict[str, Any]:
    """The name of a line in its colour, on that side of a point of it; y in decades on a log axis."""
    anchor = "right" if side == "left" else "left"
    place = {"x": x, "xanchor": anchor, "align": anchor, "y": y, "yref": "y", "yanchor": "middle"}
    return {"text": text, "showarrow": False, "font": {"color": colour}, **place}


def upright(x: int | float) -> dict[str, Any]:
    """A dotted line from the bottom to the top of the first panel."""
    place = {"x0": x, "x1": x, "yref": "y domain", "y0": 0, "y1": 1}
    return {"type": "line", **place, "line": {"dash": "dot"}, "layer": "below"}


def title(text: str, axis: int, meaning: str = "") -> dict[str, Any]:
    """A title at the left above the panel of that number (from 0); ``meaning`` shows on hover."""
    words = {
        "text": text,
        "showarrow": False,
        "x": 0,
        "y": 1,
        "xref": f"{ref('x', axis)} domain",
        "yref": f"{ref('y', axis)} domain",
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 2,
    }
    return {**words, "hovertext": meaning} if meaning else words


def ref(letter: str, axis: int) -> str:
    """Plotly's short name of an axis, counted from 0: "x", "x2", "x3", ..."""
    return letter if axis == 0 else f"{letter}{axis + 1}"


def key(letter: str, axis: int) -> str:
    """Plotly's name of an axis in the layout, counted from 0: "xaxis", "xaxis2", ..."""
    return f"{letter}axis" if axis == 0 else f"{letter}axis{axis + 1}"


def domains(count: int, gap: float, *, start: float = 0.0, end: float = 1.0) -> list[list[float]]:
    """``count`` equal stretches of [start, end] with a gap between them, as shares of the paper."""
    width = (end - start - gap * (count - 1)) / count
    return [[start + k * (width + gap), start + k * (width + gap) + width] for k in range(count)]


def rows(weights: Sequence[float], gap: float) -> list[list[float]]:
    """Stretches from the top of the paper downwards, their heights in the ratio of the weights."""
    free = 1 - gap * (len(weights) - 1)
    result, top = [], 1.0
    for weight in weights:
        height = free * weight / sum(weights)
        result.append([max(top - height, 0.0), top])
        top -= height + gap
    return result


def round_up(value: int | float) -> float:
    """The least of 1, 2, 5 times a power of ten that is not below the value; 1 for 0 and for no number."""
    if not (math.isfinite(value) and value > 0):
        return 1.0
    exponent = math.floor(math.log10(value))
    for digit in (1, 2, 5, 10):
        # float(f"...e...") is the nearest double to the decimal, which digit * 10**exponent is not always.
        bound = float(f"{digit}e{exponent}")
        if value <= bound * (1 + 1e-6):
            return bound
    raise AssertionError(f"unreachable for {value}")


def rung(value: int | float, ladder: Sequence[float]) -> float:
    """The first step of the ladder that is not below the value, so that an axis rests while a slider moves."""
    return next((rung for rung in ladder if value <= rung * (1 + 1e-6)), round_up(value))


def extent(*values: Floats) -> float:
    """The largest size among the finite values; 1 where there is none but 0."""
    sizes = [float(np.nanmax(np.abs(v))) for v in values if not np.isnan(v).all()]
    return max(sizes, default=0.0) or 1.0


def reach(*values: Floats, least: float = 0.0) -> float:
    """How far a symmetric axis must go for these values: their largest size, rounded up to 1, 2 or 5.

    With ``least`` the reach is that where it is enough, whatever the values are.
    """
    largest = extent(*values) if any(np.nan_to_num(v).any() for v in values) else 0.0
    return least if least and largest <= least * (1 + 1e-6) else round_up(largest)


def step_for(count: int, most: int) -> int:
    """The least whole 1-2-5 step that cuts ``count`` into at most ``most`` pieces."""
    return max(1, round(round_up(count / most)))


def unit_axis(units: int) -> dict[str, Any]:
    """An axis of units, counted from 0 as in the tensors, the first one on top."""
    step = step_for(units, 4)
    return {
        "range": [units - 0.5, -0.5],
        "tickvals": list(range(0, units, step)),
        "showgrid": False,
        "zeroline": False,
    }


def time_axis(steps: int, labels: Sequence[str] | None = None, *, most: int = 8) -> dict[str, Any]:
    """An axis of time steps t = 1..T; t = 0 is the start state.

    ``labels`` stand in place of the numbers: single characters where there is room for all of them (a text of
    which some are left out reads as another text), of dates and the like a few. ``most`` is how many numbers
    there is room for.
    """
    axis: dict[str, Any] = {"range": [0.5, steps + 0.5], "showgrid": False, "zeroline": False}
    characters = labels is not None and all(len(label) <= 1 for label in labels)
    if labels is None or (characters and steps > 5 * most):
        step = step_for(steps, most)
        # t = 1 belongs on a short axis; on a long one the round numbers are enough.
        ticks = list(range(step if step > 2 else 1, steps + 1, step))
        return {**axis, "tickvals": ticks}
    if characters:
        shown = [visible(label) for label in labels]
        return {**axis, "tickvals": list(range(1, steps + 1)), "ticktext": shown, "tickangle": 0}
    every = max(1, math.ceil(steps / max(2, most // 2)))
    ticks = list(range(1, steps + 1, every))
    return {**axis, "tickvals": ticks, "ticktext": [labels[t - 1] for t in ticks], "tickangle": 0}


def visible(label: str) -> str:
    """A label that can be seen, and that Plotly does not read as markup."""
    shown = {" ": "␣", "\n": "⏎", "\t": "⇥", "": "·"}.get(label, label)
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def steps_of(count: int) -> NDArray[np.int16]:
    """The time steps 1..T."""
    return np.arange(1, count + 1, dtype=np.int16)


def hover_labels(labels: Sequence[str] | None, steps: int) -> list[str]:
    """How each time step is named when pointed at: "t = 3", or "t = 3 (l)" with labels."""
    if labels is None:
        return [f"t = {t}" for t in range(1, steps + 1)]
    return [f"t = {t} ({visible(label)})" for t, label in zip(range(1, steps + 1), labels, strict=True)]


def present(items: Iterable[dict[str, Any] | None]) -> list[dict[str, Any]]:
    """The items without the Nones."""
    return [item for item in items if item is not None]


def apart(places: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Places for labels: near the given ones, in the same order, at least ``least`` apart, within the bounds.

    Labels that would overlap form a block that is centred on where its members wanted to be.
    """
    order = sorted(range(len(places)), key=lambda k: places[k])
    blocks: list[tuple[float, list[int]]] = []  # centre, members from the bottom up

    def centre(members: list[int]) -> float:
        half = least * (len(members) - 1) / 2
        mean = sum(places[k] for k in members) / len(members)
        return min(max(mean, low + half), max(high - half, low + half))

    for k in order:
        members = [k]
        while blocks:
            middle, below = blocks[-1]
            top = middle + least * (len(below) - 1) / 2
            bottom = centre(members) - least * (len(members) - 1) / 2
            if bottom - top >= least - 1e-12:
                break
            members = below + members
            blocks.pop()
        blocks.append((centre(members), members))
    result = [0.0] * len(places)
    for middle, members in blocks:
        first = middle - least * (len(members) - 1) / 2
        for place, k in enumerate(members):
            result[k] = first + least * place
    # Plotly leaves out what lies beyond the end of an axis, be it by the last digit of a float.
    return [_snapped(place, low, high) for place in result]


def _snapped(place: float, low: float, high: float) -> float:
    """The bound that the place is next to, or the place itself."""
    near = 1e-9 * (high - low)
    return low if abs(place - low) < near else high if abs(place - high) < near else place

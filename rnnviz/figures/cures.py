"""The cures side by side: a panel each, the gradient's way back through time over what it was before."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.cures import Comparison, Measured, Outcome
from rnnviz.figures import base, log_axis
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import NEUTRAL

COLOURS: dict[str, str] = {"vanishes": "#cf5200", "keeps": "#00996f", "explodes": "#2b87cc"}
"""Of the verdicts: the ends of the diverging scale mean the same elsewhere. The word always stands beside."""

_COLUMNS = 4
_GAP = (0.016, 0.13)
_LADDER = (5.0, 10.0, 20.0, 40.0, 60.0, 100.0, 160.0, 220.0, 305.0)
_FLOAT32 = (1.2e-38, 3.4e38)
"""The least and the largest number of the type in which such models are trained."""


@Drawing
def panels(found: Comparison, threshold: int | float = 1.0, *, labels: Sequence[str] | None = None) -> Spec:
    """||dL/dh_t|| against t up to the loss, on one log axis for all panels; the grey line is the run as it is.

    A line is the median over the seeds, its band the range. Where the median is 0 or not finite a cross stands at
    the lower edge or a triangle at the upper one. ``threshold`` is what clipping clips to; ``labels`` name the
    steps, also those after the loss.
    """
    before = _Track(found.before)
    tracks = [_Track(one.measured) if one.measured is not None else None for one in found.outcomes]
    low, top = _range([before, *(track for track in tracks if track is not None)])
    steps = len(before.middle)
    labels = labels[:steps] if labels is not None else None
    time = base.time_axis(steps, labels, most=5)
    hover = base.hover_labels(labels, steps)
    down = math.ceil(len(found.outcomes) / _COLUMNS)
    wide, high = base.domains(_COLUMNS, _GAP[0]), base.rows([1.0] * down, _GAP[1])
    ticks = log_axis.ticks(log_axis.named(low, top, 6))

    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"hovermode": "closest"}
    notes: list[dict[str, Any]] = []
    shapes: list[dict[str, Any]] = []
    for k, (one, track) in enumerate(zip(found.outcomes, tracks, strict=True)):
        row, column = divmod(k, _COLUMNS)
        axes = {"xaxis": base.ref("x", k), "yaxis": base.ref("y", k)}
        colour = COLOURS[one.measured.verdict] if one.measured is not None else NEUTRAL
        seeds = len(found.before.rate)
        drawn = [_ghost(before, hover), *_lines(one, track or _Track(None, steps), colour, hover, seeds)]
        drawn += _marks(one, track or _Track(None, steps), colour, low, top, hover)
        data += [{**trace, **axes} for trace in drawn]
        notes += [
            base.title(f"<b>{_written(one.cure.label)}</b>", k),
            _words(one, found, threshold, colour, k, low < -1.5 * top),
        ]
        layout[base.key("x", k)] = {
            **time,
            "range": [1 - 0.02 * steps, steps * 1.02],
            "domain": wide[column],
            "anchor": base.ref("y", k),
            "showticklabels": row == down - 1,
            **({"title": {"text": "time step t"}} if row == down - 1 else {}),
        }
        layout[base.key("y", k)] = {
            "type": "log",
            "range": [low, top],
            "domain": high[row],
            "anchor": base.ref("x", k),
            **ticks,
            "showgrid": True,
            "showticklabels": column == 0,
            **({"title": {"text": "‖∂L/∂h<sub>t</sub>‖"}} if column == 0 else {}),
        }
        for end in _FLOAT32:
            if low < math.log10(end) < top:
                shapes.append(_ends(k, end))
                notes += [_ends_name(end)] if k == 0 else []
    return base.spec("cures", data, {**layout, "annotations": notes, "shapes": shapes})


class _Track:
    """The median over the seeds at each step, and the range: NaN where the median is no positive number."""

    def __init__(self, measured: Measured | None, steps: int = 0) -> None:
        values = (
            np.full((1, steps), np.nan) if measured is None else np.asarray(measured.norms, dtype=np.float64)
        )
        # A run that left float64 counts as larger than all others.
        full = np.where(np.isnan(values), np.inf, values) if measured is not None else values
        middle = np.sort(full, axis=0)[(len(full) - 1) // 2]
        tiny = np.finfo(np.float64).tiny
        self.lost = np.flatnonzero(middle < tiny)
        self.beyond = np.flatnonzero(np.isinf(middle))
        self.middle: NDArray[np.float64] = np.where((middle >= tiny) & np.isfinite(middle), middle, np.nan)
        self.least = np.maximum(full.min(0), tiny)
        self.most = np.clip(full.max(0), tiny, 1e308)


def _range(tracks: Sequence[_Track]) -> tuple[float, float]:
    """The decades at the ends, of few and large rungs, so that the axis rests while a slider moves."""
    every = np.concatenate([np.log10(track.middle[np.isfinite(track.middle)]) for track in tracks])
    low, top = (float(every.min()), float(every.max())) if len(every) else (0.0, 0.0)
    return -base.rung(min(0.5 - low, _LADDER[-1]), _LADDER), base.rung(min(top + 0.5, _LADDER[-1]), _LADDER)


def _ghost(before: _Track, hover: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": _mode(len(before.middle)),
        "name": "as it is",
        "x": base.steps_of(len(before.middle)),
        "y": before.middle,
        "line": {"color": NEUTRAL, "width": 4},
        "opacity": 0.4,
        "text": hover,
        "hovertemplate": "as it is, %{text}: %{y:.3g}<extra></extra>",
    }


def _mode(steps: int) -> str:
    """With the loss at step 1 there is one point, which as a line would not be seen."""
    return "lines" if steps > 1 else "lines+markers"


def _lines(
    one: Outcome, track: _Track, colour: str, hover: Sequence[str], seeds: int
) -> list[dict[str, Any]]:
    """The range over the seeds, and the median; both empty where the cure does not apply."""
    steps, label = base.steps_of(len(track.middle)), _written(one.cure.label)
    whole = np.isfinite(track.middle)
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    band = {
        "type": "scatter",
        "mode": "lines",
        "name": f"{label}: all seeds",
        "x": np.concatenate([steps[whole], steps[whole][::-1]]),
        "y": np.concatenate([track.most[whole], track.least[whole][::-1]]),
        "fill": "toself",
        "fillcolor": f"rgba({red},{green},{blue},0.2)",
        "line": {"width": 0, "color": colour},
        "hoverinfo": "skip",
    }
    line = {
        "type": "scatter",
        "mode": _mode(len(steps)),
        "name": label,
        "x": steps,
        "y": track.middle,
        "line": {"color": colour},
        "text": hover,
        "hovertemplate": f"{label}, %{{text}}: %{{y:.3g}}<br>median of {seeds} seeds<extra></extra>",
    }
    return [band, line]


def _marks(
    one: Outcome, track: _Track, colour: str, low: float, top: float, hover: Sequence[str]
) -> list[dict[str, Any]]:
    """Steps whose median is no number on the axis; empty traces where there are none."""
    edge = 0.03 * (top - low)
    places = (
        (track.lost, low + edge, "x-thin", "0, or too small for float64"),
        (track.beyond, top - edge, "triangle-up", "too large for float64"),
    )
    label = _written(one.cure.label)
    return [
        log_axis.marks(
            label, words, steps + 1, 10.0**decade, symbol, colour, [hover[t] for t in steps.tolist()], size=5
        )
        for steps, decade, symbol, words in places
    ]


def _words(
    one: Outcome, found: Comparison, threshold: int | float, colour: str, k: int, below: bool
) -> dict[str, Any]:
    """The verdict and the factor a step in a right corner, where no curve goes; or why there is none."""
    inside = {"showarrow": False, "xref": f"{base.ref('x', k)} domain", "yref": f"{base.ref('y', k)} domain"}
    corner = {"x": 0.97, "xanchor": "right", "align": "right", "y": 0.97, "yanchor": "top"}
    if below:
        corner |= {"y": 0.05, "yanchor": "bottom"}
    if one.measured is None:
        text = "does not apply:<br>" + "<br>".join(textwrap.wrap(_written(one.reason), 26))
        return {**inside, **corner, "text": text, "font": {"color": NEUTRAL}}
    text = f"<b style='color:{colour}'>{one.measured.verdict}</b>"
    rate = one.measured.rate.nanmedian().item()
    if one.cure.name == "clip":
        text += " as before<br>" + _clipped(found, threshold)
    elif one.measured.change.median().item() == 0:
        text += "<br>none left at step 1"
    elif math.isfinite(rate):
        text += f"<br>× {rate:.3g} a step back"
    return {**inside, **corner, "text": text}


def _clipped(found: Comparison, threshold: int | float) -> str:
    norm = float(found.before.weight.median())
    matrix = "W<sub>hh</sub>" if found.weight == "weight_hh" else "W<sub>ih</sub>"
    size = f"{norm:.2g}" if norm < 1000 or not math.isfinite(norm) else f"10<sup>{math.log10(norm):.0f}</sup>"
    if not norm > threshold:
        return f"‖∂L/∂{matrix}‖ = {size}: not clipped"
    return f"‖∂L/∂{matrix}‖: {size} → {threshold:g}"


def _written(text: str) -> str:
    return text.replace("W_hh", "W<sub>hh</sub>")


def _ends(k: int, end: float) -> dict[str, Any]:
    """Where float32 has no more numbers."""
    place = {"xref": f"{base.ref('x', k)} domain", "yref": base.ref("y", k), "x0": 0, "x1": 1}
    line = {"dash": "dot", "width": 1, "color": NEUTRAL}
    return {"type": "line", **place, "y0": end, "y1": end, "line": line, "layer": "below"}


def _ends_name(end: float) -> dict[str, Any]:
    side = {"yanchor": "top"} if end < 1 else {"yanchor": "bottom"}
    place = {"xref": "x domain", "x": 0.98, "xanchor": "right", "y": math.log10(end), "yref": "y", **side}
    return base.remark("float32 ends", **place)

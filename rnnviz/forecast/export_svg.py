"""Line charts as SVG, for the report: a page that opens anywhere, without a script and without a network."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 920, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 14, 34
"""Room around the panel, in pixels."""


@dataclass(frozen=True)
class Line:
    """A line by index: ``values`` from the place ``start`` on (NaN leaves a gap), drawn in the style of that name."""

    name: str
    values: Sequence[float]
    style: str
    start: int = 0


@dataclass(frozen=True)
class Band:
    """What lies between two lines."""

    name: str
    lower: Sequence[float]
    upper: Sequence[float]
    start: int = 0


def chart(
    lines: Sequence[Line], labels: Sequence[str], about: str, *, band: Band | None = None, zero: bool = False
) -> str:
    """A chart of lines over ``labels``, one a place, with a legend and axes; ``about`` says what it shows.

    The vertical axis spans the finite values, from 0 with ``zero``. All text is escaped.
    """
    count = max(len(labels), 1)
    values = [value for line in lines for value in line.values if math.isfinite(value)]
    if band is not None:
        values += [value for side in (band.lower, band.upper) for value in side if math.isfinite(value)]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    low = min(low, 0.0) if zero else low
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        low, high = low - (abs(low) or 1.0) / 100, high + (abs(high) or 1.0) / 100
    step = _step(high - low)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step

    def x(place: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * place / max(count - 1, 1)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low)

    parts = [f"<svg viewBox='0 0 {WIDTH} {HEIGHT}' role='img' aria-label='{escape(about, quote=True)}'>"]
    for k in range(round((high - low) / step) + 1):
        tick = low + k * step
        parts.append(
            f"<line class='grid' x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{y(tick):.1f}' y2='{y(tick):.1f}'/>"
        )
        parts.append(f"<text class='y' x='{LEFT - 8}' y='{y(tick) + 4:.1f}'>{_short(tick, step)}</text>")
    parts += [
        f"<text class='{anchor}' x='{x(place):.1f}' y='{HEIGHT - 12}'>{escape(labels[place])}</text>"
        for place, anchor in _ticks(len(labels))
    ]
    if band is not None:
        parts += _area(band, x, y)
    for line in lines:
        for piece in _pieces(line.values):
            points = [(x(line.start + k), y(line.values[k])) for k in piece]
            parts.append(_drawn(points, line.style))
    parts.append("</svg>")
    legend = "".join(f"<span class='key {line.style}'>{escape(line.name)}</span>" for line in lines)
    legend += f"<span class='key band'>{escape(band.name)}</span>" if band is not None else ""
    return f"<figure>{''.join(parts)}<figcaption>{legend}</figcaption></figure>"


def _drawn(points: Sequence[tuple[float, float]], style: str) -> str:
    """A line through the points; a dot where there is but one."""
    if len(points) == 1:
        ((x, y),) = points
        return f"<circle class='dot {style}' cx='{x:.1f}' cy='{y:.1f}' r='2'/>"
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f"<polyline class='{style}' points='{places}'/>"


def _area(band: Band, x: Callable[[int], float], y: Callable[[float], float]) -> list[str]:
    found = []
    both = [low + high for low, high in zip(band.lower, band.upper, strict=True)]
    for piece in _pieces(both):
        there = [f"{x(band.start + k):.1f},{y(band.upper[k]):.1f}" for k in piece]
        back = [f"{x(band.start + k):.1f},{y(band.lower[k]):.1f}" for k in reversed(piece)]
        found.append(f"<polygon class='band' points='{' '.join(there + back)}'/>")
    return found


def _pieces(values: Sequence[float]) -> list[list[int]]:
    """The places of the values, cut where one is not finite."""
    pieces: list[list[int]] = [[]]
    for k, value in enumerate(values):
        if math.isfinite(value):
            pieces[-1].append(k)
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _ticks(count: int) -> list[tuple[int, str]]:
    """Places of a few labels and how each is anchored; the ends are among them."""
    if count < 2:
        return [(k, "middle") for k in range(count)]
    some = min(5, count)
    places = sorted({round(k * (count - 1) / (some - 1)) for k in range(some)})
    return [(k, "start" if k == 0 else "end" if k == count - 1 else "middle") for k in places]


def _step(span: float) -> float:
    """The 1-2-5 step that cuts a span into about five."""
    if not (math.isfinite(span) and span > 0):
        return 1.0
    exponent = math.floor(math.log10(span / 5))
    return next(
        (float(f"{digit}e{exponent}") for digit in (1, 2, 5) if span / float(f"{digit}e{exponent}") <= 6),
        float(f"1e{exponent + 1}"),
    )


def _short(value: float, step: float) -> str:
    """A number on an axis, to the digits of its step."""
    if abs(value) >= 1e7 or (0 < step < 1e-5):
        return f"{value:.3g}"
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{value + 0.0:,.{digits}f}"

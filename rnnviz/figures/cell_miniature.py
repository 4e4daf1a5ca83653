"""A cell at work in small, as SVG: its boxes, filled as far as they are open, and the wires between them."""

from __future__ import annotations

import math
from html import escape

from rnnviz.figures.cell_layout import Box, layout_of
from rnnviz.figures.theme import GATE_COLOURS, NEUTRAL
from rnnviz.inside import Inside

_LETTER = 27
"""The height of a letter in units of the drawing, of which a miniature shows two to three a pixel."""


def svg(seen: Inside, alt: str, step: int = -1) -> str:
    """The picture of a cell at one step as an ``<svg>`` element: each box is filled by the mean size of its values.

    ``alt`` describes it to those who do not see it. Sizes beyond 1 count as 1. Gates and states have their letters.
    """
    layout = layout_of(seen.nodes, "wide")
    wires = "".join(
        f'<polyline points="{" ".join(f"{x:g},{y:g}" for x, y in wire.points)}" fill="none" stroke="{NEUTRAL}" '
        f'stroke-width="{2 + 6 * _share(seen, wire.of, step):.1f}" stroke-opacity="0.55" stroke-linejoin="round"/>'
        for wire in layout.wires
    )
    boxes = "".join(_box(box, _share(seen, box.name, step)) for box in layout.boxes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {layout.width:g} {layout.height:g}" '
        f'preserveAspectRatio="xMidYMid meet" role="img" aria-label="{escape(alt)}">{wires}{boxes}</svg>'
    )


def _share(seen: Inside, name: str, step: int) -> float:
    """The mean size of a node's values at a step, at most 1; 0 where they are no numbers."""
    mean = float(seen.values[name][step].abs().mean())
    return min(mean, 1.0) if math.isfinite(mean) else 0.0


def _box(box: Box, share: float) -> str:
    letter = box.name.removesuffix("_before")
    colour = GATE_COLOURS.get(letter, NEUTRAL)
    place = (
        f'x="{box.x - box.width / 2:g}" y="{box.y - box.height / 2:g}" width="{box.width:g}" height="{box.height:g}" '
        f'rx="{box.height / 2 if box.shape == "operation" else 8:g}"'
    )
    ground = f'<rect {place} fill="var(--st-background-color, white)"/>'
    tint = f'<rect {place} fill="{colour}" fill-opacity="{0.15 + 0.8 * share:.3f}" stroke="{colour}" stroke-width="2"/>'
    text = letter if len(letter) == 1 else ""
    written = (
        f'<text x="{box.x:g}" y="{box.y + 0.34 * _LETTER:g}" font-size="{_LETTER}" font-style="italic" '
        f'text-anchor="middle" fill="var(--st-text-color, black)">{text}</text>'
    )
    sign = ""
    if box.sign is not None:
        spot = box.sign
        circle = f'<circle cx="{spot.x:g}" cy="{spot.y:g}" r="{spot.height / 2:g}" '
        circle += f'fill="var(--st-background-color, white)" stroke="{NEUTRAL}" stroke-width="2"/>'
        symbol = f'<text x="{spot.x:g}" y="{spot.y + 8:g}" font-size="22" text-anchor="middle" '
        symbol += f'fill="var(--st-text-color, black)">{box.symbol if len(box.symbol) == 1 else ""}</text>'
        sign = circle + symbol if box.shape in ("operation", "state") else ""
    return ground + tint + (written if text else "") + sign

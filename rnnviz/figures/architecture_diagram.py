"""The diagram of an unrolled architecture as SVG: a pure function from its description to a string.

Colours are CSS variables (``--rva-cell`` and so on, see :data:`COLOURS`), so that the picture follows the theme of
the page that it stands in. All words are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise

from rnnviz.architectures.diagram import Arrow, Box, Diagram, Role
from rnnviz.figures.architecture_routes import Place, Point, Route, route
from rnnviz.figures.theme import NEUTRAL

COLOURS: dict[Role, str] = {
    "input": NEUTRAL,
    "cell": "#0072b2",
    "cell_back": "#d069a6",
    "head": "#00996f",
    "output": "#00996f",
    "context": "#c2334d",
    "attention": "#cf5200",
    "sum": NEUTRAL,
    "norm": "#7a63d0",
    "token": "#a99200",
}
"""A colour for each kind of box; the same in the strips and in the answer."""

GAP = "⋯"
"""What stands in a box for steps that are left out."""

COLUMN = 100.0
"""The distance from column to column in the picture."""

FONT, LEAST, LABEL = 22.0, 13.0, 17.0
"""Height of the letters: in boxes, at least in boxes, beside arrows."""

_WIDE, _HIGH, _WIDEST = 36.0, 23.0, 46.0
"""Half of a box's sides, and of that of one with many words."""

_WIDENS = 17.0
"""The height of letters at which a box is made wider for its words."""

_MANY = 5
"""Rows up to which they stand well apart."""

_MARGIN = 10.0

_INDEX, _LOWER, _RAISE = 0.72, 0.26, 0.36
"""An index: its height, how far it is lowered or raised, all as shares of that of a letter."""

_ROUND: frozenset[Role] = frozenset({"input", "output", "token"})
_MARKS = re.compile(r"([_^])(?:\{([^{}]*)\}|(.))")


def svg(diagram: Diagram, *, small: bool = False) -> str:
    """The diagram as an ``<svg>`` element; ``small`` is a miniature without words.

    Boxes carry ``data-t``, the time step that they belong to, where they have one. A label may have indices in TeX's
    way: ``x_1``, ``h_{t-1}``, ``c^{2}``. ``ValueError`` for an arrow from or to a box that is not there.
    """
    places = _places(diagram.boxes)
    for arrow in diagram.arrows:
        for name in (arrow.start, arrow.end):
            if name not in places:
                raise ValueError(
                    f"expected an arrow between boxes of the diagram, got {name!r}; add that box"
                )
    ways = _ways(diagram.arrows, places)
    labels = [] if small else _labels(ways, places)
    left, top, right, bottom = _bounds(
        places.values(), [way for _, way in ways], [place for _, place in labels]
    )
    drawn = [
        *(_arrow(arrow, way, small) for arrow, way in ways),
        *(_box(box, places[box.name], small) for box in diagram.boxes),
        *(_label(text, place) for text, place in labels),
    ]
    kind = "rva-diagram rva-small" if small else "rva-diagram"
    named = 'aria-hidden="true"' if small else f'role="img" aria-label="{escape(diagram.alt)}"'
    box = f"{left:.1f} {top:.1f} {right - left:.1f} {bottom - top:.1f}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" viewBox="{box}" '
        f'preserveAspectRatio="xMidYMid meet" {named}>{"".join(drawn)}</svg>'
    )


def size(picture: str) -> tuple[float, float]:
    """Width and height of the picture in its own units."""
    found = re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', picture)
    if found is None:
        raise ValueError("expected an SVG with a viewBox, got none; pass what svg() gives")
    return float(found[1]), float(found[2])


def _places(boxes: Sequence[Box]) -> dict[str, Place]:
    """Where every box stands. A row is as high as its highest box, and nearer to the next one where there are many."""
    sizes = {box.name: _size(box) for box in boxes}
    rows = sorted({box.y for box in boxes})
    half = {y: max(sizes[box.name][1] for box in boxes if box.y == y) for y in rows}
    gap = 42.0 if len(rows) <= _MANY else 24.0
    heights = dict.fromkeys(rows[:1], 0.0)
    for below, above in pairwise(rows):
        heights[above] = heights[below] + max(above - below, 1.0) * (half[below] + half[above] + gap)
    return {box.name: Place(COLUMN * box.x, -heights[box.y], *sizes[box.name]) for box in boxes}


def _size(box: Box) -> tuple[float, float]:
    """Half of a box's sides."""
    if box.role == "sum":
        return 15.0, 15.0
    wide = min(max(_WIDE, (_width(box.label, _WIDENS) + 12) / 2), _WIDEST)
    return wide, 17.0 if box.role == "norm" else _HIGH


def _ways(arrows: Iterable[Arrow], places: Mapping[str, Place]) -> list[tuple[Arrow, Route]]:
    """The way of every arrow, one after the other, so that later ones keep off earlier ones."""
    ways: list[tuple[Arrow, Route]] = []
    for arrow in arrows:
        others = [place for name, place in places.items() if name not in (arrow.start, arrow.end)]
        way = route(
            places[arrow.start],
            places[arrow.end],
            others,
            [drawn for other, drawn in ways if other.start != arrow.start],
            past=arrow.kind == "skip",
            fed=arrow.kind == "feed",
            angled=arrow.kind in ("value", "weight"),
            rising=arrow.kind == "weight",
        )
        ways.append((arrow, way))
    return ways


def _labels(ways: Iterable[tuple[Arrow, Route]], places: Mapping[str, Place]) -> list[tuple[str, Place]]:
    """The words at arrows, each beside its arrow; left out where there is no room for it."""
    taken, found = list(places.values()), []
    for arrow, way in ways:
        if not arrow.label:
            continue
        half, high = _width(arrow.label, LABEL) / 2 + 2, LABEL * 0.6
        a, b = way.points[:2] if arrow.kind == "weight" else way.longest()
        spots = []
        for share in (0.5, 0.35, 0.65, 0.2, 0.8):
            at = Point(a.x + share * (b.x - a.x), a.y + share * (b.y - a.y))
            if abs(b.x - a.x) >= abs(b.y - a.y):
                spots += [Place(at.x, at.y - high - 4, half, high), Place(at.x, at.y + high + 4, half, high)]
            else:
                spots += [Place(at.x + half + 5, at.y, half, high), Place(at.x - half - 5, at.y, half, high)]
        free = [spot for spot in spots if not any(spot.meets(other, 1.0) for other in taken)]
        if free:
            taken.append(free[0])
            found.append((arrow.label, free[0]))
    return found


def _bounds(
    places: Iterable[Place], ways: Iterable[Route], labels: Iterable[Place]
) -> tuple[float, float, float, float]:
    every = (*places, *labels)
    corners = [Point(p.x + side * p.w, p.y + side * p.h) for p in every for side in (1, -1)]
    corners += [point for way in ways for point in way.points]
    x, y = [corner.x for corner in corners] or [0.0], [corner.y for corner in corners] or [0.0]
    return min(x) - _MARGIN, min(y) - _MARGIN, max(x) + _MARGIN, max(y) + _MARGIN


def _box(box: Box, place: Place, small: bool) -> str:
    time = "" if box.t is None else f' data-t="{box.t}"'
    radius = place.h if box.role in _ROUND or box.role in ("sum", "norm") else 7.0
    shape = (
        f'<rect x="{place.x - place.w:.1f}" y="{place.y - place.h:.1f}" width="{2 * place.w:.1f}" '
        f'height="{2 * place.h:.1f}" rx="{radius:.1f}"/>'
    )
    if small:
        return f'<g class="rva-box rva-{box.role}">{shape}</g>'
    words = f"<title>{escape(box.words)}</title>" if box.words else ""
    font = _fitting(box.label, 2 * place.w - 10)
    gap = " rva-gap" if box.label == GAP else ""
    return f'<g class="rva-box rva-{box.role}{gap}"{time}>{words}{shape}{_text(box.label, place, font)}</g>'


def _arrow(arrow: Arrow, way: Route, small: bool) -> str:
    line = f'<path d="{way.path}"/>'
    if small:
        return f'<g class="rva-arrow rva-is-{arrow.kind}">{line}</g>'
    return f'<g class="rva-arrow rva-is-{arrow.kind}">{line}<polygon points="{_head(way)}"/></g>'


def _head(way: Route) -> str:
    """The three corners of the arrow's head."""
    before, tip = way.points[-2:]
    dx, dy = tip.x - before.x, tip.y - before.y
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    dx, dy = dx / length, dy / length
    foot = Point(tip.x - 9 * dx, tip.y - 9 * dy)
    corners = (tip, Point(foot.x - 4.5 * dy, foot.y + 4.5 * dx), Point(foot.x + 4.5 * dy, foot.y - 4.5 * dx))
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


def _label(text: str, place: Place) -> str:
    return f'<g class="rva-label">{_text(text, place, LABEL)}</g>'


def _text(text: str, place: Place, font: float) -> str:
    """Words in the middle of a place, their indices lowered or raised."""
    pieces, end = [], 0
    for mark in _MARKS.finditer(text):
        pieces += [(text[end : mark.start()], 0.0), (_index(mark), _LOWER if mark[1] == "_" else -_RAISE)]
        end = mark.end()
    spans, height = [], 0.0
    for words, level in [*pieces, (text[end:], 0.0)]:
        if words:
            spans.append(_span(words, (level - height) * font, font * (_INDEX if level else 1)))
            height = level
    return (
        f'<text x="{place.x:.1f}" y="{place.y + 0.35 * font:.1f}" font-size="{font:.1f}" text-anchor="middle">'
        f"{''.join(spans)}</text>"
    )


def _span(text: str, down: float, font: float) -> str:
    return f'<tspan dy="{down:.1f}" font-size="{font:.1f}">{escape(text)}</tspan>'


def _index(mark: re.Match[str]) -> str:
    return str(mark[3] if mark[2] is None else mark[2])


def _width(text: str, font: float) -> float:
    """How wide these words are in a common sans serif, about: an index is smaller than a letter."""
    whole = sum(map(_letter, _MARKS.sub("", text)))
    indices = sum(map(_letter, "".join(_index(mark) for mark in _MARKS.finditer(text))))
    return font * (whole + _INDEX * indices)


def _letter(letter: str) -> float:
    """The width of a letter as a share of the height of the type."""
    if letter in "→←⋯…MW":
        return 1.0 if letter in "→←⋯…" else 0.86
    if letter in "₀₁₂₃₄₅₆₇₈₉":
        return 0.38
    if letter in " ()ijl.,'|[]":
        return 0.33
    return 0.7 if letter.isupper() else 0.58


def _fitting(text: str, room: float) -> float:
    """The height of letters at which the words fit."""
    return max(min(FONT, FONT * room / (_width(text, FONT) or 1.0)), LEAST)

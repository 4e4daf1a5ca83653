"""The diagrams as SVG: all words are there, arrows keep off boxes, everything lies inside the picture."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from rnnviz.architectures import Arrow, Box, Diagram, Shape, diagram_of
from rnnviz.architectures.config import ARCHITECTURES
from rnnviz.figures import architecture_diagram as diagrams
from rnnviz.figures.architecture_diagram import COLOURS, size, svg
from rnnviz.figures.architecture_routes import Place, Point, Route, hits, route

SVG = "{http://www.w3.org/2000/svg}"
KINDS = [kind for kind, _ in ARCHITECTURES]
SHAPES = [
    *(Shape(kind=kind) for kind in KINDS),
    *(Shape(kind=kind, length=24, layers=4, cell="gru") for kind in KINDS),
    *(Shape(kind=kind, length=4, layers=1) for kind in KINDS),
]


def read(shape: Shape) -> ElementTree.Element:
    return ElementTree.fromstring(svg(diagram_of(shape)))


def words(node: ElementTree.Element) -> str:
    return "".join(node.itertext())


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: f"{s.kind}-{s.length}")
def test_every_box_is_drawn_with_its_words_its_step_and_its_colour(shape: Shape) -> None:
    diagram, picture = diagram_of(shape), read(shape)
    boxes = [node for node in picture.iter(f"{SVG}g") if "rva-box" in node.get("class", "")]
    assert len(boxes) == len(diagram.boxes)
    for box, node in zip(diagram.boxes, boxes, strict=True):
        assert f"rva-{box.role}" in node.get("class", "").split()
        assert box.role in COLOURS
        assert node.get("data-t") == (None if box.t is None else str(box.t))
        (text,) = node.iter(f"{SVG}text")
        assert words(text) == re.sub(r"[_^{}]", "", box.label)
        assert [one.text for one in node.iter(f"{SVG}title")] == ([box.words] if box.words else [])
    assert picture.get("role") == "img"
    assert picture.get("aria-label") == diagram.alt
    arrows = [node for node in picture.iter(f"{SVG}g") if "rva-arrow" in node.get("class", "")]
    assert [
        f"rva-is-{arrow.kind}" in node.get("class", "")
        for arrow, node in zip(diagram.arrows, arrows, strict=True)
    ]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: f"{s.kind}-{s.length}")
def test_boxes_stand_apart_arrows_keep_off_them_and_nothing_is_outside(shape: Shape) -> None:
    diagram = diagram_of(shape)
    places = diagrams._places(diagram.boxes)
    every = list(places.values())
    for k, one in enumerate(every):
        assert not any(one.meets(other, 4) for other in every[k + 1 :])
    left, top, wide, high = map(float, read(shape).get("viewBox", "").split())
    ways = diagrams._ways(diagram.arrows, places)
    for arrow, way in ways:
        others = [place for name, place in places.items() if name not in (arrow.start, arrow.end)]
        assert hits(way, others) == 0, arrow
        for point in way.points:
            assert left < point.x < left + wide
            assert top < point.y < top + high
    for place in [*every, *(place for _, place in diagrams._labels(ways, places))]:
        assert left < place.x - place.w < place.x + place.w < left + wide
        assert top < place.y - place.h < place.y + place.h < top + high


def test_letters_fit_their_boxes() -> None:
    for shape in SHAPES:
        for box in diagram_of(shape).boxes:
            wide, _ = diagrams._size(box)
            font = diagrams._fitting(box.label, 2 * wide - 10)
            assert font >= 15, box.label
            assert diagrams._width(box.label, font) <= 2 * wide, box.label


def test_a_miniature_has_the_same_boxes_and_no_words() -> None:
    for kind in KINDS:
        diagram = diagram_of(Shape(kind=kind, length=4))
        small = ElementTree.fromstring(svg(diagram, small=True))
        assert len(list(small.iter(f"{SVG}rect"))) == len(diagram.boxes)
        assert len(list(small.iter(f"{SVG}path"))) == len(diagram.arrows)
        assert words(small) == ""
        assert small.get("aria-hidden") == "true"


BOXES = (Box("a", "x_1", 0.0, 0.0, "input"), Box("b", "h_{t-1}", 0.0, 1.0, "cell"))


def test_indices_are_lowered_and_raised_and_the_line_goes_on_at_its_height() -> None:
    picture = ElementTree.fromstring(
        svg(Diagram((Box("a", "g(h_1 … h_N)^2", 0.0, 0.0, "context"),), (), "c"))
    )
    spans = [(one.text, float(one.get("dy", 0))) for one in picture.iter(f"{SVG}tspan")]
    assert [text for text, _ in spans] == ["g(h", "1", " … h", "N", ")", "2"]
    heights = [sum(down for _, down in spans[: k + 1]) for k in range(len(spans))]
    assert [abs(height) < 0.2 for height in heights] == [True, False, True, False, True, False]
    assert heights[1] > 0 > heights[5]


def test_what_a_description_says_is_never_markup() -> None:
    bad = '<script>"&'
    boxes = (replace(BOXES[0], label=bad, words=bad), BOXES[1])
    text = svg(Diagram(boxes, (Arrow("a", "b", "value", bad),), bad))
    assert "<script" not in text
    picture = ElementTree.fromstring(text)
    assert picture.get("aria-label") == bad
    assert bad in words(picture)


def test_an_arrow_needs_its_boxes() -> None:
    with pytest.raises(ValueError, match="got 'nobody'; add that box"):
        svg(Diagram(BOXES, (Arrow("a", "nobody"),), "alt"))
    with pytest.raises(ValueError, match="viewBox"):
        size("<svg>")


def test_colours_are_those_of_the_style_sheet() -> None:
    from pathlib import Path

    from rnnviz.ui import architectures

    css = (Path(architectures.__file__).parent / "architectures.css").read_text("utf-8")
    assert dict(re.findall(r"--rva-(\w+): (#\w+);", css)) == COLOURS


# Ways


def test_a_free_way_is_straight_and_ends_at_the_rims() -> None:
    way = route(Place(0, 0, 10, 5), Place(0, -100, 10, 5), [])
    assert way == Route((Point(0, -8), Point(0, -92)))
    assert way.path == "M0.0 -8.0L0.0 -92.0"


def test_a_way_leads_past_what_stands_between_and_not_on_another_way() -> None:
    start, end, between = Place(0, 0, 10, 5), Place(0, -100, 10, 5), Place(0, -50, 30, 10)
    way = route(start, end, [between])
    assert hits(way, [between]) == 0
    assert len(way.points) == 4
    assert {point.x for point in way.points[1:3]} == {36.0}
    other = route(start, end, [between], [way], past=True)
    assert {point.x for point in other.points[1:3]} == {-36.0}
    assert other.along(way) is False
    assert way.along(way) is True


def test_where_nothing_is_free_the_way_hits_the_fewest() -> None:
    wall = [Place(x, -50, 60, 10) for x in range(-600, 601, 100)]
    assert hits(route(Place(0, 0, 10, 5), Place(0, -100, 10, 5), wall), wall) >= 1

"""The diagrams: boxes that do not overlap, arrows that end at boxes, and a column for each step that is drawn."""

import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.architectures import ARCHITECTURES, Shape, diagram_of, words
from rnnviz.architectures.sizes import answered, said, shorts
from rnnviz.architectures.sketch import GAP, columns

KINDS = [kind for kind, _ in ARCHITECTURES]
# Built in the tests: their type checks draw from the random module, which strategies must not.
shapes = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "cell": st.sampled_from(["lstm", "gru", "rnn"]),
        "length": st.integers(4, 24),
        "layers": st.integers(1, 4),
    }
)


def cells(diagram, *roles):
    return [box for box in diagram.boxes if box.role in (roles or ("cell",)) and box.label != GAP]


@given(shapes)
@settings(max_examples=120)
def test_every_diagram_is_sound(chosen):
    shape = Shape(**chosen)
    diagram = diagram_of(shape)
    names = [box.name for box in diagram.boxes]
    assert len(set(names)) == len(names)
    places = {(box.x, box.y): box for box in diagram.boxes}
    assert len(places) == len(names)
    for box in diagram.boxes:
        near = [one for one in diagram.boxes if abs(one.x - box.x) < 1 and abs(one.y - box.y) < 1]
        assert near == [box]
    used = {end for arrow in diagram.arrows for end in (arrow.start, arrow.end)}
    assert used == set(names)
    assert all(arrow.start != arrow.end for arrow in diagram.arrows)
    assert max(box.x for box in diagram.boxes) < 10
    assert (GAP in [box.label for box in diagram.boxes]) == ("not drawn" in str(diagram.boxes))
    # A box of a step stands in the column of that step: time runs from left to right.
    for role in ("input", "cell", "output"):
        row = sorted(
            (box for box in diagram.boxes if box.role == role and box.t), key=lambda box: (box.y, box.x)
        )
        for one, other in pairwise(row):
            if one.y == other.y:
                assert one.t < other.t


@given(shapes)
@settings(max_examples=60)
def test_there_is_one_cell_for_each_step_that_is_drawn(chosen):
    shape = Shape(**chosen)
    diagram, N = diagram_of(shape), shape.length
    layers = shape.layers if shape.kind in ("stacked", "residual") else 1
    steps = [box.t for box in diagram.boxes if box.role == "input" and box.t]
    if shape.kind.startswith("one"):
        steps = [t for t in columns(N) if t]
    if shape.kind in ("n_to_m", "contexts"):
        steps += [box.t for box in diagram.boxes if box.role == "output"]
    if shape.kind == "hierarchical":
        steps += [box.t for box in diagram.boxes if box.role == "output"]
    assert sorted(box.t for box in cells(diagram)) == sorted(steps * layers)
    if shape.kind == "bidirectional":
        assert sorted(box.t for box in cells(diagram, "cell_back")) == sorted(steps)


@pytest.mark.parametrize("kind", KINDS)
def test_a_short_sequence_is_drawn_whole(kind):
    diagram = diagram_of(Shape(kind, length=4))
    assert GAP not in [box.label for box in diagram.boxes]
    assert "left out" not in diagram.alt
    spoken = [box.t for box in diagram.boxes if box.role == "output" and box.t]
    assert not spoken or spoken == list(answered(Shape(kind, length=4)))


def test_what_is_left_out_is_said():
    assert columns(8) == (1, 2, 3, 4, 5, 6, 7, 8)
    assert columns(12) == (1, 2, 3, 4, None, 10, 11, 12)
    assert columns(9, 8) == (1, 2, 3, 4, None, 7, 8, 9)
    diagram = diagram_of(Shape("n_to_n", length=12))
    assert diagram.alt.endswith("Steps 5 to 9 are left out of the drawing.")
    assert diagram_of(Shape("hierarchical", length=24)).alt.endswith(
        "Of each only the first and the last step are drawn. Short sequences 2 to 4 are left out of the drawing."
    )


@given(st.integers(4, 24))
def test_short_sequences_make_up_the_long_one(N):
    lengths = shorts(N)
    assert sum(lengths) == N
    assert max(lengths) - min(lengths) <= 1
    assert answered(Shape("hierarchical", length=N))[-1] == N
    assert said(Shape("n_to_m", length=N)) != N


@pytest.mark.parametrize("kind", KINDS)
def test_every_architecture_has_its_words(kind):
    found = words(kind)
    for sentence in (found.use, found.look):
        assert sentence.endswith(".")
        assert len(sentence) <= 130
    assert found.address.startswith("https://")
    assert found.equation.count("{") == found.equation.count("}")


@pytest.mark.parametrize(
    ("cell", "part"), [("lstm", r"\mathrm{LN}(c_t)"), ("gru", r"r_t \odot"), ("rnn", r"x_t + W_{hh}")]
)
def test_layer_norm_is_written_as_each_cell_has_it(cell, part):
    others = [words("layernorm", one).equation for one in ("lstm", "gru", "rnn") if one != cell]
    assert part in words("layernorm", cell).equation
    assert not any(part in other for other in others)
    assert words("n_to_n", cell) == words("n_to_n")


def test_an_unknown_architecture_is_refused():
    with pytest.raises(ValueError, match="expected an architecture out of n_to_n"):
        words("transformer")


def test_diagrams_and_words_load_nothing_heavy():
    source = (
        "import sys\nfrom rnnviz.architectures import Shape, diagram_of, words\ndiagram_of(Shape()), words('n_to_n')\n"
        "assert not {'torch', 'numpy', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", source], check=True, timeout=60)

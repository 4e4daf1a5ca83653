import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from pair_parts import CONFIG, course, diverged, seen

from rnnviz.attention.config import CONTEXTS, PairConfig
from rnnviz.figures import attention_pairs as figures
from rnnviz.figures import attention_pairs_common as common
from rnnviz.figures import attention_pairs_course as courses
from rnnviz.tasks.base import Yardstick

SAID = ("said", "right", "weights", "entropy", "probabilities", "states", "contexts")
"""What a sequence has of each symbol that was said."""


def line(fig, name: str):
    (found,) = (trace for trace in fig.data if trace.name == name)
    return found


def words(fig) -> list[str]:
    return [note.text for note in fig.layout.annotations]


def test_a_row_is_what_was_said_and_a_column_what_was_read(sound: Callable) -> None:
    one = seen()
    fig = sound(figures.weights(one))
    (heat,) = fig.data
    np.testing.assert_array_equal(heat.z, one.weights.numpy())
    assert (heat.zmin, heat.zmax) == (0, 1)
    assert list(fig.layout.xaxis.ticktext) == [f"<b>{one}</b>" for one in "abca"]
    said = list(fig.layout.yaxis.ticktext)
    assert said[0] == "<b>a</b>"
    assert said[-1] == "<b>end</b>"
    assert "d ≠ c" in said[1]  # what is wrong says what it should be
    assert common.WRONG in said[1]
    assert fig.layout.yaxis.range == (4.5, -0.5)  # the first symbol on top
    assert "says d, looks at b (place 2)" in heat.text[1][1]


def test_the_place_of_the_truth_is_outlined_where_it_is_known() -> None:
    shapes = figures.weights(seen()).layout.shapes
    centres = [((one.x0 + one.x1) / 2, (one.y0 + one.y1) / 2) for one in shapes]
    np.testing.assert_allclose(centres, [(3, 0), (2, 1), (1, 2), (0, 3)])
    assert not figures.weights(seen(at=(None,) * 5)).layout.shapes


def test_more_or_less_than_the_truth_can_be_said(sound: Callable) -> None:
    right = (True, False, True, True, False)
    fig = sound(figures.weights(seen(truth=tuple("acb■"), at=(3, 2, 1, None), right=right)))
    assert "✗ end" in fig.layout.yaxis.ticktext[4]
    assert len(fig.layout.shapes) == 3
    whole = seen()
    short = replace(whole, **{name: getattr(whole, name)[:2] for name in SAID})
    assert figures.weights(short).layout.yaxis.range == (4.5, -0.5)  # room for what is still to come


def test_symbols_are_no_markup(sound: Callable) -> None:
    fig = sound(figures.weights(seen(source=("<b>", " ", "&", "a"))))
    assert list(fig.layout.xaxis.ticktext) == [f"<b>{one}</b>" for one in ("&lt;b&gt;", "␣", "&amp;", "a")]


def test_without_attention_there_are_states_and_no_weights(sound: Callable) -> None:
    one = seen("last")
    with pytest.raises(ValueError, match="states instead"):
        figures.weights(one)
    fig = sound(figures.states(one))
    for name, values in (("encoder", one.encoded), ("context", one.contexts[:1]), ("decoder", one.states)):
        heat = line(fig, name)
        np.testing.assert_allclose(heat.z, values.T)
        assert heat.zmin == -heat.zmax
        assert heat.zmax >= one.states.abs().max()
    assert len({heat.zmax for heat in fig.data}) == 1


def test_the_curves_are_the_epochs(sound: Callable) -> None:
    epochs = {"general": course("general", 40), "last": course("last", 7)}
    fig = sound(courses.course(epochs, CONFIG))
    for context, name in (("general", "attention general"), ("last", "c = h<sub>N</sub>")):
        for what, read in (
            ("training loss", lambda one: one.loss),
            ("test loss", lambda one: one.test_loss),
            ("exact answers", lambda one: one.exact),
        ):
            drawn, found = line(fig, f"{name}: {what}"), epochs[context]
            np.testing.assert_array_equal(drawn.x, np.arange(41))
            np.testing.assert_allclose(drawn.y[: len(found)], [read(one) for one in found])
            assert np.isnan(drawn.y[len(found) :]).all()
    assert "attention<br>general" in words(fig)


def test_the_yardstick_of_the_loss_is_dotted(sound: Callable) -> None:
    marks = (Yardstick("loss", 1.6, "guessing <b>", "By chance."), Yardstick("accuracy", 0.125, "no", ""))
    fig = sound(courses.course({"general": course("general", 4)}, CONFIG, marks))
    (level,) = fig.layout.shapes
    assert (level.y0, level.y1, level.line.dash) == (1.6, 1.6, "dot")
    (note,) = (note for note in fig.layout.annotations if note.text == "guessing &lt;b&gt;")
    assert note.hovertext == "By chance."
    assert note.y == pytest.approx(math.log10(1.6))


def test_axes_rest_while_a_training_goes_on() -> None:
    ranges = {
        tuple(courses.course({"general": course("general", last)}, CONFIG).layout.yaxis.range)
        for last in range(1, 9)
    }
    assert len(ranges) == 1
    x = {courses.course({"general": course("general", last)}, CONFIG).layout.xaxis.range for last in (1, 30)}
    assert len(x) == 1


def test_before_the_first_epoch_there_is_a_calm_word(sound: Callable) -> None:
    assert "The curves grow here once the training starts." in words(sound(courses.course({}, CONFIG)))
    fig = sound(courses.lengths({}, CONFIG, (2, 4)))
    assert any("once the training starts" in text for text in words(fig))


def test_a_network_that_diverged_ends_in_a_cross(sound: Callable) -> None:
    epochs = {"general": diverged(course("general", 5)), "last": course("last", 9)}
    fig = sound(courses.course(epochs, CONFIG))
    ends = line(fig, "ends") if sum(trace.name == "ends" for trace in fig.data) == 1 else fig.data[4]
    assert list(ends.marker.symbol) == ["x-thin", "triangle-up"]
    assert "attention<br>general<br>diverged" in words(fig)
    assert not any("nan" in text for text in (*words(fig), *ends.text))


def test_answers_by_length_and_the_lengths_in_training(sound: Callable) -> None:
    best = {context: course(context, 30)[-1] for context in CONFIG.contexts}
    chance = tuple((length, 8.0**-length) for length in range(2, 7))
    fig = sound(courses.lengths(best, CONFIG, (2, 4), chance))
    for context, one in best.items():
        drawn = line(fig, common.flat(context))
        np.testing.assert_array_equal(drawn.x, [2, 3, 4, 5, 6])
        np.testing.assert_allclose(drawn.y, [share for _, share in one.by_length])
    np.testing.assert_allclose(line(fig, "guessing").y, [8.0**-k for k in range(2, 7)])
    (shade,) = fig.layout.shapes
    assert (shade.x0, shade.x1) == (1.5, 4.5)
    assert any("shaded: trained" in text for text in words(fig))


def test_every_context_has_a_look_of_its_own(sound: Callable) -> None:
    known = [context for context, _ in CONTEXTS]
    assert list(common.LOOKS) == known
    assert len(set(common.LOOKS.values())) == len(known)
    assert set(common.NAMES) == set(known)


@pytest.mark.parametrize(
    ("contexts", "expected"),
    [
        (
            ("bahdanau", "dot", "learned", "all"),
            {common.NAMES[one] for one in ("bahdanau", "dot", "learned", "all")},
        ),
        (("bahdanau", "dot", "concat", "all"), {"Bahdanau", "Dot", "Concat", common.NAMES["all"]}),
    ],
)
def test_the_names_beside_the_lines_do_not_overlap(
    contexts: tuple[str, ...], expected: set[str], sound: Callable
) -> None:
    several = PairConfig(contexts=contexts, updates=40)
    fig = sound(courses.course({context: course("general", 40) for context in contexts}, several))
    notes = sorted((note.y, note.text) for note in fig.layout.annotations if note.text in expected)
    assert {text for _, text in notes} == expected
    for (low, below), (high, above) in pairwise(notes):
        # Each stands in the middle of its lines, which are 0.08 of the picture's height.
        lines = 2 + below.count("<br>") + above.count("<br>")
        assert math.isfinite(low)
        assert high - low > 0.079 * lines / 2


def test_what_is_no_number_leaves_a_gap(sound: Callable) -> None:
    weights = torch.full((5, 4), math.nan)
    assert np.isnan(sound(figures.weights(seen(weights=weights))).data[0].z).all()

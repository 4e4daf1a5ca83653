import math
from collections.abc import Callable

import numpy as np
import pytest

from rnnviz.figures.letters import likely, surprise


def test_the_likely_letters_are_bars_on_a_fixed_axis(sound: Callable) -> None:
    fig = sound(likely(["<", " ", "\n", "&", "e"], [0.5, 0.25, 0.125, 0.0624, 0.01]))
    (bars,) = fig.data
    np.testing.assert_allclose(bars.x, [0.5, 0.25, 0.125, 0.0624, 0.01], rtol=1e-6)
    assert fig.layout.yaxis.ticktext == ("<b>&lt;</b>", "<b>␣</b>", "<b>⏎</b>", "<b>&amp;</b>", "<b>e</b>")
    assert bars.text[3] == "6.2 %"
    assert fig.layout.yaxis.range[0] > fig.layout.yaxis.range[1]  # the first one on top
    again = likely(["a"], [1.0])
    assert again.layout.xaxis.range == fig.layout.xaxis.range
    assert again.layout.yaxis.range == fig.layout.yaxis.range


def test_no_letters_and_no_numbers(sound: Callable) -> None:
    sound(likely([], []))
    fig = sound(likely(["a", "b"], [math.nan, math.inf]))
    assert fig.data[0].text == ("", "")
    sound(surprise("", []))
    fig = sound(surprise("ab", [math.nan, math.inf]))
    assert np.isnan(fig.data[0].y).all()


def test_surprise_is_a_bar_a_letter(sound: Callable) -> None:
    text = "a<b c"
    fig = sound(surprise(text, [math.nan, 4.5, 0.25, 7.0, 3.0], ((6.0, "<all> alike"), (4.3, "frequencies"))))
    (bars,) = fig.data
    np.testing.assert_allclose(bars.y[1:], [4.5, 0.25, 7.0, 3.0])
    assert math.isnan(bars.y[0])
    assert bars.text[1] == "t = 2 (&lt;)"
    assert fig.layout.xaxis.ticktext == ("a", "&lt;", "b", "␣", "c")
    assert [(shape.y0, shape.line.dash) for shape in fig.layout.shapes] == [(6.0, "dot"), (4.3, "dot")]
    assert [note.text for note in fig.layout.annotations] == ["&lt;all&gt; alike", "frequencies"]


@pytest.mark.parametrize(("most", "top"), [(0.1, 4), (3.9, 4), (4.1, 6), (25.0, 32)])
def test_the_axis_of_surprise_ends_at_a_few_places(most: float, top: float) -> None:
    assert surprise("ab", [most, 0.0]).layout.yaxis.range == (0, top)

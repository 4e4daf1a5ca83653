import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rnnviz.attention import PoolConfig
from rnnviz.attention.epoch import PoolEpoch
from rnnviz.figures.attention_pooling import ANSWER, WEIGHT, Look, Read, weights
from rnnviz.figures.attention_pooling_way import course
from rnnviz.tasks.base import Yardstick

READ = Read("abcde", at=3, span=2)
EVEN, PEAK = np.full(5, 0.2, np.float32), np.array([0.0, 0.7, 0.0, 0.25, 0.05], np.float32)
CONFIG = PoolConfig(length=5, updates=10)
YARDS = (Yardstick("loss", math.log(4), "guessing", "ln 4"), Yardstick("accuracy", 0.25, "guessing", "1/4"))


def epoch(number: int, **more: Any) -> PoolEpoch:
    known = {
        "number": number,
        "step": number,
        "loss": 1 / (number + 1),
        "test_loss": 1.1 / (number + 1),
        "accuracy": 0.25 * number,
        "entropy": math.log(5) / (number + 1),
        "on_answer": 0.2 * number,
        "hit": 0.0,
        "norm": 1.0,
        "weights": [0.2] * 5,
        "diverged": False,
    }
    return PoolEpoch(**(known | more))


def words(fig: Any) -> list[str]:
    return [note.text for note in fig.layout.annotations]


def test_all_weights_are_drawn_on_one_scale_and_those_of_the_answer_stand_out(sound: Callable) -> None:
    looks = [Look("before", "looks everywhere", "says a", EVEN, EVEN), Look("after", "looks at b", "", PEAK)]
    fig = sound(weights(READ, looks))
    before, after = [trace for trace in fig.data if trace.type == "bar"]
    np.testing.assert_array_equal(before.y, EVEN)
    np.testing.assert_array_equal(after.y, PEAK)
    np.testing.assert_array_equal(after.x, [1, 2, 3, 4, 5])
    assert fig.layout.yaxis2.range == fig.layout.yaxis3.range
    assert fig.layout.yaxis2.range[0] == 0
    assert fig.layout.yaxis2.range[1] > 1
    for trace in (before, after):
        assert list(trace.marker.color) == [WEIGHT, WEIGHT, WEIGHT, ANSWER, WEIGHT]
    uniform = [shape for shape in fig.layout.shapes if shape.type == "line"]
    assert [shape.y0 for shape in uniform] == [0.2, 0.2]
    (band,) = [shape for shape in fig.layout.shapes if shape.type == "rect"]
    assert (band.x0, band.x1) == (2.5, 4.5)
    assert {"<b>before</b>  looks everywhere", "says a", "<b>after</b>  looks at b"} <= set(words(fig))
    assert {"0.20", "0.25", "0.70", "1/T = 0.200"} <= set(words(fig))


def test_the_signs_of_the_answer_are_bold_and_values_stand_over_them(sound: Callable) -> None:
    levels = np.array([0.1, 0.2, 0.3, 0.9, 0.0], np.float32)
    fig = sound(weights(Read("ab<de", 3, 1, "value", levels), [Look("now", "", "", PEAK)]))
    signs = fig.data[0]
    assert list(signs.text) == ["a", "b", "&lt;", "", "e"]
    assert "<b>d</b>" in words(fig)
    np.testing.assert_array_equal(fig.data[1].y, levels)
    mark = np.array([0, 0, 0, 1, 0], np.float32)
    marked = sound(weights(Read("abcde", 3, 1, "mark", mark), [Look("now", "", "", PEAK)]))
    assert list(marked.data[1].x) == [4]


def test_weights_that_are_not_there_yet_leave_a_word(sound: Callable) -> None:
    fig = sound(weights(READ, [Look("before", "", "", EVEN), Look("after", "", "", None)]))
    assert sum(trace.type == "bar" for trace in fig.data) == 1
    assert "The weights stand here once the training starts." in words(fig)
    broken = sound(weights(READ, [Look("after", "", "", np.full(5, np.nan, np.float32))]))
    assert any("not finite" in word for word in words(broken))


def test_the_way_is_that_of_the_epochs(sound: Callable) -> None:
    moved = [epoch(k, weights=[k / 10] * 5) for k in range(3)]
    fig = sound(course(moved, CONFIG, 2, YARDS))
    (found,) = [trace for trace in fig.data if trace.type == "heatmap"]
    np.testing.assert_allclose(found.z[0], [0, 0.1, 0.2, *[np.nan] * 8], rtol=1e-6)
    np.testing.assert_array_equal(found.x, np.arange(11))
    lines = {trace.name: trace for trace in fig.data if trace.type == "scatter"}
    np.testing.assert_allclose(lines["entropy / ln T"].y[:3], [1, 1 / 2, 1 / 3])
    np.testing.assert_array_equal(lines["accuracy"].y[:3], [0, 0.25, 0.5])
    np.testing.assert_array_equal(lines["weight on the answer"].y[:3], [0, 0.2, 0.4])
    assert list(lines["answer"].y) == [3]
    levels = [shape.y0 for shape in fig.layout.shapes]
    assert levels == [0.25, math.log(4)]


@pytest.mark.parametrize("count", [0, 1, 11])
def test_axes_rest_while_it_trains(sound: Callable, count: int) -> None:
    fig = sound(course([epoch(k) for k in range(count)], CONFIG, 0, YARDS))
    last = course([epoch(k) for k in range(11)], CONFIG, 0, YARDS)
    for name in ("xaxis", "yaxis", "xaxis2", "yaxis2", "xaxis3", "yaxis3"):
        assert fig.layout[name].range == last.layout[name].range
    waiting = "The curves grow here<br>once the training starts."
    assert (waiting in words(fig)) == (count == 0)


def test_a_training_that_diverges(sound: Callable) -> None:
    broken = epoch(
        1, loss=math.nan, test_loss=math.nan, weights=[math.nan] * 5, entropy=math.nan, diverged=True
    )
    fig = sound(course([epoch(0), broken], CONFIG, 0, YARDS))
    (found,) = [trace for trace in fig.data if trace.type == "heatmap"]
    assert np.isnan(found.z[:, 1]).all()

import math
from collections.abc import Callable

import numpy as np
import pytest
from forecasts import epochs, line, words
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.figures.forecast_course import course
from rnnviz.forecast.config import ForecastConfig

RETURNS = ForecastConfig(epochs=20)
LEVELS = ForecastConfig(epochs=20, mode="levels")


@pytest.mark.parametrize("config", [RETURNS, LEVELS])
def test_the_lines_are_the_errors_over_all_the_epochs_there_may_be(
    config: ForecastConfig, sound: Callable
) -> None:
    found = epochs(7)
    fig = sound(course(found, config, unchanged=0.69))
    for name, values in (
        ("training error", [one.loss for one in found]),
        ("validation error", [one.validation for one in found]),
    ):
        drawn = line(fig, name)
        np.testing.assert_array_equal(drawn.x, np.arange(21))
        np.testing.assert_array_equal(drawn.y[:8], values)
        assert np.isnan(drawn.y[8:]).all()
    assert fig.layout.xaxis.range == fig.layout.xaxis2.range == pytest.approx((-0.3, 20.3))
    assert (fig.layout.yaxis.type or "linear") == ("log" if config.mode == "levels" else "linear")


def test_the_kept_epoch_has_a_ring() -> None:
    found = epochs(7)
    fig = course(found, RETURNS, kept=3)
    ring = line(fig, "kept")
    assert (list(ring.x), list(ring.y)) == ([3], [found[3].validation])
    assert "<b>validation</b> error, epoch 3 is kept" in words(fig)
    assert fig.layout.xaxis2.range == pytest.approx(
        (-0.105, 7.105)
    )  # it is over: nothing comes after epoch 7
    assert len(line(fig, "validation error").x) == 8
    going = course(found[:3], RETURNS)
    assert list(line(going, "kept").x) == [2]
    assert "<b>validation</b> error, epoch 2 is the best so far" in words(going)
    assert np.isnan(line(course([], RETURNS), "kept").x).all()


def test_no_change_is_a_dotted_line_around_which_the_panel_lies(sound: Callable) -> None:
    fig = sound(course(epochs(7), RETURNS, kept=3, unchanged=0.7))
    (shape,) = fig.layout.shapes
    assert (shape.y0, shape.y1, shape.yref, shape.line.dash) == (0.7, 0.7, "y", "dot")
    assert np.mean(fig.layout.yaxis.range) == pytest.approx(0.7)
    assert "yesterday's<br>price" in words(fig)
    for nothing in (None, math.nan):
        assert not course(epochs(7), RETURNS, unchanged=nothing).layout.shapes


def test_both_panels_go_as_far_in_proportion() -> None:
    fig = course(epochs(7), RETURNS, unchanged=0.7)
    (low, top), (below, above) = fig.layout.yaxis.range, fig.layout.yaxis2.range
    assert top / low == pytest.approx(above / below)
    levels = course(epochs(7), LEVELS, unchanged=1e-4)
    assert levels.layout.yaxis.range == levels.layout.yaxis2.range
    assert levels.layout.yaxis.range[0] <= -4


errors = st.floats(1e-6, 1e6) | st.floats(0.5, 1.5) | st.just(math.nan) | st.just(math.inf) | st.just(0.0)


@given(st.lists(errors, min_size=1, max_size=21), st.sampled_from([RETURNS, LEVELS]), st.booleans())
def test_the_picture_rests_while_it_grows(found: list[float], config: ForecastConfig, known: bool) -> None:
    """Same traces, same lengths, same x axis; the axes of errors only ever widen once there is an epoch."""
    every = epochs(len(found) - 1, found)
    before = None
    for count in range(1, len(every) + 1):
        fig = course(every[:count], config, unchanged=0.8 if known else None)
        shape = [(trace.name, trace.xaxis) for trace in fig.data]
        still = (shape, fig.layout.uirevision, fig.layout.xaxis.range, fig.layout.xaxis2.tickvals)
        ends = [fig.layout.yaxis.range, fig.layout.yaxis2.range]
        assert all(math.isfinite(end) for pair in ends for end in pair)
        if before is not None and (known or math.isfinite(found[0])) and found[0]:
            assert still == before[0]
            for (low, top), (below, above) in zip(ends, before[1], strict=True):
                assert low <= below + 1e-12
                assert top >= above - 1e-12
        before = (still, ends)


def test_what_is_no_number_or_above_the_axis_is_a_mark(sound: Callable) -> None:
    found = epochs(4, [0.7, 0.69, math.nan, 1e5, math.inf])
    fig = sound(course(found, RETURNS, unchanged=0.7))
    marks = line(fig, "validation: off the axis")
    assert list(marks.x) == [2, 4, 3]
    assert list(marks.marker.symbol) == ["x-thin", "x-thin", "triangle-up-open"]
    assert (marks.y == fig.layout.yaxis.range[1]).all()
    assert marks.text[2] == "epoch 3<br>validation error 1e+05, above the axis"
    assert np.isnan(line(fig, "validation error").y[2:]).all()
    assert "in 2 epochs: no finite number" in words(fig)
    sound(course(found, LEVELS, unchanged=1e-4))


def test_before_training_there_are_axes_and_a_calm_word(sound: Callable) -> None:
    for config in (RETURNS, LEVELS):
        fig = sound(course([], config, unchanged=0.7))
        assert "The errors grow here once the training starts." in words(fig)


def test_rows_written_again_and_epochs_of_another_run_do_no_harm() -> None:
    found = epochs(3)
    again = [*found, *epochs(3, [0.1] * 4)[2:3], *epochs(30)[-2:]]
    drawn = line(course(again, RETURNS), "validation error")
    assert drawn.y[2] == 0.1
    assert len(drawn.y) == 21

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from courses import WHOLE, course, diverged
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.figures import training_common as common
from rnnviz.figures.training_race import race
from rnnviz.race import Race
from rnnviz.tasks.base import Yardstick

YARDSTICKS = (
    Yardstick("loss", 1 / 6, "always saying 1", "The variance of the sum."),
    Yardstick("accuracy", 0.19, "guess <b>", "By chance."),
)


def words(fig) -> list[str]:
    return [note.text for note in fig.layout.annotations]


def line(fig, name: str):
    (found,) = (trace for trace in fig.data if trace.name == name)
    return found


def test_the_lines_are_the_epochs(sound: Callable) -> None:
    epochs = {"lstm": course(WHOLE, "lstm", 30), "gru": course(WHOLE, "gru", 4), "rnn": []}
    fig = sound(race(epochs, WHOLE, YARDSTICKS))
    for what, read in (
        ("training loss", lambda one: one.loss),
        ("test loss", lambda one: one.test_loss),
        ("training accuracy", lambda one: one.accuracy),
        ("test accuracy", lambda one: one.test_accuracy),
    ):
        for label, cell in (("LSTM", "lstm"), ("GRU", "gru"), ("RNN (tanh)", "rnn")):
            drawn = line(fig, f"{label}: {what}")
            np.testing.assert_array_equal(drawn.x, np.arange(31))
            there = len(epochs[cell])
            np.testing.assert_array_equal(drawn.y[:there], [read(one) for one in epochs[cell]])
            assert np.isnan(drawn.y[there:]).all()
    loss, accuracy = (trace for trace in fig.data if trace.name == "ends")
    np.testing.assert_allclose(loss.y[:2], [epochs["lstm"][-1].test_loss, epochs["gru"][-1].test_loss])
    assert list(loss.x[:2]) == [30, 4]
    assert math.isnan(loss.x[2])
    np.testing.assert_allclose(accuracy.y[0], epochs["lstm"][-1].test_accuracy)
    assert f"test loss {epochs['gru'][-1].test_loss:.4g}" in loss.text[1]


def test_a_ring_stands_where_the_weights_are_kept(sound: Callable) -> None:
    judged = [replace(one, validation_loss=abs(one.number - 5) + 0.25) for one in course(WHOLE, "lstm", 9)]
    epochs = {"lstm": judged, "gru": course(WHOLE, "gru", 4), "rnn": diverged(course(WHOLE, "rnn", 0))}
    ring = line(sound(race(epochs, WHOLE, YARDSTICKS)), "kept")
    assert list(ring.x[:2]) == [5, 4]
    np.testing.assert_allclose(ring.y[:2], [judged[5].test_loss, epochs["gru"][4].test_loss])
    assert math.isnan(ring.x[2])
    assert math.isnan(ring.y[2])
    first, second, none = ring.text
    assert first == (
        f"LSTM, step 5: kept, as the lowest validation loss<br>validation 0.25, test {judged[5].test_loss:.4g}"
    )
    assert second.startswith("GRU, step 4: kept, as the lowest test loss<br>")
    assert none == ""
    far = {"lstm": [replace(one, test_loss=2e7) for one in judged]}
    assert line(race(far, WHOLE), "kept").y[0] == 1e3  # at the edge of the axis


def test_the_steps_are_those_of_the_race() -> None:
    long = Race(steps=1010)  # 92 epochs, the last one shorter
    fig = race({"lstm": course(long, "lstm", long.epochs)}, long)
    np.testing.assert_array_equal(fig.data[0].x, [one.step for one in course(long, "lstm", 92)])
    assert fig.layout.xaxis.range == (-0.015 * 1010, 1.015 * 1010)


def test_yardsticks_are_dotted_and_say_how_they_come_about(sound: Callable) -> None:
    fig = sound(race({}, WHOLE, YARDSTICKS))
    loss, accuracy = fig.layout.shapes
    assert (loss.y0, loss.y1, loss.yref, loss.line.dash) == (1 / 6, 1 / 6, "y", "dot")
    assert (accuracy.y0, accuracy.yref) == (0.19, "y2")
    (note,) = (note for note in fig.layout.annotations if note.text == "always saying 1")
    assert note.hovertext == "The variance of the sum."
    assert note.y == pytest.approx(math.log10(1 / 6))
    assert "guess &lt;b&gt;" in words(fig)
    low, top = fig.layout.yaxis.range
    assert low < math.log10(1 / 6) < top


def test_of_two_yardsticks_that_are_close_the_lower_is_named_below() -> None:
    two = (Yardstick("loss", 0.73, "higher", ""), Yardstick("loss", 0.63, "lower", ""))
    sides = {note.text: note.yanchor for note in race({}, WHOLE, two).layout.annotations}
    assert (sides["higher"], sides["lower"]) == ("bottom", "top")


def test_without_accuracy_there_is_one_panel(sound: Callable) -> None:
    none = {"accuracy": None, "test_accuracy": None}
    fig = sound(race({"lstm": course(WHOLE, "lstm", 3, **none)}, WHOLE, YARDSTICKS[:1]))
    assert fig.layout.yaxis.domain == (0, 1)
    assert {trace.yaxis for trace in fig.data} == {None}
    fig = sound(race({"lstm": course(WHOLE, "lstm", 3)}, WHOLE, YARDSTICKS[:1], right="of <all>"))
    assert "<b>accuracy</b>  of &lt;all&gt;" in words(fig)


def test_before_the_first_epoch_there_are_axes_and_a_calm_word(sound: Callable) -> None:
    for epochs in ({}, {"lstm": [], "gru": [], "rnn": []}):
        fig = sound(race(epochs, WHOLE, YARDSTICKS))
        assert "The curves grow here once the training starts." in words(fig)
        assert all(np.isnan(trace.y).all() for trace in fig.data)


def test_divergence_is_a_mark_and_words_and_no_number(sound: Callable) -> None:
    epochs = {"lstm": diverged(course(WHOLE, "lstm", 7)), "gru": course(WHOLE, "gru", 9)}
    epochs["rnn"] = diverged(course(WHOLE, "rnn", 0))
    fig = sound(race(epochs, WHOLE, YARDSTICKS))
    assert np.isnan(line(fig, "LSTM: test loss").y[7:]).all()
    ends = fig.data[6]
    assert ends.name == "ends"
    assert list(ends.marker.symbol) == ["x-thin", "triangle-up", "x-thin"]
    assert list(ends.x) == [7, 9, 0]
    assert ends.text[0] == "LSTM<br>diverged at step 7: a number that is not finite"
    assert "LSTM<br>diverged" in words(fig)
    assert not any("nan" in text or "inf" in text for text in (*words(fig), *ends.text))
    assert np.isfinite(ends.y).all()


def test_what_is_off_the_axis_or_0_is_a_mark(sound: Callable) -> None:
    epochs = {"lstm": course(WHOLE, "lstm", 2, test_loss=2e7), "gru": course(WHOLE, "gru", 2, test_loss=0.0)}
    fig = sound(race(epochs, WHOLE))
    assert fig.layout.yaxis.range == (-1, 3)
    ends = fig.data[6]
    assert list(ends.marker.symbol)[:2] == ["triangle-up-open", "circle-open"]
    assert ends.text[0] == "LSTM<br>test loss 2e+07, above the axis"
    assert ends.text[1] == "GRU<br>test loss exactly 0"
    np.testing.assert_allclose(np.log10(ends.y[:2].astype(float)), [3, -1])
    assert np.isnan(line(fig, "GRU: test loss").y).all()


losses = st.lists(st.floats(1e-9, 1e9) | st.just(math.nan) | st.just(0.0), min_size=2, max_size=31)


@given(losses, losses)
def test_the_picture_rests_while_it_grows(first: list[float], second: list[float]) -> None:
    """Same traces, same lengths, same x axis; the log axis only ever widens."""
    every = {
        cell: [
            replace(one, test_loss=loss)
            for one, loss in zip(course(WHOLE, cell, len(values) - 1), values, strict=True)
        ]
        for cell, values in (("lstm", first), ("gru", second))
    }
    before = None
    for count in range(max(len(first), len(second)) + 1):
        fig = race({cell: epochs[:count] for cell, epochs in every.items()}, WHOLE, YARDSTICKS)
        shape = [(trace.name, trace.mode, len(trace.x), trace.xaxis) for trace in fig.data]
        still = (shape, fig.layout.uirevision, fig.layout.xaxis.range, fig.layout.yaxis2.range)
        low, top = fig.layout.yaxis.range
        if before is not None:
            assert still == before[0]
            assert low <= before[1]
            assert top >= before[2]
        before = (still, low, top)
        ends = fig.data[6]
        heights = np.log10(ends.y[np.isfinite(ends.y)].astype(float))
        assert ((heights >= low - 1e-9) & (heights <= top + 1e-9)).all()


@given(
    st.lists(st.sampled_from(["one", "two<br>lines", "a<br>b<br>c"]), max_size=8).flatmap(
        lambda texts: st.tuples(
            st.just(texts),
            st.lists(st.floats(0, 1) | st.just(math.nan), min_size=len(texts), max_size=len(texts)),
        )
    )
)
def test_names_do_not_overlap(drawn: tuple[list[str], list[float]]) -> None:
    texts, wanted = drawn
    lines = [1 + text.count("<br>") for text in texts]
    step = min(0.06, 1 / max(1, sum(lines)))
    places = common.stacked(texts, wanted, 0.0, 1.0, 0.06)
    order = sorted(range(len(texts)), key=places.__getitem__)
    for below, above in pairwise(order):
        assert places[above] - places[below] >= step * (lines[above] + lines[below]) / 2 - 1e-9
    for place, count in zip(places, lines, strict=True):
        assert step * (count - 1) / 2 - 1e-9 <= place <= 1 - step * (count - 1) / 2 + 1e-9


def test_a_name_with_room_stands_at_its_line() -> None:
    assert common.stacked(["a", "b<br>c"], [0.2, 0.7], 0.0, 1.0, 0.05) == pytest.approx([0.2, 0.7])


def test_rows_written_again_and_rows_of_another_race_do_no_harm() -> None:
    epochs = course(WHOLE, "lstm", 3)
    again = [*epochs, replace(epochs[2], test_loss=0.123), replace(epochs[0], number=999)]
    drawn = line(race({"lstm": again}, WHOLE), "LSTM: test loss")
    assert drawn.y[2] == 0.123
    assert len(drawn.y) == 31

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from courses import WHOLE, course, view

from rnnviz import tasks
from rnnviz.figures.training_answer import answer
from rnnviz.figures.training_strips import signs
from rnnviz.race import TASKS, Race
from rnnviz.training.view import view_of

LETTERS = view(
    kind="classes",
    scored=(1, 2, 3),
    truth=(0, 1, 2),
    outputs=("<", "b", "blank"),
    labels=("h", "<", "\n", " "),
)


def words(fig) -> list[str]:
    return [note.text for note in fig.layout.annotations]


def line(fig, name: str, axis: str | None = None):
    (found,) = (trace for trace in fig.data if trace.name == name and axis in (None, trace.xaxis))
    return found


def classes(cell: str, *sure: list[float], said: list[int] | None = None) -> list:
    found = course(WHOLE, cell, len(sure) - 1)
    return [replace(one, answer=said or [0, 1, 1], sure=list(p)) for one, p in zip(found, sure, strict=True)]


def test_one_number_is_a_way_towards_the_truth(sound: Callable) -> None:
    epochs = {"lstm": course(WHOLE, "lstm", 20), "gru": course(WHOLE, "gru", 2), "rnn": []}
    fig = sound(answer(epochs, view(), 8))
    assert set(line(fig, "truth").y) == {1.0}
    drawn = line(fig, "LSTM").y
    np.testing.assert_allclose(drawn[:9], [one.answer[0][0] for one in epochs["lstm"][:9]], rtol=1e-6)
    assert np.isnan(drawn[9:]).all()
    assert int(np.isfinite(line(fig, "GRU").y).sum()) == 3
    assert np.isnan(line(fig, "RNN (tanh)").y).all()
    assert {"LSTM", "GRU", "RNN (tanh)", "truth"} <= set(words(fig))


def test_the_axes_and_the_structure_rest_while_the_slider_moves() -> None:
    epochs = {"lstm": course(WHOLE, "lstm", 20), "gru": course(WHOLE, "gru", 2)}
    figs = [answer(epochs, view(), number) for number in (0, 3, 20, 100)]
    assert len({tuple((trace.name, len(trace.y)) for trace in fig.data) for fig in figs}) == 1
    assert len({fig.layout.xaxis.range + fig.layout.yaxis.range for fig in figs}) == 1


def test_an_answer_far_off_is_told_in_words(sound: Callable) -> None:
    far = [replace(one, answer=[[-31.25]]) for one in course(WHOLE, "rnn_relu", 4)]
    fig = sound(answer({"rnn_relu": far}, view(), 4))
    assert np.isnan(line(fig, "RNN (ReLU)").y).all()
    assert "RNN (ReLU)<br>at −31.2" in words(fig)


def test_no_number_is_a_gap_and_a_word(sound: Callable) -> None:
    broken = course(WHOLE, "lstm", 2)
    broken[2] = replace(broken[2], answer=[[math.nan]], diverged=True)
    fig = sound(answer({"lstm": broken}, view(), 30))
    assert math.isnan(line(fig, "LSTM").y[2])
    assert "LSTM<br>diverged" in words(fig)
    assert "LSTM" in words(answer({"lstm": broken}, view(), 1))


def test_one_class_is_the_probability_of_the_truth_over_the_epochs(sound: Callable) -> None:
    one = view(kind="classes", truth=(1,), outputs=("no", "<yes>"))
    epochs = [replace(one, answer=[0], sure=[0.1 * one.number]) for one in course(WHOLE, "gru", 5)]
    fig = sound(answer({"gru": epochs}, one, 4))
    np.testing.assert_allclose(line(fig, "GRU").y[:5], [0, 0.1, 0.2, 0.3, 0.4], atol=1e-6)
    assert set(line(fig, "chance").y) == {0.5}
    assert "<b>probability of the truth</b>, which is &lt;yes&gt;" in words(fig)


def test_numbers_over_time_lie_over_the_truth_a_row_an_output(sound: Callable) -> None:
    bits = view(
        inputs=((1.0, 0.0), (0.0, 0.0), (0.0, -1.0), (0.0, 0.0)),
        scored=(0, 1, 2, 3),
        truth=((1.0, 0.0), (1.0, 0.0), (1.0, -1.0), (1.0, -1.0)),
        channels=("pulse 1", "pulse 2"),
        outputs=("bit 1", "bit <2>"),
    )
    said = [[0.9, 0.1], [0.8, 0.0], [0.7, -0.5], [0.6, math.nan]]
    epochs = {"lstm": [replace(one, answer=said) for one in course(WHOLE, "lstm", 3)], "gru": []}
    fig = sound(answer(epochs, bits, 2))
    for k, axis in enumerate(("x", "x2")):
        np.testing.assert_array_equal(line(fig, "truth", axis).y, np.array(bits.truth)[:, k])
        np.testing.assert_allclose(line(fig, "LSTM", axis).y, np.array(said)[:, k], rtol=1e-6)
        np.testing.assert_array_equal(line(fig, "LSTM", axis).x, [1, 2, 3, 4])
        assert np.isnan(line(fig, "GRU", axis).y).all()
    assert [list(line(fig, "pulse", axis).x) for axis in ("x", "x2")] == [[1], [3]]
    assert line(fig, "pulse", "x2").marker.symbol == ("triangle-down",)
    assert "<b>bit &lt;2&gt;</b>" in words(fig)
    assert fig.layout.xaxis2.title.text == "time step t  (after epoch 2)"
    assert fig.layout.yaxis.range == fig.layout.yaxis2.range


def test_a_cell_that_is_behind_shows_its_last_answer() -> None:
    wave = view(inputs=((0.1,), (0.2,)), scored=(0, 1), truth=((0.2,), (0.3,)), channels=("value",))
    epochs = {"lstm": [], "gru": []}
    for cell, last in (("lstm", 5), ("gru", 3)):
        epochs[cell] = [
            replace(one, answer=[[float(one.number)], [0.0]]) for one in course(WHOLE, cell, last)
        ]
    fig = answer(epochs, wave, 100)
    assert (line(fig, "LSTM").y[0], line(fig, "GRU").y[0]) == (5, 3)
    np.testing.assert_allclose(line(fig, "input").y, [0.1, 0.2], rtol=1e-6)
    assert fig.layout.xaxis.title.text == "time step t  (after epoch 5)"


def test_classes_over_time_are_strips(sound: Callable) -> None:
    epochs = {"lstm": classes("lstm", [0.2, 0.3, 0.4], [0.9, 0.8, 0.1]), "gru": []}
    fig = sound(answer(epochs, LETTERS, 1))
    heat = fig.data[0]
    assert (heat.zmin, heat.zmax) == (0, 1)
    np.testing.assert_allclose(heat.z[3], [0.9, 0.8, 0.1], rtol=1e-6)  # rows: title and strip; truth first
    assert np.isnan(np.delete(heat.z, 3, axis=0)).all()
    assert len(heat.y) == len(heat.z) + 1
    assert (np.diff(heat.y) > 0).all()
    assert tuple(heat.text[3]) == (
        "t = 2 (&lt;): &lt;, says &lt;",
        "t = 3 (⏎): b, says b",
        "t = 4 (␣): blank, says b",
    )
    assert line(fig, "truth").text == ("&lt;", "b", "·")
    assert line(fig, "lstm says").text == ("", "", "b")
    assert line(fig, "gru says").text == ("", "", "")
    assert any(text.endswith("LSTM</span>  2 of 3 right") for text in words(fig))
    assert fig.layout.xaxis.ticktext == ("2", "3", "4")


def test_a_probability_that_is_no_number_is_no_answer(sound: Callable) -> None:
    fig = sound(answer({"lstm": classes("lstm", [math.nan, 0.5, 0.5], said=[2, 1, 2])}, LETTERS, 0))
    assert line(fig, "lstm says").text == ("", "", "")
    assert "says" not in fig.data[0].text[3][0]
    assert any("2 of 3 right" in text for text in words(fig))


def test_of_many_steps_the_last_are_in_view(sound: Callable) -> None:
    long = replace(LETTERS, inputs=((0.0,),) * 90, scored=tuple(range(90)), truth=(1,) * 90, labels=None)
    fig = sound(answer({"lstm": []}, long, 0, room=40))
    assert fig.layout.xaxis.range == (49.5, 89.5)
    assert fig.layout.xaxis.title.text.endswith("the last 40")
    assert answer({"lstm": []}, long, 0, room=200).layout.xaxis.range == (-0.5, 89.5)
    assert "The answers appear here once the training starts." in words(fig)


def test_signs_tell_classes_apart() -> None:
    assert signs(("even", "odd")) == ["e", "o"]
    assert signs((*"abcdefgh", "blank")) == [*"abcdefgh", "·"]
    assert signs(("<", "\n", " ")) == ["&lt;", "⏎", "␣"]


@pytest.mark.parametrize("name", [name for name, _ in TASKS])
def test_the_view_of_every_task_is_its_first_test_sequence(name: str, sound: Callable) -> None:
    race = Race(task=name, length=12, steps=20, cells=("lstm", "rnn"))
    task = tasks.make(race)
    found = view_of(task)
    np.testing.assert_allclose(np.array(found.inputs), task.test.x[:, 0], rtol=1e-6)
    np.testing.assert_allclose(np.array(found.truth), task.test.y[:, 0], rtol=1e-6)
    assert found.scored == task.test.scored
    assert (found.kind, found.outputs, found.epochs) == (task.kind, task.outputs, 20)
    said = [list(one) for one in found.truth] if found.kind == "regression" else list(found.truth)
    sure = None if found.kind == "regression" else [0.5] * len(said)
    epochs = {"lstm": [replace(one, answer=said, sure=sure) for one in course(race, "lstm", 3)], "rnn": []}
    for number in (0, 2, 20):
        sound(answer(epochs, found, number))
    sound(answer({}, found, 0))
    assert view_of(task, 1).inputs != found.inputs

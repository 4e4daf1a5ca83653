import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from rnnviz.figures.gradients import Curve, norms
from rnnviz.gradients import fit_decay


def words(fig) -> list[str]:
    return [note.text for note in fig.layout.annotations]


def test_norms_up_to_the_loss_with_their_fit(sound: Callable) -> None:
    values = 0.5 ** torch.arange(9, -1, -1.0)
    fig = sound(norms([Curve("lstm", "LSTM", values, fit_decay(values, 7))], 7))
    line, fit = fig.data
    np.testing.assert_allclose(line.y, values[:8], rtol=1e-6)
    np.testing.assert_array_equal(line.x, np.arange(1, 9))
    assert list(fit.x) == [1, 8]
    np.testing.assert_allclose(fit.y, values[[0, 7]], rtol=1e-6)
    assert "× 0.5 per step back" in fit.name
    assert fit.meta == {"fit": True}  # so that the browser does not take its two ends for two time steps
    assert fig.layout.shapes[0].x0 == 8
    assert fig.layout.yaxis.type == "log"
    assert fig.layout.yaxis.range == (-5, 1)
    assert {"loss", "LSTM"} <= set(words(fig))


def test_the_fit_runs_through_the_mean_of_what_it_used(sound: Callable) -> None:
    generator = torch.Generator().manual_seed(1)
    values = (0.8 ** torch.arange(40, 0, -1.0)) * torch.rand(40, generator=generator)
    values[:4] = 0
    fit = fit_decay(values, 39)
    fig = sound(norms([Curve("gru", "GRU", values, fit)], 39))
    drawn = next(trace for trace in fig.data if "fitted" in (trace.name or ""))
    slope = (math.log(drawn.y[1]) - math.log(drawn.y[0])) / (drawn.x[1] - drawn.x[0])
    assert math.exp(-slope) == pytest.approx(fit.rate, rel=1e-6)
    middle = sum(math.log(y) for y in drawn.y) / 2
    assert middle == pytest.approx(values[4:].double().log().mean().item(), rel=1e-6)


def test_underflow_is_marked_and_never_a_number(sound: Callable) -> None:
    values = torch.tensor([0.0, 1e-44, 1e-20, 1.0])
    fig = sound(norms([Curve("rnn", "RNN", values, fit_decay(values, 3))], 3))
    line = fig.data[0]
    np.testing.assert_array_equal(np.isnan(line.y), [True, True, False, False])
    marks = fig.data[-1]
    assert marks.name == "RNN: underflow, too small for float32"
    assert list(marks.x) == [1, 2]
    assert max(marks.y) < 1e-38
    assert any("underflow: exactly 0 in float32" in text for text in words(fig))
    assert fig.layout.yaxis.range[0] < math.log10(marks.y[0])


def test_a_true_zero_is_no_underflow(sound: Callable) -> None:
    values = torch.tensor([0.0, 0.0, 1.0])
    fig = sound(norms([Curve("rnn_relu", "ReLU", values, lost=torch.tensor([True, False, False]))], 2))
    marks = {trace.name: list(trace.x) for trace in fig.data[1:]}
    assert marks == {"ReLU: underflow, too small for float32": [1], "ReLU: truly 0, not by underflow": [2]}
    assert any("truly 0" in text for text in words(fig))
    fig = sound(norms([Curve("rnn_relu", "ReLU", values, lost=torch.zeros(3, dtype=torch.bool))], 2))
    assert not any("underflow" in text for text in words(fig))


def test_float64_goes_deeper(sound: Callable) -> None:
    values = torch.tensor([1e-300, 1e-200, 1.0], dtype=torch.float64)
    fig = sound(norms([Curve("rnn", "RNN", values)], 2))
    np.testing.assert_allclose(fig.data[0].y, values, rtol=1e-9)
    assert len(fig.data) == 1
    assert fig.layout.yaxis.range == (-308, 1)


def test_overflow_is_marked_above(sound: Callable) -> None:
    values = torch.tensor([math.inf, math.nan, 1e30, 1.0])
    fig = sound(norms([Curve("rnn_linear", "Linear RNN", values)], 3))
    marks = fig.data[-1]
    assert marks.name == "Linear RNN: overflow, not finite"
    assert list(marks.x) == [1, 2]
    assert min(marks.y) > 1e30
    assert "overflow: not finite" in words(fig)


def test_relative_to_the_norm_at_the_loss() -> None:
    values = torch.tensor([1.0, 2.0, 4.0, 0.0])
    fig = norms([Curve("rnn", "RNN", values)], 2, relative=True)
    np.testing.assert_allclose(fig.data[0].y, [0.25, 0.5, 1.0])
    assert "its value at the loss" in fig.layout.yaxis.title.text


def test_names_do_not_overlap_and_the_axis_rests(sound: Callable) -> None:
    values = 0.6 ** torch.arange(49, -1, -1.0)
    cells = ["rnn", "lstm", "gru", "mingru", "rnn_relu", "rnn_linear"]
    curves = [Curve(cell, cell, values * (1 + 0.01 * k)) for k, cell in enumerate(cells)]
    fig = sound(norms(curves, 49, "x"))
    heights = sorted(note.y for note in fig.layout.annotations if note.text in cells)
    low, high = fig.layout.yaxis.range
    assert len(heights) == 6
    assert min(np.diff(heights)) >= 0.059 * (high - low)
    other = norms([Curve("rnn", "rnn", 0.62 ** torch.arange(49, -1, -1.0))], 49)
    assert other.layout.yaxis.range == fig.layout.yaxis.range
    assert "‖∂L/∂x<sub>t</sub>‖" in fig.layout.yaxis.title.text


def test_all_zero_no_curves_and_bad_arguments(sound: Callable) -> None:
    sound(norms([Curve("rnn", "RNN", torch.zeros(2))], 0, relative=True))
    fig = sound(norms([], 4, "c"))
    assert "no cell shown has a memory c" in words(fig)
    with pytest.raises(ValueError, match="expected loss_at from 0 to 1, got 2"):
        norms([Curve("rnn", "RNN", torch.ones(2))], 2)
    with pytest.raises(ValueError, match="quantity must be one of"):
        norms([], 0, "y")


@pytest.mark.parametrize("loss_at", [0, 100, 499])
def test_the_loss_anywhere(loss_at: int, sound: Callable) -> None:
    values = torch.rand(500, generator=torch.Generator().manual_seed(0))
    fig = sound(norms([Curve("gru", "GRU", values, fit_decay(values, loss_at))], loss_at))
    assert len(fig.data[0].x) == loss_at + 1
    assert ("after the loss:<br>no gradient" in words(fig)) == (loss_at < 375)

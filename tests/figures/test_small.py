from collections.abc import Callable

import numpy as np
import pytest
import torch

from rnnviz import signals
from rnnviz.dynamics import project
from rnnviz.figures import signals as previews
from rnnviz.figures import small
from rnnviz.figures.gradients import Curve
from rnnviz.registry import CELLS


@pytest.mark.parametrize(
    "name", ["sine", "sines", "impulse", "step", "noise", "walk", "returns", "levels", "numbers"]
)
def test_preview_draws_the_signal(name: str, sound: Callable) -> None:
    signal = signals.make(name, length=40, numbers=[10.0, 20.0, 30.0])
    fig = sound(previews.preview(signal, loss_at=1))
    np.testing.assert_array_equal(fig.data[0].y, signal.x[:, 0])
    assert list(fig.data[1].x) == [2]
    assert len(previews.preview(signal).data) == 1
    low, high = fig.layout.yaxis.range
    assert low <= signal.x.min() <= signal.x.max() <= high
    assert not fig.layout.yaxis.visible


def test_preview_of_text(sound: Callable) -> None:
    signal = signals.make("text", text="ab a")
    fig = sound(previews.preview(signal))
    np.testing.assert_array_equal(fig.data[0].z, signal.x.T)
    assert fig.layout.xaxis.ticktext == ("a", "b", "␣", "a")


@pytest.mark.parametrize("name", CELLS)
def test_miniature_gates(name: str, layer: Callable, sound: Callable) -> None:
    run = layer(name)
    fig = sound(small.miniature_gates(run, CELLS[name]))
    np.testing.assert_array_equal(fig.data[-1].z, run.h[:, 0].T)
    picked = small.miniature_gates(run, CELLS[name], names=["h"])
    assert [trace.name for trace in picked.data] == ["h"]


def test_miniature_trajectory(layer: Callable, sound: Callable) -> None:
    projection = project(layer("gru").h)
    fig = sound(small.miniature_trajectory(projection))
    np.testing.assert_array_equal(fig.data[0].x, projection.points[:, 0, 0])
    assert fig.data[0].meta == {"path": 0}
    assert list(fig.data[1].y) == [projection.points[-1, 0, 1].item()]
    sound(small.miniature_trajectory(project(torch.rand(5, 1, 1))))


def test_miniature_gradients(sound: Callable) -> None:
    values = torch.tensor([0.0, 1e-40, 0.1, 1.0, 3.0])
    fig = sound(small.miniature_gradients([Curve("lstm", "LSTM", values)], 3))
    np.testing.assert_array_equal(np.isnan(fig.data[0].y), [True, True, False, False])
    assert fig.layout.xaxis.range[0] < -0.5  # room for the names
    assert fig.layout.xaxis.range[1] == 4.5
    (name,) = fig.layout.annotations
    assert name.text == "LSTM"
    assert name.y == pytest.approx(-1)  # at the first norm that is a number

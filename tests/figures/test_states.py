from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnviz.dynamics import project
from rnnviz.figures import states
from rnnviz.registry import CELLS


@pytest.mark.parametrize("name", CELLS)
def test_lines_begin_with_the_start_state(name: str, layer: Callable, sound: Callable) -> None:
    run = layer(name)
    fig = sound(states.lines(run, CELLS[name], unit=2))
    faint, bright = fig.data
    whole = torch.cat([run.h0[None], run.h])[:, 0]
    np.testing.assert_array_equal(bright.y, whole[:, 2])
    np.testing.assert_array_equal(bright.x, np.arange(10))
    rows = faint.y.reshape(3, 11)
    np.testing.assert_array_equal(rows[:, :10], whole.T)
    assert np.isnan(rows[:, 10]).all()
    low, high = fig.layout.yaxis.range
    assert low < -whole.abs().max() <= whole.abs().max() < high
    if name in ("lstm", "gru", "rnn"):
        assert fig.layout.yaxis.tickvals[-1] == 1


@pytest.mark.parametrize(("hidden", "length"), [(1, 2), (128, 500)])
def test_lines_are_two_traces_whatever_the_size(
    hidden: int, length: int, layer: Callable, sound: Callable
) -> None:
    fig = sound(states.lines(layer("gru", hidden=hidden, length=length), CELLS["gru"], unit=0))
    assert len(fig.data) == 2
    assert len(fig.data[0].y) <= 40_000
    words = [note.text for note in fig.layout.annotations]
    assert ("64 of 128 units are drawn" in words) == (hidden == 128)
    assert set(fig.data[0].customdata) == set(range(0, hidden, 2 if hidden == 128 else 1))


def test_lines_of_several_sequences(layer: Callable, sound: Callable) -> None:
    run = layer("rnn")
    several = replace(run, h=torch.cat([run.h, -run.h], 1), h0=torch.cat([run.h0, run.h0 + 0.5]))
    fig = sound(states.lines(several, CELLS["rnn"], unit=1, every_batch=True, names=["one", "two"]))
    _, one, two = fig.data
    np.testing.assert_array_equal(two.y, [0.5, *(-run.h[:, 0, 1])])
    assert (one.name, two.name) == ("one", "two")
    assert one.line.color != two.line.color
    labels = {note.text: note.y for note in fig.layout.annotations}
    assert labels["one"] != labels["two"]
    with pytest.raises(ValueError, match="expected a unit from 0 to 2, got 3"):
        states.lines(run, CELLS["rnn"], unit=3)


def spiral(steps: int = 30, paths: int = 1, units: int = 5) -> torch.Tensor:
    t = torch.linspace(0, 6, steps)[:, None]
    phase = torch.arange(paths)[None] * 0.3
    basis = torch.linalg.qr(torch.eye(units)[:, :2] + 0.2)[0]
    points = torch.stack([3 * torch.cos(t + phase), torch.sin(t + phase)], -1)
    return points @ basis.T


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("paths", [1, 6])
def test_trajectory_holds_the_points(dims: int, paths: int, sound: Callable) -> None:
    projection = project(spiral(paths=paths))
    fig = sound(states.trajectory(projection, dims, first=0))
    found = [trace for trace in fig.data if trace.meta]
    assert [trace.meta["path"] for trace in found] == list(range(paths))
    for k, trace in enumerate(found):
        for c, letter in enumerate("xyz"[:dims]):
            np.testing.assert_array_equal(trace[letter], projection.points[:, k, c])
        assert trace.text[0] == "start state"
        assert trace.text[1] == "t = 1"
    assert len({trace.line.color for trace in found}) == paths
    if paths == 1:
        np.testing.assert_array_equal(found[0].marker.color, np.arange(30))
    else:
        dots = next(trace for trace in fig.data if trace.name == "time")
        times = dots.marker.color.reshape(-1, paths)
        np.testing.assert_array_equal(times[:, 0], np.arange(0, 30, 5))
        np.testing.assert_array_equal(dots.x.reshape(-1, paths), projection.points[::5, :, 0])
        assert dots.marker.showscale
    ends = {trace.name: trace for trace in fig.data if not trace.meta}
    np.testing.assert_array_equal(ends["start"].x, projection.points[0, :, 0])
    np.testing.assert_array_equal(ends["end"].y, projection.points[-1, :, 1])
    share = f"{100 * projection.explained[0]:.0f} %"
    if dims == 2:
        assert fig.layout.xaxis.title.text == f"PC 1 ({share} of variance)"
        assert (fig.layout.yaxis.scaleanchor, fig.layout.yaxis.scaleratio) == ("x", 1)
        assert fig.layout.xaxis.range[1] >= projection.points[..., 0].abs().max()
    else:
        assert fig.layout.scene.xaxis.title.text == f"PC 1 ({share})"
        ratio = fig.layout.scene.aspectratio
        reaches = [fig.layout.scene[f"{letter}axis"].range[1] for letter in "xyz"]
        assert np.ptp(np.divide([ratio.x, ratio.y, ratio.z], reaches)) < 1e-6
    assert fig.layout.showlegend == (paths > 1)


def test_trajectory_of_one_unit_of_a_constant_and_of_infinity(sound: Callable) -> None:
    fig = sound(states.trajectory(project(torch.rand(4, 1, 1)), 3))
    assert not fig.data[0].y.any()
    fig = sound(states.trajectory(project(torch.zeros(4, 1, 5)), 2))
    assert fig.layout.xaxis.range == (-1.5, 1.5) or fig.layout.xaxis.range[1] > 0
    states_ = spiral()
    states_[10] = torch.inf
    fig = sound(states.trajectory(project(states_), 2))
    assert np.isnan(fig.data[0].x[10])
    assert any("not finite" in note.text for note in fig.layout.annotations)
    with pytest.raises(ValueError, match="dims must be 2 or 3, got 4"):
        states.trajectory(project(spiral()), 4)


def test_a_state_of_one_unit_fills_the_axis(sound: Callable) -> None:
    path = torch.linspace(-0.1, 0.1, 9)[:, None, None]
    fig = sound(states.trajectory(project(path, 1), 2))
    assert 0.1 < fig.layout.xaxis.range[1] < 0.16

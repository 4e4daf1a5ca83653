"""The pictures of flows, fixed points and the trained memory, against closed forms."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from rnnviz import flipflop, portrait
from rnnviz.dynamics import project
from rnnviz.figures import flow_marks
from rnnviz.figures.flow_graph import graph
from rnnviz.figures.flow_memory import cube, three_bits
from rnnviz.figures.flow_plane import plane
from rnnviz.figures.flow_spectrum import eigenvalues
from rnnviz.onestep import module_of
from rnnviz.trace import LayerTrace


def seen(layer: LayerTrace, held: float = 0.0, **more: bool) -> portrait.Portrait:
    x = torch.tensor([held])
    return portrait.portrait(layer, x, portrait.search(layer, x), **more)


def traces(fig, kind: str) -> list:
    return [trace for trace in fig.data if kind in (trace.meta or {})]


def test_arrows_point_where_the_step_goes(layer: Callable, sound: Callable) -> None:
    """A rotation by W = scale Q: every arrow lies along W s − s."""
    one = layer("rnn_linear", hidden=2, init="orthogonal", seed=26, scale=0.9)
    fig = sound(plane(seen(one), ("h<sub>1</sub>", "h<sub>2</sub>")))
    (arrows,) = [trace for trace in fig.data if trace.name == "a step"]
    x, y = (np.asarray(part, float).reshape(-1, 6) for part in (arrows.x, arrows.y))
    assert np.isnan(x[:, 5]).all()
    start = np.stack([x[:, 0] + x[:, 1], y[:, 0] + y[:, 1]], 1) / 2
    drawn = np.stack([x[:, 1] - x[:, 0], y[:, 1] - y[:, 0]], 1)
    W = one.params["weight_hh"].double().numpy()
    moved = start @ (W - np.eye(2)).T
    here = np.linalg.norm(moved, axis=1) > 1e-3
    cosine = (drawn * moved).sum(1) / np.linalg.norm(drawn, axis=1) / np.linalg.norm(moved, axis=1)
    np.testing.assert_allclose(cosine[here], 1, atol=1e-3)
    length = np.linalg.norm(drawn, axis=1)[here]
    assert (
        length.max() / length.min()
        < 4
        < np.linalg.norm(moved[here], axis=1).max() / np.linalg.norm(moved[here], axis=1).min()
    )  # compressed, and in the same order
    assert (np.corrcoef(np.argsort(np.argsort(length)), np.linalg.norm(moved[here], axis=1))[0, 1]) > 0.9


def test_each_fixed_point_is_a_mark_of_its_own(layer: Callable, sound: Callable) -> None:
    one = layer("rnn", hidden=2, init="identity", scale=1.5)
    found = seen(one)
    fig = sound(plane(found, ("h1", "h2"), chosen=8))
    marks = {trace.meta["point"]: trace for trace in traces(fig, "point")}
    assert len(marks) == 9
    for k, trace in marks.items():
        assert (trace.x[0], trace.y[0]) == pytest.approx(found.found.points.points[k].tolist(), abs=1e-6)
        kind = found.found.points.kinds[k]
        assert trace.marker.symbol == {"saddle": "circle-cross"}.get(kind, "circle")
        assert trace.name.startswith(f"<b>{kind}</b>, point {k + 1}")
    (ring,) = [trace for trace in fig.data if trace.name == "chosen"]
    assert ring.x[0] == pytest.approx(0, abs=1e-9)  # the unstable one in the middle is the last
    assert "λ = 1.5, 1.5" in marks[8].name


def test_what_lies_off_the_plane_is_fainter(layer: Callable, sound: Callable) -> None:
    one = layer("rnn", hidden=12, scale=4, length=40, seed=1)
    found = seen(one)
    fig = sound(plane(found, ("PC 1", "PC 2")))
    for trace in traces(fig, "point"):
        off = float(found.off[trace.meta["point"]])
        assert trace.opacity == (1 if off <= found.plane.reach / 10 else 0.45)
        assert f"{off:.3g} beside the plane" in trace.name


def test_paths_for_the_clock(layer: Callable, sound: Callable) -> None:
    one = layer("lstm", hidden=1)
    run = sound(plane(seen(one), ("h", "c"), labels=list("abcdefghi")))
    (path,) = traces(run, "path")
    np.testing.assert_allclose(path.x[1:], one.h[:, 0, 0], atol=1e-6)
    np.testing.assert_allclose(path.y[1:], one.c[:, 0, 0], atol=1e-6)
    assert path.text[1] == "t = 1 (a)"
    free = sound(plane(seen(one, free=True), ("h", "c")))
    assert len(traces(free, "path")) == 25
    assert all(len(path.x) == 10 for path in traces(free, "path"))


@pytest.mark.parametrize("cell", ["rnn", "rnn_relu", "gru", "mingru"])
def test_one_number_has_a_graph(cell: str, layer: Callable, sound: Callable) -> None:
    one = layer(cell, hidden=1, scale=3)
    x = torch.zeros(1)
    for free in (False, True):
        fig = sound(graph(portrait.graph(one, x, portrait.search(one, x), free=free)))
    (curve,) = [trace for trace in fig.data if trace.name == "F"]
    module = module_of(one)
    with torch.no_grad():
        after = module(torch.zeros(1, len(curve.x), 1), (torch.tensor(curve.x).float()[:, None],))[1][0]
    np.testing.assert_allclose(curve.y, after[:, 0], atol=1e-5)
    for trace in traces(fig, "point"):
        assert trace.x[0] == trace.y[0]
    stairs = [trace for trace in fig.data if trace.name.startswith("free")]
    assert len(stairs) == 5
    for path in stairs:  # up to the graph, over to the diagonal
        assert path.y[1] == pytest.approx(path.x[2], abs=1e-6)


def test_eigenvalues_over_the_unit_circle(sound: Callable) -> None:
    values = torch.tensor([1.9, 0.3 + 0.4j, 0.3 - 0.4j, -1.0], dtype=torch.complex128)
    fig = sound(eigenvalues(values))
    inside, beyond = (next(t for t in fig.data if t.name == name) for name in ("shrinks", "grows"))
    assert sorted(inside.y) == [-0.4, 0.4]
    assert list(beyond.x) == [1.9, -1.0]
    assert fig.layout.xaxis.range[1] == 3.0
    assert len(sound(eigenvalues(None)).data) == 3


def test_what_a_label_says() -> None:
    assert flow_marks.complex_number(complex(-0.5, 0)) == "−0.5"
    assert flow_marks.complex_number(complex(0.25, 1.5), pair=True) == "0.25 ± 1.5i"
    assert flow_marks.complex_number(complex(0.25, -1.5)) == "0.25 − 1.5i"


@pytest.fixture(scope="module")
def memory() -> tuple:
    model = flipflop.network()
    return model, *flipflop.memories(model)


@pytest.mark.parametrize("dims", [2, 3])
def test_the_cube(memory: tuple, dims: int, sound: Callable) -> None:
    model, found, ways = memory
    _, batch = flipflop.sequences(4, 30)
    with torch.no_grad():
        states = model.rnn(batch.x)[0]
    projection = project(states[:, :1], dims)
    said = flipflop.bits(model, found.points)
    fig = sound(cube(projection, found, ways, said, dims))
    (corners,) = [trace for trace in fig.data if trace.name == "stable"]
    assert len(set(corners.text)) == 8
    wanted = (found.points[:8] - projection.mean.double()) @ projection.axes.double().T
    np.testing.assert_allclose(corners.x, wanted[:, 0], atol=1e-5)
    (path,) = traces(fig, "path")
    assert len(path.x) == 30
    (lines,) = [trace for trace in fig.data if trace.name == "ways from the saddles"]
    ends = np.flatnonzero(np.isnan(np.asarray(lines.x, float))) - 1
    assert len(ends) == len(ways)
    for way, end in zip(ways, ends, strict=True):
        if way.end is not None:
            assert lines.x[end] == pytest.approx(float(corners.x[way.end]), abs=1e-2)
    if dims == 2:
        assert set(corners.textposition) == {"top center", "bottom center"}


def test_three_bits(sound: Callable) -> None:
    pulses = torch.zeros(6, 3)
    pulses[1, 0], pulses[3, 0] = 1, -1
    said = torch.linspace(-1, 1, 18).view(6, 3)
    fig = sound(three_bits(pulses, said, said.sign()))
    first = [trace for trace in fig.data if trace.yaxis in (None, "y")]
    (marks,) = [trace for trace in first if trace.name == "pulse"]
    assert list(marks.x) == [2, 4]
    assert list(marks.marker.symbol) == ["triangle-up", "triangle-down"]
    (line,) = [trace for trace in first if trace.name == "bit 1"]
    np.testing.assert_allclose(line.y, said[:, 0])
    assert math.isclose(fig.layout.yaxis.range[1], 1.75)

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from rnnviz.cliff import Descent, Surface, descend, surface
from rnnviz.figures.cliff import CLIPPED, PLAIN, plane, progress, relief

THROWN = (5, -2.5, 0.3)


@pytest.fixture(scope="module")
def ground() -> Surface:
    return surface((3.0, 7.0), (-4.0, 1.5), 41, 56)


def named(fig, name: str) -> list:
    return [trace for trace in fig.data if trace.name == name]


def test_the_plane_is_the_root_of_the_error(ground: Surface, sound: Callable) -> None:
    plain, clipped = descend(4.25, -2.75, 0.1), descend(4.25, -2.75, 0.1, 1)
    fig = sound(plane(ground, plain, clipped))
    heat = fig.data[0]
    np.testing.assert_allclose(heat.z**2, ground.error, rtol=1e-5, atol=1e-12)
    assert (heat.x0, heat.x0 + 40 * heat.dx) == pytest.approx((3, 7))
    assert (heat.y0, heat.y0 + 55 * heat.dy) == pytest.approx((-4, 1.5))
    assert (heat.zmin, heat.zmax) == (0, 0.7)
    assert heat.colorbar.ticktext == ("0", "0.01", "0.09", "0.25", "0.49")
    assert float(heat.z.max()) <= 0.7
    for name, path, colour in (("no clipping", plain, PLAIN), ("clipped", clipped, CLIPPED)):
        (line,) = named(fig, name)
        np.testing.assert_allclose(line.x, path.w, rtol=1e-6)
        np.testing.assert_allclose(line.y, path.b, rtol=1e-6)
        assert line.line.color == colour
    first, last = named(fig, "end")
    assert (first.x[0], first.y[0]) == pytest.approx((float(plain.w[-1]), float(plain.b[-1])))
    assert (last.x[0], last.y[0]) == pytest.approx((float(clipped.w[-1]), float(clipped.b[-1])))
    assert fig.layout.xaxis2.title.text == "unclipped step 25: 4.02 long, to (6.34, 1.28)"
    (edge,) = named(fig, "leaves the picture")
    assert math.isnan(edge.x[0])


def test_where_the_path_leaves_stands_a_mark_on_the_edge(ground: Surface, sound: Callable) -> None:
    fig = sound(plane(ground, descend(*THROWN), descend(*THROWN, 1)))
    (edge,) = named(fig, "leaves the picture")
    w, b = float(edge.x[0]), float(edge.y[0])
    assert 3 <= w <= 7
    assert -4 <= b <= 1.5
    assert min(abs(w - 3), abs(w - 7), abs(b + 4), abs(b - 1.5)) < 1e-6
    assert "long, to (15.6, 16)" in fig.layout.xaxis2.title.text


def test_the_structure_stays_while_a_slider_moves(ground: Surface) -> None:
    """So that the browser can repaint numbers alone."""
    figs = [plane(ground, descend(w, -2.5, 0.3), descend(w, -2.5, 0.3, 1)) for w in (3.5, 4.25, 5.0, 7.0)] + [
        plane(ground, descend(*THROWN), descend(*THROWN, 1))
    ]
    shapes = {tuple((trace.type, trace.name, len(trace.x)) for trace in fig.data[1:]) for fig in figs}
    assert len(shapes) == 1
    assert len({fig.layout.xaxis.range + fig.layout.yaxis.range for fig in figs}) == 1


def test_the_relief_lies_on_the_surface(ground: Surface, sound: Callable) -> None:
    plain = descend(*THROWN)
    fig = sound(relief(ground, plain, descend(*THROWN, 1)))
    land = fig.data[0]
    assert land.type == "surface"
    np.testing.assert_allclose(land.z, ground.error, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(land.surfacecolor**2, ground.error, rtol=1e-5, atol=1e-9)
    (line,) = named(fig, "no clipping")
    inside = (plain.w >= 3) & (plain.w <= 7) & (plain.b >= -4) & (plain.b <= 1.5)
    assert 0 < int(inside.sum()) < len(plain.w)
    np.testing.assert_array_equal(~np.isnan(line.x), inside)
    np.testing.assert_allclose(line.z[inside.numpy()], plain.error[inside] + 0.006, atol=1e-6)
    assert "to (15.6, 16)" in fig.layout.annotations[0].text


def test_progress_shows_both_and_the_threshold(sound: Callable) -> None:
    plain, clipped = descend(4.25, -2.75, 0.1), descend(4.25, -2.75, 0.1, 1)
    fig = sound(progress(plain, clipped, 1))
    for trace, values in zip(
        fig.data[:4], (plain.error, clipped.error, plain.norm, clipped.norm), strict=True
    ):
        np.testing.assert_allclose(trace.y, values, rtol=1e-12)
        low, high = fig.layout[trace.yaxis.replace("y", "yaxis")].range
        assert low <= math.log10(values.min())
        assert math.log10(values.max()) <= high
    assert list(fig.data[4].y) == [1, 1]
    assert fig.layout.yaxis.range == (-20, 0)
    assert fig.layout.yaxis2.range == (-8, 2)


def test_gradients_of_0_and_paths_that_end_leave_gaps(ground: Surface, sound: Callable) -> None:
    nan = torch.tensor([math.nan], dtype=torch.float64)
    short = descend(4, -2, 0.1, steps=1)
    ended = Descent(*(torch.cat([part, nan]) for part in (short.w, short.b, short.error, short.norm)))
    still = Descent(ended.w, ended.b, ended.error * 0, ended.norm * 0)
    for path in (ended, still):
        sound(plane(ground, path, path))
        sound(relief(ground, path, path))
        fig = sound(progress(path, path, 0.5))
        assert np.isnan(fig.data[0].y[-1])
    assert np.isnan(fig.data[2].y).all()
    assert descend(4, -2, 0.1, steps=0).w.shape == (1,)
    fig = plane(ground, descend(4, -2, 0.1, steps=0), short)
    assert fig.layout.xaxis2.title.text == ""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from rnnviz import chaos
from rnnviz.figures.chaos import Curve, distance, exponents

GAINS = (0.3, 0.5, 1.0, 2.0, 4.0)


def curves(gain: float = 2.0, drive: float = 0.7) -> list[Curve]:
    nets = chaos.networks(25, range(3))
    return [
        Curve(
            name,
            GAINS,
            chaos.leading_exponents(nets, GAINS, std),
            chaos.mean_field(GAINS, std),
            chaos.leading_exponents(nets, [gain], std)[0],
            chaos.part(nets, gain, std),
        )
        for name, std in (("no input", 0.0), ("input, std 0.7", drive))
    ]


def named(fig, name: str):
    (found,) = [trace for trace in fig.data if trace.name == name]
    return found


def words(fig) -> list[str]:
    return [note.text for note in fig.layout.annotations]


def test_mean_range_limit_and_ring(sound: Callable) -> None:
    found = curves()
    fig = sound(exponents(found, 2.0, 25))
    for curve in found:
        line, band = named(fig, curve.name), named(fig, f"{curve.name}: all networks")
        np.testing.assert_allclose(line.y, curve.exponents.mean(1), rtol=1e-5)
        np.testing.assert_allclose(band.y[:5], curve.exponents.amax(1), rtol=1e-5)
        np.testing.assert_allclose(band.y[5:][::-1], curve.exponents.amin(1), rtol=1e-5)
        np.testing.assert_allclose(named(fig, f"{curve.name}: limit of large N").y, curve.limit, rtol=1e-5)
        ring = named(fig, f"{curve.name}: g chosen")
        assert (ring.x[0], ring.y[0]) == (2.0, pytest.approx(curve.at.mean().item(), rel=1e-6))
        assert "mean of 3 networks of 25 units" in line.hovertemplate
    np.testing.assert_allclose(named(fig, "log g").y, np.log(named(fig, "log g").x))
    assert {"<b>chaos</b>: neighbours part", "<b>order</b>: they meet", "no input", "input"} <= set(
        words(fig)
    )
    zone, zero, upright = fig.layout.shapes
    assert (zone.y0, zero.y0, zero.y1, upright.x0) == (0, 0, 0, 2.0)


def test_the_axes_rest_and_what_lies_below_is_marked(sound: Callable) -> None:
    fig, other = sound(exponents(curves(), 2.0, 25)), sound(exponents(curves(0.0, 2.0), 0.0, 25))
    assert fig.layout.yaxis.range == other.layout.yaxis.range
    assert fig.layout.xaxis.range == other.layout.xaxis.range
    assert [trace.name for trace in fig.data] == [trace.name for trace in other.data]
    ring = named(other, "no input: g chosen")
    assert ring.marker.symbol == "triangle-down-open"
    assert ring.y[0] == other.layout.yaxis.range[0]
    assert "λ = −∞" in ring.hovertemplate


def test_the_distance_of_two_runs_beside_what_lambda_says(sound: Callable) -> None:
    found = curves()
    fig = sound(distance(found, 2.0))
    for curve in found:
        line = named(fig, curve.name)
        kept = ~curve.parting.rounded.numpy()
        np.testing.assert_allclose(line.y[kept], curve.parting.distance[kept])
        straight = named(fig, f"{curve.name}: by λ alone")
        slope = math.log(straight.y[1] / straight.y[0]) / straight.x[1]
        assert slope == pytest.approx(curve.at[0].item(), rel=1e-4)
        assert straight.y[0] == pytest.approx(1e-6, rel=1e-5)
        value = f"{curve.at[0].item():+.3f}".replace("-", "−")
        assert any(value in text for text in words(fig))
    assert "two runs at g = 2; dashed: 10<sup>−6</sup> · e<sup>λt</sup>" in words(fig)


def test_where_only_rounding_is_left_the_line_ends_with_a_cross(sound: Callable) -> None:
    fig = sound(distance(curves(0.3, 1.5), 0.3))
    line = named(fig, "input, std 0.7")
    cross = named(fig, "input, std 0.7: the same but for rounding")
    first = int(np.flatnonzero(np.isnan(line.y))[0])
    assert cross.x[0] == first
    assert np.isnan(named(fig, "no input: the same but for rounding").x[0])  # it leaves the axis before
    assert named(fig, "no input").y[-1] < 1e-60


@pytest.mark.parametrize("gain", [0.0, 0.05, 1.0, 4.0])
@pytest.mark.parametrize("drive", [0.0, 2.0])
def test_extremes(gain: float, drive: float, sound: Callable) -> None:
    found = curves(gain, drive)
    fig = sound(distance(found, gain))
    assert fig.layout.yaxis.range == distance(curves(), 2.0).layout.yaxis.range
    assert len(fig.data) == 6
    heights = [note.y for note in fig.layout.annotations if "λ =" in note.text]
    assert abs(heights[0] - heights[1]) >= 2.9 - 1e-9
    assert torch.tensor(heights).isfinite().all()
    sound(exponents(found, gain, 25))

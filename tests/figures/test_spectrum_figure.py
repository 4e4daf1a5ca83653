import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from rnnviz import build
from rnnviz.experiment import Experiment
from rnnviz.figures.spectrum import run, weights
from rnnviz.registry import CELLS
from rnnviz.spectrum import RunSpectrum, run_spectrum, weight_spectrum

RECURRENT = [name for name in CELLS if CELLS[name].recurrent]


def model(cell: str, **settings: object) -> tuple[torch.nn.Module, torch.Tensor]:
    experiment = Experiment(cells=(cell,), **{"hidden": 6, "length": 12, **settings})
    return build.build_module(experiment, cell).double(), build.build_input(experiment).double()


def words(fig) -> str:
    return " | ".join(note.text for note in fig.layout.annotations)


def traces(fig, end: str) -> list:
    return [trace for trace in fig.data if trace.name.endswith(end)]


@pytest.mark.parametrize("cell", RECURRENT)
def test_every_block_has_its_plane_with_the_unit_circle(sound: Callable, cell: str) -> None:
    blocks = weight_spectrum(model(cell)[0])
    fig = sound(weights(blocks))
    points, circles, strips = (traces(fig, end) for end in ("eigenvalues", "|λ| = σ max", "singular values"))
    assert len(points) == len(circles) == len(strips) == len(blocks)
    for k, block in enumerate(blocks):
        np.testing.assert_allclose(points[k].x + 1j * points[k].y, block.eigenvalues.numpy())
        np.testing.assert_allclose(np.abs(circles[k].x + 1j * circles[k].y), block.sigma_max)
        np.testing.assert_allclose(strips[k].y, block.singular_values.numpy())
        axis = "" if k == 0 else str(k + 1)
        title = fig.layout[f"xaxis{axis}"].title.text
        assert f"{block.radius:.2f}" in title
        assert f"{block.sigma_max:.2f}" in title
        assert title.startswith(block.name) == (len(blocks) > 1)
        # Equal units both ways: circles are round.
        assert fig.layout[f"yaxis{axis}"].scaleanchor == f"x{axis}"
        assert fig.layout[f"xaxis{axis}"].range == fig.layout[f"yaxis{axis}"].range
        circle = fig.layout.shapes[k]
        assert (circle.type, circle.x0, circle.x1, circle.y0, circle.y1) == ("circle", -1, 1, -1, 1)
        assert (circle.xref, circle.yref) == (f"x{axis}", f"y{axis}")
    if len(blocks) > 1:
        last = fig.layout[f"xaxis{len(blocks) + 1}"]
        assert list(last.ticktext) == list(CELLS[cell].blocks)


def test_the_ranges_rest_while_the_scale_moves_and_hold_all_points() -> None:
    seen = []
    for scale in np.arange(0, 4.01, 0.05):
        blocks = weight_spectrum(model("rnn", scale=float(round(scale, 2)), hidden=16)[0])
        fig = weights(blocks)
        reach = fig.layout.xaxis.range[1]
        assert reach >= blocks[0].sigma_max
        assert len(fig.data) == 3
        seen.append(reach)
    assert seen == sorted(seen)
    assert len(set(seen)) <= 3


def test_no_block_no_picture() -> None:
    with pytest.raises(ValueError, match="expected at least one block of W_hh, got none"):
        weights(())


@pytest.mark.parametrize("cell", CELLS)
def test_the_run(sound: Callable, cell: str) -> None:
    found = run_spectrum(*model(cell))
    fig = sound(run(found, cell))
    values = found.singular_values.numpy()
    for name, column in (
        ("largest", values[:, 0]),
        ("median", values[:, (values.shape[1] - 1) // 2]),
        ("smallest", values[:, -1]),
    ):
        (line,) = traces(fig, name)
        np.testing.assert_allclose(line.y[column > 0], column[column > 0])
        assert np.isnan(line.y[column == 0]).all()
        np.testing.assert_array_equal(line.x, np.arange(1, 13))
    (dots,) = traces(fig, "Lyapunov exponents")
    exponents = found.exponents.numpy()
    finite = np.isfinite(exponents)
    np.testing.assert_allclose(dots.y[finite], exponents[finite])
    low, high = fig.layout.yaxis2.range
    assert (exponents[finite] >= low).all()
    assert (exponents[finite] <= high).all()
    assert "mean over T = 12 steps" in words(fig)
    assert "every" not in words(fig)


def test_a_linear_rnn_has_rings_where_its_exponents_tend_to(sound: Callable) -> None:
    module, x = model("rnn_linear")
    (block,) = weight_spectrum(module)
    limits = block.eigenvalues.abs().log().tolist()
    fig = sound(run(run_spectrum(module, x), "rnn_linear", limits=limits))
    (rings,) = traces(fig, "log |eigenvalue of W|")
    np.testing.assert_allclose(rings.y, limits)
    assert rings.marker.symbol == "circle-open"


def test_steps_and_exponents_that_are_left_out_are_said(sound: Callable) -> None:
    values = torch.rand(4, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    values = values.sort(descending=True).values
    found = RunSpectrum(10, 3, torch.arange(0, 10, 3), values, -torch.arange(1.0, 4.0).double())
    fig = sound(run(found, "lstm"))
    assert "(every 3rd step)" in words(fig)
    assert "3 leading Lyapunov exponents" in words(fig)
    assert list(fig.data[0].x) == [1, 4, 7, 10]
    assert fig.data[0].text == ["t = 1", "t = 4", "t = 7", "t = 10"] or list(fig.data[0].text)[1] == "t = 4"


def test_zeros_infinities_and_gaps_are_said_not_drawn(sound: Callable) -> None:
    values = torch.tensor([[2.0, 1.0, 0.0], [math.nan] * 3, [2.0, 1.0, 0.5]], dtype=torch.float64)
    exponents = torch.tensor([0.3, -math.inf, -math.inf], dtype=torch.float64)
    fig = sound(run(RunSpectrum(3, 1, torch.arange(3), values, exponents), "rnn_relu"))
    assert "not drawn: 0, or below rounding" in words(fig)
    assert "2 of 3 are lost in one step: −∞" in words(fig)
    assert "1 of 3 steps are not finite" in words(fig)
    assert np.isfinite(traces(fig, "Lyapunov exponents")[0].y).sum() == 1


@pytest.mark.parametrize("cell", ["lstm", "rnn", "rnn_relu", "rnn_linear", "mingru"])
@pytest.mark.parametrize(
    "settings", [{"length": 2}, {"scale": 0}, {"hidden": 1}, {"scale": 4, "init": "identity"}]
)
def test_extremes(sound: Callable, cell: str, settings: dict) -> None:
    module, x = model(cell, **settings)
    sound(run(run_spectrum(module, x), cell))
    if cell != "mingru":
        sound(weights(weight_spectrum(module)))

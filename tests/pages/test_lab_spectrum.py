"""The section of the spectra: what is drawn and said against a computation of its own."""

import math
import re
from typing import Any

import numpy as np
import pytest
import torch
from visitor import Visitor

from rnnviz import build
from rnnviz.experiment import Experiment
from rnnviz.jacobians import jacobians, lyapunov_exponents
from rnnviz.registry import CELLS
from rnnviz.spectrum import RunSpectrum, run_spectrum, weight_spectrum
from rnnviz.ui.lab.spectrum_words import run_says, sentences

SETTING = {"length": "25", "hidden": "6", "scale": "1.3", "seed": "4", "signal": "noise"}
EXPERIMENT = Experiment(length=25, hidden=6, scale=1.3, seed=4, signal="noise")


def named(chart: dict[str, Any], name: str, axis: str = "y") -> np.ndarray:
    (found,) = [one for one in chart["data"] if one.get("name") == name]
    return np.asarray(found[axis], dtype="f8")


def close(drawn: np.ndarray, computed: torch.Tensor) -> None:
    np.testing.assert_allclose(drawn, computed.numpy(), rtol=1e-5, atol=1e-6)


def block(name: str) -> str:
    return "" if name == "h" else f"{name}: "


@pytest.mark.parametrize("cell", CELLS)
def test_what_is_drawn(cell: str) -> None:
    visitor = Visitor("gradients", lab="spectrum", cell=cell, **SETTING)
    module = build.build_module(EXPERIMENT, cell).double()
    x = build.build_input(EXPERIMENT).double()
    chart = visitor.chart("spectrum_run")
    values = torch.linalg.svdvals(jacobians(module, x)[:, 0])
    close(named(chart, "largest"), values[:, 0])
    smallest = torch.where(values[:, -1] > 1e-15 * values[:, 0], values[:, -1], torch.nan)
    np.testing.assert_allclose(named(chart, "smallest"), smallest, rtol=1e-4)
    drawn = named(chart, "Lyapunov exponents")
    known = np.isfinite(drawn)
    assert known.all() or cell == "rnn_relu"
    close(drawn[known], lyapunov_exponents(module, x)[known])
    if CELLS[cell].recurrent is None:
        assert "There is no W<sub" in visitor.html
        with pytest.raises(ValueError, match="not enough values"):
            visitor.chart("spectrum_weights")
        return
    W = dict(module.named_parameters())["weight_hh" + ("_l0" if CELLS[cell].torch_class else "")].detach()
    for name, square in zip(CELLS[cell].blocks, W.reshape(-1, 6, 6), strict=True):
        planes = visitor.chart("spectrum_weights")
        drawn = named(planes, f"{block(name)}eigenvalues", "x") + 1j * named(
            planes, f"{block(name)}eigenvalues"
        )
        expected = np.linalg.eigvals(square.numpy())
        assert np.abs(drawn[:, None] - expected[None]).min(1).max() < 1e-5
        assert drawn.prod() == pytest.approx(np.linalg.det(square.numpy()), rel=1e-4)
        close(named(planes, f"{name}: singular values"), torch.linalg.svdvals(square))
        assert f"<b>{np.abs(expected).max():.2f}</b>" in visitor.html


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"cell": "rnn"}, "Necessary to explode, not sufficient"),
        ({"cell": "rnn", "scale": "0.5"}, "Sufficient to vanish"),
        ({"cell": "rnn_relu", "init": "identity"}, "the border case"),
        ({"cell": "rnn_linear"}, "Sufficient to vanish:</b> the spectral radius"),
        (
            {"cell": "rnn_linear", "scale": "2.5"},
            "Necessary to explode, not sufficient:</b> the spectral radius",
        ),
        ({"cell": "rnn_linear", "init": "orthogonal"}, "Sufficient to keep"),
        ({"cell": "rnn_linear", "init": "orthogonal", "scale": "2"}, "Sufficient to explode"),
        ({"cell": "rnn_linear", "init": "orthogonal", "scale": "2"}, "Gradients must have grown"),
        ({"cell": "lstm"}, "of a gated cell"),
        ({"cell": "lstm", "scale": "4"}, "of a gated cell"),
        ({"cell": "gru"}, "Sufficient for this run"),
        ({"cell": "mingru"}, "Sufficient for this run"),
        ({"cell": "lstm", "forget": "6"}, "some step stretches some direction"),
        ({"cell": "lstm_layernorm"}, "Layer norm divides"),
    ],
)
def test_the_sentence_that_is_licensed(query: dict[str, str], said: str) -> None:
    html = Visitor("gradients", lab="spectrum", **query).html
    assert said in html


def test_the_default_rnn_vanishes_though_it_may_stretch() -> None:
    """Acceptance test 8, through the page."""
    visitor = Visitor("gradients", lab="spectrum", cell="rnn", hidden="64")
    points = visitor.chart("spectrum_weights")
    radius = np.abs(named(points, "eigenvalues", "x") + 1j * named(points, "eigenvalues")).max()
    assert 0.55 < radius < 0.66
    assert 1.1 < named(points, "h: singular values").max() < 1.16
    assert named(visitor.chart("spectrum_run"), "Lyapunov exponents")[0] < -0.3
    assert "Necessary to explode, not sufficient" in visitor.html
    assert "shrank" in visitor.html


def test_an_orthogonal_linear_rnn_and_a_determinant() -> None:
    """Acceptance tests 6 and 7, through the page."""
    visitor = Visitor("gradients", lab="spectrum", cell="rnn_linear", init="orthogonal")
    np.testing.assert_allclose(named(visitor.chart("spectrum_run"), "Lyapunov exponents"), 0, atol=1e-6)
    assert "neither grew nor shrank" in visitor.html
    visitor = Visitor("gradients", lab="spectrum", cell="rnn_linear", **SETTING)
    W = build.build_module(EXPERIMENT, "rnn_linear").double().get_parameter("weight_hh")
    log = float(torch.linalg.slogdet(W).logabsdet)
    assert named(visitor.chart("spectrum_run"), "Lyapunov exponents").sum() == pytest.approx(log, rel=1e-5)
    assert visitor.html.count(f"<b>{log:.3f}</b>".replace("-", "−")) == 2


@pytest.mark.parametrize("cell", CELLS)
def test_every_control_to_both_ends(cell: str) -> None:
    visitor = Visitor("gradients", lab="spectrum", cell=cell, hidden="4")
    for name, ends in (("length", (2, 500, 30)), ("scale", (0, 4, 1)), ("forget", (-3, 6))):
        for value in ends:
            if visitor.slider(name).get("disabled"):
                continue
            visitor.drag(name, value)
            for chart in visitor.charts():
                for one in chart["data"]:
                    assert not np.isinf(np.asarray(one.get("y", []), dtype="f8")).any()
            assert not re.search(r"\bnan\b|\binf\b", visitor.html)


def test_the_largest_run_says_what_was_looked_at() -> None:
    visitor = Visitor("gradients", lab="spectrum", cell="lstm", hidden="128", length="500")
    chart = visitor.chart("spectrum_run")
    text = str([note["text"] for note in chart["layout"]["annotations"]])
    assert "every 7th step" in text
    assert "32 leading Lyapunov exponents" in text
    assert "of every 7 steps one looked at" in visitor.html
    assert "Sufficient for this run" not in visitor.html


def test_a_run_of_which_nothing_is_finite_and_one_that_was_sampled() -> None:
    gone = torch.full((2, 2), math.nan, dtype=torch.float64)
    assert "no Jacobian of this run is finite" in run_says(RunSpectrum(2, 1, torch.arange(2), gone, gone[0]))
    small = torch.full((2, 2), 0.5, dtype=torch.float64)
    assert "but not all were" in run_says(RunSpectrum(4, 2, torch.arange(0, 4, 2), small, small[0]))
    edge = torch.ones(2, 2, dtype=torch.float64)
    edge[:, 1] = 0.5
    assert "gradients cannot have grown" in run_says(RunSpectrum(2, 1, torch.arange(2), edge, edge[0]))


def test_of_steps_that_are_not_finite_nothing_is_concluded() -> None:
    values = torch.tensor([[0.5, 0.1], [math.nan, math.nan]])
    said = run_says(RunSpectrum(2, 1, torch.arange(2), values, values[1]))
    assert "at most <b>0.500</b>" in said
    assert "not all are" in said
    assert "cannot have grown" not in said


def test_the_leading_direction_is_not_said_to_be_the_one_stretched_most() -> None:
    """Over two steps this W_hh stretches a direction to 1.2 times its length, while the exponent is negative."""
    experiment = Experiment(length=2, hidden=64, scale=1.2, signal="noise")
    module = build.build_module(experiment, "rnn_linear").double()
    found = run_spectrum(module, build.build_input(experiment).double())
    W = module.weight_hh.detach()
    assert torch.linalg.matrix_norm(W @ W, 2) > 1 > found.exponents[0].exp()
    said = sentences("rnn_linear", weight_spectrum(module), found)[0]
    assert "the leading direction shrank" in said


def test_layer_norm_leaves_the_weight_scale_the_first_step() -> None:
    """Where W_hh h is 0 the epsilon decides, and the slope grows with the scale; at later steps it does not."""
    first, later = [], []
    for scale in (1.0, 2.0):
        experiment = Experiment(length=20, hidden=8, scale=scale, signal="noise")
        module = build.build_module(experiment, "lstm_layernorm").double()
        largest = run_spectrum(module, build.build_input(experiment).double()).singular_values[:, 0]
        first.append(float(largest[0]))
        later.append(largest[1:])
    assert first[1] == pytest.approx(2 * first[0], rel=0.01)
    torch.testing.assert_close(later[1], later[0], rtol=0.01, atol=0)

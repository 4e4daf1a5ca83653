"""The section of the cliff, opened by its link: what is drawn and said equals a descent by autograd."""

import re

import numpy as np
import pytest
import torch
from visitor import Visitor

from rnnviz.ui import view
from rnnviz.ui.lab.cliff import start_at
from rnnviz.ui.live_chart import Pick


def by_autograd(w: float, b: float, rate: float, theta: float | None) -> tuple[list[float], list[float]]:
    """E and the norm of its gradient along 100 steps, with PyTorch's own clipping."""
    at = torch.tensor([w, b], dtype=torch.float64, requires_grad=True)
    errors, norms = [], []
    for _ in range(101):
        x = torch.full((), 0.5, dtype=torch.float64)
        for _ in range(50):
            x = at[0] * torch.sigmoid(x) + at[1]
        E = (torch.sigmoid(x) - 0.7) ** 2
        at.grad = None
        E.backward()
        errors.append(E.item())
        norms.append(at.grad.norm().item())
        if theta is not None:
            torch.nn.utils.clip_grad_norm_([at], theta)
        with torch.no_grad():
            at -= rate * at.grad
    return errors, norms


def named(chart: dict, name: str) -> list[dict]:
    return [trace for trace in chart["data"] if trace["name"] == name]


def test_the_opening_is_thrown_off_the_cliff_and_the_clipped_one_gets_down() -> None:
    visitor = Visitor("gradients", lab="cliff")
    shown = visitor.view
    chart = visitor.chart("cliff_progress")
    for name, theta in (("no clipping", None), ("clipped", shown.threshold)):
        errors, norms = by_autograd(shown.start_w, shown.start_b, shown.rate, theta)
        error, norm = named(chart, name)
        np.testing.assert_allclose(error["y"], errors, rtol=1e-3, atol=1e-10)
        np.testing.assert_allclose(norm["y"], norms, rtol=1e-3, atol=1e-5)
    said = re.search(r"the longest gradient on the way is <b>([\d.]+)</b>: step (\d+) is <b>", visitor.html)
    assert said is not None
    plain = by_autograd(shown.start_w, shown.start_b, shown.rate, None)[1]
    assert float(said[1]) == pytest.approx(max(plain), rel=5e-3)
    assert int(said[2]) == plain.index(max(plain)) + 1
    assert "clipping acted on <b>1</b> of 100 steps" in visitor.html
    assert "Clipping never repairs vanishing" in visitor.html


def test_the_colours_are_the_error_at_their_place() -> None:
    heat = Visitor("gradients", lab="cliff").chart("cliff_2")["data"][0]
    for row, column in ((0, 0), (120, 60), (240, 240), (30, 200)):
        w, b = heat["x0"] + column * heat["dx"], heat["y0"] + row * heat["dy"]
        x = 0.5
        for _ in range(50):
            x = w / (1 + np.exp(-x)) + b
        assert heat["z"][row][column] == pytest.approx(abs(1 / (1 + np.exp(-x)) - 0.7), abs=1e-4)


@pytest.mark.parametrize("dims", ["2", "3"])
def test_each_control_to_both_ends(dims: str) -> None:
    visitor = Visitor("gradients", lab="cliff", dims=dims)
    for name in ("start_w", "start_b", "rate", "threshold"):
        sent = visitor.slider(name)
        for value in (sent["min"], sent["max"]):
            visitor.drag(name, value)
            assert getattr(visitor.view, name) == value
            (path,) = named(visitor.chart(f"cliff_{dims}"), "clipped")
            assert path["x"][0] == pytest.approx(visitor.view.start_w)
            assert path["y"][0] == pytest.approx(visitor.view.start_b)
    visitor.press("dims", "2" if dims == "3" else "3")
    assert visitor.chart(f"cliff_{visitor.view.dims}")["alt"]


def test_the_plateau_where_clipping_does_not_help() -> None:
    visitor = Visitor("gradients", lab="cliff", w="6.5", b="0.5")
    assert "clipping changes nothing" in visitor.html
    assert "Clipping never repairs vanishing: where" in visitor.html
    first, second = (named(visitor.chart("cliff_2"), name)[0] for name in ("no clipping", "clipped"))
    assert np.array_equal(first["x"], second["x"])


def test_a_click_starts_there() -> None:
    visitor = Visitor("gradients", lab="cliff")
    visitor.send("cliff_2", {"pick": {"trace": 0, "x": 5.02, "y": -2.49, "z": 0.3}})
    assert (visitor.view.start_w, visitor.view.start_b) == (5.0, -2.5)
    assert visitor.slider("start_w")["value"] == 5.0
    assert visitor.address["w"] == "5"
    (path,) = named(visitor.chart("cliff_2"), "no clipping")
    assert (path["x"][0], path["y"][0]) == (5.0, -2.5)
    start_at(visitor.session, Pick(0, 99.0, 0.0, None))  # nowhere on the surface
    assert visitor.view.start_w == 5.0
    bounds = view.FIELD["start_w"]
    assert (bounds.minimum, bounds.maximum) == (3, 7)

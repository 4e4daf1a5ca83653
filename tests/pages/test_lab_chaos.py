"""The section of the edge of chaos: the numbers shown, the gain by slider and by click, both ends of each control."""

import math

import numpy as np
import pytest
import torch
from visitor import Visitor

from rnnviz import chaos
from rnnviz.jacobians import lyapunov_exponents
from rnnviz.modules import CellModule

HERE = {"lab": "chaos", "units": "100", "seed": "3"}


def named(chart: dict, name: str) -> dict:
    (found,) = [trace for trace in chart["data"] if trace["name"] == name]
    return found


def drawn(visitor: Visitor) -> tuple[dict, dict]:
    charts = visitor.chart("chaos_exponents"), visitor.chart("chaos_distance")
    for chart in charts:
        assert chart["alt"].strip()
        for name, axis in chart["layout"].items():
            if name.startswith(("xaxis", "yaxis")):
                assert np.isfinite(axis["range"]).all()
    return charts


def by_the_general_way(gain: float, drive: float, seed: int) -> float:
    """The leading exponent of one of the page's networks as that of any cell."""
    nets = chaos.networks(100, [seed])
    module = CellModule("rnn", 100, 100, bias=False)
    with torch.no_grad():
        module.weight_hh.copy_(gain * nets.W[0])
        module.weight_ih.copy_(drive * torch.eye(100))
    return lyapunov_exponents(module, nets.noise, (nets.start,), count=1, discard=chaos.DISCARD).item()


def test_the_numbers_are_those_of_the_networks() -> None:
    visitor = Visitor("gradients", scale="0.8", drive="1.5", **HERE)
    left, right = drawn(visitor)
    nets = chaos.networks(100, range(3, 8))
    for name, drive in (("no input", 0.0), ("input, std 1.5", 1.5)):
        found = chaos.leading_exponents(nets, chaos.GAINS, drive)
        np.testing.assert_allclose(named(left, name)["y"], found.mean(1), rtol=1e-4, atol=1e-6)
        expected = np.mean([by_the_general_way(0.8, drive, seed) for seed in range(3, 8)])
        ring = named(left, f"{name}: g chosen")
        assert ring["x"][0] == 0.8
        assert ring["y"][0] == pytest.approx(expected, abs=2e-4)
        assert f"λ = <b>{expected:+.3f}</b>".replace("-", "−") in visitor.html
        parting = chaos.part(nets, 0.8, drive)
        line = np.asarray(named(right, name)["y"], dtype=np.float64)
        kept = ~parting.rounded.numpy() & (parting.distance.numpy() > 1e-30)
        np.testing.assert_allclose(line[kept], parting.distance.numpy()[kept], rtol=1e-4)


def test_a_gain_that_is_on_the_curve_and_one_that_is_not() -> None:
    visitor = Visitor("gradients", scale="1.5", **HERE)
    left, _ = drawn(visitor)
    at = chaos.GAINS.index(1.5)
    assert named(left, "no input: g chosen")["y"][0] == pytest.approx(
        named(left, "no input")["y"][at], abs=1e-6
    )
    left, _ = drawn(visitor.drag("scale", 1.55))
    found = chaos.leading_exponents(chaos.networks(100, range(3, 8)), [1.55]).mean().item()
    assert named(left, "no input: g chosen")["y"][0] == pytest.approx(found, abs=1e-3)


def test_a_click_on_the_curve_chooses_the_gain() -> None:
    visitor = Visitor("gradients", **HERE)
    visitor.send("chaos_exponents", {"pick": {"trace": 5, "x": 1.9, "y": 0.1, "z": None}})
    assert visitor.experiment.scale == 1.9
    assert visitor.slider("scale")["value"] == 1.9
    assert named(drawn(visitor)[0], "no input: g chosen")["x"][0] == 1.9
    visitor.send("chaos_exponents", {"pick": {"trace": 0, "x": -7.0, "y": 0.0, "z": None}})
    assert visitor.experiment.scale == 0


def test_controls_at_both_ends() -> None:
    visitor = Visitor("gradients", **HERE)
    ranges = set()
    for name in ("scale", "drive"):
        sent = visitor.slider(name)
        for value in (sent["min"], sent["max"]):
            left, right = drawn(visitor.drag(name, value))
            ranges.add((*left["layout"]["yaxis"]["range"], *right["layout"]["yaxis"]["range"]))
            assert "nan" not in visitor.html
    assert len(ranges) == 1
    for units in ("200", "100"):
        drawn(visitor.press("units", units))
        assert visitor.view.units == units
        assert f"networks of {units} units" in visitor.html


def test_nothing_is_handed_on_at_gain_0() -> None:
    visitor = Visitor("gradients", scale="0", **HERE)
    assert visitor.html.count("λ = <b>−∞</b>") == 2
    _, right = drawn(visitor)
    assert math.isnan(named(right, "no input")["y"][1])


def test_the_cell_plays_no_part_and_the_seed_does() -> None:
    one = named(drawn(Visitor("gradients", cell="mingru", **HERE))[0], "no input")["y"]
    two = named(drawn(Visitor("gradients", cell="lstm", hidden="5", **HERE))[0], "no input")["y"]
    other = named(drawn(Visitor("gradients", **{**HERE, "seed": "4"}))[0], "no input")["y"]
    np.testing.assert_array_equal(one, two)
    assert np.abs(np.asarray(one) - np.asarray(other)).max() > 1e-3

"""The section of the triangle, as a visitor without a browser meets it."""

import math
import re

import numpy as np
import pytest
import torch
from visitor import Visitor

from rnnviz import build, jacobians, lyapunov_exponents
from rnnviz.experiment import Experiment
from rnnviz.registry import CELLS
from rnnviz.theory import measure
from rnnviz.ui.findings import number
from rnnviz.ui.lab import triangle as section

SETTING = {"lab": "triangle", "length": "23", "hidden": "4", "scale": "1.4", "seed": "3", "signal": "noise"}


def opened(cell="rnn", **query):
    return Visitor("gradients", cell=cell, **{**SETTING, **query})


def products(visitor, norm="fro"):
    """Every norm by a double loop over products of Jacobians, in float64."""
    experiment = visitor.experiment
    module = build.build_module(experiment, experiment.cell).double()
    J = jacobians(module, build.build_input(experiment).double())[:, 0]
    T, S = J.shape[:2]
    found = np.full((T, T), np.nan)
    for k in range(T):
        product = torch.eye(S, dtype=torch.float64)
        for t in range(k, T):
            product = J[t] @ product if t > k else product
            found[t, k] = torch.linalg.matrix_norm(product, norm).item()
    return found


def named(chart, name):
    (found,) = [trace for trace in chart["data"] if trace["name"] == name]
    return found


@pytest.mark.parametrize("cell", CELLS)
def test_the_map_and_the_row_are_those_of_the_model(cell):
    visitor = opened(cell)
    expected = products(visitor)
    z = named(visitor.chart("triangle_map"), "norms")["z"]
    known = np.nan_to_num(expected) > 0  # a ReLU may be off
    assert np.array_equal(np.isnan(z), ~known)
    np.testing.assert_allclose(z[known], np.log10(expected[known]), atol=2e-3)
    drawn = np.nan_to_num(named(visitor.chart("triangle_row"), "measured")["y"].astype("f8"))
    np.testing.assert_allclose(drawn, expected[-1], rtol=1e-3)
    assert f"<b>{number(expected[-1, 0])}</b>" in visitor.html
    assert (cell == "rnn_relu") == ("is exactly <b>0</b>" in visitor.html)
    visitor.press("norm", "spectral")
    drawn = np.nan_to_num(named(visitor.chart("triangle_row"), "measured")["y"].astype("f8"))
    np.testing.assert_allclose(drawn, products(visitor, 2)[-1], rtol=1e-3)


def test_a_row_is_chosen_by_slider_and_by_click():
    visitor = opened()
    assert visitor.slider("row")["value"] == 23
    visitor.drag("row", 9)
    assert visitor.view.row == 9
    assert len(named(visitor.chart("triangle_row"), "measured")["x"]) == 9
    visitor.send("triangle_map", {"pick": {"trace": 0, "x": 3, "y": 15, "z": -4.0}})
    assert visitor.view.row == 15
    assert visitor.slider("row")["value"] == 15
    assert visitor.address["row"] == "15"
    assert "∂h<sub>15</sub>/∂h<sub>1</sub>" in visitor.html
    visitor.send("triangle_map", {"pick": {"trace": 0, "x": 3, "y": 23, "z": -4.0}})
    assert "row" not in visitor.address
    for y in (1e300, -1e300, 0):
        visitor.send("triangle_map", {"pick": {"trace": 99, "x": -5, "y": y, "z": None}})
        assert 1 <= visitor.slider("row")["value"] <= 23
    for nonsense in ({"pick": {"y": "high"}}, {"pick": [1]}, {"pick": {"trace": 0, "x": None, "y": None}}):
        visitor.send("triangle_map", nonsense)


def test_the_last_row_stays_the_last_when_the_length_changes():
    visitor = opened()
    visitor.drag("length", 40)
    assert visitor.slider("row")["value"] == 40
    assert "∂h<sub>40</sub>" in visitor.html


def test_the_first_row_says_that_there_is_nothing_before_it():
    visitor = opened(row="1")
    assert "Nothing lies before step 1" in visitor.html


def test_per_step():
    visitor = opened(per="1")
    expected = products(visitor)
    z = named(visitor.chart("triangle_map"), "norms")["z"]
    for t, k in ((22, 0), (10, 4)):
        assert z[t, k] + 1 == pytest.approx((expected[t, k] / 2) ** (1 / (t - k)), rel=1e-4)
    visitor.toggle("per_step")
    assert "per" not in visitor.address


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_the_sentences_quote_bound_and_rate(cell):
    visitor = opened(cell)
    experiment = visitor.experiment
    module, x = build.build_module(experiment, cell).double(), build.build_input(experiment).double()
    J = jacobians(module, x)[:, 0]
    S = J.shape[1]
    if cell == "rnn":
        sigma = torch.linalg.svdvals(module.weight_hh_l0.detach())[0].item()
        bound = sigma**22 * math.sqrt(S)
        assert f"= <b>{sigma:.4g}</b>, γ = 1" in visitor.html
        assert ("necessary" if sigma > 1 else "sufficient") in visitor.html
    else:
        bound = torch.linalg.matrix_norm(J[1:], 2).prod().item() * math.sqrt(S)
        assert "With <i>s</i> = (h, c), the whole state" in visitor.html
    quoted = re.search(r"permits up to <b>(.*?)</b>", visitor.html).group(1)
    assert quoted == number(bound)
    assert "it holds for every pair" in visitor.html
    with torch.no_grad():
        state = module(x[:1])[1]
    exponent = lyapunov_exponents(module, x[1:], state, count=1, discard=4).item()
    assert f"<b>{exponent:.3f}</b>".replace("-", "−") in visitor.html


def test_underflow_is_counted_and_not_drawn():
    visitor = opened("rnn", length="100", scale="0.1")
    z = named(visitor.chart("triangle_map"), "norms")["z"]
    lost = int(np.isnan(z[np.tril_indices(100)]).sum())
    assert lost > 1000
    assert f"<b>{lost:,}</b> of 4,950 pairs" in visitor.html
    assert "lost to underflow" in visitor.html


def test_a_stride_is_said_and_each_value_is_exact(monkeypatch):
    monkeypatch.setattr(section, "MOST", 12)
    visitor = opened("gru", length="50")
    chart = visitor.chart("triangle_map")
    trace = named(chart, "norms")
    assert (trace["x0"], trace["dx"], len(trace["z"])) == (5, 5, 10)
    assert "every 5th step" in chart["layout"]["annotations"][0]["text"]
    expected = products(visitor)[4::5, 4::5]
    known = ~np.isnan(expected)
    np.testing.assert_allclose(trace["z"][known], np.log10(expected[known]), atol=2e-3)
    assert "5-step factors" in visitor.html


def test_a_long_computation_goes_behind_a_bar(monkeypatch):
    monkeypatch.setattr(section, "LIVE", 1e3)
    monkeypatch.setattr(section, "ENOUGH", 500)
    visitor = opened("lstm", norm="spectral", seed="77")
    expected = products(visitor, 2)
    np.testing.assert_allclose(named(visitor.chart("triangle_row"), "measured")["y"], expected[-1], rtol=1e-3)


@pytest.mark.parametrize("cell", CELLS)
def test_every_control_at_both_ends(cell):
    visitor = opened(cell, length="12", hidden="3")
    for name in ("length", "scale", "forget", "row", "hidden"):
        sent = visitor.slider(name)
        if sent["disabled"]:
            continue
        high = min(sent["max"], 40) if name in ("length", "hidden") else sent["max"]
        for value in (sent["min"], high, sent["value"]):
            visitor.drag(name, value)
            assert len(list(visitor.charts())) >= 2
    visitor.toggle("per_step").press("norm", "spectral").drag("scale" if CELLS[cell].recurrent else "row", 4)


@pytest.mark.parametrize("signal", ["text", "numbers", "returns"])
def test_typed_and_real_input(signal):
    typed = {"text": {"text": "hello"}, "numbers": {"numbers": "1, 2, -3"}, "returns": {}}[signal]
    visitor = opened("gru", signal=signal, **typed)
    steps = visitor.experiment.steps
    assert len(named(visitor.chart("triangle_map"), "norms")["z"]) == steps


def test_the_excess_is_what_a_loop_finds():
    for cell in ("rnn", "lstm", "mingru"):
        experiment = Experiment(cells=(cell,), length=15, hidden=3)
        found = measure(build.build_module(experiment, cell), build.build_input(experiment), stride=2)
        worst = max(
            float((found.norms[row, :row].double().log10() - found.bound(row)[:row]).max())
            for row in range(1, len(found.steps))
        )
        assert found.excess() == pytest.approx(worst, abs=1e-9)


def test_the_largest_comes_in_bounded_time():
    visitor = opened("lstm", length="500", hidden="128", scale="4", forget="6")
    chart = visitor.chart("triangle_map")
    z = named(chart, "norms")["z"]
    assert z.shape == (50, 50)
    assert "every 10th step" in chart["layout"]["annotations"][0]["text"]
    assert np.isfinite(np.diag(z)).all()


def test_digits_lost_to_underflow_do_not_break_the_bound():
    """Of one unit the bound is tight, and below 1.2e-38 a norm of float32 may be rounded up by a half."""
    experiment = Experiment(length=60, hidden=1, seed=3, signal="noise")
    module = build.build_module(experiment, "gru_reset_before")
    found = measure(module, build.build_input(experiment))
    assert ((found.norms > 0) & (found.norms < 1e-38)).any()
    assert found.excess() < section.ROUNDING
    assert "it holds for every pair." in section.sentences(found, CELLS["gru_reset_before"], 59)[1]


def test_a_bound_that_is_no_number_is_said_to_be_none():
    huge = Experiment(hidden=8, seed=3, signal="numbers", numbers="1e30, -1e30, 3, 0, 0")
    module, x = build.build_module(huge, "lstm_layernorm"), build.build_input(huge)
    said = " ".join(section.sentences(measure(module, x), CELLS["lstm_layernorm"], 4))
    assert "is no number here" in said
    assert "nan" not in said

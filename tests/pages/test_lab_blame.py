"""The section of blame, opened by its link: what is drawn and said equals a computation apart from it."""

import re

import numpy as np
import pytest
import torch
from visitor import Visitor

from rnnviz import build
from rnnviz.blame import blame
from rnnviz.registry import CELLS
from rnnviz.ui.lab import blame as section

SETTING = {"lab": "blame", "length": "12", "hidden": "4", "seed": "5", "signal": "noise"}


def open_with(**settings: str) -> Visitor:
    return Visitor("gradients", **{**SETTING, **settings})


def own_gradient(visitor: Visitor) -> float:
    """The norm of W.grad after ``backward()`` on the module in float64."""
    experiment = visitor.experiment
    module = build.build_module(experiment, experiment.cell).double()
    module(build.build_input(experiment).double())[0].sum().backward()
    suffix = "" if hasattr(module, "cell") else "_l0"
    name = ("weight_hh" if CELLS[experiment.cell].recurrent else "weight_ih") + suffix
    return float(module.get_parameter(name).grad.norm())


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_by_its_link(cell: str) -> None:
    visitor = open_with(cell=cell)
    experiment = visitor.experiment
    found = blame(build.build_module(experiment, cell), build.build_input(experiment))
    (heat,) = visitor.chart("blame_pairs")["data"]
    drawn = np.isfinite(heat["z"])
    assert np.array_equal(drawn, (found.size > 0).numpy())
    np.testing.assert_allclose(
        10.0 ** np.asarray(heat["z"])[drawn], (found.size / found.size.sum()).numpy()[drawn], rtol=1e-3
    )
    tops = np.asarray(visitor.chart("blame_distances")["data"][1]["y"])
    expected = (found.size_by_distance / found.size.sum()).numpy()
    assert len(tops) in (10, 20)  # the axis ends where less than 0.5 % is left
    count = min(len(tops), 12)
    np.testing.assert_allclose(tops[:count], expected[:count], rtol=1e-4, atol=1e-8)
    norm = own_gradient(visitor)
    said = re.search(r"a matrix of norm <b>([^<]+)</b>; autograd's .* has <b>([^<]+)</b>", visitor.html)
    assert said is not None
    assert float(said[1]) == pytest.approx(norm, rel=1e-8)
    assert float(said[2]) == pytest.approx(norm, rel=1e-8)
    assert ("no W<sub>hh</sub>" in visitor.html) == (cell == "mingru")


def test_shares_and_what_truncation_keeps() -> None:
    visitor = open_with(cell="gru", length="40")
    visitor.press("blame", "share")
    assert visitor.address["blame"] == "share"
    (heat,) = visitor.chart("blame_pairs")["data"]
    assert np.nansum(heat["z"]) == pytest.approx(1, abs=2e-3)
    # Truncated backpropagation by hand: the state is cut from the graph ten steps before each loss.
    experiment = visitor.experiment
    module = build.build_module(experiment, "gru").double()
    x = build.build_input(experiment).double()
    module(x)[0].sum().backward()
    whole = module.weight_hh_l0.grad.clone()
    with torch.no_grad():
        states = torch.cat([torch.zeros(1, 1, 4, dtype=torch.float64), module(x)[0]])
    module.zero_grad()
    for t in range(40):
        first = max(t - 9, 0)
        module(x[first : t + 1], states[first].unsqueeze(0))[0][-1].sum().backward()
    kept = float((module.weight_hh_l0.grad * whole).sum() / whole.square().sum())
    said = re.search(r"truncated to 10 steps would keep <b>([\d.]+) %</b>", visitor.html)
    assert said is not None
    assert float(said[1]) == pytest.approx(100 * kept, rel=5e-3)


def test_each_control_to_both_ends() -> None:
    visitor = open_with(cell="lstm")
    for name in ("scale", "forget", "length"):
        sent = visitor.slider(name)
        for value in (sent["min"], 60 if name == "length" else sent["max"]):
            visitor.drag(name, value)
            assert len(visitor.chart("blame_pairs")["data"][0]["z"]) == visitor.experiment.steps
            assert "add up to a matrix of norm" in visitor.html
    visitor.choose("cell", "mingru")
    assert visitor.slider("scale")["disabled"]


def test_a_long_run_is_computed_in_the_background_once() -> None:
    visitor = open_with(cell="rnn", length="130", hidden="3")
    assert len(visitor.chart("blame_pairs")["data"][0]["z"]) == 130
    before = visitor.chart("blame_pairs")["data"][0]["z"]
    visitor.press("blame", "share").press("blame", "size")
    assert np.array_equal(before, visitor.chart("blame_pairs")["data"][0]["z"], equal_nan=True)


def test_nothing_to_blame_and_text() -> None:
    visitor = open_with(cell="rnn", signal="numbers", numbers="0 0 0", init="gaussian")
    assert "all 6 contributions are 0" in visitor.html
    visitor = open_with(cell="gru", signal="text", text="abca")
    assert visitor.chart("blame_pairs")["layout"]["xaxis"]["ticktext"] == list("abca")


def test_what_is_beyond_float64_is_said() -> None:
    found = blame(torch.nn.RNN(1, 2), torch.ones(3, 1, 1))
    found.size[2, 1] = torch.inf
    (sentence,) = section.sentences("rnn", found)
    assert "beyond float64" in sentence

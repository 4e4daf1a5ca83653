"""The section of the two paths: what is drawn and said against a computation of its own."""

import math
import re
from typing import Any

import numpy as np
import pytest
import torch
from visitor import Visitor

from rnnviz import build
from rnnviz.experiment import Experiment
from rnnviz.gradients import gradients
from rnnviz.paths import paths
from rnnviz.registry import CELLS
from rnnviz.trace import trace
from rnnviz.ui.lab.paths import sentences

SETTING = {"length": "30", "hidden": "5", "scale": "1.4", "seed": "3", "signal": "noise", "loss": "22"}
EXPERIMENT = Experiment(length=30, hidden=5, scale=1.4, seed=3, signal="noise", loss=22)


def named(chart: dict[str, Any], name: str) -> np.ndarray:
    (found,) = [one for one in chart["data"] if one.get("name") == name]
    return np.asarray(found["y"], dtype="f8")


def model(cell: str, experiment: Experiment = EXPERIMENT) -> tuple[torch.nn.Module, torch.Tensor]:
    return build.build_module(experiment, cell).double(), build.build_input(experiment).double()


def norms(values: torch.Tensor) -> np.ndarray:
    return values.flatten(1).norm(dim=1).numpy()


def finite(visitor: Visitor) -> None:
    for chart in visitor.charts():
        for one in chart["data"]:
            for axis in "xy":
                values = np.asarray(one.get(axis, []), dtype="f8")
                assert not np.isinf(values).any()


@pytest.mark.parametrize("cell", CELLS)
def test_the_curves_are_the_true_gradient_and_its_parts(cell: str) -> None:
    visitor = Visitor("gradients", lab="paths", cell=cell, **SETTING)
    assert visitor.view.lab == "paths"
    chart = visitor.chart("paths_span")
    module, x = model(cell)
    layer = gradients(module, x, lambda output: output[21].sum()).layers[0]
    truth = (layer.h if layer.c is None else layer.c)[:22, 0]
    size = np.where(norms(truth) > 0, norms(truth), np.nan)  # ReLUs that are off: marked, not drawn
    np.testing.assert_allclose(named(chart, "in full"), size, rtol=1e-5)
    if not CELLS[cell].gates:
        assert "no direct path" in visitor.html
        np.testing.assert_allclose(named(chart, "rest"), size, rtol=1e-5)
        return
    gates = trace(module, x).layers[0].gates
    kept = (gates["f"] if "f" in gates else gates["z"] if cell == "gru" else 1 - gates["z"])[:, 0]
    direct = torch.stack([kept[t + 1 : 22].prod(0) * truth[-1] for t in range(22)])
    np.testing.assert_allclose(named(chart, "direct"), norms(direct), rtol=1e-5)
    rest = norms(truth - direct)
    rest = np.where(rest > 1e-12 * norms(truth), rest, np.nan)
    np.testing.assert_allclose(named(chart, "rest"), rest, rtol=1e-4)
    step = visitor.chart("paths_step")
    np.testing.assert_allclose(named(step, "direct"), norms(kept) / math.sqrt(5), rtol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_what_is_said_quotes_what_was_measured(cell: str) -> None:
    visitor = Visitor("gradients", lab="paths", cell=cell, **SETTING)
    found = paths(*model(cell), 21)
    for sentence in sentences(found):
        assert sentence in visitor.html
    text = " ".join(sentences(found))
    assert CELLS[cell].label in text
    if CELLS[cell].gates:
        rate = float((found.direct[0].norm() / found.direct[-1].norm()) ** (1 / 21))
        assert f"multiplied by <b>{rate:.3g}</b>" in text
    assert ("The rest is <b>exactly 0" in text) == (cell == "mingru")
    assert ("meet on the diagonal" in text) == (cell in ("gru", "gru_reset_before", "lstm_peephole"))


def test_a_hundred_steps_of_a_constant_forget_gate() -> None:
    """Acceptance test 11, through the page: without recurrent weights and input f is sigmoid(bias)."""
    for bias, left in ((0.0, 8e-31), (1.0, 2.5e-14), (3.0, 0.0078), (5.0, 0.51)):
        visitor = Visitor(
            "gradients",
            lab="paths",
            cell="lstm",
            init="orthogonal",
            scale="0",
            forget=str(bias),
            signal="numbers",
            numbers=",".join(["0"] * 101),
        )
        direct = named(visitor.chart("paths_span"), "direct")
        assert direct[0] / direct[-1] == pytest.approx((1 / (1 + math.exp(-bias))) ** 100, rel=1e-4)
        assert direct[0] / direct[-1] == pytest.approx(left, rel=0.05)
        assert "nothing recurrent is left in the gates" in visitor.html


@pytest.mark.parametrize("cell", CELLS)
def test_every_control_to_both_ends(cell: str) -> None:
    visitor = Visitor("gradients", lab="paths", cell=cell, hidden="4")
    for name, ends in (("length", (2, 500, 40)), ("loss", (1, 40)), ("scale", (0, 4)), ("forget", (-3, 6))):
        for value in ends:
            if visitor.slider(name).get("disabled"):
                continue
            visitor.drag(name, value)
            finite(visitor)
            assert not re.search(r"\bnan\b|\binf\b", visitor.html)


@pytest.mark.parametrize("cell", ["lstm", "rnn_linear"])
def test_the_largest_run(cell: str) -> None:
    visitor = Visitor("gradients", lab="paths", cell=cell, hidden="128", length="500", scale="4")
    finite(visitor)
    assert len(named(visitor.chart("paths_step"), "rest")) == 500


def test_cells_and_typed_signals() -> None:
    visitor = Visitor("gradients", lab="paths", cell="gru", signal="text", text="hello")
    assert visitor.chart("paths_span")["time"]["labels"] == list("hello")
    visitor.choose("cell", "lstm")
    assert visitor.experiment.cell == "lstm"
    assert visitor.address["lab"] == "paths"
    assert "∂L/∂c" in visitor.html


def test_parts_that_cancel_are_said_to() -> None:
    """In this GRU of one unit the two parts are 10^15 times the whole; elsewhere neither is longer than it."""
    unit = Experiment(length=60, hidden=1, seed=3, signal="noise")
    found = paths(*model("gru", unit))
    assert found.direct[0].norm() > 1e15 * found.total[0].norm()
    assert "they cancel in part" in sentences(found)[0]
    assert "cancel" not in sentences(paths(*model("mingru")))[0]
    short = sentences(paths(*model("lstm", Experiment(length=2, hidden=4, signal="noise"))))
    assert "geometric means of 1 step)" in " ".join(short)

"""The section of the cures: what is shown is what each cure measures, for every cell and at both ends."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from visitor import Visitor

from rnnviz import build
from rnnviz.cures import CURES, compare
from rnnviz.experiment import Experiment
from rnnviz.registry import CELLS
from rnnviz.ui import findings
from rnnviz.ui.lab import cures as section

QUICK = {"lab": "cures", "length": "14", "hidden": "3", "seed": "5", "signal": "noise"}


def drawn(visitor: Visitor) -> dict:
    chart = visitor.chart("cures")
    assert chart["alt"].strip()
    assert len(chart["data"]) == 5 * len(CURES)
    for name, axis in chart["layout"].items():
        if name.startswith(("xaxis", "yaxis")):
            assert np.isfinite(axis["range"]).all(), name
    return chart


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_by_its_link(cell: str) -> None:
    visitor = Visitor("gradients", cell=cell, **QUICK)
    chart, found = drawn(visitor), compare(visitor.experiment, cell)
    for k, one in enumerate(found.outcomes):
        line = np.asarray(chart["data"][5 * k + 2]["y"], dtype=np.float64)
        if one.measured is None:
            assert np.isnan(line).all()
            assert one.reason.replace("W_hh", "<i>W</i><sub>hh</sub>") in visitor.html
        else:
            middle = one.measured.norms.median(0).values.numpy()
            expected = np.where(middle > 0, middle, np.nan)
            np.testing.assert_allclose(line, expected, rtol=1e-5)
    assert not visitor.app.toast
    assert visitor.address["lab"] == "cures"


def test_the_table_is_what_plain_pytorch_measures() -> None:
    """Orthogonal W_hh for an RNN, by a loop of the test's own."""
    visitor = Visitor("gradients", cell="rnn", clip="0.5", **QUICK)
    ratios, weights, largest = [], [], []
    for k in range(5):
        experiment = replace(visitor.experiment, seed=5 + k, init="orthogonal")
        module, x = build.build_module(experiment, "rnn").double(), build.build_input(experiment).double()
        W_ih, W_hh, b_ih, b_hh = module.parameters()
        h, states = torch.zeros(3, dtype=torch.float64), []
        for x_t in x[:, 0]:
            h = torch.tanh(W_ih @ x_t + b_ih + W_hh @ h + b_hh)
            h.retain_grad()
            states.append(h)
        h.sum().backward()
        ratios.append((states[0].grad.norm() / states[-1].grad.norm()).item())
        weights.append(W_hh.grad.norm().item())
        largest.append(max(state.abs().max().item() for state in states))
    (row,) = [row for row in visitor.html.split("<tr") if ">Orthogonal <i>W" in row]
    for values in (ratios, weights, largest):
        assert f"<td>{findings.number(float(np.median(values)))}<small>" in row
        assert f"{findings.number(min(values))} to {findings.number(max(values))}" in row


def test_clipping_shortens_the_weights_gradient_and_nothing_else() -> None:
    visitor = Visitor("gradients", cell="rnn", **QUICK)
    visitor.drag("threshold", 0.1)
    assert visitor.view.threshold == 0.1
    found = compare(visitor.experiment, "rnn")
    norm = findings.number(found.before.weight.median().item())
    (row,) = [row for row in visitor.html.split("<tr") if "Gradient clipping</td>" in row]
    assert f"{norm} → 0.1" in row
    assert "It never repairs vanishing." in visitor.html
    chart = drawn(visitor)
    np.testing.assert_allclose(chart["data"][2]["y"], chart["data"][0]["y"])
    visitor.drag("threshold", 10.0)
    assert f"lets ‖∂L/∂<i>W</i><sub>hh</sub>‖ = <b>{norm}</b> through as it is" in visitor.html


@pytest.mark.parametrize("cell", ["lstm", "rnn_relu", "mingru"])
def test_controls_at_both_ends(cell: str) -> None:
    visitor = Visitor("gradients", cell=cell, **QUICK)
    for name in ("scale", "forget", "threshold", "length"):
        sent = visitor.slider(name)
        assert sent["disabled"] == (
            (name == "scale" and cell == "mingru") or (name == "forget" and cell != "lstm")
        )
        for value in () if sent["disabled"] else (sent["min"], 40 if name == "length" else sent["max"]):
            drawn(visitor.drag(name, value))
            where = visitor.view if name == "threshold" else visitor.experiment
            assert getattr(where, name) == value
    drawn(visitor.choose("cell", "gru"))
    assert visitor.experiment.cell == "gru"


@pytest.mark.parametrize(
    ("label", "name", "value"),
    [("Forget bias 3", "forget", 3.0), ("Orthogonal $W_{hh}$", "init", "orthogonal")],
)
def test_a_cure_becomes_the_experiment(label: str, name: str, value: object) -> None:
    visitor = Visitor("gradients", cell="lstm", **QUICK)
    before = compare(visitor.experiment, "lstm")
    visitor.click(label)
    assert getattr(visitor.experiment, name) == value
    assert visitor.address[name] == ("3" if name == "forget" else value)
    (button,) = [button for button in visitor.app.button if button.label == label]
    assert button.disabled
    chart = drawn(visitor)
    (k,) = [k for k, cure in enumerate(CURES) if cure.change == {name: value}]
    np.testing.assert_allclose(
        chart["data"][0]["y"], before.outcomes[k].measured.norms.median(0).values, rtol=1e-5
    )


def test_no_button_for_what_the_cell_cannot_have() -> None:
    labels = {button.label for button in Visitor("gradients", cell="mingru", **QUICK).app.button}
    assert not any("W_{hh}" in label or "Forget" in label for label in labels)


def test_the_sentences_tell_the_measured_verdicts() -> None:
    visitor = Visitor("gradients", cell="gru", lab="cures")
    found = compare(visitor.experiment, "gru")
    told = section.sentences(found, 1.0)
    assert "vanishes</b>" in told[0]
    assert all(sentence in visitor.html for sentence in told)
    (kept,) = [sentence for sentence in told if sentence.startswith("It is kept")]
    rate = findings.number(found.outcomes[3].measured.rate.median().item())
    assert f"chrono initialisation (<b>× {rate}</b>)" in kept
    assert "residual over time" in next(sentence for sentence in told if sentence.startswith("It explodes"))
    assert not re.search(r"nan|inf\b", " ".join(told))
    # What the two initialisations change besides, which the app's own setting of that name does too.
    assert "biases 0, and times the weight scale" in visitor.html


@pytest.mark.parametrize(
    "settings", [{"scale": "4", "length": "300", "init": "identity"}, {"scale": "0"}, {"loss": "1"}]
)
@pytest.mark.parametrize("cell", ["rnn_linear", "gru"])
def test_what_overflows_or_is_nothing_is_said_in_words(cell: str, settings: dict[str, str]) -> None:
    visitor = Visitor("gradients", cell=cell, **{**QUICK, **settings})
    drawn(visitor)
    (table,) = re.findall(r"<table.*?</table>", visitor.html, re.S)
    assert not re.search(r">[^<]*\b(nan|inf)\b", table)


def test_a_cure_that_leaves_nothing_is_not_given_a_factor_that_grows() -> None:
    """With these ReLUs off a seed or two fits a growing line, while most have exactly 0 at step 1."""
    dead = Experiment(
        cells=("rnn_relu",), length=500, hidden=2, init="identity", scale=4, signal="noise", seed=3
    )
    found = compare(dead, "rnn_relu", seeds=3)
    orthogonal = next(one for one in found.outcomes if one.cure.name == "orthogonal").measured
    assert orthogonal.verdict == "vanishes"
    assert orthogonal.rate.nanmedian() > 1
    (said,) = [one for one in section.sentences(found, 1.0) if one.startswith("It vanishes")]
    assert "orthogonal <i>W</i><sub>hh</sub> (<b>none left at step 1</b>)" in said
    assert "no fit" not in section.sentences(compare(Experiment(loss=1), "rnn", seeds=1), 1.0)[0]


def test_projector_mode_and_a_text() -> None:
    visitor = Visitor(
        "gradients", present="1", lab="cures", cell="lstm", signal="text", text="hello", hidden="2"
    )
    assert drawn(visitor)["layout"]["xaxis5"]["ticktext"] == list("hello")


def test_a_loss_before_the_end_of_a_text() -> None:
    visitor = Visitor("gradients", lab="cures", cell="gru", signal="text", text="hello", hidden="2", loss="3")
    chart = drawn(visitor)
    assert chart["layout"]["xaxis5"]["ticktext"] == list("hel")
    assert len(chart["data"][2]["y"]) == 3

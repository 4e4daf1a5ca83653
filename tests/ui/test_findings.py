"""The sentences quote the numbers of the model that was drawn, and nothing that a user typed."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnviz.dynamics import project
from rnnviz.experiment import Experiment
from rnnviz.gradients import DecayFit, fit_decay
from rnnviz.observe import observe
from rnnviz.registry import CELLS
from rnnviz.trace import LayerTrace
from rnnviz.ui import findings

EXPERIMENT = Experiment(length=50, hidden=12, scale=1.8, seed=4, signal="noise")


def layer_of(cell: str, **settings: object) -> LayerTrace:
    return observe(replace(EXPERIMENT, **settings), cell).trace.layers[0]  # type: ignore[arg-type]


def bold(sentence: str) -> list[str]:
    return re.findall(r"<b>(.*?)</b>", sentence)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (0.48231, "0.482"),
        (12.34, "12.3"),
        (-0.5, "−0.5"),
        (999.7, "1000"),
        (1234.4, "1234"),
        (-9999.0, "−9999"),
        (10_000.0, "1.0 × 10⁴"),
        (0.001, "0.001"),
        (4.14e-12, "4.1 × 10⁻¹²"),
        (3.2e30, "3.2 × 10³⁰"),
        (math.inf, "not a finite number"),
        (math.nan, "not a finite number"),
    ],
)
def test_numbers_as_prose(value: float, written: str) -> None:
    assert findings.number(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "0 %"), (0.004, "0.4 %"), (0.37, "37 %"), (1.0, "100 %"), (0.0099, "1.0 %"), (0.9999, "100 %")],
)
def test_shares_as_prose(value: float, written: str) -> None:
    assert findings.share(value) == written


KEEPS = {
    "lstm": ("f", False),
    "lstm_peephole": ("f", False),
    "lstm_layernorm": ("f", False),
    "gru": ("z", False),
    "gru_reset_before": ("z", True),
    "mingru": ("z", True),
}


@pytest.mark.parametrize("cell", CELLS)
def test_how_much_is_kept_follows_the_cell_s_own_convention(cell: str) -> None:
    layer = layer_of(cell)
    sentences = findings.gates(CELLS[cell], layer)
    if cell not in KEEPS:
        assert "average" not in " ".join(sentences)
        return
    gate, inverse = KEEPS[cell]
    values = layer.gates[gate].double().numpy()
    kept = float(np.exp(np.log(1 - values if inverse else values).mean()))
    assert sentences[0].startswith(CELLS[cell].label)
    assert f"<i>{'1 − ' if inverse else ''}{gate}</i> is" in sentences[0]
    assert float(bold(sentences[0])[0]) == pytest.approx(kept, abs=0.0006)
    left = bold(sentences[0])[1].replace(" × 10", "e").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    assert float(left) == pytest.approx(kept**10, rel=0.06)


@pytest.mark.parametrize("cell", CELLS)
def test_the_saturated_shares_and_the_largest_state(cell: str) -> None:
    layer = layer_of(cell)
    text = " ".join(findings.gates(CELLS[cell], layer))
    bounded = {gate.name: (layer.gates[gate.name], gate.kind) for gate in CELLS[cell].gates}
    bounded["h"] = (
        layer.h,
        {"rnn_relu": "relu", "rnn_linear": "linear", "mingru": "linear"}.get(cell, "tanh"),
    )
    for name, (values, kind) in bounded.items():
        v = values.numpy()
        pinned = {
            "sigmoid": (v < 0.1) | (v > 0.9),
            "tanh": np.abs(v) > 0.9,
            "relu": v == 0,
            "linear": None,
        }[kind]
        if pinned is None:
            assert f"<i>{name}</i> " not in text.partition("Saturated")[2]
        else:
            assert f"<i>{name}</i> {findings.share(pinned.mean())}" in text
    assert f"The largest |h| is <b>{findings.number(float(np.abs(layer.h.numpy()).max()))}</b>" in text


def test_a_state_beyond_float32_is_said_with_its_step() -> None:
    layer = layer_of("rnn_linear", length=300, scale=4.0, init="identity")
    first = int(np.flatnonzero(~np.isfinite(layer.h.numpy()).all((1, 2)))[0]) + 1
    assert 1 < first < 300
    text = " ".join(findings.gates(CELLS["rnn_linear"], layer))
    assert f"at step <b>{first}</b>" in text
    assert "nan" not in text
    assert "largest" not in text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("cell", CELLS)
def test_no_cell_s_sentences_break_on_what_is_not_finite(cell: str, value: float) -> None:
    layer = layer_of(cell, length=5, hidden=2)
    whole = replace(
        layer,
        h=torch.full_like(layer.h, value),
        gates={name: torch.full_like(gate, math.nan) for name, gate in layer.gates.items()},
    )
    text = " ".join(findings.gates(CELLS[cell], whole))
    assert "at step <b>1</b>" in text
    assert "average" not in text
    assert not re.search(r"\bnan\b|\binf\b", text)
    h = layer.h.clone()
    h[3, 0, 1] = value
    gates = {name: gate.clone() for name, gate in layer.gates.items()}
    for gate in gates.values():
        gate[3:] = math.nan
    text = " ".join(findings.gates(CELLS[cell], replace(layer, h=h, gates=gates)))
    assert "at step <b>4</b>" in text
    # What the steps before had is still said.
    assert ("average" in text) == (cell in KEEPS)
    assert not re.search(r"\bnan\b|not a finite", text)


@pytest.mark.parametrize("components", [1, 2, 3])
def test_the_explained_variance_is_that_of_the_states(components: int) -> None:
    layer = layer_of("lstm")
    states = layer.h[:, 0].double().numpy()
    variances = np.linalg.eigvalsh(np.cov(states.T))[::-1]
    shares = variances[:components] / variances.sum()
    (sentence,) = findings.states(project(layer.h, components), "one")
    assert bold(sentence) == [findings.share(shares.sum())]
    for part in shares if components > 1 else ():
        assert findings.share(part) in sentence


@pytest.mark.parametrize(
    ("scale", "words"), [(0.3, "come together"), (1.0, "stay apart"), (3.0, "drift apart")]
)
def test_several_runs_come_together_or_drift_apart(scale: float, words: str) -> None:
    steps = torch.linspace(0, 1, 20)[:, None, None]
    start = torch.tensor([[-1.0, 0.0], [1.0, 0.0]])[None]
    projection = project(start * (1 + (scale - 1) * steps) + 0 * start, 2)
    sentence = findings.states(projection, "starts")[1]
    assert words in sentence
    assert [float(part) for part in bold(sentence)] == pytest.approx([1.0, scale], rel=0.01)
    assert "start states" in sentence
    assert "input strengths" in findings.states(projection, "strengths")[1]
    assert len(findings.states(projection, "one")) == 1


def test_states_that_are_not_finite_or_do_not_move() -> None:
    still = project(torch.zeros(5, 2, 3), 2)
    broken = project(torch.full((5, 2, 3), math.nan), 2)
    for projection in (still, broken):
        sentences = findings.states(projection, "starts")
        assert not re.search(r"\bnan\b|\binf\b", " ".join(sentences))


@pytest.mark.parametrize("cell", CELLS)
def test_the_gradient_sentence(cell: str) -> None:
    run = observe(replace(EXPERIMENT, loss=40), cell)
    layer = run.gradients.layers[0]
    norms = layer.h_norm[:40]
    fit = fit_decay(layer.h_norm, 39, layer.underflow)
    sentence = findings.gradient(CELLS[cell].label, fit, norms, 0, "h")
    numbers = bold(sentence)
    assert sentence.startswith(f"{CELLS[cell].label}: ‖∂L/∂h‖ goes from")
    assert numbers[0] == findings.number(math.sqrt(12))  # the loss is the sum of 12 units
    assert numbers[1] == findings.number(float(norms[0]))
    logs = np.log(norms.double().numpy())
    slope, _ = np.polyfit(np.arange(40), logs, 1)
    assert float(numbers[2].removeprefix("× ")) == pytest.approx(math.exp(-slope), rel=0.006)
    r2 = np.corrcoef(np.arange(40), logs)[0, 1] ** 2
    assert f"R² {r2:.2f}" in sentence
    assert sentence.count(".") >= 1
    assert sentence.endswith(".")


def test_a_lost_gradient_is_never_quoted_as_a_number() -> None:
    norms = torch.cat([torch.zeros(3), torch.tensor([1e-30, 1e-10, 1.0])])
    fit = fit_decay(norms, 5)
    sentence = findings.gradient("RNN", fit, norms, 3, "c")
    assert bold(sentence)[0] == "1"
    assert "at step 1" not in sentence
    assert "At <b>3</b> of 6 steps it is too small for float32" in sentence


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_an_exploded_gradient_is_said_in_words(value: float) -> None:
    norms = torch.tensor([value, value, 1.0])
    fit = DecayFit(math.nan, math.nan, 2, 2, 0)
    sentence = findings.gradient("RNN", fit, norms, 0, "h")
    assert "to <b>not a finite number</b> at step 1" in sentence
    assert "per step back" not in sentence


def test_nothing_typed_is_in_a_sentence() -> None:
    run = observe(replace(EXPERIMENT, signal="text", text="<script>hello</script>"), "gru")
    layer = run.trace.layers[0]
    text = " ".join(
        [
            *findings.gates(CELLS["gru"], layer),
            *findings.states(project(layer.h, 2), "one"),
            findings.gradient(
                "GRU",
                fit_decay(run.gradients.layers[0].h_norm, 21),
                run.gradients.layers[0].h_norm,
                0,
                "h",
            ),
        ]
    )
    assert "script" not in text
    assert "hello" not in text
    assert set(re.findall(r"<[^>]*>", text)) <= {"<b>", "</b>", "<i>", "</i>"}

import ast
import contextlib
import io
import math
import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.build import build_module
from rnnviz.experiment import FIELD, Experiment
from rnnviz.gradients import fit_decay
from rnnviz.observe import observe
from rnnviz.registry import CELLS
from rnnviz.snippet import snippet

CLOSE = {"rtol": 1e-4, "atol": 1e-6}


def execute(experiment, cell):
    """The variables that the script leaves, and what it printed."""
    names, printed = {}, io.StringIO()
    with torch.random.fork_rng(), contextlib.redirect_stdout(printed):
        exec(compile(snippet(experiment, cell), "snippet.py", "exec"), names)
    return names, printed.getvalue()


def compare(experiment, cell):
    """The script's numbers are the app's."""
    names, _ = execute(experiment, cell)
    seen = observe(experiment, cell)
    layer, gradients = seen.trace.layers[0], seen.gradients.layers[0]
    for name, parameter in build_module(experiment, cell).named_parameters():
        assert torch.equal(names["p"][name.removesuffix("_l0")], parameter)
    assert torch.equal(names["x"].detach(), seen.x)
    torch.testing.assert_close(names["h"], layer.h[:, 0], **CLOSE)
    torch.testing.assert_close(names["dh"], gradients.h[:, 0], **CLOSE)
    torch.testing.assert_close(names["dx"], seen.gradients.x[:, 0], **CLOSE)
    if layer.c is not None:
        torch.testing.assert_close(names["c"], layer.c[:, 0], **CLOSE)
        torch.testing.assert_close(names["dc"], gradients.c[:, 0], **CLOSE)
    assert set(names["gates"][0]) == set(layer.gates)
    for name, values in layer.gates.items():
        found = torch.cat([gate[name] for gate in names["gates"]])
        torch.testing.assert_close(found, values[:, 0], **CLOSE)
    # Where the norms have not shrunk to the last bits of float32, they agree relative to their own size too.
    large = gradients.h_norm > 1e-30
    torch.testing.assert_close(names["norm"][large], gradients.h_norm[large], rtol=1e-3, atol=0)
    if large[: experiment.loss_index + 1].sum() > 1:
        assert names["rate"] == pytest.approx(
            fit_decay(gradients.h_norm, experiment.loss_index).rate, rel=1e-3
        )


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("init", FIELD["init"].values)
def test_every_cell_and_initialisation(cell, init):
    compare(Experiment(length=25, hidden=6, init=init, seed=11), cell)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "mingru"])
@pytest.mark.parametrize("signal", FIELD["signal"].values)
def test_every_signal(cell, signal):
    compare(Experiment(length=30, hidden=5, signal=signal, seed=4, numbers="1 -2.5;3e-3, 0.1"), cell)


@pytest.mark.parametrize("cell", CELLS)
def test_scale_forget_bias_and_loss_position(cell):
    compare(Experiment(length=20, hidden=7, scale=0.35, forget=2.5, loss=9, seed=2), cell)


@pytest.mark.parametrize(
    "experiment",
    [
        Experiment(length=2, hidden=1, loss=1),
        Experiment(length=500, hidden=3, signal="walk", forget=3),
        Experiment(signal="numbers", numbers=" ".join(f"{k / 7:.6f}" for k in range(500)), hidden=2),
    ],
)
def test_both_ends(experiment):
    compare(experiment, "lstm")


@pytest.mark.parametrize(
    "text",
    [
        "'; raise SystemExit(1) #",
        '"""); import os; os._exit(1) #',
        "\\'\\\"\\n{x}%s",
        "a\u2028b".replace("\u2028", "\u00a0"),
        "é日本🙂\u200d",
    ],
)
def test_typed_text_stays_text(text):
    experiment = Experiment(signal="text", text=text, hidden=3)
    names, _ = execute(experiment, "gru")
    assert names["text"] == text
    compare(experiment, "gru")


@given(st.text(min_size=2, max_size=200))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_any_text_gives_the_same_program(text):
    experiment, _ = Experiment.from_query({"signal": "text", "text": text})
    tree = ast.parse(snippet(experiment, "rnn"))
    typed = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "text"
    ]
    assert [ast.literal_eval(node) for node in typed] == [experiment.text]
    typed[0].value = ""
    plain = ast.parse(snippet(Experiment(signal="text", text="x" * len(experiment.text)), "rnn"))
    next(
        node for node in plain.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "text"
    ).value.value = ""
    assert ast.dump(tree) == ast.dump(plain)


@pytest.mark.parametrize("cell", CELLS)
def test_the_script_is_readable_and_needs_torch_and_math_alone(cell):
    script = snippet(Experiment(init="orthogonal", signal="returns", scale=1.5, forget=1), cell)
    assert all(len(line) <= 110 for line in script.splitlines())
    imported = set()
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module.split(".")[0])
    assert imported <= {"torch", "math"}
    assert "weight_hr" not in script
    assert '"""' not in script


def test_it_runs_alone_and_prints_the_numbers_shown(tmp_path):
    experiment = Experiment()
    script = tmp_path / "snippet.py"
    script.write_text(snippet(experiment, "lstm"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(script)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=tmp_path,
    )
    seen = observe(experiment, "lstm")
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert float(lines["largest difference to nn.LSTM"]) < 1e-6
    assert ast.literal_eval(lines["last h"]) == pytest.approx(seen.trace.output[-1, 0].tolist(), abs=1e-4)
    for name, values in seen.trace.layers[0].gates.items():
        assert float(lines[f"mean of gate {name}"]) == pytest.approx(values.mean().item(), abs=1e-4)
    norms = seen.gradients.layers[0].h_norm
    for step in (1, 30, 60):
        assert float(lines[f"|dL/dh| at step {step}"]) == pytest.approx(norms[step - 1].item(), rel=1e-3)
    assert math.isfinite(float(lines["factor per step back in time"]))


@pytest.mark.parametrize("cell", ["rnn_relu", "rnn_linear"])
def test_overflow_runs_through(cell):
    names, printed = execute(Experiment(length=500, hidden=16, scale=4), cell)
    assert not names["h"].isfinite().all()
    assert "last h" in printed


def test_an_unknown_cell_is_refused():
    with pytest.raises(ValueError, match="cell must be one of"):
        snippet(Experiment(), "nope")

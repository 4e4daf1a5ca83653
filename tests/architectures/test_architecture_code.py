"""The script of every architecture runs on its own, and prints what the page shows."""

import ast
import builtins
import contextlib
import io

import pytest
import torch

from rnnviz.architectures import ARCHITECTURES, Shape, build_model, code, fit, observe
from rnnviz.architectures.epoch import kept
from rnnviz.architectures.snippet import LEARNING

KINDS = [kind for kind, _ in ARCHITECTURES]
CASES = [(kind, "lstm") for kind in KINDS] + [("layernorm", "gru"), ("layernorm", "rnn"), ("n_to_m", "gru")]


def perform(source):
    """Run a script where rnnviz cannot be imported; gives its variables and what it printed."""

    def only_torch(name, *args, **kwargs):
        # PyTorch imports more by itself; the script's own imports come from a module called so.
        if args and args[0] and args[0].get("__name__") == "script" and name not in ("torch", "math"):
            raise ImportError(name)
        return builtins.__import__(name, *args, **kwargs)

    scope = {"__name__": "script", "__builtins__": {**vars(builtins), "__import__": only_torch}}
    printed = io.StringIO()
    with torch.random.fork_rng(), contextlib.redirect_stdout(printed):
        exec(compile(source, "script.py", "exec"), scope)
    return scope, printed.getvalue()


@pytest.mark.parametrize(("kind", "cell"), CASES)
def test_the_script_prints_the_shapes_and_numbers_of_the_page(kind, cell):
    shape = Shape(kind, cell=cell, length=10, hidden=7, batch=3, layers=3, seed=5)
    seen = observe(shape)
    scope, printed = perform(code(shape).partition(LEARNING)[0])
    for stage in seen.stages:
        assert str(stage.shape) in printed, stage
    said = ast.literal_eval(next(line for line in printed.splitlines() if line.startswith("answer"))[8:])
    expected = seen.answer[0] if kind in ("n_to_1", "layernorm") else seen.answer[:, 0]
    assert said == pytest.approx(expected.tolist(), abs=1.01e-4)
    assert scope["loss"].item() == pytest.approx(seen.loss, rel=1e-5)
    mine = list(build_model(shape).parameters())
    for ours, theirs in zip(mine, scope["model"].parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_the_script_learns_to_the_same_numbers():
    shape = Shape("attention", cell="rnn", length=4, hidden=4, seed=2)
    _, printed = perform(code(shape))
    best = kept([epoch.to_row() for epoch in fit(shape)])
    assert printed.splitlines()[-1] == f"loss on 256 new sequences: {best['test_loss']:.6f}"


@pytest.mark.parametrize("kind", KINDS)
def test_the_script_is_short_and_plain(kind):
    source = code(Shape(kind))
    assert "rnnviz" not in source
    assert "Tensor:" not in source
    assert "layer(" not in source
    assert len(source.splitlines()) <= 115
    assert max(map(len, source.splitlines())) <= 120

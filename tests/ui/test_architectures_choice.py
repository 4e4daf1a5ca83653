"""Whose weights are shown: which trainings fit, which the server does by itself, and what is said of them."""

from dataclasses import replace

import pytest

from rnnviz.architectures.config import ARCHITECTURES, FIELD, Shape
from rnnviz.runs.model import Run
from rnnviz.ui.architectures import choice, status
from rnnviz.ui.architectures.choice import Shown
from rnnviz.ui.architectures.picture import equation
from rnnviz.ui.architectures.shapes import name, table

KINDS = [kind for kind, _ in ARCHITECTURES]


def run(state: str, **more: object) -> Run:
    usual = {
        "id": "i" * 20, "kind": "architecture", "title": "", "spec": {}, "message": "", "done": 0.0, "words": "",
        "seconds": 2.0, "attempts": 1, "created": 0.0, "heard": 0.0, "version": 1, "shared": True, "result": None,
    }  # fmt: skip
    return Run(**(usual | {"state": state} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_weights_fit_exactly_where_they_have_the_same_shapes(kind: str) -> None:
    from rnnviz.architectures.model import build_model, model_of

    plain = Shape(kind=kind)
    tensors = build_model(plain).state_dict()
    for name_, value in (("length", 9), ("batch", 2), ("hidden", 5), ("layers", 3), ("cell", "gru")):
        other = replace(plain, **{name_: value})
        try:
            model_of(other, tensors)
            loads = True
        except ValueError:
            loads = False
        assert choice.fits(plain, other) == loads, name_
    assert not choice.fits(plain, replace(plain, seed=1))


def test_the_server_trains_few_shapes_by_itself() -> None:
    shapes = {
        choice.weights_of(
            Shape(kind=kind, cell=cell, length=length, batch=batch, layers=layers, hidden=hidden)
        )
        for kind in KINDS
        for cell in FIELD["cell"].values
        for length in (4, 12, 24)
        for batch in (1, 32)
        for layers in (1, 2, 4)
        for hidden in (2, 16, 64)
        if choice.by_itself(
            Shape(kind=kind, cell=cell, length=length, batch=batch, layers=layers, hidden=hidden)
        )
    }
    assert len(shapes) == 36
    assert not choice.by_itself(Shape(seed=1))
    assert not choice.by_itself(Shape(kind="contexts", length=13))


def test_what_is_said_of_the_weights() -> None:
    shape = Shape()
    done = Shown(run("done"), shape, ({"step": 300},))
    assert status.words(done, shape, "trained") == ("Trained", "300 steps in 2 s", 1.0)
    assert status.words(done, replace(shape, length=20), "trained")[1] == "300 steps in 2 s · on N = 12"
    assert status.words(done, shape, "fresh")[0] == "Untrained"
    going = Shown(run("running", done=0.4, words="step 120 of 300"), shape)
    assert status.words(going, shape, "trained") == (
        "Training", "step 120 of 300 · untrained until it is through", 0.4,
    )  # fmt: skip
    assert status.words(Shown(run("queued"), shape, place=3), shape, "trained")[0] == "3rd in line"
    failed = Shown(run("failed", message="The worker ran out of memory."), shape)
    assert status.words(failed, shape, "trained")[1] == "The worker ran out of memory."
    assert "no longer here" in status.words(None, shape, "trained", gone=True)[1]
    assert [status.offered(one, shape)[0] for one in (None, done, going, failed)] == [
        True,
        False,
        False,
        True,
    ]
    assert status.offered(done, replace(shape, hidden=3))[0]
    assert (
        "<" not in status.html("<b>", "<i>", 0.5).replace("<b>&lt;b&gt;</b>", "").partition("<span>")[2][:9]
    )


def test_equations_stand_under_one_another() -> None:
    assert equation(r"a = b, \qquad c = d, \qquad t = 1") == (
        r"\begin{gathered}a = b \\[0.4em] c = d \\[0.4em] t = 1\end{gathered}"
    )


def test_names_of_tensors() -> None:
    from rnnviz.architectures.seen import Stage

    assert name("c = g(h_1 … h_N)") == "c = g(h<sub>1</sub> … h<sub>N</sub>)"
    assert name("h[-1] <b>") == "h[-1] &lt;b&gt;"
    found = table([Stage("x", "(N, B, D)", (12, 4, 1), "all"), Stage("s", "(B,)", (4,), "", 6)])
    assert "<td>(N, B, D)</td><td><b>(12, 4, 1)</b></td>" in found
    assert "<b>(4,)</b>" in found
    assert "× 6" in found
    assert "<b>N</b> steps · <b>B</b> sequences · <b>D</b> inputs" in found

"""The RNN by hand against PyTorch and autograd in float64, against finite differences, and as code to be read."""

import inspect
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz import scratch
from rnnviz.gradients import gradients
from rnnviz.scratch import Weights

LOSSES = {
    "letters": (scratch.cross_entropy, nn.functional.cross_entropy),
    "numbers": (scratch.squared_error, nn.functional.mse_loss),
}

sizes = st.tuples(st.integers(1, 12), st.integers(1, 5), st.integers(1, 8), st.integers(1, 5))


def close(ours, theirs, tolerance=1e-12):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=tolerance, atol=tolerance)


def problem(kind, T, D, O, seed=0):  # noqa: E741
    random = np.random.default_rng(100 + seed)
    x = random.normal(size=(T, D))
    return x, random.integers(O, size=T) if kind == "letters" else random.normal(size=(T, O))


def twin(w: Weights) -> tuple[nn.RNN, nn.Linear]:
    """PyTorch's modules with the same weights."""
    (O, H), D = w.W_hy.shape, w.W_ih.shape[1]  # noqa: E741
    rnn, readout = nn.RNN(D, H, dtype=torch.float64), nn.Linear(H, O, dtype=torch.float64)
    with torch.no_grad():
        for parameter, W in zip(parameters(rnn, readout), w, strict=True):
            parameter.copy_(torch.tensor(W))
    return rnn, readout


def parameters(rnn: nn.RNN, readout: nn.Linear) -> list[nn.Parameter]:
    return [rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0, rnn.bias_hh_l0, *readout.parameters()]


@pytest.mark.parametrize("kind", LOSSES)
@given(sizes=sizes, seed=st.integers(0, 99))
def test_forward_loss_and_every_gradient_equal_pytorchs(kind, sizes, seed):
    T, D, H, O = sizes  # noqa: E741
    ours, theirs = LOSSES[kind]
    w = scratch.start(D, H, O, seed)
    x, target = problem(kind, T, D, O, seed)
    h, y = scratch.forward(w, x)
    L, dy = ours(y, target)
    g, dh = scratch.backward(w, x, h, dy)

    rnn, readout = twin(w)
    goal = torch.tensor(target)
    states, last = rnn(torch.tensor(x))
    loss = theirs(readout(states), goal)
    close(h[1:], states)
    close(h[-1], last[0])
    assert (h[0] == 0).all()
    close(y, readout(states))
    close(L, loss)
    loss.backward()
    for ours_, parameter in zip(g, parameters(rnn, readout), strict=True):
        close(ours_, parameter.grad)
    seen = gradients(rnn, torch.tensor(x), lambda out: theirs(readout(out[:, 0]), goal))
    close(dh[1:], seen.layers[0].h[:, 0])


def test_the_gradient_at_the_start_state_is_autograds():
    w = scratch.start(2, 3, 2, 4)
    x, target = problem("numbers", 6, 2, 2)
    h, y = scratch.forward(w, x)
    _, dh = scratch.backward(w, x, h, scratch.squared_error(y, target)[1])
    rnn, readout = twin(w)
    h0 = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)
    nn.functional.mse_loss(readout(rnn(torch.tensor(x), h0)[0]), torch.tensor(target)).backward()
    close(dh[0], h0.grad[0])


@pytest.mark.parametrize("kind", LOSSES)
@given(sizes=sizes, seed=st.integers(0, 99))
def test_every_gradient_equals_finite_differences(kind, sizes, seed):
    T, D, H, O = sizes  # noqa: E741
    loss = LOSSES[kind][0]
    w = scratch.start(D, H, O, seed)
    before = [W.copy() for W in w]
    x, target = problem(kind, T, D, O, seed)
    h, y = scratch.forward(w, x)
    g, _ = scratch.backward(w, x, h, loss(y, target)[1])
    for exact, moved in zip(g, scratch.numerical(w, x, target, loss), strict=True):
        np.testing.assert_allclose(moved, exact, rtol=1e-6, atol=1e-8)
    for kept, W in zip(before, w, strict=True):
        np.testing.assert_array_equal(kept, W)  # looking has moved nothing


@given(sizes=sizes, seed=st.integers(0, 99))
def test_what_the_steps_add_is_all_of_the_gradient(sizes, seed):
    T, D, H, O = sizes  # noqa: E741
    w = scratch.start(D, H, O, seed)
    x, target = problem("letters", T, D, O, seed)
    h, y = scratch.forward(w, x)
    g, dh = scratch.backward(w, x, h, scratch.cross_entropy(y, target)[1])
    items = scratch.itemised(x, h, dh)
    assert items.shape == (T, H, H)
    assert (items[0] == 0).all()  # h_0 = 0
    np.testing.assert_allclose(items.sum(0), g.W_hh, rtol=1e-12, atol=1e-15)


def test_a_linear_case_on_paper():
    """One unit, all weights 0 but the output's: L = (b_y - target)^2, and h stays 0."""
    zeros = np.zeros((1, 1)), np.zeros((1, 1)), np.zeros(1), np.zeros(1)
    w = Weights(*zeros, np.array([[2.0]]), np.array([0.5]))
    x, target = np.array([[1.0], [3.0]]), np.array([[1.5], [0.0]])
    h, y = scratch.forward(w, x)
    L, dy = scratch.squared_error(y, target)
    g, dh = scratch.backward(w, x, h, dy)
    assert (h == 0).all()
    assert L == (1 + 0.25) / 2
    np.testing.assert_array_equal(dy, [[-1.0], [0.5]])
    np.testing.assert_array_equal(dh, [[0.0], [-2.0], [1.0]])
    assert g.W_ih[0, 0] == -2 * 1 + 1 * 3
    assert g.W_hh[0, 0] == 0
    assert g.b_ih[0] == g.b_hh[0] == -1
    assert g.b_y[0] == -0.5


@pytest.mark.parametrize("kind", LOSSES)
def test_fifty_steps_of_sgd_end_at_pytorchs_weights(kind):
    ours, theirs = LOSSES[kind]
    w = scratch.start(3, 5, 4, 1)
    x, target = problem(kind, 8, 3, 4)
    rnn, readout = twin(w)
    optimiser = torch.optim.SGD(parameters(rnn, readout), lr=0.2)
    losses = []
    for _ in range(50):
        w, L = scratch.step(w, x, target, ours, 0.2)
        loss = theirs(readout(rnn(torch.tensor(x))[0]), torch.tensor(target))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        close(L, loss)
        losses.append(L)
    for W, parameter in zip(w, parameters(rnn, readout), strict=True):
        close(W, parameter)
    assert losses[-1] < 0.5 * losses[0]


def test_fifty_steps_of_adagrad_end_at_pytorchs_weights():
    w = scratch.start(3, 5, 4, 2)
    seen = Weights(*map(np.zeros_like, w))
    x, target = problem("letters", 8, 3, 4)
    rnn, readout = twin(w)
    optimiser = torch.optim.Adagrad(parameters(rnn, readout), lr=0.1)
    for _ in range(50):
        h, y = scratch.forward(w, x)
        g, _ = scratch.backward(w, x, h, scratch.cross_entropy(y, target)[1])
        w, seen = scratch.adagrad(w, g, seen, 0.1)
        optimiser.zero_grad()
        nn.functional.cross_entropy(readout(rnn(torch.tensor(x))[0]), torch.tensor(target)).backward()
        optimiser.step()
    for W, parameter in zip(w, parameters(rnn, readout), strict=True):
        close(W, parameter)


def test_scores_beyond_exps_range_give_the_loss_all_the_same():
    y, target = np.array([[1000.0, 0.0], [0.0, -2000.0]]), np.array([1, 0])
    L, dy = scratch.cross_entropy(y, target)
    assert L == 500
    np.testing.assert_array_equal(dy, [[0.5, -0.5], [0, 0]])


def test_the_start_is_pytorchs_range_and_the_seeds():
    w = scratch.start(4, 16, 3, 7)
    assert [W.shape for W in w] == [(16, 4), (16, 16), (16,), (16,), (3, 16), (3,)]
    assert all((np.abs(W) <= 0.25).all() for W in w)
    assert np.abs(w.W_hh).max() > 0.24
    for first, again in zip(w, scratch.start(4, 16, 3, 7), strict=True):
        np.testing.assert_array_equal(first, again)
    assert not np.array_equal(w.W_hh, scratch.start(4, 16, 3, 8).W_hh)


def test_it_imports_numpy_alone_and_fits_on_a_slide():
    source = inspect.getsource(scratch)
    imported = {
        line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))
    }
    assert imported <= {"__future__", "collections", "typing", "numpy", "jaxtyping"}
    code = "import sys, rnnviz.scratch; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"
    for shown in (
        scratch.forward,
        scratch.cross_entropy,
        scratch.squared_error,
        scratch.backward,
        scratch.step,
    ):
        lines = inspect.getsource(shown).splitlines()
        assert len(lines) <= 20
        assert max(map(len, lines)) <= 105

"""An RNN by hand, in numpy alone: forward, loss, backpropagation through time, and a step of learning.

The code of a lecture, in the letters and shapes of PyTorch. One sequence x (T, D) is read from h_0 = 0:

    h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)        y_t = W_hy h_t + b_y

The loss L is a mean over the steps. Where a sequence of states is called ``h``, ``h[0]`` is the start state and
``h[t]`` the state after input t, which is ``x[t - 1]``; ``dh`` likewise. A name with a d in front is the derivative
of L by what the name says: ``dh[t]`` is dL/dh_t, through all later steps.

Sources: Werbos 1990, Backpropagation through time: what it does and how to do it; the idea of so short a program
over characters is that of Karpathy's min-char-rnn (2015). Imports numpy and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

Array = NDArray[np.float64]
Inputs = Float[Array, "T D"]
States = Float[Array, "1+T H"]
Outputs = Float[Array, "T O"]
Target = Int[NDArray[np.int64], " T"] | Float[Array, "T O"]
"""A class at each step, or O numbers at each step."""

Loss = Callable[[Array, NDArray[np.int64] | Array], tuple[float, Array]]
"""From the outputs and the target to L and dL/dy."""


class Weights(NamedTuple):
    """The parameters, under the names that PyTorch gives them; their gradients come in the same form."""

    W_ih: Float[Array, "H D"]
    W_hh: Float[Array, "H H"]
    b_ih: Float[Array, " H"]
    b_hh: Float[Array, " H"]
    W_hy: Float[Array, "O H"]
    b_y: Float[Array, " O"]


def start(D: int, H: int, O: int, seed: int = 0) -> Weights:  # noqa: E741
    """Uniform in ±1/sqrt(H), as PyTorch draws them."""
    random = np.random.default_rng(seed)
    shapes = (H, D), (H, H), (H,), (H,), (O, H), (O,)
    bound = 1 / np.sqrt(H)
    drawn = (random.uniform(-bound, bound, s) for s in shapes)
    return Weights(*drawn)


def forward(w: Weights, x: Inputs) -> tuple[States, Outputs]:
    """Every state and every output, step by step."""
    h, y = [np.zeros(len(w.W_hh))], []
    for x_t in x:
        a_t = w.W_ih @ x_t + w.b_ih + w.W_hh @ h[-1] + w.b_hh
        h_t = np.tanh(a_t)
        y.append(w.W_hy @ h_t + w.b_y)
        h.append(h_t)
    return np.stack(h), np.stack(y)


def cross_entropy(y: Outputs, target: Target) -> tuple[float, Outputs]:
    """Mean -log p[target], p = softmax(y); and dL/dy."""
    z = y - y.max(axis=1, keepdims=True)  # no overflow
    total = np.exp(z).sum(axis=1, keepdims=True)
    log_p = z - np.log(total)
    t = np.arange(len(y))
    loss = -log_p[t, target].mean()
    dy = np.exp(log_p)
    dy[t, target] -= 1
    return float(loss), dy / len(y)


def squared_error(y: Outputs, target: Target) -> tuple[float, Outputs]:
    """Mean of (y - target) squared; and dL/dy."""
    error = y - target
    return float((error**2).mean()), 2 * error / error.size


def backward(w: Weights, x: Inputs, h: States, dy: Outputs) -> tuple[Weights, States]:
    """Back through time: dL/dW of each W, and dL/dh."""
    dW_ih, dW_hh, db, _, dW_hy, db_y = map(np.zeros_like, w)
    dh = np.zeros_like(h)
    for t in range(len(x), 0, -1):
        dh[t] += w.W_hy.T @ dy[t - 1]  # from y_t
        da = dh[t] * (1 - h[t] ** 2)  # back through tanh
        dh[t - 1] += w.W_hh.T @ da  # a step back in time
        dW_ih += np.outer(da, x[t - 1])
        dW_hh += np.outer(da, h[t - 1])
        db += da
        dW_hy += np.outer(dy[t - 1], h[t])
        db_y += dy[t - 1]
    return Weights(dW_ih, dW_hh, db, db, dW_hy, db_y), dh


def itemised(x: Inputs, h: States, dh: States) -> Float[Array, "T H H"]:
    """What each step adds to dL/dW_hh; the sum over t is all of it."""
    da = dh[1:] * (1 - h[1:] ** 2)
    return np.stack([np.outer(da[t], h[t]) for t in range(len(x))])


def sgd(w: Weights, g: Weights, rate: int | float) -> Weights:
    """One step downhill: W - rate dL/dW."""
    pairs = zip(w, g, strict=True)
    return Weights(*(W - rate * dW for W, dW in pairs))


def adagrad(w: Weights, g: Weights, seen: Weights, rate: int | float) -> tuple[Weights, Weights]:
    """The same, each weight's step divided by the size of its past gradients."""
    seen = Weights(*(s + dW**2 for s, dW in zip(seen, g, strict=True)))
    moved = (W - rate * dW / (np.sqrt(s) + 1e-10) for W, dW, s in zip(w, g, seen, strict=True))
    return Weights(*moved), seen


def step(w: Weights, x: Inputs, target: Target, loss: Loss, rate: int | float) -> tuple[Weights, float]:
    """The new weights, and L before."""
    h, y = forward(w, x)
    L, dy = loss(y, target)
    g, _ = backward(w, x, h, dy)
    return sgd(w, g, rate), L


def numerical(w: Weights, x: Inputs, target: Target, loss: Loss, eps: float = 1e-5) -> Weights:
    """Each dL/dW by moving that one weight a little."""

    def L(w: Weights) -> float:
        return loss(forward(w, x)[1], target)[0]

    w = Weights(*map(np.copy, w))
    g = Weights(*map(np.zeros_like, w))
    for W, dW in zip(w, g, strict=True):
        for k in np.ndindex(W.shape):
            kept = W[k]
            W[k] = kept + eps
            up = L(w)
            W[k] = kept - eps
            dW[k] = (up - L(w)) / (2 * eps)
            W[k] = kept
    return g

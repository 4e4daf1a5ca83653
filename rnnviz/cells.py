"""The equations of the cells, and nothing else: one pure step function a cell.

Each function takes the parameters by the names that :mod:`rnnviz.registry` lists, one input ``x`` and the
state before it, and returns the gates (after their non-linearity) and the new state. The state is ``(h,)`` or
``(h, c)``. Any leading dimensions will do, so a step runs alike on one vector, on a batch, and under
``torch.func.vmap`` and ``jacrev``. A bias that is absent from ``params`` counts as zero.

The letters are PyTorch's. Two traps: PyTorch's GRU keeps the old state where z = 1 and resets *after* the
matrix product, while :func:`gru_reset_before` and :func:`mingru` follow their papers, where z = 0 keeps.
Sources and formulas stand in the registry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import layer_norm, linear


class Step(NamedTuple):
    """What one step computes: its gates by their letter, and the new state, ``(h,)`` or ``(h, c)``."""

    gates: dict[str, Tensor]
    state: tuple[Tensor, ...]


Params = Mapping[str, Tensor]
State = tuple[Tensor, ...]
StepFunction = Callable[[Params, Tensor, State], Step]


def rnn(params: Params, x: Float[Tensor, "*B D"], state: State) -> Step:
    """Elman's RNN: ``h' = tanh(W_ih x + b_ih + W_hh h + b_hh)``."""
    return Step({}, (torch.tanh(_affine(params, x, state[0])),))


def rnn_relu(params: Params, x: Float[Tensor, "*B D"], state: State) -> Step:
    """The RNN with ReLU in place of tanh."""
    return Step({}, (torch.relu(_affine(params, x, state[0])),))


def rnn_linear(params: Params, x: Float[Tensor, "*B D"], state: State) -> Step:
    """The RNN without a non-linearity."""
    return Step({}, (_affine(params, x, state[0]),))


def lstm(params: Params, x: Float[Tensor, "*B D"], state: State) -> Step:
    """The LSTM of ``torch.nn``; with ``weight_hr`` (P, H) the state h is projected, as ``proj_size`` does."""
    h, c = state
    gates = lstm_gates(params, x, h)
    i, f, g, o = gates.values()
    c = f * c + i * g
    h = o * torch.tanh(c)
    if "weight_hr" in params:
        h = linear(h, params["weight_hr"])
    return Step(gates, (h, c))


def lstm_gates(params: Params, x: Float[Tensor, "*B D"], h: Float[Tensor, "*B P"]) -> dict[str, Tensor]:
    """The gates of :func:`lstm`, which do not see c."""
    i, f, g, o = _affine(params, x, h).chunk(4, dim=-1)
    return {"i": torch.sigmoid(i), "f": torch.sigmoid(f), "g": torch.tanh(g), "o": torch.sigmoid(o)}


def gru(params: Params, x: Float[Tensor, "*B D"], state: State) -> Step:
    """The GRU of ``torch.nn``: the reset acts after the product, on ``W_hn h + b_hn``, and z = 1 keeps."""
    (h,) = state
    from_x = linear(x, params["weight_ih"], params.get("bias_ih")).chunk(3, dim=-1)
    from_h = linear(h, params["weight_hh"], params.get("bias_hh")).chunk(3, dim=-1)
    r = torch.sigmoid(from_x[0] + from_h[0])
    z = torch.sigmoid(from_x[1] + from_h[1])
    n = torch.tanh(from_x[2] + r * from_h[2])
    return Step({"r": r, "z": z, "n": n}, ((1 - z) * n + z * h,))


def gru_reset_before(params: Params, x: Float[Tensor, "*B D"], state: State) -> Step:
    """The GRU as tutorials write it: the reset acts on h before the product, and z = 0 keeps."""
    (h,) = state
    H = h.shape[-1]
    W, b = params["weight_hh"], params.get("bias_hh")
    from_x = linear(x, params["weight_ih"], params.get("bias_ih")).chunk(3, dim=-1)
    r, z = torch.sigmoid(
        torch.cat(from_x[:2], dim=-1) + linear(h, W[: 2 * H], None if b is None else b[: 2 * H])
    ).chunk(2, dim=-1)
    n = torch.tanh(from_x[2] + linear(r * h, W[2 * H :], None if b is None else b[2 * H :]))
    return Step({"r": r, "z": z, "n": n}, ((1 - z) * h + z * n,))


def lstm_peephole(params: Params, x: Float[Tensor, "*B D"], state: State) -> Step:
    """The LSTM whose gates also see the memory: i and f the old one, o the new one, each unit its own."""
    h, c = state
    return peephole(params, _affine(params, x, h), c)


def peephole(params: Params, a: Float[Tensor, "*B A"], c: Float[Tensor, "*B H"]) -> Step:
    """:func:`lstm_peephole` from its pre-activations ``a`` (..., 4H) on, without what the gates see of c."""
    i, f, g, o = a.chunk(4, dim=-1)
    i = torch.sigmoid(i + params["weight_ci"] * c)
    f = torch.sigmoid(f + params["weight_cf"] * c)
    g = torch.tanh(g)
    c = f * c + i * g
    o = torch.sigmoid(o + params["weight_co"] * c)
    return Step({"i": i, "f": f, "g": g, "o": o}, (o * torch.tanh(c), c))


def lstm_layernorm(params: Params, x: Float[Tensor, "*B D"], state: State) -> Step:
    """The layer-norm LSTM: each product is normalised over its 4H values, and c before its tanh."""
    h, c = state
    a = _normalise(linear(x, params["weight_ih"]), params["gain_ih"], params.get("bias_ih"))
    a = a + _normalise(linear(h, params["weight_hh"]), params["gain_hh"], params.get("bias_hh"))
    i, f, g, o = a.chunk(4, dim=-1)
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    c = f * c + i * g
    h = o * torch.tanh(_normalise(c, params["gain_c"], params.get("bias_c")))
    return Step({"i": i, "f": f, "g": g, "o": o}, (h, c))


def mingru(params: Params, x: Float[Tensor, "*B D"], state: State) -> Step:
    """The minGRU: gate and candidate see the input alone, and z = 0 keeps."""
    (h,) = state
    z, n = linear(x, params["weight_ih"], params.get("bias_ih")).chunk(2, dim=-1)
    z = torch.sigmoid(z)
    return Step({"z": z, "n": n}, ((1 - z) * h + z * n,))


STEPS: dict[str, StepFunction] = {
    step.__name__: step
    for step in (
        rnn,
        lstm,
        gru,
        rnn_relu,
        rnn_linear,
        gru_reset_before,
        lstm_peephole,
        lstm_layernorm,
        mingru,
    )
}
"""Every step function by the name of its cell in the registry."""


def _affine(params: Params, x: Tensor, h: Tensor) -> Tensor:
    from_x = linear(x, params["weight_ih"], params.get("bias_ih"))
    return from_x + linear(h, params["weight_hh"], params.get("bias_hh"))


def _normalise(a: Tensor, gain: Tensor, bias: Tensor | None) -> Tensor:
    return layer_norm(a, (a.shape[-1],), gain, bias)

"""The cures that change the step function: residual connections over time, and layer norm."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import layer_norm, linear

from rnnviz.cells import STEPS, Params, State, Step, StepFunction


def residual(step: StepFunction) -> StepFunction:
    """The cell with a residual connection over time, ``h_t = h_{t-1} + step(h_{t-1})``: its Jacobian is I + dF.

    The memory c of an LSTM, which has such a path of its own, is left as it is.
    """

    def advance(params: Params, x: Tensor, state: State) -> Step:
        done = step(params, x, state)
        return Step(done.gates, (state[0] + done.state[0], *done.state[1:]))

    return advance


def normalised(step: StepFunction) -> StepFunction:
    """The cell with layer norm over all of ``W_ih x + W_hh h``, before the biases (Ba et al. 2016, equation 4).

    For the cells whose pre-activation is that sum, one vector at a time: the normalised sum comes in as a bias,
    beside matrices without a column. Gains are 1.
    """

    def advance(params: Params, x: Tensor, state: State) -> Step:
        a = linear(x, params["weight_ih"]) + linear(state[0], params["weight_hh"])
        empty = a.new_empty(len(a), 0)
        bias = params["bias_ih"] + layer_norm(a, a.shape)
        plain = {**params, "weight_ih": empty, "weight_hh": empty, "bias_ih": bias}
        return step(plain, x[:0], (state[0][:0], *state[1:]))

    return advance


def normalised_gru(*, before: bool) -> StepFunction:
    """The GRU with layer norm on each product (Ba et al. 2016, the equations of its supplement); gains are 1.

    r and z are normalised together, the candidate by itself. With ``before`` the reset acts before the product
    and z = 0 keeps, else after it and z = 1 keeps.
    """

    def advance(params: Params, x: Tensor, state: State) -> Step:
        (h,) = state
        H = h.shape[-1]
        W_x, W_h, b_x, b_h = (params[name] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))

        def gates(W: Tensor, b: Tensor, v: Tensor) -> Tensor:
            return layer_norm(linear(v, W[: 2 * H]), (2 * H,)) + b[: 2 * H]

        def candidate(W: Tensor, b: Tensor, v: Tensor) -> Tensor:
            return layer_norm(linear(v, W[2 * H :]), (H,)) + b[2 * H :]

        r, z = torch.sigmoid(gates(W_x, b_x, x) + gates(W_h, b_h, h)).chunk(2, dim=-1)
        from_h = candidate(W_h, b_h, r * h) if before else r * candidate(W_h, b_h, h)
        n = torch.tanh(candidate(W_x, b_x, x) + from_h)
        keep = 1 - z if before else z
        return Step({"r": r, "z": z, "n": n}, (keep * h + (1 - keep) * n,))

    return advance


# One function a cell, so that runs with the same one are made side by side.
RESIDUAL = {name: residual(step) for name, step in STEPS.items()}
NORMALISED = {name: normalised(STEPS[name]) for name in ("rnn", "rnn_relu", "lstm_peephole")} | {
    "gru": normalised_gru(before=False),
    "gru_reset_before": normalised_gru(before=True),
}

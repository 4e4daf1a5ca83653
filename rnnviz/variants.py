"""Two changes that any cell may get: layer norm on its pre-activations, and a residual connection over time.

A changed cell is a step function as those of :mod:`rnnviz.cells` are: for a vector as for a batch, and under
``torch.func``. Layer norm may bring parameters of its own (:func:`added`): gains, which count as 1 where they are
absent. The cell's own biases serve as the norm's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import layer_norm, linear

from rnnviz.cells import STEPS, Params, State, Step, StepFunction, peephole
from rnnviz.registry import cell_named


def step_of(cell: str, *, layernorm: bool = False, residual: bool = False) -> StepFunction:
    """The step function of the named cell with these changes: always the same one for the same arguments.

    Layer norm of the LSTM is the registry's ``lstm_layernorm``; a cell for which :func:`unchanged` gives a reason stays
    as it is. ``ValueError`` for an unknown cell.
    """
    known = cell_named(cell).name
    step = _NORMALISED.get(known, STEPS[known]) if layernorm else STEPS[known]
    return _residual(step) if residual else step


def added(cell: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The parameters that layer norm adds to a cell, with their shapes in the letters of the registry.

    Those whose name begins with "gain" start at 1, the others at 0.
    """
    match cell:
        case "rnn" | "rnn_relu" | "rnn_linear":
            return (("gain_a", ("H",)),)
        case "lstm_peephole":
            return (("gain_a", ("4H",)),)
        case "gru" | "gru_reset_before":
            return (("gain_ih", ("3H",)), ("gain_hh", ("3H",)))
        case "lstm":
            return (("gain_ih", ("4H",)), ("gain_hh", ("4H",)), ("gain_c", ("H",)), ("bias_c", ("H",)))
    return ()


def unchanged(cell: str) -> str:
    """Why layer norm leaves a cell as it is, in one sentence, or ""."""
    known = cell_named(cell)
    if known.name in _NORMALISED:
        return ""
    why = "has it already" if known.recurrent else "has no pre-activation that sees h"
    return f"Layer norm changes nothing here: the {known.label} {why}."


@cache
def _residual(step: StepFunction) -> StepFunction:
    """The cell with a residual connection over time, ``h_t = h_{t-1} + step(h_{t-1})``: its Jacobian is I + dF.

    The memory c of an LSTM, which has such a path of its own, is left as it is.
    """

    def advance(params: Params, x: Float[Tensor, "*B D"], state: State) -> Step:
        done = step(params, x, state)
        return Step(done.gates, (state[0] + done.state[0], *done.state[1:]))

    return advance


def _normalised_rnn(bound: Callable[[Tensor], Tensor]) -> StepFunction:
    def advance(params: Params, x: Float[Tensor, "*B D"], state: State) -> Step:
        return Step({}, (bound(_affine(params, x, state[0])),))

    return advance


def _normalised_lstm(params: Params, x: Float[Tensor, "*B D"], state: State) -> Step:
    """The registry's layer-norm LSTM."""
    if "gain_c" not in params:
        W = params["weight_hh"]
        ones = {
            "gain_ih": W.new_ones(len(W)),
            "gain_hh": W.new_ones(len(W)),
            "gain_c": W.new_ones(W.shape[1]),
        }
        params = {**ones, **params}
    return STEPS["lstm_layernorm"](params, x, state)


def _normalised_peephole(params: Params, x: Float[Tensor, "*B D"], state: State) -> Step:
    """The peephole LSTM, whose views of c are not normalised."""
    h, c = state
    return peephole(params, _affine(params, x, h), c)


def _normalised_gru(*, before: bool) -> StepFunction:
    """The GRU with layer norm on each product (Ba et al. 2016, arXiv:1607.06450, the equations of its supplement).

    r and z are normalised together, the candidate by itself. With ``before`` the reset acts before the product
    and z = 0 keeps, else after it and z = 1 keeps.
    """

    def advance(params: Params, x: Float[Tensor, "*B D"], state: State) -> Step:
        (h,) = state
        H = h.shape[-1]
        gates, candidate = slice(2 * H), slice(2 * H, None)

        def product(side: str, v: Tensor, rows: slice) -> Tensor:
            W, gain, bias = (params.get(f"{name}_{side}") for name in ("weight", "gain", "bias"))
            assert W is not None
            return _normal(
                linear(v, W[rows]), None if gain is None else gain[rows], None if bias is None else bias[rows]
            )

        r, z = torch.sigmoid(product("ih", x, gates) + product("hh", h, gates)).chunk(2, dim=-1)
        from_h = product("hh", r * h, candidate) if before else r * product("hh", h, candidate)
        n = torch.tanh(product("ih", x, candidate) + from_h)
        keep = 1 - z if before else z
        return Step({"r": r, "z": z, "n": n}, (keep * h + (1 - keep) * n,))

    return advance


_NORMALISED: dict[str, StepFunction] = {
    "rnn": _normalised_rnn(torch.tanh),
    "rnn_relu": _normalised_rnn(torch.relu),
    "rnn_linear": _normalised_rnn(lambda a: a),
    "lstm": _normalised_lstm,
    "lstm_peephole": _normalised_peephole,
    "gru": _normalised_gru(before=False),
    "gru_reset_before": _normalised_gru(before=True),
}


def _affine(params: Params, x: Tensor, h: Tensor) -> Tensor:
    """Layer norm over all of ``W_ih x + W_hh h``, then gain and biases (Ba et al. 2016, equation 4)."""
    a = linear(x, params["weight_ih"]) + linear(h, params["weight_hh"])
    biases = [params[name] for name in ("bias_ih", "bias_hh") if name in params]
    return _normal(a, params.get("gain_a"), sum(biases[1:], biases[0]) if biases else None)


def _normal(a: Tensor, gain: Tensor | None, bias: Tensor | None) -> Tensor:
    return layer_norm(a, (a.shape[-1],), gain, bias)

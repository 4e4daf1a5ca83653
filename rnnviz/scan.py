"""The loop over time: every recurrence of the package, forward or backward, is here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from rnnviz.cells import STEPS, Params, State, Step, StepFunction

Carry = TypeVar("Carry")


def fold(
    function: Callable[..., Carry], sequences: Sequence[Iterable[Any]], carry: Carry, *, reverse: bool = False
) -> list[Carry]:
    """Run ``carry = function(carry, *items)`` along the first dimension of ``sequences``, tensors or arrays.

    Every carry is kept: entry ``t`` is the one after the items at ``t``. With ``reverse`` time runs from the
    last item to the first, and the list is still in the order of the items.
    """
    steps = zip(*sequences, strict=True)
    kept: list[Carry] = []
    for items in reversed(list(steps)) if reverse else steps:
        carry = function(carry, *items)
        kept.append(carry)
    return kept[::-1] if reverse else kept


def scan(
    step: str | StepFunction,
    params: Params,
    x: Float[Tensor, "T *B D"],
    state: State,
    *,
    reverse: bool = False,
) -> list[Step]:
    """Run a cell over ``x`` from ``state``, which is ``(h0,)`` or ``(h0, c0)``, each ``(*B, H)``.

    ``step`` is a cell's name in the registry or a function of the same form. Returns one :class:`Step` a time
    step, in input time order; with ``reverse`` the cell reads the last input first.
    """
    advance = STEPS[step] if isinstance(step, str) else step
    return fold(
        lambda before, x_t: advance(params, x_t, before.state), (x,), Step({}, state), reverse=reverse
    )


def linear_recurrence(
    factor: Float[Tensor, "T *B H"],
    term: Float[Tensor, "T *B H"],
    start: Float[Tensor, "*B H"],
    *,
    reverse: bool = False,
) -> Float[Tensor, "T *B H"]:
    """Every ``s_t = factor_t * s_{t-1} + term_t``, element by element, from ``start``: the memory of an LSTM.

    With ``reverse`` the neighbour is ``s_{t+1}``, and ``start`` stands after the last step. Off the graph:
    autograd does not see it.
    """
    factor, start, kept = factor.detach(), start.detach(), term.detach().clone()

    # Each row of ``kept`` holds its term until the state takes its place.
    if kept.device.type == "cpu" and kept.dtype in (torch.float32, torch.float64):
        # The same arithmetic on the same memory by NumPy, whose calls on small rows cost a third of torch's.
        # A loop of its own, as a function call a step would cost as much again.
        rows, factors, state = kept.numpy(), factor.numpy(), start.numpy()
        order = slice(None, None, -1 if reverse else 1)
        product, add, multiply = np.empty_like(state), np.add, np.multiply
        with np.errstate(all="ignore"):
            for f, row in zip(factors[order], rows[order], strict=True):
                state = add(row, multiply(f, state, product), row)
    else:
        fold(lambda s, f, row: row.addcmul_(f, s), (factor, kept), start, reverse=reverse)
    return kept

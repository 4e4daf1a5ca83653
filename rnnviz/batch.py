"""Many models of one cell as one batch: how much of a gradient is left at the first step, for all of them at once.

The models differ in their parameters only and run through ``torch.func.vmap`` of the cell's step function.
Reverse mode carries one adjoint for each length back through the same states, so a single sweep over time serves
every length. The adjoints are rescaled by powers of two on their way, so that a ratio of 1e-700 is as exact as
any other. What the batches are for: :mod:`rnnviz.sweep`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import vjp, vmap
from torch.nn.functional import pad

from rnnviz.cells import STEPS, Params, State
from rnnviz.registry import Cell
from rnnviz.scan import fold

Report = Callable[[float], None]
"""Called now and then with the share that is done, from 0 to 1; what it raises ends the work."""


def silent(share: float) -> None:
    """No report."""


_PIECE = 8
"""Steps between two rescalings. A step moves an adjoint by less than 1e38 either way, far from float64's ends."""

_ROOM = 96 << 20
"""Bytes that the states of the models at work may take."""


@dataclass(frozen=True, eq=False)
class Batch:
    """M models and C columns: their ``lengths``, falling, or forget ``biases`` at one length.

    ``params`` have a first dimension M. ``x`` is (T, D), read in all columns, or (T, C, D).
    """

    cell: Cell
    params: dict[str, Tensor]
    x: Float[Tensor, "T *C D"]
    lengths: tuple[int, ...]
    biases: tuple[float, ...] | None

    @property
    def apart(self) -> bool:
        """Whether the columns have states of their own."""
        return self.x.dim() == 3 or self.biases is not None

    @property
    def hidden(self) -> int:
        """H, from the shape of the parameters."""
        return int(self.params["weight_ih"].shape[-2]) // len(self.cell.blocks)


def log_ratios(batch: Batch, report: Report) -> Float[Tensor, "M C"]:
    """log10 of ``||dL/dh_1|| / ||dL/dh_T||`` for L = the sum of h_T, of each model at each column's length T.

    So many models at a time as their states have room. -inf where no path leads back, NaN where a state left
    float64.
    """
    models = len(batch.params["weight_ih"])
    size = 8 * batch.hidden * len(batch.cell.states)
    states = sum(batch.lengths) if batch.apart else batch.lengths[0]
    wanted = models * size * (states + _PIECE * len(batch.lengths)) / _ROOM
    pieces = min(math.ceil(wanted), models)
    found = []
    for k, rows in enumerate(torch.tensor_split(torch.arange(models), pieces)):
        part = {name: parameter[rows[0] : rows[-1] + 1] for name, parameter in batch.params.items()}
        found.append(_chunk(replace(batch, params=part), partial(_part_of, report, k, pieces)))
    return torch.cat(found).cpu()


def _part_of(report: Report, k: int, pieces: int, share: float) -> None:
    report((k + share) / pieces)


def _chunk(batch: Batch, report: Report) -> Float[Tensor, "M C"]:
    """All models of the batch at once: forward over time, then back with an adjoint for each column."""
    x, H, apart = batch.x, batch.hidden, batch.apart
    params, varied = _with_biases(batch)
    forward, back = _functions(batch, varied)
    M, T, C = len(params["weight_ih"]), batch.lengths[0], len(batch.lengths)
    reading = [sum(length > t for length in batch.lengths) for t in range(T)]  # columns, by input
    ahead = sum(reading) if apart else T
    total = ahead + sum(reading[1:])

    def read(x_t: Tensor, state: State, count: int) -> tuple[Tensor, State]:
        x_t = x_t[:count] if x_t.dim() == 2 else x_t
        return x_t, tuple(part[:, :count] for part in state) if apart else state

    def advance(state: State, x_t: Tensor, count: int) -> State:
        return forward(params, *read(x_t, state, count))

    def pull(adjoint: State, x_t: Tensor, before: State, count: int) -> State:
        new = count - adjoint[0].shape[1]
        if new:  # the losses at this step: dL/dh_T is 1 in every unit, dL/dc_T is 0
            born = x.new_ones(M, new, H)
            adjoint = tuple(torch.cat([part, born * (k == 0)], 1) for k, part in enumerate(adjoint))
        return back(params, *read(x_t, before, count), adjoint)

    states: list[State] = []
    state: State = (x.new_zeros(M, C, H) if apart else x.new_zeros(M, H),) * len(batch.cell.states)
    for at in range(0, T, _PIECE):
        states += fold(advance, (x[at : at + _PIECE], reading[at : at + _PIECE]), state)
        state = states[-1]
        report(ahead * len(states) / T / total)

    done = ahead
    adjoint: State = (x.new_zeros(M, 0, H),) * len(batch.cell.states)
    power = x.new_zeros(M, 0)
    for end in range(T, 1, -_PIECE):
        first = max(end - _PIECE, 1)  # the first step is not taken: h_1 is behind it
        piece = (x[first:end], states[first - 1 : end - 1], reading[first:end])
        adjoint, exponent = _rescaled(fold(pull, piece, adjoint, reverse=True)[0])
        power = pad(power, (0, exponent.shape[1] - power.shape[1])) + exponent
        done += sum(reading[first:end])
        report(done / total)
    log_norm: Tensor = torch.linalg.vector_norm(adjoint[0], dim=-1).log10() + power * math.log10(2)
    # A ReLU passes gradients on from states that are no numbers any more.
    last = [
        states[length - 1][-1][:, c] if apart else states[length - 1][-1]
        for c, length in enumerate(batch.lengths)
    ]
    finite = torch.stack(last, 1).isfinite().all(-1)
    return torch.where(finite, log_norm - math.log10(H) / 2, torch.nan)


def _functions(
    batch: Batch, varied: dict[str, int | None]
) -> tuple[Callable[..., State], Callable[..., State]]:
    """One step forward, and one back, of every model and column.

    The innermost function is of a single model; where the columns share their state, its slopes are taken
    once and pulled back along every column.
    """
    step = STEPS[batch.cell.name]

    def forward(params: Params, x: Tensor, state: State) -> State:
        return step(params, x, state).state

    def back(params: Params, x: Tensor, state: State, adjoint: State) -> State:
        pull = vjp(lambda *s: forward(params, x, s), *state)[1]
        pulled: State = pull(adjoint) if batch.apart else vmap(pull)(adjoint)
        return pulled

    if not batch.apart:
        return vmap(forward, (0, None, 0)), vmap(back, (0, None, 0, 0))
    by_column = (varied, 0 if batch.x.dim() == 3 else None, 0)
    columns = vmap(forward, by_column), vmap(back, (*by_column, 0))
    return vmap(columns[0], (0, None, 0)), vmap(columns[1], (0, None, 0, 0))


def _with_biases(batch: Batch) -> tuple[dict[str, Tensor], dict[str, int | None]]:
    """The parameters, with a ``bias_ih`` for each forget bias, and along which dimension they have columns."""
    varied: dict[str, int | None] = dict.fromkeys(batch.params)
    if batch.biases is None:
        return batch.params, varied
    H, block = batch.hidden, batch.cell.blocks.index(batch.cell.forget or "")
    bias = batch.params["bias_ih"][:, None].repeat(1, len(batch.biases), 1)
    # In float32 first, as build_module has it.
    bias[..., block * H : (block + 1) * H] = torch.tensor(batch.biases, device=bias.device)[:, None].to(bias)
    return {**batch.params, "bias_ih": bias}, {**varied, "bias_ih": 0}


def _rescaled(adjoint: State) -> tuple[State, Float[Tensor, "M C"]]:
    """The adjoints divided by a power of two each, so that their largest entry is near 1; the exponents."""
    largest = torch.stack([part.abs().amax(-1) for part in adjoint]).amax(0)
    exponent = torch.where(largest.isfinite(), torch.frexp(largest).exponent, 0).double()
    half = (exponent / 2).floor()  # 2^1074 is beyond float64 where 2^-1074 is not
    factor = (torch.exp2(-half)[..., None], torch.exp2(half - exponent)[..., None])
    return tuple(part * factor[0] * factor[1] for part in adjoint), exponent

"""Phase diagrams: how much gradient is left over many steps, for many weight scales at once.

The *ratio* of a model at length T is ``||dL/dh_1|| / ||dL/dh_T||``, where L is the sum of h_T: what reaches
the state after the first input, per unit of what starts at the last. Below 1 the gradient has vanished on its
way, above 1 it has exploded.

All models of a diagram run as one batch: those of every weight scale and seed, which differ in their
parameters only, through ``torch.func.vmap`` of the cell's step function. Reverse mode carries one adjoint for
each length back through the same states, so a single sweep over time serves every length.

The models are the experiment's own, with their float32 weights; the arithmetic is float64, and adjoints are
rescaled by powers of two on their way, so that a ratio of 1e-700 is as exact as any other. Results are log10.

Where a line through such a diagram separates vanishing from exploding: Poole et al. 2016 (arXiv:1606.05340)
and Schoenholz et al. 2017 (arXiv:1611.01232) for deep networks at random weights, Pascanu, Mikolov & Bengio
2013 (arXiv:1211.5063) for recurrent ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.func import vjp, vmap
from torch.nn.functional import pad

from rnnviz import build
from rnnviz.cells import STEPS, Params, State
from rnnviz.experiment import Experiment
from rnnviz.inputs import prepare
from rnnviz.registry import Cell, cell_named
from rnnviz.scan import fold
from rnnviz.signals import LONGEST

Report = Callable[[float], None]
"""Called now and then with the share that is done, from 0 to 1; what it raises ends the work."""


def _silent(share: float) -> None:
    """No report."""


SEEDS = 10_000
"""Seeds run from 0 to 9999, and begin again at 0."""

_PIECE = 8
"""Steps between two rescalings. A step moves an adjoint by less than 1e38 either way, far from float64's ends."""

_ROOM = 96 << 20
"""Bytes that the states of the models at work may take."""


@dataclass(frozen=True, eq=False)
class Diagram:
    """The log10 of the ratio for every value of the other axis, weight scale and seed.

    ``against`` is "length" or "forget" and ``values`` are those lengths or forget biases. ``log_ratio`` is
    float64: -inf where the gradient is exactly 0 (no path leads back, or float64 rounds a slope to 0), NaN
    where a state or gradient left float64 itself. ``hidden`` is H.
    """

    cell: str
    against: str
    scales: tuple[float, ...]
    values: tuple[float, ...]
    seeds: tuple[int, ...]
    hidden: int
    log_ratio: Float[Tensor, "V S N"]

    @property
    def median(self) -> Float[Tensor, "V S"]:
        """The median over the seeds; NaN where any seed gives none."""
        return _middle(self.log_ratio.sort(-1).values)

    @property
    def quartiles(self) -> tuple[Float[Tensor, "V S"], Float[Tensor, "V S"]]:
        """The medians of the lower and of the upper half of the seeds (Tukey's hinges)."""
        ordered = self.log_ratio.sort(-1).values  # NaN comes last, and is never lost from the upper half
        half = (ordered.shape[-1] + 1) // 2
        low = _middle(ordered[..., :half])
        return torch.where(ordered[..., -1].isnan(), torch.nan, low), _middle(ordered[..., -half:])

    @property
    def below(self) -> Bool[Tensor, "V S"]:
        """Where a float32 run has none left: the median ||dL/dh_1|| is below the least normal number, 1.2e-38."""
        return self._log_norm < math.log10(torch.finfo(torch.float32).tiny)

    @property
    def above(self) -> Bool[Tensor, "V S"]:
        """Where a float32 run overflows: the median ||dL/dh_1|| is above its largest number, 3.4e38."""
        return self._log_norm > math.log10(torch.finfo(torch.float32).max)

    @property
    def _log_norm(self) -> Float[Tensor, "V S"]:
        return self.median + math.log10(self.hidden) / 2


def seeds_from(seed: int, count: int) -> tuple[int, ...]:
    """``count`` seeds from ``seed`` on."""
    return tuple((seed + k) % SEEDS for k in range(count))


@torch.inference_mode(False)
@torch.no_grad()
def against_length(
    experiment: Experiment,
    cell: str,
    scales: Sequence[int | float],
    lengths: Sequence[int],
    seeds: Sequence[int],
    report: Report = _silent,
) -> Diagram:
    """The ratio by length and weight scale, for the experiment's models of these seeds.

    Everything but scale, length, loss and the models' seed is the experiment's: at its own scale, length and
    seed the ratio is that of :func:`rnnviz.gradients` on its own model. The input is the experiment's, with
    its own seed; of what was typed the first steps count. ``ValueError`` for an unknown cell, an empty list,
    or lengths that are not whole numbers rising from 2 to at most 500 or the length typed.
    """
    known = cell_named(cell)
    _check_lists(scales=scales, lengths=lengths, seeds=seeds)
    longest = experiment.steps if experiment.signal in ("text", "numbers") else LONGEST
    if list(lengths) != sorted(set(lengths)) or lengths[0] < 2 or lengths[-1] > longest:
        raise ValueError(
            f"expected lengths rising from 2 to {longest}, got {list(lengths)}; leave out others"
        )
    inputs = [build.signal(replace(experiment, length=length)).x[:length] for length in reversed(lengths)]
    # One state serves every length, unless the signal itself depends on the length.
    shared = all(torch.equal(x, inputs[0][: len(x)]) for x in inputs)
    x = inputs[0] if shared else torch.nn.utils.rnn.pad_sequence(inputs)
    return _diagram(experiment, known, "length", scales, lengths, seeds, x, report)


@torch.inference_mode(False)
@torch.no_grad()
def against_forget(
    experiment: Experiment,
    cell: str,
    scales: Sequence[int | float],
    biases: Sequence[int | float],
    seeds: Sequence[int],
    report: Report = _silent,
) -> Diagram:
    """The ratio by forget bias and weight scale at the experiment's length, as :func:`against_length`.

    ``ValueError`` for a cell without a forget gate too.
    """
    known = cell_named(cell)
    if known.forget is None:
        raise ValueError(f"expected a cell with a forget gate, got {cell!r}; choose an LSTM")
    _check_lists(scales=scales, biases=biases, seeds=seeds)
    x = build.signal(experiment).x
    return _diagram(replace(experiment, forget=0.0), known, "forget", scales, biases, seeds, x, report)


def crossings(scales: Sequence[int | float], log_ratios: Float[Tensor, " S"]) -> list[float]:
    """The weight scales at which a row of a diagram passes 1, by straight lines between its points."""
    points = list(zip(scales, log_ratios.tolist(), strict=True))
    return [
        s0 + (s1 - s0) * v0 / (v0 - v1)
        for (s0, v0), (s1, v1) in pairwise(points)
        if math.isfinite(v0) and math.isfinite(v1) and (v0 < 0) != (v1 < 0)
    ]


def _diagram(
    experiment: Experiment,
    cell: Cell,
    against: str,
    scales: Sequence[int | float],
    values: Sequence[int | float],
    seeds: Sequence[int],
    x: Float[Tensor, "T *C D"],
    report: Report,
) -> Diagram:
    x = x.double().to(build.device())
    by_length, down = against == "length", tuple(float(value) for value in reversed(values))
    lengths = tuple(int(value) for value in down) if by_length else (len(x),) * len(down)
    # Without a recurrent matrix the scale changes nothing.
    models = _stacked(experiment, cell, scales if cell.recurrent else scales[:1], seeds, x)
    found = _swept(_Batch(cell, models, x, lengths, None if by_length else down), report)
    by_scale = found.reshape(-1, len(seeds), len(down)).expand(len(scales), -1, -1)
    log_ratio = by_scale.permute(2, 0, 1).flip(0)
    rows, columns = down[::-1], tuple(float(scale) for scale in scales)
    return Diagram(cell.name, against, columns, rows, tuple(seeds), experiment.hidden, log_ratio)


@dataclass(frozen=True, eq=False)
class _Batch:
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
        return int(self.params["weight_ih"].shape[-2]) // len(self.cell.blocks)


def _stacked(
    experiment: Experiment, cell: Cell, scales: Sequence[int | float], seeds: Sequence[int], x: Tensor
) -> dict[str, Tensor]:
    """The parameters of every model, scale by scale and in it seed by seed, in float64."""
    models = []
    for seed in seeds:
        module = build.build_module(replace(experiment, seed=seed, scale=1.0), cell.name, x.shape[-1])
        models.append(prepare(module, x.new_zeros(1, 1, x.shape[-1], dtype=torch.float32)))
    layers = [model.levels[0][0].params for model in models]
    params = {name: torch.stack([layer[name] for layer in layers]) for name in layers[0]}
    # Rounded as build_module rounds: the product is taken in float32.
    return {
        name: torch.cat([p * scale if name == cell.recurrent else p for scale in scales]).double()
        for name, p in params.items()
    }


def _swept(batch: _Batch, report: Report) -> Float[Tensor, "M C"]:
    """The log10 ratios, so many models at a time that their states have room."""
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


def _chunk(batch: _Batch, report: Report) -> Float[Tensor, "M C"]:
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
    batch: _Batch, varied: dict[str, int | None]
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


def _with_biases(batch: _Batch) -> tuple[dict[str, Tensor], dict[str, int | None]]:
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


def _middle(ordered: Float[Tensor, "V S N"]) -> Float[Tensor, "V S"]:
    """The median of what is sorted along the last dimension; NaN, which sorts last, wins."""
    n = ordered.shape[-1]
    low, high = ordered[..., (n - 1) // 2], ordered[..., n // 2]
    middle: Tensor = torch.where(ordered[..., -1].isnan(), torch.nan, (low + high) / 2)
    return middle


def _check_lists(**lists: Sequence[int | float]) -> None:
    for name, values in lists.items():
        if not values:
            raise ValueError(f"expected at least one value in {name}, got none; give some")

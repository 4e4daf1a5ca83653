"""The textbook cures for gradients that vanish or explode, each on the same experiment: before and after, measured.

Every cure is a model that runs, with the weights, the input and the loss of the experiment, for several seeds.
All runs are in float64, so that a gradient of 1e-200 still has a number; PyTorch's float32 ends at 1.2e-38.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.func import vmap
from torch.nn.functional import layer_norm, linear

from rnnviz import build
from rnnviz.cells import STEPS, Params, State, Step, StepFunction
from rnnviz.experiment import Experiment
from rnnviz.gradients import fit_decay, step_norms
from rnnviz.inputs import prepare
from rnnviz.registry import Cell, cell_named
from rnnviz.scan import scan

SEEDS, FEW, LARGE = 5, 3, 16_000
"""Models a cure is measured on: those of the experiment's seed and of the seeds after it; fewer beyond T * H."""

VANISHED, EXPLODED = 0.01, 100.0
"""Where ``Measured.change`` lies below or above, the gradient is said to vanish or to explode."""

STREAM = 30_000
"""Added to the seed of the chrono initialisation, so that it is independent of weights and signals."""

_MOST = 64 * 2**20
"""Bytes that the graph of the runs side by side may take, about."""


@dataclass(frozen=True)
class Cure:
    """A cure: its name and label, what the app can set to have it (fields of the experiment), and its source."""

    name: str
    label: str
    source: str
    change: Mapping[str, Any] = field(default_factory=dict)


CURES: tuple[Cure, ...] = (
    Cure("clip", "Gradient clipping", "Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, algorithm 1"),
    Cure("forget1", "Forget bias 1", "Jozefowicz, Zaremba & Sutskever 2015, PMLR 37", {"forget": 1.0}),
    Cure(
        "forget3",
        "Forget bias 3",
        "Gers, Schmidhuber & Cummins 2000, doi:10.1162/089976600300015015",
        {"forget": 3.0},
    ),
    Cure("chrono", "Chrono initialisation", "Tallec & Ollivier 2018, arXiv:1804.11188"),
    Cure(
        "orthogonal",
        "Orthogonal W_hh",
        "Saxe, McClelland & Ganguli 2014, arXiv:1312.6120",
        {"init": "orthogonal"},
    ),
    Cure("identity", "Identity W_hh", "Le, Jaitly & Hinton 2015, arXiv:1504.00941", {"init": "identity"}),
    Cure("layernorm", "Layer norm", "Ba, Kiros & Hinton 2016, arXiv:1607.06450"),
    Cure("residual", "Residual over time", "Chang et al. 2019, arXiv:1902.09689, with a step of 1"),
)
"""Every cure, in the order of the pictures."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What S models showed, from step 1 to the T-th, which carries the loss.

    ``norms`` is ||dL/dh_t||; ``lost`` marks those that are 0 or too small for float64. ``rate`` is the fitted
    factor per step back (:func:`rnnviz.gradients.fit_decay`), NaN where there is no fit. ``weight`` is the norm
    of the loss gradient by the recurrent matrix W_hh (W_ih where a cell has none), which clipping acts on;
    ``largest`` the largest |h|.
    """

    norms: Float[Tensor, "S T"]
    lost: Bool[Tensor, "S T"]
    rate: Float[Tensor, " S"]
    weight: Float[Tensor, " S"]
    largest: Float[Tensor, " S"]

    @property
    def ratio(self) -> Float[Tensor, " S"]:
        """||dL/dh_1|| / ||dL/dh_T||; infinite where the run left float64."""
        ratio = self.norms[:, 0] / self.norms[:, -1]
        return torch.where(ratio.isfinite(), ratio, math.inf)

    @property
    def change(self) -> Float[Tensor, " S"]:
        """What the fitted line falls or rises to over the whole way, ``rate ** (T - 1)``.

        Unlike the ratio it leaves out the one step from the loss into the recurrence, which need not be repeated.
        Where there is no fit, and where step 1 has 0 or no finite number, it is the ratio.
        """
        line, ratio = self.rate ** (self.norms.shape[1] - 1), self.ratio
        return torch.where(line.isnan() | (ratio == 0) | ratio.isinf(), ratio, line)

    @property
    def verdict(self) -> str:
        """ "vanishes", "keeps" or "explodes", by the median change (:data:`VANISHED`, :data:`EXPLODED`)."""
        return verdict_of(self.change.median().item())


def verdict_of(change: float) -> str:
    """The word for one seed's change."""
    return "vanishes" if change < VANISHED else "explodes" if change > EXPLODED else "keeps"


@dataclass(frozen=True, eq=False)
class Outcome:
    """A cure and what it did; ``measured`` is None where it does not apply, and ``reason`` says why."""

    cure: Cure
    measured: Measured | None
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Comparison:
    """The experiment as it is, and with each cure. ``weight`` names the matrix of ``Measured.weight``."""

    experiment: Experiment
    cell: str
    weight: str
    before: Measured
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, eq=False)
class _Model:
    """One model to run: a step function, its parameters, its input up to the loss, and its start state."""

    step: StepFunction
    params: Mapping[str, Tensor]
    x: Float[Tensor, "T D"]
    state: tuple[Tensor, ...]


@torch.inference_mode(False)
@torch.no_grad()
def compare(
    experiment: Experiment,
    cell_name: str,
    *,
    seeds: int | None = None,
    report: Callable[[float], None] | None = None,
) -> Comparison:
    """Run the experiment's model of that cell as it is and with every cure that applies, for several seeds.

    The loss is the sum of h at the experiment's loss step. ``seeds`` is 5 by default, or 3 of a large experiment.
    ``report`` is called with the share that is done. ``ValueError`` for an unknown cell or fewer than one seed.
    """
    cell = cell_named(cell_name)
    seeds = (SEEDS if experiment.steps * experiment.hidden <= LARGE else FEW) if seeds is None else seeds
    if seeds < 1:
        raise ValueError(f"expected at least 1 seed, got {seeds}; choose a positive number")
    reasons = {cure.name: _reason(cell, cure.name) for cure in CURES}
    runs = ["before", *(name for name, reason in reasons.items() if not reason and name != "clip")]
    models = {name: [_model(experiment, cell, name, k) for k in range(seeds)] for name in runs}
    found = _measure(models, report)
    found["clip"] = found["before"]
    outcomes = tuple(Outcome(cure, found.get(cure.name), reasons[cure.name]) for cure in CURES)
    return Comparison(experiment, cell.name, _weight(cell), found["before"], outcomes)


def _reason(cell: Cell, cure: str) -> str:
    """Why a cure does not apply to a cell, or nothing."""
    gated = cell.forget is not None or "z" in cell.blocks
    match cure:
        case "forget1" | "forget3" if cell.forget is None:
            return "there is no forget gate"
        case "chrono" if not gated:
            return "there is no gate whose bias could be set"
        case "orthogonal" | "identity" if cell.recurrent is None:
            return "there is no matrix W_hh"
        case "layernorm" if cell.recurrent is None:
            return "no pre-activation sees h"
        case "layernorm" if cell.name == "lstm_layernorm":
            return "the cell has it already"
        case "layernorm" if cell.name == "rnn_linear":
            return "the loss, a sum of normalised values, would never change"
    return ""


def _weight(cell: Cell) -> str:
    return cell.recurrent or "weight_ih"


def _model(experiment: Experiment, cell: Cell, cure: str, k: int) -> _Model:
    """The model of the k-th seed with a cure, or without for "before"."""
    change = next((known.change for known in CURES if known.name == cure), {})
    seed = (experiment.seed + k) % 10_000
    chosen = replace(experiment, seed=seed, cells=(cell.name,), **change)
    x = build.build_input(chosen)
    layer = prepare(build.build_module(chosen, cell.name, x.shape[2]), x).levels[0][0]
    params = {name: value.double() for name, value in layer.params.items()}
    x, state = x[: chosen.loss_index + 1, 0].double(), tuple(part[0].double() for part in layer.state)
    step, H = STEPS[cell.name], chosen.hidden
    match cure:
        case "chrono":
            params |= _chrono(cell, params, H, longest=len(x), seed=seed)
        case "layernorm" if cell.name == "lstm":
            step = STEPS["lstm_layernorm"]
            ones = {"gain_ih": 4 * H, "gain_hh": 4 * H, "gain_c": H}
            params |= {name: x.new_ones(size) for name, size in ones.items()} | {"bias_c": x.new_zeros(H)}
        case "layernorm":
            step = _NORMALISED[cell.name]
        case "residual":
            step = _RESIDUAL[cell.name]
    return _Model(step, params, x, state)


def _chrono(
    cell: Cell, params: Mapping[str, Tensor], H: int, *, longest: int, seed: int
) -> dict[str, Tensor]:
    """Biases by which the units' memories are spread from 1 to ``longest`` steps.

    ``b_f = log U([1, T_max - 1])`` and ``b_i = -b_f``. Of a GRU the same for the update gate, with the sign by
    which z keeps: PyTorch's at 1, the others at 0.
    """
    generator = torch.Generator().manual_seed(STREAM + seed)
    spread = 1 + max(longest - 2, 0) * torch.rand(H, dtype=torch.float64, generator=generator)
    keep = spread.log()
    rows = {"f": keep, "i": -keep} if cell.forget else {"z": keep if cell.name == "gru" else -keep}
    biases = {name: params[name].clone() for name in ("bias_ih", "bias_hh") if name in params}
    for letter, value in rows.items():
        block = slice(cell.blocks.index(letter) * H, (cell.blocks.index(letter) + 1) * H)
        for name, bias in biases.items():
            bias[block] = value if name == "bias_ih" else 0
    return biases


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
_RESIDUAL = {name: residual(step) for name, step in STEPS.items()}
_NORMALISED = {name: normalised(STEPS[name]) for name in ("rnn", "rnn_relu", "lstm_peephole")} | {
    "gru": normalised_gru(before=False),
    "gru_reset_before": normalised_gru(before=True),
}


def _measure(
    models: Mapping[str, list[_Model]], report: Callable[[float], None] | None
) -> dict[str, Measured]:
    """Run all models, those with the same step function side by side, as many as memory allows."""
    groups: dict[StepFunction, list[tuple[str, _Model]]] = {}
    for name, several in models.items():
        for model in several:
            groups.setdefault(model.step, []).append((name, model))
    pieces: list[list[tuple[str, _Model]]] = []
    for group in groups.values():
        model = group[0][1]
        # A step keeps some 40 numbers a unit of an LSTM for its way back.
        most = max(_MOST // (len(model.x) * model.state[0].numel() * 40 * 8), 1)
        pieces += [group[k : k + most] for k in range(0, len(group), most)]
    found: dict[str, list[tuple[Tensor, ...]]] = {}
    for k, piece in enumerate(pieces):
        if report is not None:
            report(k / len(pieces))
        for (name, _), row in zip(piece, _side_by_side([model for _, model in piece]), strict=True):
            found.setdefault(name, []).append(row)
    return {name: _collected(rows) for name, rows in found.items()}


def _side_by_side(models: list[_Model]) -> list[tuple[Tensor, ...]]:
    """Of each model the norms of dL/dh_t, that of dL/dW, and the largest |h|."""
    step, T = models[0].step, len(models[0].x)
    params = {name: torch.stack([model.params[name] for model in models]) for name in models[0].params}
    x = torch.stack([model.x for model in models], 1)
    start = tuple(torch.stack(parts) for parts in zip(*(model.state for model in models), strict=True))
    # A tensor of its own for each state, so that the gradient at c_t leaves out the way through h_t.
    every = vmap(lambda p, x_t, state: tuple(part.clone() for part in step(p, x_t, state).state))
    with torch.enable_grad():
        start = tuple(part.requires_grad_() for part in start)
        steps = scan(lambda p, x_t, state: Step({}, every(p, x_t, state)), params, x, start)
        # At each step's own tensors, by which the next one goes on: so that all later steps count.
        kept = [part for done in steps for part in done.state]
        found = torch.autograd.grad(steps[-1].state[0].sum(), kept, materialize_grads=True)
    parts = len(start)
    states = [torch.stack(kept[k::parts]).detach() for k in range(parts)]  # T x R x H each
    totals = [torch.stack(found[k::parts]) for k in range(parts)]
    before = [torch.cat([first.detach()[None], part[:-1]]) for first, part in zip(start, states, strict=True)]
    norms = step_norms(totals[0].flatten(0, 1)[:, None]).view(T, len(models))
    largest = states[0].abs().amax((0, 2))
    return [
        (norms[:, r], _weight_norm(model, [b[:, r] for b in before], [g[:, r] for g in totals]), largest[r])
        for r, model in enumerate(models)
    ]


def _weight_norm(model: _Model, before: list[Tensor], totals: list[Tensor]) -> Float[Tensor, ""]:
    """The norm of dL/dW: over all steps, what the total gradient at the state after it hands on to W."""
    name = "weight_hh" if "weight_hh" in model.params else "weight_ih"
    with torch.enable_grad():
        W = model.params[name].clone().requires_grad_()
        every = vmap(lambda x_t, *state: model.step({**model.params, name: W}, x_t, state).state)
        gradient = torch.autograd.grad(every(model.x, *before), W, totals)[0]
    return step_norms(gradient[None])[0]


def _collected(rows: list[tuple[Tensor, ...]]) -> Measured:
    norms, weight, largest = (torch.stack(parts) for parts in zip(*rows, strict=True))
    rate = torch.tensor([fit_decay(row, len(row) - 1).rate for row in norms], dtype=torch.float64)
    return Measured(norms, norms < torch.finfo(norms.dtype).tiny, rate, weight, largest)

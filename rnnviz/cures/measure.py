"""What is measured of the models: how their gradients go back through time, as many side by side as memory allows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.func import vmap

from rnnviz.cells import Step, StepFunction
from rnnviz.cures.models import Model
from rnnviz.gradients import fit_decay, step_norms
from rnnviz.scan import scan
from rnnviz.unknown import back_from, no_number

VANISHED, EXPLODED = 0.01, 100.0
"""Where ``Measured.change`` lies below or above, the gradient is said to vanish or to explode."""

_MOST = 64 * 2**20
"""Bytes that the graph of the runs side by side may take, about."""


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


def measure(models: Mapping[str, list[Model]], report: Callable[[float], None] | None) -> dict[str, Measured]:
    """Run all models, those with the same step function side by side, as many as memory allows."""
    groups: dict[StepFunction, list[tuple[str, Model]]] = {}
    for name, several in models.items():
        for model in several:
            groups.setdefault(model.step, []).append((name, model))
    pieces: list[list[tuple[str, Model]]] = []
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


def _side_by_side(models: list[Model]) -> list[tuple[Tensor, ...]]:
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
    beyond = no_number(models[0].cell, states[0]) & (norms != 0)
    norms[:-1] = torch.where(back_from(beyond)[1:], torch.nan, norms[:-1])
    largest = states[0].abs().amax((0, 2))
    return [
        (norms[:, r], _weight_norm(model, [b[:, r] for b in before], [g[:, r] for g in totals]), largest[r])
        for r, model in enumerate(models)
    ]


def _weight_norm(model: Model, before: list[Tensor], totals: list[Tensor]) -> Float[Tensor, ""]:
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

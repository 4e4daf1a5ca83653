"""Phase diagrams: how much gradient is left over many steps, for many weight scales at once.

The *ratio* of a model at length T is ``||dL/dh_1|| / ||dL/dh_T||``, where L is the sum of h_T: what reaches
the state after the first input, per unit of what starts at the last. Below 1 the gradient has vanished on its
way, above 1 it has exploded.

The models are the experiment's own, with their float32 weights, those of every weight scale and seed as one
batch (:mod:`rnnviz.batch`); the arithmetic is float64. Results are log10.

Where a line through such a diagram separates vanishing from exploding: Poole et al. 2016 (arXiv:1606.05340)
and Schoenholz et al. 2017 (arXiv:1611.01232) for deep networks at random weights, Pascanu, Mikolov & Bengio
2013 (arXiv:1211.5063) for recurrent ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from rnnviz import build
from rnnviz.batch import Batch, Report, log_ratios, silent
from rnnviz.experiment import Experiment
from rnnviz.inputs import prepare
from rnnviz.registry import Cell, cell_named
from rnnviz.signals import LONGEST

SEEDS = 10_000
"""Seeds run from 0 to 9999, and begin again at 0."""


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
    report: Report = silent,
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
    report: Report = silent,
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
    found = log_ratios(Batch(cell, models, x, lengths, None if by_length else down), report)
    by_scale = found.reshape(-1, len(seeds), len(down)).expand(len(scales), -1, -1)
    log_ratio = by_scale.permute(2, 0, 1).flip(0)
    rows, columns = down[::-1], tuple(float(scale) for scale in scales)
    return Diagram(cell.name, against, columns, rows, tuple(seeds), experiment.hidden, log_ratio)


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

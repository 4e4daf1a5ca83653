"""The spectra of a recurrent network: of its weights, and of a run.

Of W_hh: eigenvalues, and singular values. Of a run: the singular values of each step's Jacobian, and the Lyapunov
exponents, which say how fast directions grew or shrank on average. What they license one to say is in
:mod:`rnnviz.licences`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Complex128, Float, Int64
from torch import Tensor, nn

from rnnviz import fused, unrolled
from rnnviz.inputs import State, prepare
from rnnviz.jacobians import jacobians, lyapunov_exponents
from rnnviz.problem import Layer, LayerRun, Problem
from rnnviz.registry import cell_named
from rnnviz.scan import fold

WORK = 1.2e9
"""T S^3 up to which every step is looked at and every exponent followed: about 1.5 s on one core."""

LEADING = 32
"""How many exponents are followed of larger runs."""

_LOST = 1e-14

_CHUNK = 1 << 22
"""How many numbers the Jacobians at work may hold: 32 MiB in float64."""


@dataclass(frozen=True, eq=False)
class BlockSpectrum:
    """One H x H block of W_hh by its gate's letter ("h" where there is no gate), in float64.

    ``eigenvalues`` (H,), the largest first, and ``singular_values`` (H,), descending.
    """

    name: str
    eigenvalues: Complex128[Tensor, " H"]
    singular_values: Float[Tensor, " H"]

    @property
    def radius(self) -> float:
        """The spectral radius: the largest modulus of an eigenvalue."""
        return float(self.eigenvalues[0].abs())

    @property
    def sigma_max(self) -> float:
        """The largest singular value: the most that any direction is stretched."""
        return float(self.singular_values[0])

    @property
    def sigma_min(self) -> float:
        """The smallest singular value: the least that any direction is stretched."""
        return float(self.singular_values[-1])


@dataclass(frozen=True, eq=False)
class RunSpectrum:
    """The spectra of one run of T steps, its state S numbers large.

    ``steps`` (N,) are the steps that were looked at, counted from 0, each ``every``-th one; ``singular_values``
    (N, S), descending, are those of their Jacobians, NaN where the state is not finite. ``exponents`` (K,) are
    the K leading Lyapunov exponents per step over all T steps; K = S unless the run is large.
    """

    T: int
    every: int
    steps: Int64[Tensor, " N"]
    singular_values: Float[Tensor, "N S"]
    exponents: Float[Tensor, " K"]


@torch.inference_mode(False)
@torch.no_grad()
def weight_spectrum(module: nn.Module) -> tuple[BlockSpectrum, ...]:
    """The spectra of the blocks of W_hh, one for each gate; none for a cell without W_hh (the minGRU).

    ``module`` as :func:`rnnviz.jacobians` takes it. ``ValueError`` for an LSTM with a projection, whose blocks
    are not square, and for weights that are not finite.
    """
    layer = _layer(module)
    W = layer.params.get("weight_hh")
    if W is None:
        return ()
    return block_spectra(W, cell_named(layer.cell).blocks)


@torch.inference_mode(False)
@torch.no_grad()
def block_spectra(W: Float[Tensor, "R H"], names: Sequence[str]) -> tuple[BlockSpectrum, ...]:
    """The same of a matrix W_hh whose H x H blocks, from the top, have these names; ``ValueError`` likewise."""
    blocks = W.double().reshape(len(names), -1, W.shape[1])
    if blocks.shape[1] != blocks.shape[2] or not W.isfinite().all():
        raise ValueError(
            f"expected square blocks of finite numbers in W_hh, got {tuple(blocks.shape[1:])}; "
            "leave the projection out, and mend NaN and infinity first"
        )
    eigenvalues = torch.linalg.eigvals(blocks)
    order = eigenvalues.abs().argsort(dim=1, descending=True, stable=True)
    eigenvalues, singular = eigenvalues.gather(1, order), torch.linalg.svdvals(blocks)
    return tuple(map(BlockSpectrum, names, eigenvalues, singular))


def coarseness(T: int, S: int) -> tuple[int, int]:
    """For a run of T steps of a state of S numbers: each how many-th step to look at, and how many exponents."""
    every = math.ceil(T * S**3 / WORK)
    return every, S if every == 1 else min(S, LEADING)


@torch.inference_mode(False)
@torch.no_grad()
def run_spectrum(
    module: nn.Module, x: Tensor, state: State = None, report: Callable[[float], None] | None = None
) -> RunSpectrum:
    """The singular values of the step Jacobians, and the Lyapunov exponents, of one run (B = 1).

    ``module``, ``x`` and ``state`` as :func:`rnnviz.jacobians` takes them. Runs beyond :data:`WORK` are looked at
    as :func:`coarseness` says. ``report`` is called with the share of the work that is done.

    The exponents are those of :func:`rnnviz.lyapunov_exponents`, from Jacobians that are at hand anyway: so they
    cost a tenth. Of the smallest a float64 knows nothing: a singular value below 1e-15 of the largest of its step
    is given as 0, and the exponent of a direction that some step shrinks below 1e-14 of another as -inf.
    """
    report = report or (lambda share: None)
    layer = _layer(module)
    problem = prepare(module, x, state)
    if problem.x.shape[1] != 1:
        raise ValueError(
            f"expected one sequence (B = 1) in run_spectrum, got a batch of {problem.x.shape[1]}; "
            "pass one at a time"
        )
    T, S = len(problem.x), sum(part.shape[-1] for part in layer.state)
    every, count = coarseness(T, S)
    run = (fused if problem.built_in else unrolled).run(problem).layers[0]
    steps = torch.arange(0, T, every)
    values, logs = [], []
    Q = torch.eye(S, dtype=problem.x.dtype, device=problem.x.device)
    for part in torch.split(steps, max(_CHUNK // S**2, 1)):
        J = _jacobians_at(module, problem, run, part)
        values.append(_singular_values(J))
        if every == 1:
            found = fold(_turn, (J,), (Q, Q[0]))
            Q = found[-1][0]
            logs += [log for _, log in found]
        report((0.9 if every == 1 else 0.5) * float(part[-1] + 1) / T)
    if every == 1:
        exponents = torch.stack(logs).mean(0).sort(descending=True).values
    else:
        exponents = lyapunov_exponents(module, x, state, count=count).double()
    return RunSpectrum(T, every, steps, torch.cat(values), exponents)


def _layer(module: nn.Module) -> Layer:
    """The one layer of a module, whatever it reads."""
    parameter = next(module.parameters(), torch.zeros(()))
    problem = prepare(module, parameter.new_zeros(1, 1, getattr(module, "input_size", 1)))
    layers = [layer for level in problem.levels for layer in level]
    if len(layers) != 1:
        raise ValueError(
            f"expected a module of one layer and one direction, got {len(layers)}; build one layer alone"
        )
    return layers[0]


def _jacobians_at(module: nn.Module, problem: Problem, run: LayerRun, steps: Tensor) -> Tensor:
    """The Jacobians of those steps, (N, S, S), in the run's dtype; NaN where the state before is not finite.

    Each step is a sequence of one step, from the state that was recorded.
    """
    after = (run.h,) if run.c is None else (run.h, run.c)
    before = [
        torch.cat([start[None], part[:-1]])[steps, 0]
        for start, part in zip(run.layer.state, after, strict=True)
    ]
    finite = torch.stack([part.isfinite().all(1) for part in before]).all(0)
    before = [torch.where(finite[:, None], part, 0) for part in before]
    x = problem.x[steps]
    if problem.built_in:
        before = [part[None] for part in before]
    start = before[0] if problem.built_in and len(before) == 1 else tuple(before)
    x = x if getattr(module, "batch_first", False) else x.transpose(0, 1)
    return torch.where(finite[:, None, None], jacobians(module, x, start)[0], torch.nan)


def _turn(before: tuple[Tensor, Tensor], J: Tensor) -> tuple[Tensor, Tensor]:
    """One step of Benettin's method: the directions that J gives, made orthogonal, and how each was stretched."""
    Q, R = torch.linalg.qr(J @ before[0])
    sizes = R.diagonal().abs().double()
    # In a direction that J loses altogether R holds rounding, whose logarithm would pass for a rate.
    return Q, torch.where(sizes < _LOST * sizes.max(), 0, sizes).log()


def _singular_values(J: Float[Tensor, "N S S"]) -> Float[Tensor, "N S"]:
    wide = J.double()
    finite = wide.isfinite().all(-1).all(-1)[:, None]
    values = torch.linalg.svdvals(torch.where(finite[..., None], wide, 0))  # LAPACK refuses NaN
    values = torch.where(values > 1e-15 * values[:, :1], values, 0)
    return torch.where(finite, values, torch.nan)

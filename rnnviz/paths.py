"""Which way the gradient goes back: straight along the memory, or through the gates.

The memory m is c where a cell has one, else h. Its next value depends on its last in two ways. On the *direct
path* the gates stay as they are: ``m_t`` is a gate times ``m_{t-1}``, unit by unit, plus what is written, so that
the derivative is diag(f_t) for LSTMs, diag(z_t) for PyTorch's GRU, diag(1 - z_t) where z = 0 keeps. The *rest*
runs through the gates, which read the state: through h_{t-1}, and in the peephole LSTM through the gates' view of
c too. A cell without gates has no direct path; the minGRU, whose gates read the input alone, has no rest.

How one step's derivative is split is told in :mod:`rnnviz.split`. That an LSTM's direct path is diag(f_t) was the
point of it (Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735; the forget gate: Gers, Schmidhuber &
Cummins 2000, doi:10.1162/089976600300015015).

The functions take one sequence (B = 1) and the modules that :mod:`rnnviz.jacobians` takes, and refuse others as it
does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.func import jacrev, vjp, vmap

from rnnviz import fused, unrolled
from rnnviz.gradients import gradients_of, step_norms
from rnnviz.inputs import State
from rnnviz.problem import LayerRun, Run
from rnnviz.scan import linear_recurrence
from rnnviz.split import (
    SplitJacobian,
    before_each,
    hold_gates,
    one_run,
    pieces,
    split_jacobians,
    through_gates,
)
from rnnviz.unknown import no_number

__all__ = ["Paths", "SplitJacobian", "paths", "split_jacobians"]


@dataclass(frozen=True, eq=False)
class Paths:
    """The two ways of one run, step by step and over the whole span back from the loss at step ``at``.

    ``memory`` is "c" or "h". ``direct_size`` and ``rest_size`` (T,) are the Frobenius norms of the two parts of
    each step's :class:`SplitJacobian` divided by sqrt(H), so that a path that hands everything on has size 1;
    ``overlap`` (T,) is the inner product of the two over H: total size squared = direct squared + rest squared +
    2 overlap. It is 0 where the parts lie in columns of their own, as in an LSTM.

    ``total`` (at + 1, H) is dL/dm_t as :func:`rnnviz.gradients` has it, ``direct`` the part that came all the way
    along the direct path, the product of its diagonals times the gradient at the loss, and ``rest`` what ran
    through a gate at least once. ``*_lost`` mark norms too small for their dtype.
    """

    cell: str
    memory: str
    at: int
    kept: Float[Tensor, "T H"]
    direct_size: Float[Tensor, " T"]
    rest_size: Float[Tensor, " T"]
    overlap: Float[Tensor, " T"]
    total: Float[Tensor, "N H"]
    direct: Float[Tensor, "N H"]
    rest: Float[Tensor, "N H"]
    total_lost: Bool[Tensor, " N"]
    direct_lost: Bool[Tensor, " N"]
    rest_lost: Bool[Tensor, " N"]

    @property
    def step_share(self) -> Float[Tensor, " T"]:
        """The direct path's share of each step: direct squared / (direct squared + rest squared).

        The share of the whole Jacobian's squared norm where the parts do not overlap; else the overlap belongs
        to neither. NaN where both are 0.
        """
        return _share(self.direct_size, self.rest_size)

    @property
    def span_share(self) -> Float[Tensor, " N"]:
        """The same of the gradient: of the squared norms of ``direct`` and ``rest`` at each step up to the loss."""
        return _share(step_norms(self.direct[:, None]), step_norms(self.rest[:, None]))


@torch.inference_mode(False)
@torch.no_grad()
def paths(
    module: nn.Module,
    x: Tensor,
    at: int | None = None,
    state: State = None,
    report: Callable[[float], None] | None = None,
) -> Paths:
    """Both ways, at each step and over the span, for the loss "sum of h at step ``at``", by default the last.

    ``report`` is called with the share of the work that is done. The rest of the gradient is computed by a
    recurrence of its own, not as a difference, so that it is 0 exactly where nothing runs through the gates.
    ``ValueError`` for more than one sequence or a step that the run does not have.
    """
    problem = one_run(module, x, state)
    T = len(problem.x)
    at = T - 1 if at is None else at
    if not 0 <= at < T:
        raise ValueError(f"expected a step of the loss from 0 to {T - 1}, got {at}; count steps from 0")
    run = (fused if problem.built_in else unrolled).run(problem, lambda output: output[at].sum())
    layer = run.layers[0]
    before = before_each(layer)
    kept, slopes = hold_gates(layer, before)
    sizes = _sizes(layer, before, kept, slopes, report or (lambda share: None))
    total, lost = _gradient(run, at)
    injected = _through_gates_back(layer, before, slopes, total) + _read_out(layer, before, at)
    factor = kept[1 : at + 1]
    none = torch.zeros_like(total[at])
    direct = linear_recurrence(factor, torch.zeros_like(injected), total[at], reverse=True)
    rest = linear_recurrence(factor, injected, none, reverse=True)
    direct, rest = torch.cat([direct, total[at:]])[:, 0], torch.cat([rest, none[None]])[:, 0]
    if not layer.gates:
        # Without a direct path even the gradient at the loss itself has not come along one.
        direct, rest = torch.zeros_like(direct), total[:, 0]
    return Paths(
        layer.layer.cell,
        "h" if layer.c is None else "c",
        at,
        kept[:, 0],
        *sizes,
        total[:, 0],
        direct,
        rest,
        lost,
        # Gates are never 0: nothing of it is lost where there was nothing at the loss.
        _small(direct) & bool(layer.gates) & bool((total[at] != 0).any() | lost[at]),
        lost if not layer.gates else _rest_lost(rest, injected, lost),
    )


def _sizes(
    run: LayerRun,
    before: tuple[Tensor, ...],
    kept: Tensor,
    slopes: dict[str, Tensor],
    report: Callable[[float], None],
) -> tuple[Tensor, Tensor, Tensor]:
    """The sizes of the direct part and the rest of each step, and their inner product, over H."""
    T, _, H = kept.shape
    states = torch.cat(before, -1)[:, 0]
    rest, overlap = torch.zeros(2, T, dtype=kept.dtype, device=kept.device)
    derivative = vmap(jacrev(through_gates(run)))
    count = pieces(run)
    for first in range(0, T if slopes or not run.gates else 0, count):
        part = slice(first, first + count)
        R = derivative(states[part], run.x[part, 0], {n: s[part, 0] for n, s in slopes.items()})
        rest[part] = torch.linalg.vector_norm(R, dim=(1, 2))
        overlap[part] = (R[..., -H:].diagonal(dim1=1, dim2=2) * kept[part, 0]).sum(1)
        report(min(first + count, T) / T)
    rest = torch.where(no_number(run.layer.cell, run.h)[:, 0], torch.nan, rest)
    return torch.linalg.vector_norm(kept[:, 0], dim=1) / H**0.5, rest / H**0.5, overlap / H


def _gradient(run: Run, at: int) -> tuple[Tensor, Tensor]:
    """dL/dm_t up to the loss (at + 1, 1, H), and where it is lost."""
    found = gradients_of(run).layers[0]
    if found.c is None or found.c_underflow is None:
        return found.h[: at + 1], found.underflow[: at + 1]
    return found.c[: at + 1], found.c_underflow[: at + 1]


def _through_gates_back(
    run: LayerRun, before: tuple[Tensor, ...], slopes: dict[str, Tensor], total: Tensor
) -> Tensor:
    """What of dL/dm_t, t < at, comes from m_{t+1} through the gates between them."""
    at = len(total) - 1
    if not slopes:
        return torch.zeros_like(total[:at])
    later = slice(1, at + 1)
    function, x = through_gates(run), run.x[later]
    held = {name: slope[later] for name, slope in slopes.items()}
    back = vjp(lambda s: function(s, x, held), torch.cat(before, -1)[later])[1]
    found: Tensor = back(total[1:])[0][..., -total.shape[-1] :]
    return found


def _read_out(run: LayerRun, before: tuple[Tensor, ...], at: int) -> Tensor:
    """What of dL/dc_t, t < at, comes from h_t, which is read off c_t; 0 where h is the memory itself."""
    if run.c is None or run.dh is None:
        return torch.zeros_like(run.h[:at])
    with torch.enable_grad():
        inputs = tuple(part[:at].detach().requires_grad_() for part in before)
        h, c = run.layer.step(run.layer.params, run.x[:at], inputs).state
        return torch.autograd.grad(h, c, run.dh[:at])[0] if at else torch.zeros_like(c)


def _small(values: Float[Tensor, "N H"]) -> Bool[Tensor, " N"]:
    return step_norms(values[:, None]) < torch.finfo(values.dtype).tiny


def _rest_lost(rest: Float[Tensor, "N H"], injected: Tensor, lost: Tensor) -> Bool[Tensor, " N"]:
    """Where the rest is too small, and not because nothing at all has run through a gate."""
    came = (injected != 0).flatten(1).any(1) | lost[:-1]
    ever = came.flip(0).cummax(0).values.flip(0) if len(came) else came
    ever = torch.cat([ever, torch.zeros_like(lost[:1])])
    return _small(rest) & ((rest != 0).any(1) | ever)


def _share(direct: Tensor, rest: Tensor) -> Tensor:
    # Of the squares, but without squaring: 1e-200 squared is not a float64.
    largest = torch.maximum(direct, rest)
    a, b = (direct / largest).square(), (rest / largest).square()
    return a / (a + b)

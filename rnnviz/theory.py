"""The triangle of ||dh_t/dh_k|| beside what theory says of it: a bound, and the rate in the long run."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from rnnviz import onestep
from rnnviz.inputs import State
from rnnviz.scan import fold
from rnnviz.triangle import Factors, Norm, Report, factors_of, norms_of, spectral


@dataclass(frozen=True, eq=False)
class Triangle:
    """The norms of d state[t] / d state[k] on a grid of N steps, and what theory has to say of them.

    ``steps`` are those of the grid, counted from 0; ``norms[i, j]`` is for t = steps[i], k = steps[j]. The
    diagonal is ``identity``, the norm of the identity: 1, or sqrt(S) for Frobenius.

    ``zero`` marks the norms that are 0 in mathematics: below ReLUs that are off, or a W_hh of zeros. Any other
    that is 0 in the dtype of ``norms`` was too small for it, or passed a slope that rounds to 0.

    ``factors`` are log10 of the *spectral* norms of the N - 1 factors, each the derivative over one stride.
    ``weight`` is log10 of the largest singular value of W_hh for cells whose only way through time is W_hh and
    a non-linearity of slope at most gamma = 1 (tanh, ReLU, none), else None. ``rate`` is log10 of the factor
    per step in the long run, exp(lambda_max), with the leading Lyapunov exponent measured from the Jacobians
    over the last four fifths of the run; NaN without two steps.
    """

    steps: range
    norms: Float[Tensor, "N N"]
    zero: Bool[Tensor, "N N"]
    identity: float
    factors: Float[Tensor, " M"]
    weight: float | None
    rate: float

    def bound(self, row: int) -> Float[Tensor, " K"]:
        """log10 of what no norm in that row of the grid exceeds, for each k of the grid up to the row's t.

        With ``weight``: (sigma_max(W_hh) gamma)^(t-k) (Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063,
        section 2.1). W_hh alone bounds no gated cell; there it is the product of the spectral norms of the
        measured factors, which bounds any cell, as norms are submultiplicative. A Frobenius norm is at most
        sqrt(S) times the spectral one, so both start at ``identity``.
        """
        if self.weight is not None:
            return self._line(row, self.weight)
        back = self.factors[:row].flip(0).cumsum(0).flip(0)
        return math.log10(self.identity) + torch.cat([back, back.new_zeros(1)])

    def asymptote(self, row: int) -> Float[Tensor, " K"]:
        """log10 of ``identity`` * exp(lambda_max (t-k)), for each k of the grid up to the row's t."""
        return self._line(row, self.rate)

    def excess(self) -> float:
        """log10 of the largest ratio of a norm to its bound: at most 0, but for rounding.

        Norms that are not finite, or have lost digits to underflow, do not count.
        """
        at = torch.tensor(self.steps, dtype=torch.float64)
        if self.weight is None:
            at, slope = torch.cat([at.new_zeros(1), self.factors.cpu().cumsum(0)]), 1.0
        else:
            slope = self.weight
        decades = self.norms.cpu().double().log10() - math.log10(self.identity)
        over = decades - slope * (at[:, None] - at)
        whole = decades.isfinite() & (self.norms.cpu() >= torch.finfo(self.norms.dtype).tiny)
        known = torch.ones_like(over).tril(-1).bool() & whole & ~over.isnan()
        return float(over[known].max()) if known.any() else 0.0

    def _line(self, row: int, slope: float) -> Tensor:
        lags = self.steps[row] - torch.tensor(self.steps[: row + 1], dtype=torch.float64)
        # A slope of -inf, where a step loses everything, leaves the diagonal as it is.
        return math.log10(self.identity) + torch.where(lags > 0, slope * lags, 0)


@torch.inference_mode(False)
@torch.no_grad()
def measure(
    module: nn.Module,
    x: Tensor,
    norm: Norm | str = "spectral",
    state: State = None,
    *,
    stride: int = 1,
    report: Report | None = None,
) -> Triangle:
    """:func:`gradient_triangle` with the bound and the long-run rate that theory gives for it."""
    found = factors_of(module, x, norm, state, stride, report)
    norms, empty = norms_of(found, norm, report)
    S = found.J.shape[1]
    factors = spectral(found.J).log10() + math.log10(2) * found.power
    weight = None
    if found.layer.cell in ("rnn", "rnn_relu", "rnn_linear"):
        # Slopes of tanh are positive in mathematics, however they round.
        empty &= found.layer.cell != "rnn" or not bool(found.layer.params["weight_hh"].any())
        weight = float(torch.linalg.matrix_norm(found.layer.params["weight_hh"].double(), 2).log10())
    else:
        empty = torch.zeros_like(empty)
    identity = 1.0 if norm == "spectral" else math.sqrt(S)
    return Triangle(found.steps, norms, empty, identity, factors, weight, _rate(found))


def _rate(found: Factors) -> float:
    """log10 of exp(lambda_max): as ``lyapunov_exponents(count=1)`` measures it, from Jacobians that are there."""
    M, S = found.J.shape[:2]
    if not M:
        return math.nan
    start = onestep.subspace(S, 1)[:, 0].to(found.J)

    def follow(carry: tuple[Tensor, Tensor], J_t: Tensor) -> tuple[Tensor, Tensor]:
        along = J_t @ carry[0]
        length = torch.linalg.vector_norm(along)
        return along / length, length

    lengths = torch.stack([length for _, length in fold(follow, (found.J,), (start, start[0]))])
    logs = lengths.double().log10() + math.log10(2) * found.power
    stride = found.steps.step
    # What is lost altogether stays lost; 0/0 after it would be no number.
    if bool((lengths == 0).any()):
        return -math.inf
    return float(logs[M // 5 :].mean()) / stride

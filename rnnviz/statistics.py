"""A gate's values as a crowd, step by step: how many units are saturated, how the values are spread."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from rnnviz.registry import Kind, cell_named

SIGMOID_LOW, SIGMOID_HIGH = 0.1, 0.9
"""A sigmoid below the first counts as shut, above the second as open: its slope there is below 0.09, against
0.25 in the middle. These are the thresholds of Karpathy, Johnson & Fei-Fei 2015, arXiv:1506.02078."""
TANH_HIGH = 0.9
"""A tanh beyond this, on either side, counts as saturated: its slope there is below 0.19, against 1 at 0."""

_UNBOUNDED: dict[str, Kind] = {"rnn_relu": "relu", "rnn_linear": "linear", "mingru": "linear"}


@dataclass(frozen=True)
class Saturation:
    """Shares (0 to 1) of a step's B x H units that are pinned at either end of their range.

    ``low`` and ``high`` are by step, NaN at a step where no unit is a number; ``low_share`` and
    ``high_share`` are over all steps, NaN where no step has any.
    """

    low: Float[Tensor, " T"]
    high: Float[Tensor, " T"]
    low_share: float
    high_share: float


@dataclass(frozen=True)
class Distribution:
    """How a step's values are spread: ``density[t, i]`` is the share of the units between ``edges[i]`` and
    ``edges[i + 1]``.

    Every row of ``density`` sums to 1; it is NaN at a step where no unit is a number.
    """

    edges: Float[Tensor, " edges"]
    density: Float[Tensor, "T bins"]


def state_kind(cell: str, state: str = "h", *, residual: bool = False) -> Kind:
    """What bounds a state ("h" or "c") of the named cell, in the words that the registry uses for gates.

    "tanh" for an h that stays within -1 and 1 (a GRU's does as long as its start state does), "relu" or
    "linear" for one without such bounds. An LSTM's memory c is always "linear", and so is every h with a
    ``residual`` connection over time. ``ValueError`` for a state that the cell does not have, or an unknown cell.
    """
    states = cell_named(cell).states
    if state not in states:
        raise ValueError(f"state of {cell} must be one of {', '.join(states)}; got {state!r}")
    return "linear" if state == "c" or residual else _UNBOUNDED.get(cell, "tanh")


def saturation(gate: Float[Tensor, ...], kind: Kind | str) -> Saturation:
    """The share of units of ``gate`` (T, B, H) at the low and the high end, by step and over all steps.

    Sigmoid: below 0.1 and above 0.9. Tanh (and states h bounded by it, see :func:`state_kind`): below -0.9
    and above 0.9. ReLU: low is exactly 0, where no gradient passes; it has no high end. A linear quantity
    never saturates: both shares are 0. Values that are not finite are left out. ``ValueError`` for another
    shape or kind.
    """
    values = _checked(gate, kind)
    none = torch.zeros_like(values, dtype=torch.bool)
    low, high = {
        "sigmoid": (values < SIGMOID_LOW, values > SIGMOID_HIGH),
        "tanh": (values < -TANH_HIGH, values > TANH_HIGH),
        "relu": (values == 0, none),
        "linear": (none, none),
    }[kind]
    finite = values.isfinite()
    counts = [(mask & finite).sum(1).to(values.dtype) for mask in (low, high, finite)]
    whole = counts[2].sum()
    return Saturation(
        low=counts[0] / counts[2],
        high=counts[1] / counts[2],
        low_share=float(counts[0].sum() / whole),
        high_share=float(counts[1].sum() / whole),
    )


def distribution(gate: Float[Tensor, ...], kind: Kind | str, bins: int = 20) -> Distribution:
    """A histogram over the units of ``gate`` (T, B, H) for every step, in ``bins`` bins of equal width.

    The edges are fixed, so that pictures can be compared: 0 to 1 for a sigmoid, -1 to 1 for a tanh; a value
    beyond them (a start state set by hand) counts in the outermost bin. ReLU: 0 to the largest value; linear:
    the smallest to the largest value. A bin holds its lower edge, the last one both. Values that are not
    finite are left out. ``ValueError`` for another shape, an unknown kind or fewer than 1 bin.
    """
    values = _checked(gate, kind)
    if bins < 1:
        raise ValueError(f"expected bins of 1 or more, got {bins}; 20 is a good number")
    finite = values.isfinite()
    low, high = _range(values[finite], kind)
    edges = torch.linspace(low, high, bins + 1, dtype=values.dtype, device=values.device)
    place = torch.bucketize(values.contiguous(), edges[1:-1], right=True)
    counts = values.new_zeros(len(values), bins).scatter_add_(1, place, finite.to(values.dtype))
    return Distribution(edges=edges, density=counts / finite.sum(1, keepdim=True))


def _range(finite: Float[Tensor, " N"], kind: Kind | str) -> tuple[float, float]:
    if kind == "sigmoid":
        return 0.0, 1.0
    if kind == "tanh":
        return -1.0, 1.0
    if not len(finite):
        return 0.0, 1.0
    low = 0.0 if kind == "relu" else float(finite.min())
    high = float(finite.max())
    if high > low:
        return low, high
    # All values are one value: it goes to the middle of a range wide enough for any float (a ReLU's 0 to 0).
    reach = max(abs(low), 1.0) / 2
    return (0.0, 1.0) if kind == "relu" else (low - reach, low + reach)


def _checked(gate: Float[Tensor, ...], kind: Kind | str) -> Float[Tensor, "T N"]:
    if kind not in ("sigmoid", "tanh", "linear", "relu"):
        raise ValueError(f"kind must be one of 'sigmoid', 'tanh', 'linear', 'relu'; got {kind!r}")
    if gate.ndim != 3 or not gate.numel():
        raise ValueError(
            f"expected values of shape (T, B, H), none of them 0, got {tuple(gate.shape)};"
            " for one sequence (T, H) pass values[:, None]"
        )
    return gate.detach().flatten(1)

"""Where the states go: trajectories seen along their principal components."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor


@dataclass(frozen=True)
class Projection:
    """States along their principal axes: ``points = (states - mean) @ axes.T``.

    ``explained[i]`` is the share of the total variance that axis i carries (0 to 1, descending; all 0 where
    the states do not vary at all). ``axes`` has orthonormal rows. ``finite`` marks the states that are
    numbers; the others are left out of the fit, and their points are NaN.
    """

    points: Float[Tensor, "T K C"]
    explained: Float[Tensor, " C"]
    mean: Float[Tensor, " H"]
    axes: Float[Tensor, "C H"]
    finite: Bool[Tensor, "T K"]


def project(states: Float[Tensor, ...], components: int = 3) -> Projection:
    """The first principal components of all T x K states: T steps of K trajectories, H units each.

    Computed in float64 by a singular value decomposition of the centred states (Pearson 1901,
    doi:10.1080/14786440109462720) and returned in the states' own dtype. C is ``components``, or H where the
    states have fewer units. An axis is fixed only up to its sign: here its largest entry is positive (the
    first of equals), so that the same states give the same picture. Along an axis beyond the rank of the
    states (constant states, fewer points than axes) every point is 0, within rounding. ``ValueError`` unless
    the states are (T, K, H), none of the three 0, and ``components`` is at least 1.
    """
    if states.ndim != 3 or not states.numel():
        raise ValueError(
            f"expected states of shape (T, K, H), none of them 0, got {tuple(states.shape)};"
            " for one trajectory (T, H) pass states[:, None]"
        )
    if components < 1:
        raise ValueError(f"expected components of 1 or more, got {components}; 2 or 3 can be drawn")
    states = states.detach()
    units = states.shape[2]
    C = min(components, units)
    finite = states.isfinite().all(-1)
    points = states[finite].double()  # N x H
    if not len(points):
        points = points.new_zeros(1, units)

    # Scaled to 1 first, so that the squares of an exploding ReLU's states stay within range.
    size = points.abs().max().clamp_min(torch.finfo(torch.float64).tiny)
    points = points / size
    mean = points.mean(0)
    centred = points - mean
    # What is left of equal numbers once their mean is taken off is rounding, not variance.
    centred[centred.abs() < 4 * torch.finfo(torch.float64).eps] = 0
    # Rows of zeros change no axis; they give the axes beyond the number of points orthonormal directions.
    missing = centred.new_zeros(max(C - len(centred), 0), units)
    _, singular, axes = torch.linalg.svd(torch.cat([centred, missing]), full_matrices=False)
    variance = singular.square()
    total = variance.sum()
    explained = variance[:C] / total if total > 0 else variance[:C]
    axes = axes[:C]
    largest = axes.abs().argmax(1, keepdim=True)
    axes = axes * axes.gather(1, largest).sign()

    projected = states.new_full((*finite.shape, C), torch.nan)
    projected[finite] = (((states[finite].double() / size - mean) @ axes.T) * size).to(states.dtype)
    return Projection(
        points=projected,
        explained=explained.to(states.dtype),
        mean=(mean * size).to(states.dtype),
        axes=axes.to(states.dtype),
        finite=finite,
    )

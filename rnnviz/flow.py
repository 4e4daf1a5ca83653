"""The flow of a layer in a plane: where its step takes the states of that plane, under a constant input.

With two numbers of state the plane is all there is, and the picture is the phase portrait. With more it is a cut: the
states of the plane through ``centre`` along two ``axes``, and of each step the part that lies in the plane; how much
of it leaves the plane is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnviz.onestep import autonomous

MOST = 64
"""Points along each side of the plane at most."""


@dataclass(frozen=True, eq=False)
class Flow:
    """A grid of G x G states of a plane, in float64, and what one step does to them.

    ``places`` (G,) are the coordinates along the first axis, and along the second: point [i, j] is centre +
    places[j] axes[0] + places[i] axes[1]. ``velocity`` (G, G, 2) is F(s) - s along the axes; ``speed`` (G, G) is the
    length of all of it, ``inside`` (G, G) the share of that length, from 0 to 1, that lies in the plane (1 where
    nothing moves). Where a step gives no number there is NaN.
    """

    places: Float[Tensor, " G"]
    velocity: Float[Tensor, "G G 2"]
    speed: Float[Tensor, "G G"]
    inside: Float[Tensor, "G G"]


@torch.no_grad()
def flow(
    module: nn.Module,
    x: Float[Tensor, ...],
    centre: Float[Tensor, ...],
    axes: Float[Tensor, ...],
    reach: float | int,
    count: int = 25,
) -> Flow:
    """The flow of one layer under the constant input ``x`` (D,), ``reach`` to each side of ``centre`` (S,).

    ``axes`` (2, S) are two orthonormal rows. ``ValueError`` for several layers or directions, axes that are not
    orthonormal, a reach that is not above 0, or a count outside 2 to 64.
    """
    step, sizes, _ = autonomous(module, x)
    S = sum(sizes)
    if centre.shape != (S,) or axes.shape != (2, S):
        raise ValueError(
            f"expected a centre of shape ({S},) and axes of shape (2, {S}), got {tuple(centre.shape)} and "
            f"{tuple(axes.shape)}; a state is h, or h and c"
        )
    if not 2 <= count <= MOST:
        raise ValueError(f"expected 2 to {MOST} points a side, got {count}")
    if not reach > 0:
        raise ValueError(f"expected a reach above 0, got {reach}; it is the half width of the plane")
    axes, centre = axes.detach().double(), centre.detach().double()
    if not torch.allclose(axes @ axes.T, torch.eye(2, dtype=axes.dtype), atol=1e-5):
        raise ValueError("expected two orthonormal axes, got others; those of dynamics.project are")
    places = torch.linspace(-reach, reach, count, dtype=torch.float64)
    second, first = torch.meshgrid(places, places, indexing="ij")
    states = centre + torch.stack([first, second], -1) @ axes  # G x G x S
    moved = step(states) - states
    velocity = moved @ axes.T
    speed = moved.norm(dim=-1)
    inside = torch.where(speed > 0, velocity.norm(dim=-1) / speed, 1.0)
    return Flow(places, velocity, speed, inside.clamp(max=1.0))

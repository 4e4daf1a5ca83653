"""The search for fixed points of a map s -> F(s), and its Jacobians there, where it bends as well."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.func import jacrev, vmap

from rnnviz.onestep import CHUNK

ROUNDS = 100
"""Rounds of the search at most."""

ZERO = 1e-9
"""Up to this speed |F(s) - s| (root mean square over units) a point counts as fixed."""

PUSH = 1e-6
"""The size of a push that tells on which side of a bend states go on."""


@torch.no_grad()
def search(
    step: Callable[[Tensor], Tensor],
    s: Float[Tensor, "N S"],
    width: int,
    on_round: Callable[[float], None] | None,
    rounds: int,
) -> tuple[Float[Tensor, "N S"], Float[Tensor, "N S"], Bool[Tensor, " N"]]:
    """Where the search ends from every start, F(s) - s there, and which would have gone on."""
    S = s.shape[1]
    eye = torch.eye(S, dtype=s.dtype)
    moved = step(s) - s
    damping = s.new_full((len(s), 1, 1), 1e-2)

    def under_way() -> Bool[Tensor, " N"]:
        # A start whose damping has grown so far sits in a valley of q that is no fixed point.
        return (moved.square().mean(1).sqrt() > ZERO * 1e-3) & (damping.flatten() < 1e8)

    for number in range(rounds):
        if on_round is not None:
            on_round(number / rounds)
        going = under_way().nonzero().flatten()
        if not len(going):
            break
        A = _jacobians(step, s[going], width) - eye
        normal = A.mT @ A + damping[going] * eye
        # One that cannot be solved gives no number, is no better, and is damped more.
        solved = torch.linalg.solve_ex(normal, -(A.mT @ moved[going].unsqueeze(-1)))
        change = solved.result.squeeze(-1)
        tried = s[going] + change
        there = step(tried) - tried
        better = there.square().sum(1) < moved[going].square().sum(1)
        s[going[better]], moved[going[better]] = tried[better], there[better]
        damping[going] = torch.where(better.view(-1, 1, 1), damping[going] / 10, damping[going] * 10)
    return s, moved, under_way()


def _jacobians(
    step: Callable[[Tensor], Tensor], s: Float[Tensor, "N S"], width: int
) -> Float[Tensor, "N S S"]:
    if not len(s):
        return s.new_zeros(0, s.shape[1], s.shape[1])
    chunk = max(CHUNK // (2 * s.shape[1] * width), 1)
    J: Tensor = vmap(jacrev(step), chunk_size=chunk)(s)
    return J


def slopes(step: Callable[[Tensor], Tensor], s: Float[Tensor, "N S"], width: int) -> Float[Tensor, "N S S"]:
    """The Jacobians at fixed points; at a bend, where ReLU has none, that on the side where states go on.

    That is where the largest of many small pushes leads: at the bend itself PyTorch calls the slope 0, and a point that
    all states leave would look as if it drew them in.
    """
    J = _jacobians(step, s, width)
    generator = torch.Generator().manual_seed(0)
    pushes = torch.randn(32, s.shape[1], generator=generator, dtype=s.dtype)
    pushes = torch.cat([pushes, -pushes]) / pushes.norm(dim=1).repeat(2)[:, None]
    for k, point in enumerate(s):
        sides = _jacobians(step, point + 0.01 * PUSH * pushes[[0, 32]], width)
        if (
            float((sides - J[k]).abs().max()) < 1e-2
        ):  # only bent, as near to it as that: layer norm bends sharply
            continue
        way = pushes
        for _ in range(40):
            way = (step(point + PUSH * way) - point) / PUSH
            largest = way.norm(dim=1).max()
            if float(largest) == 0:
                break
            way = way / largest
        J[k] = _jacobians(step, point + PUSH * way[way.norm(dim=1).argmax()][None], width)[0]
    return J

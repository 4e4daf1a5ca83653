"""Sinusoidal positions: where a symbol stands, as a vector that is added to it."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

BASE = 10_000
"""The wavelengths grow from 2 pi to this many times 2 pi."""


def sinusoids(steps: int, size: int, dtype: torch.dtype = torch.float32) -> Float[Tensor, "S H"]:
    """Column 2i is sin(s / 10000^(2i/H)), column 2i + 1 the cosine: Vaswani et al. 2017, section 3.5.

    The places s count from 0. With an odd size the last sine has no cosine beside it.
    """
    place = torch.arange(steps, dtype=dtype).unsqueeze(1)
    column = torch.arange(size)
    angle = place / BASE ** ((column - column % 2).to(dtype) / size)  # (S, H)
    return torch.where(column % 2 == 0, angle.sin(), angle.cos())

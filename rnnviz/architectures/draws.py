"""The sequences of the small problems, one function each: ``x`` (T, B, D) and the answers ``y``.

They are shown as they stand by :mod:`rnnviz.architectures.snippet`, and so use nothing but torch and math.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def running_mean(N: int, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Numbers from -1 to 1; the answer at every step is their mean so far: x, y (N, B, 1)."""
    x = 2 * torch.rand(N, count, 1, generator=generator) - 1
    return x, x.cumsum(0) / torch.arange(1, N + 1).view(N, 1, 1)


def rhythm(N: int, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A beat every 2, 3 or 4 steps, from any of them on, with noise: x (N, B, 1), the class y (B,)."""
    which = torch.randint(0, 3, (count,), generator=generator)
    phase = torch.randint(0, 12, (count,), generator=generator)
    beat = (torch.arange(N).unsqueeze(1) + phase) % (which + 2) == 0
    x = beat + 0.2 * torch.randn(N, count, generator=generator)
    return x.unsqueeze(-1), which


def loud_rhythm(N: int, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A rhythm of -1 and 1, each sequence at a loudness of its own, 0.03 to 30: x (N, B, 1), the class y (B,)."""
    which = torch.randint(0, 3, (count,), generator=generator)
    phase = torch.randint(0, 12, (count,), generator=generator)
    beat = (torch.arange(N).unsqueeze(1) + phase) % (which + 2) == 0
    x = 2.0 * beat - 1 + 0.2 * torch.randn(N, count, generator=generator)
    loudness = 10 ** (3 * torch.rand(count, generator=generator) - 1.5)
    return (loudness * x).unsqueeze(-1), which


def wave_of(N: int, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """One number x (1, B, 1) from -1 to 1, and the wave y (N, B, 1) with that frequency: periods of 16 to 6 steps."""
    x = 2 * torch.rand(1, count, 1, generator=generator) - 1
    frequency = (1 / 16 + 1 / 6) / 2 + x * (1 / 6 - 1 / 16) / 2  # cycles a step
    return x, torch.sin(2 * math.pi * frequency * torch.arange(1, N + 1).view(N, 1, 1))


def wave_goes_on(N: int, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A wave of any frequency and phase: x (N, B, 1) is its beginning, y (M, B, 1) how it goes on."""
    M = N // 2
    frequency = 1 / 12 + (1 / 5 - 1 / 12) * torch.rand(count, generator=generator)  # cycles a step
    phase = torch.rand(count, generator=generator)
    wave = torch.sin(2 * math.pi * (torch.arange(N + M).unsqueeze(1) * frequency + phase)).unsqueeze(-1)
    return wave[:N], wave[N:]


def centred_mean(N: int, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Numbers from -1 to 1; the answer is the mean of two before, this one, and two after: x, y (N, B, 1)."""
    x = 2 * torch.rand(N, count, 1, generator=generator) - 1
    return x, torch.stack([x[max(t - 2, 0) : t + 3].mean(0) for t in range(N)])


def mean_of_records(N: int, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Numbers from -1 to 1; the answer is the mean so far of the largest so far: x, y (N, B, 1)."""
    x = 2 * torch.rand(N, count, 1, generator=generator) - 1
    return x, x.cummax(0).values.cumsum(0) / torch.arange(1, N + 1).view(N, 1, 1)


def mean_of_peaks(N: int, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Short sequences in a long one x (N, B, 1); the answer y (S, B, 1) is the mean of their largest values so far."""
    S = round(math.sqrt(N))
    x = 2 * torch.rand(N, count, 1, generator=generator) - 1
    peaks = torch.stack([part.amax(0) for part in x.tensor_split(S)])  # (S, B, 1)
    return x, peaks.cumsum(0) / torch.arange(1, S + 1).view(S, 1, 1)


def marked(N: int, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Numbers from -1 to 1, one of them marked by a second input: x (N, B, 2), the marked number y (B, 1)."""
    value = 2 * torch.rand(N, count, generator=generator) - 1
    at = torch.randint(0, N, (count,), generator=generator)
    marker = (torch.arange(N).unsqueeze(1) == at).float()
    return torch.stack([value, marker], -1), (value * marker).sum(0).unsqueeze(-1)


def every_third(N: int, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Numbers from -1 to 1, x (N, B, 1); the answer y (M, B, 1) is every third of them, the last one first."""
    x = 2 * torch.rand(N, count, 1, generator=generator) - 1
    return x, x.flip(0)[::3]

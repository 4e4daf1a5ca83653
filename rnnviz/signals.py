"""What the cells read: seeded signals, a typed text, typed numbers, and a real price series.

Each signal is a (T, D) tensor with the names a figure needs. The random ones draw from a generator of their
own, and draw :data:`LONGEST` values whatever the length, so that a longer sequence continues a shorter one.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import torch
from jaxtyping import Float
from torch import Tensor

LONGEST = 500
"""The longest sequence, in steps."""

STREAM = 10_000
"""Added to the seed of the signals, so that they are independent of the weights of the same seed."""

PERIOD = 25
"""Period of the sine, in steps."""

GOLDEN = (1 + math.sqrt(5)) / 2
PERIODS = (40.0, 40 / GOLDEN, 40 / GOLDEN**2)
"""Periods of the sum of sines, in steps: ratios of the golden number, so that the sum never repeats."""


@dataclass(frozen=True)
class SignalData:
    """An input sequence and how to label it.

    ``x`` is float32. ``channels`` names its D inputs. ``labels`` names the T steps (characters, dates) or is
    None where they are just counted. ``unit`` goes on an axis; ``description`` is a sentence for the reader.
    """

    x: Float[Tensor, "T D"]
    channels: tuple[str, ...]
    labels: tuple[str, ...] | None
    unit: str
    description: str


def make(
    name: str, *, length: int = 60, seed: int = 0, text: str = "", numbers: Sequence[float] = ()
) -> SignalData:
    """The signal of that name.

    ``length`` counts for all but "text" and "numbers", ``seed`` for "noise", "walk", "returns" and "levels".
    Raises ``ValueError`` for an unknown name or a length outside 2 to 500.
    """
    if name == "text":
        return _text(text)
    if name == "numbers":
        return _plain(
            torch.tensor(list(numbers), dtype=torch.float32), "value", "The numbers as typed, not scaled."
        )
    if not 2 <= length <= LONGEST:
        raise ValueError(f"expected a length from 2 to {LONGEST}, got {length}; choose one in that range")
    t = torch.arange(length, dtype=torch.float64)
    match name:
        case "sine":
            return _plain(
                torch.sin(2 * math.pi * t / PERIOD), "x", f"A sine with a period of {PERIOD} steps."
            )
        case "sines":
            total = sum((torch.sin(2 * math.pi * t / period) for period in PERIODS), torch.zeros_like(t))
            spelt = f"{PERIODS[0]:.1f}, {PERIODS[1]:.1f} and {PERIODS[2]:.1f}"
            return _plain(
                total / 3, "x", f"The mean of three sines with periods of {spelt} steps: it never repeats."
            )
        case "impulse":
            before = impulse_at(length)
            where = f"after {before} steps of 0" if before else "at the first step"
            return _plain((t == before).double(), "x", f"A single 1 {where}, then 0.")
        case "step":
            before = step_at(length)
            return _plain((t >= before).double(), "x", f"0 for the first {before} of {length} steps, then 1.")
        case "noise":
            return _plain(
                _noise(seed)[:length], "x", "White noise: independent draws with mean 0 and variance 1."
            )
        case "walk":
            walk = _noise(seed)[:length].cumsum(0) / math.sqrt(length)
            return _plain(walk, "x", f"A random walk: the running sum of white noise, divided by √{length}.")
        case "returns" | "levels":
            return _prices(name, length, seed)
    raise ValueError(
        "expected one of sine, sines, impulse, step, noise, walk, text, numbers, returns, levels, "
        f"got {name!r}; choose one of these"
    )


def impulse_at(length: int) -> int:
    """The step of the impulse, counted from 0: a tenth into the sequence."""
    return length // 10


def step_at(length: int) -> int:
    """The step, counted from 0, at which the step signal becomes 1: a quarter in, at least 1."""
    return max(1, length // 4)


@cache
def prices() -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Dates and adjusted closes (US dollars) of Apple, 2000-03-01 to 2013-03-01; see data/README.md."""
    with (files("rnnviz") / "data" / "aapl.csv").open(encoding="ascii") as file:
        rows = list(csv.DictReader(file))
    return tuple(row["date"] for row in rows), tuple(float(row["adj_close"]) for row in rows)


def _plain(x: Float[Tensor, " T"], channel: str, description: str, unit: str = "") -> SignalData:
    return SignalData(x.to(torch.float32).unsqueeze(1), (channel,), None, unit, description)


def _noise(seed: int) -> Float[Tensor, " 500"]:
    """White noise of the full length; a prefix of it is the noise of a shorter sequence."""
    return torch.randn(LONGEST, generator=torch.Generator().manual_seed(STREAM + seed))


def _text(text: str) -> SignalData:
    """One-hot over the distinct characters, sorted by code point."""
    if not text:
        raise ValueError("expected a text of at least one character, got an empty one; type some")
    alphabet = sorted(set(text))
    index = torch.tensor([alphabet.index(char) for char in text])
    x = torch.nn.functional.one_hot(index, len(alphabet)).to(torch.float32)
    description = f"One input for each of the {len(alphabet)} distinct characters: 1 where it occurs, else 0."
    return SignalData(x, tuple(alphabet), tuple(text), "", description)


def _prices(name: str, length: int, seed: int) -> SignalData:
    """A window of real prices: the last days for seed 0, for any other seed one that ends on a random day."""
    dates, close = prices()
    room = len(close) - LONGEST - 1  # independent of the length, so that the window's end stays put
    back = int(torch.randint(room, (), generator=torch.Generator().manual_seed(STREAM + seed))) if seed else 0
    end = len(close) - back
    window = torch.tensor(close[end - length - 1 : end], dtype=torch.float64)
    labels = dates[end - length : end]
    days = f"{length} trading days from {labels[0]} to {labels[-1]}"
    if name == "returns":
        x, channel, unit = 100 * window.log().diff(), "daily return", "%"
        description = f"Apple's daily log returns in per cent, {days}."
    else:
        level = window[1:]
        x, channel, unit = (
            (level - level.mean()) / level.std(correction=0),
            "price level",
            "standard deviations",
        )
        description = (
            f"Apple's adjusted closing price, scaled to mean 0 and standard deviation 1 over the {days}."
        )
    return SignalData(x.to(torch.float32).unsqueeze(1), (channel,), labels, unit, description)

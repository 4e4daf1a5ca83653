"""What the section by hand shows: the same sequence, weights and steps, once in numpy and once in PyTorch."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from rnnviz.prose import written
from rnnviz.typed import cleaned, parse_numbers, quoted

if TYPE_CHECKING:
    from rnnviz.scratch import Array, Weights

Kind = Literal["letters", "numbers"]

LEAST, MOST = 3, 12
"""Time steps."""

STEPS = 100
"""Steps of learning at most."""

LARGEST = 100.0
"""The largest number that is read: larger ones are beyond what tanh tells apart, and beyond a hand."""


@dataclass(frozen=True)
class Setup:
    """What is read, and by which network: one value, from which all numbers of the section follow.

    ``items`` are the letters or numbers as typed; they are read over and over until ``length`` steps are full, and at
    each step the one that follows is to be said. ``rate`` is the learning rate.
    """

    kind: Kind
    items: tuple[str, ...] | tuple[float, ...]
    length: int = 5
    units: int = 3
    seed: int = 0
    rate: int | float = 0.5

    @property
    def read(self) -> list[Any]:
        """The items from the first step to the last, and the one that follows the last."""
        return [self.items[t % len(self.items)] for t in range(self.length + 1)]

    @property
    def alphabet(self) -> list[str]:
        """The distinct letters, sorted by code point; empty for numbers."""
        return sorted(set(map(str, self.items))) if self.kind == "letters" else []


@dataclass(frozen=True, eq=False)
class Side:
    """All numbers of one side: ``h`` and ``dh`` for t = 1..T, ``y`` the outputs, ``p`` what they stand for.

    ``p`` (T, O) are probabilities for letters, for numbers the outputs themselves.
    """

    h: Array
    y: Array
    p: Array
    loss: float
    g: Weights
    dh: Array


@dataclass(frozen=True, eq=False)
class Lesson:
    """Both sides after ``taken`` steps of learning, and how they came there.

    ``w`` are the weights of the side by hand. ``losses`` holds for each number of steps from 0 the loss by hand, the
    loss in PyTorch, and the largest difference between two weights. ``itemised`` (T, H, H) is what each step adds to
    dL/dW_hh.
    """

    setup: Setup
    x: Array
    target: Any
    w: Weights
    hand: Side
    torch: Side
    itemised: Array
    losses: tuple[tuple[float, float, float], ...]

    @property
    def taken(self) -> int:
        """Steps of learning so far."""
        return len(self.losses) - 1

    @property
    def apart(self) -> float:
        """The largest difference between any two numbers of the two sides, NaN if one of them is."""
        one, other = self.hand, self.torch
        pairs = [(one.h, other.h), (one.p, other.p), (one.loss, other.loss), (one.dh, other.dh)]
        found = [difference(*pair) for pair in (*pairs, *zip(one.g, other.g, strict=True))]
        return max(*found, self.losses[-1][2], key=lambda value: math.inf if value != value else value)


def letters(text: str) -> tuple[tuple[str, ...], list[str]]:
    """The letters that can be read of a text, and a sentence for what was left out or is missing."""
    found = tuple(cleaned(text[:1000]))
    notes = [] if len(found) <= MOST + 1 else [f"Only the first {MOST + 1} letters are read."]
    found = found[: MOST + 1]
    if len(set(found)) < 2:
        notes = [
            f"At least two different letters are needed; {quoted(''.join(found))} has {len(set(found))}."
        ]
    return found, notes


def numbers(text: str) -> tuple[tuple[float, ...], list[str]]:
    """The numbers that can be read of a text, and a sentence for what was left out or is missing."""
    found, notes = parse_numbers(text, maximum=MOST + 1)
    small = tuple(value for value in found if abs(value) <= LARGEST)
    if len(small) < len(found):
        notes = [*notes, f"Numbers beyond ±{LARGEST:g} are left out."]
        if len(small) < 2 <= len(found):
            notes.append(f"At least 2 numbers are needed, and {len(small)} could be read.")
    return small, notes


def listing(function: Callable[..., Any]) -> str:
    """The source of a function as it stands, without the types in its heads."""
    source = inspect.getsource(function)
    names = ", ".join(inspect.signature(function).parameters)
    source = re.sub(
        r"\Adef (\w+)\(.*?\)(?: -> [^\n]*)?:[^\n]*\n", rf"def \1({names}):\n", source, count=1, flags=re.S
    )
    return re.sub(r"^( +def \w+\(\w+): \w+\) -> \w+:$", r"\1):", source, flags=re.M)


def difference(one: Any, other: Any) -> float:
    """The largest size of a difference between entries, as a share of those beyond 1.

    NaN where just one of two is no number.
    """
    import numpy as np

    a, b = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    with np.errstate(all="ignore"):
        size = np.maximum(np.maximum(np.abs(a), np.abs(b)), 1.0)
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        return float(np.where(same, 0.0, np.abs(a - b) / size).max())


def digits(value: float, places: int = 4, *, fixed: bool = False) -> str:
    """A number for a table: 0.4821, −1.2000, what is none, and 3.1 × 10⁻⁷ or, with ``fixed`` digits, 0.0000."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    short = abs(value) < 10_000 and (fixed or abs(value) >= 0.5 * 10**-places)
    text = f"{value:.{places}f}" if short else written(value)
    return text.lstrip("-") if short and float(text) == 0 else text.replace("-", "−")


@lru_cache(maxsize=64)
def lesson(setup: Setup, taken: int) -> Lesson:
    """Both sides after ``taken`` steps of plain gradient descent from the same start."""
    import numpy as np
    import torch

    from rnnviz import scratch
    from rnnviz.ui.training import hand_torch as twin

    x, target = _sequence(setup)
    D, O = x.shape[1], len(setup.alphabet) or 1  # noqa: E741
    loss = getattr(scratch, LOSS[setup.kind])
    w = scratch.start(D, setup.units, O, setup.seed)
    rnn, readout = twin.twin(w)
    its = twin.parameters(rnn, readout)
    optimiser = torch.optim.SGD(its, lr=setup.rate)
    x_, target_, loss_ = torch.tensor(x), torch.tensor(target), getattr(twin, LOSS[setup.kind])

    losses = []
    with np.errstate(all="ignore"):  # what leaves float64 is shown as what it is
        for _ in range(taken):
            apart = _apart(w, its)
            w, L = scratch.step(w, x, target, loss, setup.rate)
            losses.append((L, twin.step(optimiser, rnn, readout, x_, target_, loss_), apart))

        h, y = scratch.forward(w, x)
        L, dy = loss(y, target)
        g, dh = scratch.backward(w, x, h, dy)
        hand = Side(h[1:], y, _meaning(setup, y), L, g, dh[1:])
        items = scratch.itemised(x, h, dh)

        h_, y_ = twin.forward(rnn, readout, x_)
        L_ = loss_(y_, target_)
        optimiser.zero_grad()
        g_ = scratch.Weights(
            *(found.numpy() for found in twin.backward(rnn, readout, L_) if found is not None)
        )
        dh_ = twin.by_state(rnn, x_, lambda h: loss_(readout(h[:, 0]), target_))
        p_ = y_.softmax(1) if setup.kind == "letters" else y_
        other = Side(
            h_.detach().numpy(), y_.detach().numpy(), p_.detach().numpy(), L_.item(), g_, dh_.numpy()
        )
        losses.append((L, L_.item(), _apart(w, its)))
    return Lesson(setup, x, target, w, hand, other, items, tuple(losses))


@lru_cache(maxsize=16)
def checked(setup: Setup, taken: int) -> Weights:
    """The gradients by hand again, each by moving its weight a little."""
    import numpy as np

    from rnnviz import scratch

    known = lesson(setup, taken)
    with np.errstate(all="ignore"):
        return scratch.numerical(known.w, known.x, known.target, getattr(scratch, LOSS[setup.kind]))


LOSS: dict[Kind, str] = {"letters": "cross_entropy", "numbers": "squared_error"}
"""The loss of each kind, here and there under the same name."""


def _sequence(setup: Setup) -> tuple[Array, Any]:
    """x (T, D), and the class or the number that follows each step."""
    import numpy as np

    if setup.kind == "numbers":
        values = np.array(setup.read, dtype=np.float64)[:, None]
        return values[:-1], values[1:]
    index = np.array([setup.alphabet.index(letter) for letter in setup.read])
    return np.eye(len(setup.alphabet))[index[:-1]], index[1:]


def _meaning(setup: Setup, y: Array) -> Array:
    """Probabilities of the letters, or the numbers themselves."""
    import numpy as np

    if setup.kind == "numbers":
        return y
    e = np.exp(y - y.max(axis=1, keepdims=True))
    p: Array = e / e.sum(axis=1, keepdims=True)
    return p


def _apart(w: Weights, parameters: list[Any]) -> float:
    return max(difference(W, parameter.detach().numpy()) for W, parameter in zip(w, parameters, strict=True))

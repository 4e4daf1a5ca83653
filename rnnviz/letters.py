"""What a network that has learned a text does with letters: which come next, what surprises it, what its units follow.

``model`` is any module with ``rnn`` (a recurrent module of PyTorch or rnnviz: one layer, time-major) and ``head``, a
linear layer from its states to V logits; ``alphabet`` are the V letters of its text task, the replacement sign last.
Texts are read as :func:`rnnviz.tasks.alphabet.known` gives them; ``notes`` say what that took. Nothing here changes the
model or draws from PyTorch's own generator.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import one_hot

from rnnviz.tasks.alphabet import indices, known
from rnnviz.tasks.properties import PROPERTIES
from rnnviz.trace import trace

LONGEST_SAMPLE, LONGEST_READING = 1000, 10_000
"""The most characters that are drawn, and read, at once."""

FEWEST = 5
"""A yes-or-no property that fewer characters of a text have, or lack, is not held against the units."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Drawn letters, after the ``prompt`` as it was read; ``chances[n]`` is what the n-th of them was drawn from."""

    prompt: str
    text: str
    chances: Float[Tensor, "N V"]
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Reading:
    """A text, and the model after each of its characters.

    ``h``, and ``c`` where the cell has it, are its state; ``chances[n]`` the probabilities of the letter after
    character n. ``surprise`` is -log2 p of each character given those before it, in bits; NaN for the first.
    """

    text: str
    h: Float[Tensor, "N H"]
    c: Float[Tensor, "N H"] | None
    chances: Float[Tensor, "N V"]
    surprise: Float[Tensor, " N"]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Telling:
    """The unit whose state goes most with a property of the text: Pearson's correlation over its characters."""

    unit: int
    property: str
    correlation: float


@dataclass(frozen=True, eq=False)
class Neurons:
    """The state of every unit after each character, and which units tell something.

    ``correlations`` holds a row for each of ``properties``, NaN for a unit that never moves. ``telling`` names the
    unit with the largest one, by size, for each property; the strongest first. A correlation is no cause: a letter that
    is read moves many units at once, in an untrained network too.
    """

    text: str
    states: Float[Tensor, "N H"]
    properties: tuple[str, ...]
    correlations: Float[Tensor, "P H"]
    telling: tuple[Telling, ...]
    notes: tuple[str, ...]


@torch.no_grad()
def sample(
    model: nn.Module,
    alphabet: tuple[str, ...],
    prompt: str,
    count: int,
    temperature: int | float = 1.0,
    seed: int = 0,
) -> Sample:
    """Read the prompt, then draw ``count`` letters, each from softmax(logits / temperature) and read in its turn.

    Temperature 0 takes the most probable letter. Equal seeds draw with the same random numbers at any temperature. An
    empty prompt is a line feed, or the first letter where the alphabet has none. Drawing ends early where the model
    puts out what is not a number. Raises ``ValueError`` for a count or temperature out of range.
    """
    rnn, head = _parts(model, alphabet)
    if not 0 <= count <= LONGEST_SAMPLE:
        raise ValueError(
            f"expected from 0 to {LONGEST_SAMPLE} letters, got {count}; choose a number in that range"
        )
    read, notes = known(prompt[-LONGEST_READING:], alphabet)
    if not read:
        read = "\n" if "\n" in alphabet else alphabet[0]
    V, like = len(alphabet), next(head.parameters())
    draws = torch.rand(count, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)).tolist()
    rows: list[Tensor] = []
    letters: list[str] = []
    codes, state = torch.tensor(indices(read, alphabet)), None
    for draw in draws:
        output, state = rnn(one_hot(codes, V).to(like).unsqueeze(1), state)
        row = chances(head(output[-1, 0]), temperature)
        if not row.isfinite().all():
            notes = (*notes, "Drawing ends here: the network's numbers are no longer finite.")
            break
        reached = row.cumsum(0)
        codes = torch.searchsorted(reached, draw * reached[-1:], right=True).clamp(max=V - 1)
        rows.append(row)
        letters.append(alphabet[int(codes)])
    empty = torch.zeros(0, V, dtype=torch.float64)
    return Sample(read, "".join(letters), torch.stack(rows) if rows else empty, notes)


def chances(logits: Float[Tensor, "*N V"], temperature: int | float = 1.0) -> Float[Tensor, "*N V"]:
    """softmax(logits / temperature) in float64; at temperature 0 all for the largest, the first of equals.

    Raises ``ValueError`` for a temperature that is negative or not finite.
    """
    if not 0 <= temperature < math.inf:
        raise ValueError(f"expected a temperature of at least 0, got {temperature}; choose such a one")
    exact = logits.double()
    if temperature == 0:
        top = one_hot(exact.argmax(-1), exact.shape[-1]).double()
        return torch.where(exact.isfinite().all(-1, keepdim=True), top, math.nan)
    # First the largest to 0, so that a small temperature gives -inf at worst, and never inf - inf.
    return ((exact - exact.amax(-1, keepdim=True)) / temperature).softmax(-1)


@torch.no_grad()
def read(model: nn.Module, alphabet: tuple[str, ...], text: str, temperature: int | float = 1.0) -> Reading:
    """The model as it reads a text from a state of zero.

    Raises ``ValueError`` for an empty text or one of more than :data:`LONGEST_READING` characters.
    """
    rnn, head = _parts(model, alphabet)
    text, notes = known(text, alphabet)
    if not 1 <= len(text) <= LONGEST_READING:
        raise ValueError(
            f"expected a text of 1 to {LONGEST_READING:,} characters, got {len(text):,}; give one of that length"
        )
    codes = torch.tensor(indices(text, alphabet))
    x = one_hot(codes, len(alphabet)).to(next(head.parameters())).unsqueeze(1)
    layer = trace(rnn, x).layers[0]
    after = chances(head(layer.h[:, 0]), temperature)
    hit = after[:-1].gather(1, codes[1:].unsqueeze(1))[:, 0]
    bits = torch.cat([hit.new_full((1,), math.nan), -hit.log2()])
    return Reading(text, layer.h[:, 0], None if layer.c is None else layer.c[:, 0], after, bits, notes)


def next_letters(
    model: nn.Module, alphabet: tuple[str, ...], text: str, count: int = 5, temperature: int | float = 1.0
) -> tuple[tuple[str, float], ...]:
    """The most probable letters after a text with their probabilities, the first the most probable one."""
    return most_probable(read(model, alphabet, text, temperature).chances[-1], alphabet, count)


def most_probable(
    row: Float[Tensor, " V"], alphabet: tuple[str, ...], count: int = 5
) -> tuple[tuple[str, float], ...]:
    """The ``count`` largest of these probabilities with their letters, equal ones in the order of the alphabet."""
    values, places = row.sort(descending=True, stable=True)
    pairs = zip(places[:count].tolist(), values[:count].tolist(), strict=True)
    return tuple((alphabet[place], value) for place, value in pairs)


def neurons(model: nn.Module, alphabet: tuple[str, ...], text: str, memory: bool = False) -> Neurons:
    """What each unit does over a text (Karpathy et al. 2015, arXiv:1506.02078), and which follow something nameable.

    With ``memory`` the units of c, for cells that have it, else those of h.
    """
    reading = read(model, alphabet, text)
    states = reading.c if memory and reading.c is not None else reading.h
    rows = {name: of(reading.text) for name, of in PROPERTIES.items()}
    rows = {name: row for name, row in rows.items() if _varies(row)}
    table = torch.tensor(list(rows.values()), dtype=torch.float64).view(len(rows), len(reading.text))
    found = correlations(table, states.double())
    telling: list[Telling] = []
    for name, row in zip(rows, found, strict=True):
        unit = int(row.abs().nan_to_num(-1).argmax())
        if row[unit].isfinite():
            telling.append(Telling(unit, name, row[unit].item()))
    telling.sort(key=lambda one: -abs(one.correlation))
    return Neurons(reading.text, states, tuple(rows), found, tuple(telling), reading.notes)


def correlations(rows: Float[Tensor, "P N"], states: Float[Tensor, "N H"]) -> Float[Tensor, "P H"]:
    """Pearson's correlation of each row with each unit over time; NaN where one of them does not vary."""
    a = rows - rows.mean(1, keepdim=True)
    b = states - states.mean(0)
    # A unit at rest differs from its mean by rounding alone.
    still = (states.amax(0) == states.amin(0)) | (rows.amax(1) == rows.amin(1)).unsqueeze(1)
    found: Tensor = a @ b / (a.norm(dim=1, keepdim=True) * b.norm(dim=0))
    return found.clamp(-1, 1).masked_fill(still, math.nan)


def _parts(model: nn.Module, alphabet: tuple[str, ...]) -> tuple[nn.Module, nn.Module]:
    """The recurrent module and its head, or ``ValueError`` where they do not speak this alphabet."""
    rnn, head = model.get_submodule("rnn"), model.get_submodule("head")
    sizes = {getattr(rnn, "input_size", None), getattr(head, "out_features", None)}
    if sizes != {len(alphabet)}:
        raise ValueError(
            f"expected a model that reads and says {len(alphabet)} letters, got one with "
            f"{getattr(rnn, 'input_size', None)} inputs and {getattr(head, 'out_features', None)} outputs; "
            "take the alphabet of its task"
        )
    return rnn, head


def _varies(row: list[float]) -> bool:
    """Whether a property differs enough over the text to be held against the units."""
    if set(row) <= {0.0, 1.0}:
        return FEWEST <= sum(row) <= len(row) - FEWEST
    return len(set(row)) > 1

"""A trained memory of three bits: the network that lies in ``data/flipflop.safetensors``, and how it was made.

A vanilla tanh RNN that learned the task of Sussillo & Barak 2013 (Neural Computation 25:626-649, section 4.1). Its file
is written by ``python -m rnnviz.flipflop``, in some seconds.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnviz import tasks
from rnnviz.fixedpoints import FixedPoints, Way, fixed_points, ways
from rnnviz.race import Race
from rnnviz.tasks import Batch, Task
from rnnviz.training.model import SequenceModel, build_model, model_of

RACE = Race(task="flipflop", cells=("rnn",), length=25, hidden=12, batch=32, steps=1200, rate=0.01)
"""What was chosen for the training. The learning rate falls to 0 along half a cosine."""

FILE = "flipflop.safetensors"

STARTS = 300
"""States from which the fixed points are searched, each a mixture of four that the network visits."""

FRESH = 900_000
"""Added to the seed of sequences that the training has never seen."""


def train(seed: int = 0, updates: int | None = None) -> dict[str, Tensor]:
    """The weights after the training, or after so many ``updates`` of it: a state dict of a ``SequenceModel``.

    The same seed gives the same weights on the same machine; another one may round otherwise.
    """
    race = replace(RACE, seed=seed)
    task, model = tasks.make(race), build_model(race, "rnn")
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=race.rate)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, race.steps)
    for _ in range(race.steps if updates is None else updates):
        batch = task.batch(race.batch, generator)
        optimiser.zero_grad()
        task.loss(model(batch.x), batch).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), race.clip or 1.0)
        optimiser.step()
        falling.step()
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


@cache
def network() -> SequenceModel:
    """The network in the file, in float32, not to be trained on."""
    from safetensors.torch import load

    tensors = load((files("rnnviz") / "data" / FILE).read_bytes())
    return model_of(RACE, "rnn", tensors).requires_grad_(False)


def sequences(count: int, length: int, seed: int = 0) -> tuple[Task, Batch]:
    """``count`` sequences of ``length`` steps that the training has not seen, and the task that judges answers."""
    task = tasks.make(replace(RACE, length=length))
    return task, task.batch(count, torch.Generator().manual_seed(FRESH + seed))


@torch.no_grad()
def accuracy(model: SequenceModel, count: int = 64, length: int = 100) -> float:
    """The share of bits that are right by their sign, of all that have been set, in fresh sequences."""
    task, batch = sequences(count, length)
    share = task.accuracy(model(batch.x), batch)
    return math.nan if share is None else share


def memories(model: SequenceModel) -> tuple[FixedPoints, tuple[Way, ...]]:
    """The fixed points without input that are found from between visited states, and the ways from saddles."""
    _, batch = sequences(64, 100, seed=1)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        states = model.rnn(batch.x)[0].flatten(0, 1)
    picked = states[torch.randint(len(states), (STARTS, 4), generator=generator)]
    shares = torch.rand(STARTS, 4, 1, generator=generator).square()
    starts = (picked * shares / shares.sum(1, keepdim=True)).sum(1)
    quiet = torch.zeros(batch.x.shape[2])
    found = fixed_points(model.rnn, quiet, starts)
    return found, ways(model.rnn, quiet, found)


@torch.no_grad()
def bits(model: SequenceModel, states: Float[Tensor, "K H"]) -> tuple[str, ...]:
    """What the network says in each of these states, by sign, such as "+−+"."""
    said = model.head(states.to(model.head.weight.dtype))
    return tuple("".join("+" if value > 0 else "−" for value in row) for row in said.tolist())


def main() -> None:
    """Train, write the file, and say what has come out."""
    from safetensors.torch import save_file

    path = Path(__file__).parent / "data" / FILE
    tensors = train()
    save_file(tensors, path, metadata={"race": json.dumps(RACE.to_spec()), "by": "python -m rnnviz.flipflop"})
    model = model_of(RACE, "rnn", tensors)
    found, _ = memories(model)
    kinds = ", ".join(f"{found.count(kind)} {kind}" for kind in ("stable", "saddle", "unstable"))
    print(f"{path.name}: {path.stat().st_size:,} bytes; {accuracy(model):.2%} of the bits are right; {kinds}")


if __name__ == "__main__":
    main()

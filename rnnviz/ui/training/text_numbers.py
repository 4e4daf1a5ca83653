"""What the section on text shows of a run: its networks as they are now, what they write, and what they read.

Everything is computed from the weights that the run has saved, and kept for whoever asks next, by the run and by these
very weights: nothing of one run is ever found under another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnnviz.ui import engine, preload
from rnnviz.ui.shelf import Shelf
from rnnviz.ui.training import pictures
from rnnviz.ui.training.shown import Shown, epoch_of

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.letters import Neurons
    from rnnviz.tasks.text import Text

LAST, BEST, BEFORE = "last", "best", "before"

WRITTEN, BEFORE_WRITTEN = 200, 100
"""Characters that are drawn at once, by the trained and the untrained network."""

READ, COLOURED, SPELT = 2000, 400, 90
"""Characters of the test part that are read, that are shown in colours, and that have a bar each."""


@dataclass(frozen=True, eq=False)
class Writer:
    """A network of a text race with its weights as they were saved.

    ``mark`` names the weights: equal for equal ones of the same run. ``loss`` is its loss on all test windows, in nats
    per character; ``step`` the training step after which it was saved, or None where no epoch has that loss.
    """

    model: Any
    task: Text
    mark: tuple[str, str, str]
    loss: float
    step: int | None


@dataclass(frozen=True)
class Written:
    """What a network wrote after a prompt, as it was read, and what is to be said of it."""

    prompt: str
    text: str
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Surprise:
    """The passage, and -log2 p of each of its characters given those before it, in bits; NaN for the first."""

    text: str
    bits: Tensor

    @property
    def mean(self) -> float:
        """Bits per character."""
        return float(self.bits[1:].mean())


# A network of 128 units and 96 letters holds 0.5 MB, its units over the passage 1 MB.
_models: Shelf[tuple[Any, float]] = Shelf(24)
_writers: Shelf[Writer | None] = Shelf(24)
_samples: Shelf[Written] = Shelf(512)
_tops: Shelf[tuple[tuple[str, float], ...]] = Shelf(512)
_surprises: Shelf[Surprise] = Shelf(48)
_neurons: Shelf[Neurons] = Shelf(24)


def writer(shown: Shown, cell: str, which: str) -> Writer | None:
    """The network of that cell: ``last`` saved, ``best``, or ``before`` training; None while nothing is saved."""
    run = shown.run
    version = 0 if which == BEFORE else run.version
    return _writers.get((run.id, version, cell, which), lambda: _writer(shown, cell, which))


def sample(one: Writer, prompt: str, temperature: int | float, seed: int, count: int = WRITTEN) -> Written:
    """What the network writes after the prompt."""
    from rnnviz import letters

    def draw() -> Written:
        found = letters.sample(one.model, one.task.alphabet, prompt, count, temperature, seed)
        return Written(found.prompt, found.text, found.notes)

    return _samples.get((*one.mark, prompt, temperature, seed, count), draw)


def top(one: Writer, prompt: str, temperature: int | float) -> tuple[tuple[str, float], ...]:
    """The five letters that it finds most probable after the prompt; an empty one is what :func:`sample` reads."""
    from rnnviz import letters

    read = sample(one, prompt, temperature, 0, 0).prompt
    return _tops.get(
        (*one.mark, read, temperature),
        lambda: letters.next_letters(one.model, one.task.alphabet, read, 5, temperature),
    )


def surprise(one: Writer) -> Surprise:
    """How much each character of the passage surprises the network."""
    from rnnviz import letters

    def read() -> Surprise:
        found = letters.read(one.model, one.task.alphabet, passage(one.task))
        return Surprise(found.text, found.surprise)

    return _surprises.get(one.mark, read)


def neurons(one: Writer, memory: bool) -> Neurons:
    """Its units over the passage."""
    from rnnviz import letters

    return _neurons.get(
        (*one.mark, memory), lambda: letters.neurons(one.model, one.task.alphabet, passage(one.task), memory)
    )


def task_of(shown: Shown) -> Text:
    """The text task of a run."""
    from rnnviz.tasks.text import Text

    task = pictures.task(shown.race)
    assert isinstance(task, Text)
    return task


def passage(task: Text) -> str:
    """The first characters of the test part, from the beginning of a line where one is near."""
    text = task.text[task.start :]
    begin = text.find("\n", 0, min(200, len(text) // 2)) + 1
    while text[begin] == "\n" and begin < len(text) // 2:
        begin += 1
    return text[begin : begin + READ]


def opening(task: Text) -> str:
    """What is read before anything is typed: "the ", or the first letters of the test part."""
    common = "the "
    return common if set(common) <= set(task.alphabet) else passage(task)[:4].replace("\n", " ")


def _writer(shown: Shown, cell: str, which: str) -> Writer | None:
    preload.ensure()
    import torch

    from rnnviz import training

    race = shown.race
    task = task_of(shown)
    tensors: Mapping[str, Any] | None = engine.runs().weights(shown.run.id, f"{which}:{cell}")
    if tensors is None and which != BEFORE:
        return None
    if tensors is None:
        tensors = training.build_model(race, cell, task).state_dict()
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(tensors):
        digest.update(tensors[name].detach().contiguous().numpy().tobytes())
    mark = (shown.run.id, cell, digest.hexdigest())

    def judged() -> tuple[Any, float]:
        model = training.model_of(race, cell, tensors, task).requires_grad_(False)
        with torch.inference_mode():
            return model, float(task.loss(model(task.test.x), task.test))

    model, loss = _models.get(mark, judged)
    if which == BEFORE:
        return Writer(model, task, mark, loss, 0)
    epoch = epoch_of(shown.epochs.get(cell, ()), loss, last=which == LAST)
    return Writer(model, task, mark, loss, None if epoch is None else epoch.step)

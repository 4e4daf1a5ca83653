"""What is computed and drawn of an architecture, made once for all who look at the same."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from rnnviz.architectures.config import Shape
from rnnviz.runs import RunsError
from rnnviz.ui import engine, preload
from rnnviz.ui.architectures import choice
from rnnviz.ui.session import Session

if TYPE_CHECKING:
    from rnnviz.architectures.problems import Problem
    from rnnviz.architectures.seen import Seen
    from rnnviz.figures.drawing import Spec

KEPT = 96
"""Networks watched that are kept. The largest (4 layers of 64 units, 24 steps, twice) holds some 60 KB."""

SMALL = 4
"""Steps of a miniature."""


def run_of(session: Session, shape: Shape) -> str:
    """The run whose weights are shown for a shape, or "" for those as drawn."""
    if session.view.stage != "trained":
        return ""
    try:
        found = choice.find(session, shape)
    except RunsError:
        return ""
    return found.run.id if found is not None and found.trained and has(shape, found.run.id) else ""


def seen(shape: Shape, run: str = "") -> Seen:
    """What the network did: with the weights that a run has trained, or with "" as drawn.

    ``LookupError`` or ``ValueError`` for a run without them; see :func:`has`.
    """
    preload.ensure()
    found: Seen = _seen(shape, run)
    return found


def has(shape: Shape, run: str) -> bool:
    """Whether the weights of a run are there and fit."""
    preload.ensure()
    try:
        _seen(shape, run)
    except (LookupError, ValueError):
        return False
    return True


def problem(shape: Shape) -> Problem:
    """What it is to learn."""
    preload.ensure()
    from rnnviz.architectures.problems import problem_of

    return problem_of(shape)


@lru_cache(maxsize=KEPT)
def parameters(shape: Shape) -> int:
    """How many numbers are learned."""
    preload.ensure()
    from rnnviz.architectures.model import build_model

    return sum(one.numel() for one in build_model(shape).parameters())


@lru_cache(maxsize=KEPT)
def diagram(shape: Shape) -> str:
    """The unrolled network as SVG."""
    from rnnviz.architectures.diagrams import diagram_of
    from rnnviz.figures.architecture_diagram import svg

    return svg(diagram_of(shape))


@cache
def miniature(kind: str) -> str:
    """The same in small, over few steps and without words."""
    from rnnviz.architectures.diagrams import diagram_of
    from rnnviz.figures.architecture_diagram import svg

    return svg(diagram_of(Shape(kind=kind, length=SMALL)), small=True)


@lru_cache(maxsize=KEPT)
def answer(shape: Shape, run: str = "") -> Spec:
    """The answer to sequence 0, against the truth."""
    from rnnviz.figures.architecture_answer import answer

    asked = problem(shape)
    return answer.spec(seen(shape, run), asked.channels, asked.outputs, classes=asked.kind == "classes")


@lru_cache(maxsize=KEPT)
def strips(shape: Shape, run: str = "") -> Spec:
    """States and gradients of every clock."""
    from rnnviz.figures.architecture_strips import strips

    found = seen(shape, run)
    return strips.spec(found.strips, beside=found.beside)


@lru_cache(maxsize=KEPT)
def compared(shape: Shape, run: str, other: Shape, other_run: str) -> Spec:
    """The same, on an axis of gradients that it shares with another network."""
    from rnnviz.figures.architecture_strips import strips

    return strips.spec(seen(shape, run).strips, reach=seen(other, other_run).strips)


@lru_cache(maxsize=KEPT)
def told(shape: Shape, which: int, run: str = "") -> Spec:
    """The answer of one of the networks that differ in their context."""
    from rnnviz.figures.architecture_contexts import alone

    found = seen(shape, run)
    return alone.spec(found.contexts[which], found, which)


@lru_cache(maxsize=KEPT)
def _seen(shape: Shape, run: str) -> Any:
    from rnnviz.architectures.observed import observe

    if not run:
        return observe(shape)
    tensors = engine.runs().weights(run, "after")
    if tensors is None:
        raise LookupError(f"expected the weights of the run {run!r}, got none; train it again")
    return observe(shape, tensors)

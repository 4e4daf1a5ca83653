"""What an architecture shows, in sentences that quote the measured numbers. HTML without anything that a user typed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from rnnviz.architectures.config import FIELD, Shape
from rnnviz.architectures.epoch import kept
from rnnviz.architectures.sizes import CONTEXTS, shorts
from rnnviz.prose import listed
from rnnviz.ui.architectures.choice import Shown
from rnnviz.ui.architectures.shapes import name
from rnnviz.ui.findings import number, share

CONTEXT = dict(CONTEXTS)
"""What stands for each of the three contexts, by name."""

if TYPE_CHECKING:
    from rnnviz.architectures.problems import Problem
    from rnnviz.architectures.seen import Seen, Strip


def sentences(
    shape: Shape,
    problem: Problem,
    seen: Seen,
    before: Seen,
    shown: Shown | None,
    parameters: int,
) -> list[str]:
    """What was learned, what reaches step 1, and what this architecture in particular shows.

    ``seen`` is what is on the screen, ``before`` the same network untrained (the same object where that is shown).
    """
    said = [_learned(problem, shown, seen is not before)]
    if seen.contexts:
        said += _contexts(shape, seen)
    else:
        said.append(_here(shape, problem, seen, before, shown))
        said += [_gradient(strip) for strip in seen.strips if strip.dh is not None]
    said.append(_special(shape, seen))
    cell = FIELD["cell"].label_of(shape.cell)
    said.append(f"The network has <b>{parameters:,}</b> parameters ({escape(cell)}, {shape.hidden} units).")
    return [sentence for sentence in said if sentence]


def _learned(problem: Problem, shown: Shown | None, trained: bool) -> str:
    """The test loss before and after, and what whoever has not read the input gets, of the length trained on."""
    from rnnviz.architectures.problems import problem_of

    unit = "cross-entropy in nats" if problem.kind == "classes" else "mean squared error"
    beside = listed(
        [
            f"{escape(yard.label)}: <b>{number(yard.value)}</b>"
            for yard in (problem if shown is None else problem_of(shown.shape)).yardsticks
            if yard.metric == "loss"
        ]
    )
    if shown is None or not shown.epochs:
        return f"To beat on test sequences ({unit}), {beside}."
    first, last = shown.epochs[0], kept(shown.epochs)
    text = f"On test sequences the loss ({unit}) is <b>{number(first['test_loss'])}</b> before training"
    if trained:
        lowest = "it" if last.get("validation_loss") is None else "that on validation sequences"
        text += (
            f" and <b>{number(last['test_loss'])}</b> after {last['step']:,} steps, where {lowest} was lowest"
        )
        if last["parts"]:
            each = [f"{_whole(CONTEXT[key])} <b>{number(one)}</b>" for key, one in last["parts"].items()]
            text += f" ({listed(each)})"
        if last["accuracy"] is not None:
            text += f", with <b>{share(last['accuracy'])}</b> right"
    return f"{text}; {beside}."


def _here(shape: Shape, problem: Problem, seen: Seen, before: Seen, shown: Shown | None) -> str:
    """The loss on the sequence that is drawn, now and untrained."""
    if seen is before:
        return f"On the sequence drawn here the untrained network has a loss of <b>{number(seen.loss)}</b>."
    text = (
        f"On the sequence drawn here the loss is <b>{number(seen.loss)}</b>; untrained it was "
        f"<b>{number(before.loss)}</b>."
    )
    if shown is not None and shown.shape.length != shape.length:
        text += f" It was trained on {shown.shape.length} steps and reads {shape.length}."
    return text


def _gradient(strip: Strip) -> str:
    """What of the gradient reaches the first step of a clock, against the last."""
    assert strip.dh is not None
    first, last = float(strip.dh[0]), float(strip.dh[-1])
    whose = "" if strip.name == "states" else f" ({escape(strip.name)})"
    text = f"The gradient ‖∂L/∂h‖{whose} is <b>{number(first)}</b> at step {strip.t[0]} and <b>{number(last)}</b> "
    text += f"at step {strip.t[-1]}"
    if first > 0 and last > 0 and math.isfinite(first) and math.isfinite(last):
        text += f", a ratio of <b>{number(first / last)}</b>"
    return text + "."


def _contexts(shape: Shape, seen: Seen) -> list[str]:
    """The three contexts against each other."""
    N, H = shape.length, shape.hidden
    losses = listed([f"{_whole(one.label)} <b>{number(one.loss)}</b>" for one in seen.contexts])
    flows = listed([f"{_whole(one.label)} <b>{number(one.dcontext)}</b>" for one in seen.contexts])
    first = listed([f"{_whole(one.label)} <b>{number(_at_first(one.strips))}</b>" for one in seen.contexts])
    return [
        f"Loss on this sequence: {losses}.",
        f"Gradient that comes back to the context, ‖∂L/∂c‖: {flows}.",
        f"Of it there reaches the encoder's first state, ‖∂L/∂h<sub>1</sub>‖: {first}.",
        "The three are networks of their own, with weights of their own, that learn from the same batches. "
        f"{_whole(CONTEXT['learned'])} has <b>{H * H + H:,}</b> parameters for g, {_whole(CONTEXT['all'])} has "
        f"<b>{N * H * H + H:,}</b>.",
    ]


def _special(shape: Shape, seen: Seen) -> str:
    """What this architecture alone shows."""
    match shape.kind:
        case "attention" if seen.weights is not None:
            at = int(seen.x[:, 1].argmax())
            weight = float(seen.weights[0, at])
            equal = 1 / len(seen.x)
            return (
                f"The weight on the marked step, {at + 1}, is <b>{number(weight)}</b>; equal weights would be "
                f"{number(equal)}."
            )
        case "bidirectional":
            return (
                "At step 1 the backward state has read every input and the forward one only the first; "
                "at the last step it is the other way round."
            )
        case "hierarchical":
            lower, upper = seen.strips
            return (
                f"From the last answer back to the end of the first short sequence it is <b>{len(upper.t) - 1}</b> "
                f"{'step' if len(upper.t) == 2 else 'steps'} of the upper clock; a single layer takes "
                f"{len(lower.t) - shorts(shape.length)[0]}."
            )
        case "residual" if seen.beside:
            return (
                f"Layer 1 gets <b>{number(_share(seen.strips))}</b> times the gradient of the top layer (means over "
                "the steps); with the skips taken out of the same weights it would be "
                f"<b>{number(_share(seen.beside))}</b> times."
            )
    return ""


def _whole(label: str) -> str:
    """The name of a context, which does not break between its letters."""
    return name(label).replace(" ", "\N{NO-BREAK SPACE}")


def _share(strips: Sequence[Strip]) -> float:
    """The mean gradient of the lowest layer as a share of that of the top one."""
    top = _mean(strips[-1])
    return _mean(strips[0]) / top if top else math.nan


def _mean(strip: Strip) -> float:
    return float(strip.dh.double().mean()) if strip.dh is not None else 0.0


def _at_first(strips: Sequence[Strip]) -> float:
    dh = strips[0].dh
    return float(dh[0]) if dh is not None else 0.0

"""The diagrams of one recurrent layer, read out or fed in different ways."""

from __future__ import annotations

from itertools import pairwise

from rnnviz.architectures.config import Shape
from rnnviz.architectures.diagram import Diagram
from rnnviz.architectures.sketch import Sketch, begun, cell_name, cells, columns, low, outputs, reading


def n_to_n(shape: Shape) -> Diagram:
    """A cell at every step, an answer above each."""
    sketch, steps = reading(shape)
    outputs(sketch, steps, 2, "cell")
    return sketch.done(
        f"N to N: at each of {shape.length} steps the {cell_name(shape)} reads an input and its own last state, "
        "and an answer is read off the new one.",
        ("steps", steps),
    )


def n_to_1(shape: Shape) -> Diagram:
    """One answer, above the last cell."""
    sketch, steps = reading(shape)
    sketch.box("y", "ŷ", len(steps) - 1, 2, "output", "the answer: the linear head of the last state")
    sketch.link(f"cell{shape.length}", "y")
    return sketch.done(
        f"N to 1: the {cell_name(shape)} reads {shape.length} inputs, and one answer is read off its last state.",
        ("steps", steps),
    )


def one_to_n(shape: Shape) -> Diagram:
    """One input, below the first cell or below all."""
    sketch, steps = Sketch(), columns(shape.length)
    each = shape.kind == "one_to_n_each"
    sketch.box(
        "x", "x", 0, 0, "input", "the one input" + (", read at every step" if each else ", read at step 1")
    )
    cells(sketch, shape, steps)
    for t in steps if each else steps[:1]:
        if t is not None:
            sketch.link("x", f"cell{t}")
    outputs(sketch, steps, 2, "cell")
    how = "read again at every step" if each else "read at the first step; zeros follow"
    return sketch.done(
        f"1 to N: one input, {how}. The {cell_name(shape)} takes {shape.length} steps, each with an answer.",
        ("steps", steps),
    )


def attention(shape: Shape) -> Diagram:
    """A weight above every state, and a context that they add up to."""
    sketch, steps = reading(shape)
    sketch.row("alpha", steps, 2, "attention", "α{low}", "weight of step {t}: softmax of its score over time")
    sketch.up("cell", "alpha", steps)
    middle = (len(steps) - 1) / 2
    sketch.box("c", "c", middle, 3, "context", "the context: all states, summed by their weights")
    for t in steps:
        if t is not None:
            sketch.link(f"alpha{t}", "c", "weight", f"α{low(t)}h{low(t)}")
    sketch.box("y", "ŷ", middle, 4, "output", "the answer: the linear head of the context")
    sketch.link("c", "y")
    return sketch.done(
        f"Attention on top: the {cell_name(shape)} reads {shape.length} inputs; its states, each times a weight, "
        "add up to a context, and one answer is read off that.",
        ("steps", steps),
    )


def layernorm(shape: Shape) -> Diagram:
    """A norm below every cell, which the last state goes through too."""
    sketch, steps = begun(shape)
    sketch.row("norm", steps, 1, "norm", "LN", "layer norm of what x{low} and h{before} bring at step {t}")
    words = f"the {cell_name(shape)} at step {{t}}: its gates see normalised values"
    sketch.row("cell", steps, 2, "cell", cell_name(shape), words, gap=True)
    sketch.up("x", "norm", steps)
    sketch.up("norm", "cell", steps)
    for before, after in pairwise(steps):
        start = "cellgap" if before is None else f"cell{before}"
        sketch.link(start, "cellgap" if after is None else f"norm{after}", "state")
    sketch.box("y", "ŷ", len(steps) - 1, 3, "output", "the answer: the linear head of the last state")
    sketch.link(f"cell{shape.length}", "y")
    return sketch.done(
        f"Layer norm: at each of {shape.length} steps what input and last state bring is normalised before the "
        f"{cell_name(shape)} sees it; one answer is read off the last state.",
        ("steps", steps),
    )

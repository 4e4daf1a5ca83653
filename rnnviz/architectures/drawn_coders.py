"""The diagrams of encoder and decoder."""

from __future__ import annotations

from itertools import pairwise

from rnnviz.architectures.config import Shape
from rnnviz.architectures.diagram import Diagram
from rnnviz.architectures.sizes import CONTEXTS, said
from rnnviz.architectures.sketch import Columns, Sketch, cell_name, cells, columns, inputs


def n_to_m(shape: Shape) -> Diagram:
    """Encoder and decoder in one row, each answer fed to the next cell."""
    sketch, N, M = Sketch(), shape.length, said(shape)
    read, spoken = columns(N, 5), tuple(None if t is None else N + t for t in columns(M, 4))
    inputs(sketch, read)
    words = "the encoder at step {t}: from h{before} and x{low} to h{low}"
    sketch.row("cell", read, 1, "cell", cell_name(shape), words, gap=True)
    sketch.along("cell", read)
    sketch.up("x", "cell", read)
    words = "the decoder at step {t}: reads what was said last"
    sketch.row("said", spoken, 1, "cell", cell_name(shape), words, left=len(read), gap=True)
    sketch.link(f"cell{N}", f"said{N + 1}", "state", "state")
    sketch.along("said", spoken)
    sketch.row("y", spoken, 2, "output", "ŷ{low}", "answer for step {t}, read at the next", left=len(read))
    sketch.up("said", "y", spoken)
    sketch.link(f"x{N}", f"said{N + 1}", "feed")
    _fed_back(sketch, spoken)
    return sketch.done(
        f"N to M: an encoder {cell_name(shape)} reads {N} inputs; a decoder {cell_name(shape)} starts from its last "
        f"state and says {M} values in steps of its own, each read at the next step.",
        ("steps", read),
        ("steps", spoken),
    )


def contexts(shape: Shape) -> Diagram:
    """An encoder, three contexts, and a decoder that one of them is fed to."""
    sketch, N, M = Sketch(), shape.length, said(shape)
    read, spoken = columns(N, 4), tuple(None if t is None else N + t for t in columns(M, 4))
    inputs(sketch, read)
    cells(sketch, shape, read)
    sketch.up("x", "cell", read)
    at = len(read)
    for y, (name, label) in enumerate(CONTEXTS, 1):
        sketch.box(name, label.removeprefix("c = "), at, y, "context", f"{label}: a network of its own")
        for t in read if name == "all" else (N,):
            sketch.link("cellgap" if t is None else f"cell{t}", name)
    sketch.box("c", "c", at + 1, 2, "context", "one of the three, the same at every step of the decoder")
    for name, _ in CONTEXTS:
        sketch.link(name, "c")
    words = "the decoder at step {t}: reads c and what was said last"
    sketch.row("said", spoken, 2, "cell", cell_name(shape), words, left=at + 2, gap=True)
    sketch.along("said", spoken)
    for k, t in enumerate(spoken):
        if t is not None:
            sketch.link("c", f"said{t}", "skip" if k else "value")
    sketch.row("y", spoken, 3, "output", "ŷ{low}", "answer for step {t}, read at the next", left=at + 2)
    sketch.up("said", "y", spoken)
    _fed_back(sketch, spoken)
    return sketch.done(
        f"Contexts: an encoder {cell_name(shape)} reads {N} inputs; a decoder is told one context c at each of its {M} "
        "steps: the last state, a learned function of it, or one of all states. Each of the three is a network of its "
        "own; they are drawn as one.",
        ("steps", read),
        ("steps", spoken),
    )


def _fed_back(sketch: Sketch, spoken: Columns) -> None:
    """From each answer to the cell of the next step."""
    for before, after in pairwise(spoken):
        if before is not None:
            sketch.link(f"y{before}", "saidgap" if after is None else f"said{after}", "feed")

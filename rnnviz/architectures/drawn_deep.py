"""The diagrams of several recurrent layers: two directions, layers, ways past them, and two clocks."""

from __future__ import annotations

from itertools import pairwise

from rnnviz.architectures.config import Shape
from rnnviz.architectures.diagram import Diagram
from rnnviz.architectures.sizes import answered, shorts
from rnnviz.architectures.sketch import GAP, Columns, Sketch, begun, cell_name, columns, inputs, low, outputs


def bidirectional(shape: Shape) -> Diagram:
    """Two rows of cells, one of which goes back."""
    sketch, steps = begun(shape)
    sketch.row(
        "cell",
        steps,
        1,
        "cell",
        f"{cell_name(shape)} →",
        "forwards at step {t}: knows x₁ to x{low}",
        gap=True,
    )
    last = low(shape.length)
    words = f"backwards at step {{t}}: knows x{{low}} to x{last}"
    sketch.row("back", steps, 2, "cell_back", f"← {cell_name(shape)}", words, gap=True)
    sketch.along("cell", steps)
    sketch.along("back", steps, back=True)
    sketch.up("x", "cell", steps)
    sketch.up("x", "back", steps, "skip")
    outputs(sketch, steps, 3, "back")
    sketch.up("cell", "y", steps, "skip")
    return sketch.done(
        f"Bidirectional: one {cell_name(shape)} reads {shape.length} inputs forwards, another backwards; "
        "at each step an answer is read off both their states.",
        ("steps", steps),
    )


def stacked(shape: Shape) -> Diagram:
    """A row of cells for each layer."""
    sketch, steps = begun(shape)
    below = "x"
    for level in range(1, shape.layers + 1):
        name = f"layer{level}_"
        words = f"layer {level} at step {{t}}: reads what is below, and its own last state"
        sketch.row(name, steps, level, "cell", cell_name(shape), words, gap=True)
        sketch.along(name, steps)
        sketch.up(below, name, steps)
        below = name
    outputs(sketch, steps, shape.layers + 1, below)
    return sketch.done(
        f"Stacked: {_count(shape.layers)} of {cell_name(shape)} over {shape.length} steps, each reading the states of "
        "the one below; answers are read off the top one.",
        ("steps", steps),
    )


def residual(shape: Shape) -> Diagram:
    """A row of cells and a row of sums for each layer, with ways past the cells."""
    sketch, steps = begun(shape, 5)
    sketch.row("embed", steps, 1, "token", "h", "x{low} by a linear map, as wide as the layers")
    sketch.up("x", "embed", steps)
    below = "embed"
    for level in range(1, shape.layers + 1):
        cell, total = f"layer{level}_", f"sum{level}_"
        words = f"layer {level} at step {{t}}: its state f is added to what it reads"
        sketch.row(cell, steps, 2 * level, "cell", cell_name(shape), words, gap=True)
        sketch.row(total, steps, 2 * level + 1, "sum", "+", f"h + f after layer {level} at step {{t}}")
        sketch.along(cell, steps)
        sketch.up(below, cell, steps)
        sketch.up(cell, total, steps)
        sketch.up(below, total, steps, "skip")
        below = total
    outputs(sketch, steps, 2 * shape.layers + 2, below)
    return sketch.done(
        f"Residual: {_count(shape.layers)} of {cell_name(shape)} over {shape.length} steps; each adds its state to "
        "what it reads, so that there is a straight way from top to bottom.",
        ("steps", steps),
    )


def hierarchical(shape: Shape) -> Diagram:
    """Short rows of cells, and one cell above the end of each."""
    sketch, lengths = Sketch(), shorts(shape.length)
    ends = answered(shape)
    groups = columns(len(lengths), 3)
    column = 0
    for group in groups:
        if group is None:
            words = f"short sequences 2 to {len(lengths) - 1}, not drawn"
            sketch.box("cellgap", GAP, column, 1, "cell", words)
            sketch.box("uppergap", GAP, column, 2, "cell", words)
            sketch.link("cellgap", "uppergap")
            column += 1
            continue
        n, end = lengths[group - 1], ends[group - 1]
        begin = end - n
        steps: Columns = tuple(None if t is None else begin + t for t in columns(n, 3))
        inputs(sketch, steps, column)
        for place, t in enumerate(steps, column):
            words = f"the lower {cell_name(shape)} at step {t}"
            if t is None:
                left = f"steps {begin + 2} to {end - 1}" if n > 3 else f"step {begin + 2}"
                sketch.box(f"cellgap{group}", GAP, place, 1, "cell", f"{left}, not drawn")
            else:
                fresh = ", from a zero state" if t == begin + 1 else ""
                sketch.box(f"cell{t}", cell_name(shape), place, 1, "cell", words + fresh, t)
                sketch.link(f"x{t}", f"cell{t}")
        names = [f"cellgap{group}" if t is None else f"cell{t}" for t in steps]
        for one, next_one in pairwise(names):
            sketch.link(one, next_one, "state")
        column += len(steps)
        where = f"steps {begin + 1} to {end}"
        sketch.box(
            f"upper{group}",
            cell_name(shape),
            column - 1,
            2,
            "cell",
            f"the upper {cell_name(shape)}: one step for {where}",
            end,
        )
        sketch.link(f"cell{end}", f"upper{group}")
        sketch.box(f"y{group}", f"ŷ{low(group)}", column - 1, 3, "output", f"answer after {where}", end)
        sketch.link(f"upper{group}", f"y{group}")
    sketch.along("upper", groups)
    name, S = cell_name(shape), len(lengths)
    inner = " Of each only the first and the last step are drawn." if max(lengths) > 3 else ""
    return sketch.done(
        f"Hierarchical: {shape.length} steps in {S} short sequences of {_either(lengths)} steps. A lower {name} reads "
        f"each from a zero state; its last state is one step of an upper {name}, with an answer.{inner}",
        ("short sequences", groups),
    )


def _either(lengths: tuple[int, ...]) -> str:
    return " or ".join(str(n) for n in sorted(set(lengths)))


def _count(layers: int) -> str:
    return "one layer" if layers == 1 else f"{layers} layers"

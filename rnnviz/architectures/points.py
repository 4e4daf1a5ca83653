"""Where each architecture is looked at: the tensors that are caught on their way, and the clocks with their steps."""

from __future__ import annotations

from rnnviz.architectures.config import Shape
from rnnviz.architectures.sizes import CONTEXTS, answered, said, shorts
from rnnviz.architectures.watched import Point

Clock = tuple[str, tuple[str, ...]]
"""A clock's name, and the names of its steps."""


def points_of(shape: Shape) -> tuple[Point, ...]:
    """The points of its network, in the order in which the tensors come about."""
    make = _POINTS.get(shape.kind)
    points: list[Point] = _read(shape, "rnn") + _head("N") if make is None else make(shape)
    return tuple(points)


def clocks_of(shape: Shape) -> tuple[Clock, ...]:
    """One clock for each list of states that :class:`~rnnviz.architectures.watched.Watched` layers keep, in order."""
    read = tuple(str(t) for t in range(1, shape.length + 1))
    spoken = tuple(str(t) for t in answered(shape))
    match shape.kind:
        case "stacked" | "residual":
            return tuple((f"layer {level + 1}", read) for level in range(shape.layers))
        case "bidirectional":
            return (("forwards", read), ("backwards", read))
        case "hierarchical":
            ends = answered(shape)
            parts = zip(shorts(shape.length), ends, strict=True)
            upper = tuple(f"{end - n + 1} to {end}" if n > 1 else str(end) for n, end in parts)
            return (("lower clock", read), ("upper clock", upper))
        case "n_to_m":
            return (("encoder", read), ("decoder", spoken))
        case "contexts":
            return tuple(
                clock
                for name, _ in CONTEXTS
                for clock in ((f"encoder, {name}", read), (f"decoder, {name}", spoken))
            )
    return (("states", read),)


def letters_of(shape: Shape) -> dict[str, int]:
    """What the letters of the shapes stand for, without D and O, which the problem decides."""
    return {
        "N": shape.length,
        "M": said(shape),
        "B": shape.batch,
        "H": shape.hidden,
        "L": shape.layers if shape.kind == "stacked" else 1,
        "S": said(shape),
    }


def _read(shape: Shape, path: str, x: str = "(N, B, D)", *, words: str = "all inputs") -> list[Point]:
    """An input, all states that came of it, and what the layer leaves."""
    flat = shape.kind == "layernorm"  # a cell of one layer, whose state has no dimension for layers
    last = "(B, H)" if flat else "(1, B, H)"
    found = [
        Point(path, "in", "x", x, words),
        Point(path, "out", "h", "(N, B, H)", "the state after every step"),
        Point(path, "h_n", "h_N", last, "the last state"),
    ]
    if shape.cell == "lstm":
        found.append(Point(path, "c_n", "c_N", last, "the last memory"))
    return found


def _head(steps: str) -> list[Point]:
    letters = f"({steps}, B, O)" if steps else "(B, O)"
    words = "what the head says of every state" if steps else "what the head says"
    return [Point("head", "out", "answer", letters, words)]


def _n_to_1(shape: Shape) -> list[Point]:
    return [*_read(shape, "rnn"), Point("head", "in", "h[-1]", "(B, H)", "what the head reads"), *_head("")]


def _one_to_n(shape: Shape) -> list[Point]:
    words = "the input, then zeros" if shape.kind == "one_to_n" else "the input, repeated"
    fed = Point("rnn", "in", "fed", "(N, B, D)", words)
    return [
        Point("", "in", "x", "(1, B, D)", "one number for each sequence"),
        fed,
        *_read(shape, "rnn")[1:],
        *_head("N"),
    ]


def _attention(shape: Shape) -> list[Point]:
    return [
        *_read(shape, "rnn")[:2],
        Point("score", "out", "e", "(N, B, 1)", "a score for every step"),
        Point("softmax", "out", "α", "(N, B, 1)", "weights that sum to 1 over time"),
        Point("head", "in", "c", "(B, H)", "the states, summed by their weights"),
        *_head(""),
    ]


def _bidirectional(shape: Shape) -> list[Point]:
    found = [
        Point("rnn", "in", "x", "(N, B, D)", "all inputs"),
        Point("rnn", "out", "h", "(N, B, 2H)", "forwards and backwards, side by side"),
        Point("rnn", "h_n", "h_n", "(2, B, H)", "forwards after step N, backwards after step 1"),
    ]
    if shape.cell == "lstm":
        found.append(Point("rnn", "c_n", "c_n", "(2, B, H)", "their memories"))
    return found + _head("N")


def _stacked(shape: Shape) -> list[Point]:
    found = [
        Point("rnn", "in", "x", "(N, B, D)", "all inputs"),
        Point("rnn", "out", "h", "(N, B, H)", "the states of the top layer alone"),
        Point("rnn", "h_n", "h_N", "(L, B, H)", "the last state of each layer"),
    ]
    if shape.cell == "lstm":
        found.append(Point("rnn", "c_n", "c_N", "(L, B, H)", "the last memory of each layer"))
    return found + _head("N")


def _residual(shape: Shape) -> list[Point]:
    found = [
        Point("", "in", "x", "(N, B, D)", "all inputs"),
        Point("embed", "out", "h", "(N, B, H)", "the inputs, as wide as the layers"),
    ]
    for level in range(shape.layers):
        after = f"layers.{level + 1}" if level + 1 < shape.layers else "head"
        found += [
            Point(f"layers.{level}", "out", f"f, layer {level + 1}", "(N, B, H)", "its states"),
            Point(
                after, "in", f"h + f, layer {level + 1}", "(N, B, H)", "what it read, and its states on top"
            ),
        ]
    return found + _head("N")


def _hierarchical(shape: Shape) -> list[Point]:
    return [
        Point("", "in", "x", "(N, B, D)", "the long sequence"),
        Point("lower", "in", "x, short", "(n, B, D)", "the first short sequence"),
        Point("lower", "out", "h, lower", "(n, B, H)", "its states, of which the last is handed up"),
        Point("upper", "in", "ends", "(S, B, H)", "the last state of each short sequence"),
        Point("upper", "out", "h, upper", "(S, B, H)", "a state for each short sequence"),
        *_head("S"),
    ]


def _n_to_m(shape: Shape) -> list[Point]:
    return [
        *_read(shape, "encoder"),
        Point("decoder", "in", "said", "(1, B, D)", "the last input, then its own answers"),
        Point("decoder", "out", "s", "(1, B, H)", "the decoder's state at one step"),
        Point("head", "out", "answer, one step", "(1, B, D)", "what is said, and read at the next step"),
        Point("", "out", "answer", "(M, B, D)", "all of them"),
    ]


def _contexts(shape: Shape) -> list[Point]:
    return [
        Point("last.encoder", "in", "x", "(N, B, D)", "all inputs, for each of the three"),
        Point("last.encoder", "out", "h", "(N, B, H)", "the state after every step"),
        Point("last.g", "out", "c = h_N", "(B, H)", "the last state itself"),
        Point("learned.g", "out", "c = g(h_N)", "(B, H)", "a learned function of the last state"),
        Point("all.g", "in", "h_1 … h_N", "(B, N·H)", "all states, side by side"),
        Point("all.g", "out", "c = g(h_1 … h_N)", "(B, H)", "a learned function of all states"),
        Point("last.decoder", "in", "said, c", "(1, B, D+H)", "its own answer, and c, at one step"),
        Point("last.decoder", "out", "s", "(1, B, H)", "the decoder's state at one step"),
        Point("last", "out", "answer", "(M, B, D)", "what each of the three says"),
    ]


_POINTS = {
    "n_to_1": _n_to_1,
    "layernorm": _n_to_1,
    "one_to_n": _one_to_n,
    "one_to_n_each": _one_to_n,
    "attention": _attention,
    "bidirectional": _bidirectional,
    "stacked": _stacked,
    "residual": _residual,
    "hierarchical": _hierarchical,
    "n_to_m": _n_to_m,
    "contexts": _contexts,
}

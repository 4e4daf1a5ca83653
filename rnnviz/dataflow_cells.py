"""What each cell computes, as a graph, and what its variants change in it.

Letters are those of the registry; ``h_before`` and ``c_before`` stand for the state before the step. The step functions
of :mod:`rnnviz.cells` and :mod:`rnnviz.variants` say the same as code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from rnnviz.registry import cell_named

Kind = Literal["source", "sigmoid", "tanh", "relu", "linear", "times", "plus", "complement", "norm"]


@dataclass(frozen=True)
class Term:
    """One summand of a pre-activation.

    With a ``matrix`` it is the rows of the node's block of that parameter times ``of``, plus those of ``bias``. With
    ``gain`` the product is normalised (layer norm) and multiplied by that parameter before the bias comes; it is
    normalised over the blocks ``over``, or all where none are named. With ``each`` it is that parameter times ``of``,
    unit by unit (a peephole). Without any it is ``of`` itself. A ``bias`` or ``gain`` that the weights lack counts as
    0 or 1.
    """

    of: str
    matrix: str = ""
    bias: str = ""
    gain: str = ""
    each: str = ""
    over: tuple[str, ...] = ()


@dataclass(frozen=True)
class Node:
    """One quantity of a step, of H numbers (``x``: D).

    ``name`` is its letter, or a short word where it has none; ``of`` are the names of what it is made of, in order. A
    node with ``terms`` is the sum of these, taken from block ``block`` of the weights, through the function that
    ``kind`` names ("linear": none); with ``gain`` the sum of their products is normalised over all blocks and
    multiplied by that parameter before biases and peepholes come. Other kinds: "times" and "plus" unit by unit,
    "complement" 1 - it, "norm" layer norm with the parameters ``gain_c`` and ``bias_c``, "source" what the step is
    given. ``words`` say what it is for.
    """

    name: str
    kind: Kind
    words: str
    of: tuple[str, ...] = ()
    block: str = ""
    terms: tuple[Term, ...] = ()
    gain: str = ""


def flow_of(cell: str, *, layernorm: bool = False, residual: bool = False) -> tuple[Node, ...]:
    """The graph of a cell, each node after those that it is made of; the new state is ``h``, and ``c`` where there is.

    ``layernorm`` and ``residual`` change it as :mod:`rnnviz.variants` says: a residual connection makes ``h`` the sum
    of ``h_before`` and ``added``. ``ValueError`` for an unknown cell.
    """
    known = cell_named(cell)
    name = "lstm_layernorm" if layernorm and known.name == "lstm" else known.name
    meaning = {gate.name: gate.meaning for gate in known.gates}
    whole = layernorm and name in ("rnn", "rnn_relu", "rnn_linear", "lstm_peephole")

    def gate(letter: str, kind: Kind, *terms: Term) -> Node:
        of = tuple(dict.fromkeys(term.of for term in terms))
        return Node(letter, kind, meaning.get(letter, ""), of, letter, terms, "gain_a" if whole else "")

    x = Node("x", "source", "the input of this step")
    h = Node("h_before", "source", "the state that the step before handed on")
    c = Node("c_before", "source", "the memory that the step before handed on")
    sources = (x, h, c) if "c" in known.states else (x, h)
    match name:
        case "rnn" | "rnn_relu" | "rnn_linear":
            kind: Kind = {"rnn": "tanh", "rnn_relu": "relu", "rnn_linear": "linear"}[name]  # type: ignore[assignment]
            new = replace(
                gate("h", kind, *_both()), words="the new state, made from the input and the old state"
            )
            nodes: tuple[Node, ...] = (new,)
        case "lstm" | "lstm_peephole" | "lstm_layernorm":
            nodes = _lstm(name, gate)
        case "gru" | "gru_reset_before":
            nodes = _gru(gate, before=name == "gru_reset_before", layernorm=layernorm)
        case _:
            nodes = (gate("z", "sigmoid", _FROM_X), gate("n", "linear", _FROM_X), *_mixed("h_before", "n"))
    return (*sources, *(_residual(nodes) if residual else nodes))


_FROM_X = Term("x", "weight_ih", "bias_ih")
_FROM_H = Term("h_before", "weight_hh", "bias_hh")


def _both(*more: Term) -> tuple[Term, ...]:
    return (_FROM_X, _FROM_H, *more)


def _residual(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """What was the new state is added to the old one; it is the last node, and nothing else reads it."""
    *others, last = nodes
    added = replace(last, name="added", words="what this step adds to the old state")
    return (
        *others,
        added,
        Node("h", "plus", "the new state: the old one, and what is added", ("h_before", "added")),
    )


def _lstm(name: str, gate: Callable[..., Node]) -> tuple[Node, ...]:
    def seen(letter: str, memory: str) -> tuple[Term, ...]:
        if name == "lstm_layernorm":
            return replace(_FROM_X, gain="gain_ih"), replace(_FROM_H, gain="gain_hh")
        peep = name == "lstm_peephole" and letter != "g"
        return _both(Term(memory, each=f"weight_c{letter}")) if peep else _both()

    shown = "normal" if name == "lstm_layernorm" else "c"
    words = "the memory with mean 0 and spread 1 over its units, then scaled and shifted"
    normal = (Node("normal", "norm", words, ("c",)),) if shown == "normal" else ()
    return (
        gate("i", "sigmoid", *seen("i", "c_before")),
        gate("f", "sigmoid", *seen("f", "c_before")),
        gate("g", "tanh", *seen("g", "c_before")),
        Node("kept", "times", "what the forget gate keeps of the old memory", ("f", "c_before")),
        Node("written", "times", "what the input gate lets in of the candidate", ("i", "g")),
        Node("c", "plus", "the new memory: what is kept, and what is let in", ("kept", "written")),
        gate("o", "sigmoid", *seen("o", "c")),
        *normal,
        Node("bounded", "tanh", "the memory squeezed between -1 and 1", (shown,)),
        Node("h", "times", "the new state: what the output gate shows of the memory", ("o", "bounded")),
    )


def _gru(gate: Callable[..., Node], *, before: bool, layernorm: bool) -> tuple[Node, ...]:
    def seen(term: Term, *over: str) -> Term:
        return replace(term, gain=f"gain_{term.matrix[-2:]}", over=over) if layernorm else term

    r, z = (gate(name, "sigmoid", seen(_FROM_X, "r", "z"), seen(_FROM_H, "r", "z")) for name in "rz")
    from_x, from_h = seen(_FROM_X, "n"), seen(_FROM_H, "n")
    if before:
        reset = Node(
            "reset", "times", "what the reset gate lets the candidate see of the old state", ("r", "h_before")
        )
        n = gate("n", "tanh", from_x, replace(from_h, of="reset"))
        return (r, z, reset, n, *_mixed("h_before", "n"))
    words = "what the candidate would hear of the old state"
    product = replace(gate("n", "linear", from_h), name="product", words=words)
    reset = Node("reset", "times", "what the reset gate lets it hear", ("r", "product"))
    return (r, z, product, reset, gate("n", "tanh", from_x, Term("reset")), *_mixed("n", "h_before"))


def _mixed(first: str, second: str) -> tuple[Node, ...]:
    """h = (1 - z) first + z second."""
    words = {"h_before": "what stays of the old state", "n": "what comes in of the candidate"}
    names = {"h_before": "kept", "n": "taken"}
    return (
        Node("rest", "complement", "the share that the update gate leaves: 1 minus z", ("z",)),
        *(
            Node(names[of], "times", words[of], pair)
            for of, pair in ((first, ("rest", first)), (second, ("z", second)))
        ),
        Node("h", "plus", "the new state: what stays, and what comes in", (names[first], names[second])),
    )

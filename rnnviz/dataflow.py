"""What a cell computes, as a graph: every quantity of a step, and what it is made of.

The step functions of :mod:`rnnviz.cells` say how to compute; this says the same as data, for pictures that show each
operation and its numbers. :func:`evaluate` computes from the graph alone, and a test holds both together. Letters are
those of the registry; ``h_before`` and ``c_before`` stand for the state before the step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rnnviz.registry import cell_named

if TYPE_CHECKING:
    from torch import Tensor

Kind = Literal["source", "sigmoid", "tanh", "relu", "linear", "times", "plus", "complement", "norm"]


@dataclass(frozen=True)
class Term:
    """One summand of a pre-activation.

    With a ``matrix`` it is the rows of block ``block`` of that parameter times ``of``, plus those of ``bias``; with
    ``gain`` the product is normalised over all blocks first (layer norm), and the gain multiplies it. With ``each`` it
    is that parameter times ``of``, unit by unit (a peephole). Without any it is ``of`` itself.
    """

    of: str
    matrix: str = ""
    bias: str = ""
    gain: str = ""
    each: str = ""


@dataclass(frozen=True)
class Node:
    """One quantity of a step, of H numbers (``x``: D).

    ``name`` is its letter, or a short word where it has none; ``of`` are the names of what it is made of, in order. A
    node with ``terms`` is the sum of these, taken from block ``block`` of the weights, through the function that
    ``kind`` names ("linear": none). Other kinds: "times" and "plus" unit by unit, "complement" 1 - it, "norm" layer
    norm with the parameters ``gain_c`` and ``bias_c``, "source" what the step is given. ``words`` say what it is for.
    """

    name: str
    kind: Kind
    words: str
    of: tuple[str, ...] = ()
    block: str = ""
    terms: tuple[Term, ...] = ()


def flow_of(cell: str) -> tuple[Node, ...]:
    """The graph of a cell, each node after those that it is made of; the new state is ``h``, and ``c`` where there is.

    ``ValueError`` for an unknown cell.
    """
    known = cell_named(cell)
    meaning = {gate.name: gate.meaning for gate in known.gates}
    x = Node("x", "source", "what is read at this step")
    h = Node("h_before", "source", "the state after the step before")
    c = Node("c_before", "source", "the memory after the step before")

    def gate(name: str, kind: Kind, *terms: Term) -> Node:
        of = tuple(dict.fromkeys(term.of for term in terms))
        return Node(name, kind, meaning.get(name, ""), of, name, terms)

    match known.name:
        case "rnn" | "rnn_relu" | "rnn_linear":
            kind: Kind = {"rnn": "tanh", "rnn_relu": "relu", "rnn_linear": "linear"}[known.name]  # type: ignore[assignment]
            return (x, h, Node("h", kind, "the new state", ("x", "h_before"), "h", _both()))
        case "lstm" | "lstm_peephole" | "lstm_layernorm":
            return (x, h, c, *_lstm(known.name, gate))
        case "gru" | "gru_reset_before":
            return (x, h, *_gru(gate, before=known.name == "gru_reset_before"))
    z, n = gate("z", "sigmoid", _FROM_X), gate("n", "linear", _FROM_X)
    return (x, h, z, n, *_mixed("h_before", "n"))


def evaluate(
    cell: str, params: Mapping[str, Tensor], x: Tensor, state: tuple[Tensor, ...]
) -> dict[str, Tensor]:
    """The value of every node, by name, computed from the graph.

    ``params``, ``x`` (..., D) and ``state`` (each (..., H)) are those of the cell's step function.
    """
    import torch
    from torch.nn.functional import layer_norm

    blocks = cell_named(cell).blocks
    found = {"x": x, **{f"{name}_before": part for name, part in zip("hc", state, strict=False)}}

    def block_of(value: Tensor, name: str) -> Tensor:
        return value.chunk(len(blocks), 0)[blocks.index(name)]

    def summand(term: Term, block: str) -> Tensor:
        value = found[term.of]
        if term.each:
            return params[term.each] * value
        if not term.matrix:
            return value
        if term.gain:
            whole = value @ params[term.matrix].mT
            normed = layer_norm(whole, whole.shape[-1:], params[term.gain])
            product = normed.chunk(len(blocks), -1)[blocks.index(block)]
        else:
            product = value @ block_of(params[term.matrix], block).mT
        return product + block_of(params[term.bias], block) if term.bias in params else product

    functions: dict[str, Callable[[Tensor], Tensor]] = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "linear": lambda a: a,
    }
    for node in flow_of(cell):
        if node.kind == "source":
            continue
        values = [found[name] for name in node.of]
        if node.terms:
            total = summand(node.terms[0], node.block)
            for term in node.terms[1:]:
                total = total + summand(term, node.block)
            found[node.name] = functions[node.kind](total)
        elif node.kind == "times":
            found[node.name] = values[0] * values[1]
        elif node.kind == "plus":
            found[node.name] = values[0] + values[1]
        elif node.kind == "complement":
            found[node.name] = 1 - values[0]
        elif node.kind == "norm":
            found[node.name] = layer_norm(
                values[0], values[0].shape[-1:], params["gain_c"], params.get("bias_c")
            )
        else:
            found[node.name] = functions[node.kind](values[0])
    return found


_FROM_X = Term("x", "weight_ih", "bias_ih")
_FROM_H = Term("h_before", "weight_hh", "bias_hh")


def _both(*more: Term) -> tuple[Term, ...]:
    return (_FROM_X, _FROM_H, *more)


def _lstm(name: str, gate: Callable[..., Node]) -> tuple[Node, ...]:
    def seen(letter: str, memory: str) -> tuple[Term, ...]:
        if name == "lstm_layernorm":
            return (
                Term("x", "weight_ih", "bias_ih", "gain_ih"),
                Term("h_before", "weight_hh", "bias_hh", "gain_hh"),
            )
        peep = name == "lstm_peephole" and letter != "g"
        return _both(Term(memory, each=f"weight_c{letter}")) if peep else _both()

    shown = "normal" if name == "lstm_layernorm" else "c"
    normal = (Node("normal", "norm", "the memory, normalised", ("c",)),) if shown == "normal" else ()
    return (
        gate("i", "sigmoid", *seen("i", "c_before")),
        gate("f", "sigmoid", *seen("f", "c_before")),
        gate("g", "tanh", *seen("g", "c_before")),
        Node("kept", "times", "what is kept of the memory", ("f", "c_before")),
        Node("written", "times", "what is written into it", ("i", "g")),
        Node("c", "plus", "the new memory", ("kept", "written")),
        gate("o", "sigmoid", *seen("o", "c")),
        *normal,
        Node("bounded", "tanh", "the memory between -1 and 1", (shown,)),
        Node("h", "times", "the new state: what is shown of the memory", ("o", "bounded")),
    )


def _gru(gate: Callable[..., Node], *, before: bool) -> tuple[Node, ...]:
    gates = gate("r", "sigmoid", *_both()), gate("z", "sigmoid", *_both())
    if before:
        reset = Node("reset", "times", "what the candidate sees of the old state", ("r", "h_before"))
        n = gate("n", "tanh", _FROM_X, Term("reset", "weight_hh", "bias_hh"))
        return (*gates, reset, n, *_mixed("h_before", "n"))
    product = Node("product", "linear", "what the old state says", ("h_before",), "n", (_FROM_H,))
    reset = Node("reset", "times", "what the candidate hears of it", ("r", "product"))
    return (*gates, product, reset, gate("n", "tanh", _FROM_X, Term("reset")), *_mixed("n", "h_before"))


def _mixed(first: str, second: str) -> tuple[Node, ...]:
    """h = (1 - z) first + z second."""
    names = {
        "h_before": ("kept", "what is kept of the old state"),
        "n": ("taken", "what is taken of the new"),
    }
    parts = {
        first: ("rest", first),
        second: ("z", second),
    }
    return (
        Node("rest", "complement", "what z leaves", ("z",)),
        *(Node(names[of][0], "times", names[of][1], pair) for of, pair in parts.items()),
        Node("h", "plus", "the new state", (names[first][0], names[second][0])),
    )

"""What a cell computes, as a graph: every quantity of a step, and what it is made of.

The step functions of :mod:`rnnviz.cells` say how to compute; :mod:`rnnviz.dataflow_cells` says the same as data, for
pictures that show each operation and its numbers. :func:`evaluate` computes from the graph alone, and a test holds both
together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rnnviz.dataflow_cells import Kind, Node, Term, flow_of
from rnnviz.registry import cell_named

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Kind", "Node", "Term", "evaluate", "flow_of", "pre_activation"]


def evaluate(
    cell: str,
    params: Mapping[str, Tensor],
    x: Tensor,
    state: tuple[Tensor, ...],
    *,
    layernorm: bool = False,
    residual: bool = False,
) -> dict[str, Tensor]:
    """The value of every node of :func:`flow_of`, by name, computed from the graph.

    ``params``, ``x`` (..., D) and ``state`` (each (..., H)) are those of the cell's step function.
    """
    import torch
    from torch.nn.functional import layer_norm

    found = {"x": x, **{f"{name}_before": part for name, part in zip("hc", state, strict=False)}}
    functions: dict[str, Callable[[Tensor], Tensor]] = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "linear": lambda a: a,
        "complement": lambda a: 1 - a,
        "norm": lambda a: layer_norm(a, a.shape[-1:], params.get("gain_c"), params.get("bias_c")),
    }
    for node in flow_of(cell, layernorm=layernorm, residual=residual):
        values = [found[name] for name in node.of]
        if node.terms:
            found[node.name] = functions[node.kind](pre_activation(cell, params, node, found))
        elif node.kind == "times":
            found[node.name] = values[0] * values[1]
        elif node.kind == "plus":
            found[node.name] = values[0] + values[1]
        elif node.kind != "source":
            found[node.name] = functions[node.kind](values[0])
    return found


def pre_activation(
    cell: str, params: Mapping[str, Tensor], node: Node, values: Mapping[str, Tensor]
) -> Tensor:
    """What stands inside of the function of a node with terms: their sum (..., H).

    ``values`` are those of the nodes that it is made of, by name, ``params`` those of the cell's step function.
    """
    import torch
    from torch.nn.functional import layer_norm

    blocks = cell_named(cell).blocks

    def rows(value: Tensor, names: tuple[str, ...], dim: int = 0) -> Tensor:
        parts = value.chunk(len(blocks), dim)
        return torch.cat([parts[blocks.index(name)] for name in names], dim)

    def normal(value: Tensor, gain: str, over: tuple[str, ...], block: str) -> Tensor:
        scale = rows(params[gain], over) if gain in params else None
        whole = layer_norm(value, value.shape[-1:], scale)
        return whole.chunk(len(over), -1)[over.index(block)]

    def product(term: Term, over: tuple[str, ...]) -> Tensor:
        return values[term.of] @ rows(params[term.matrix], over).mT

    def summand(term: Term, block: str) -> Tensor:
        value = values[term.of]
        if term.each:
            return params[term.each] * value
        if not term.matrix:
            return value
        over = term.over or blocks
        value = normal(product(term, over), term.gain, over, block) if term.gain else product(term, (block,))
        return value + rows(params[term.bias], (block,)) if term.bias in params else value

    parts = [summand(term, node.block) for term in node.terms if not (node.gain and term.matrix)]
    if node.gain:
        weighed = [term for term in node.terms if term.matrix]
        whole = sum((product(term, blocks) for term in weighed[1:]), product(weighed[0], blocks))
        parts.insert(0, normal(whole, node.gain, blocks, node.block))
        parts += [rows(params[term.bias], (node.block,)) for term in weighed if term.bias in params]
    return sum(parts[1:], parts[0])

"""Every number of a run by hand, in the order in which a calculator would be asked for it, as an HTML table.

All of it is made of the graph of the cell; nothing that a visitor typed goes into it but as a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rnnviz.registry import cell_named

if TYPE_CHECKING:
    from rnnviz.dataflow import Node, Term
    from rnnviz.handcell.run import Hand

PLACES = 6
"""Digits after the point."""

_FUNCTION = {"sigmoid": "σ", "tanh": "tanh", "relu": "ReLU", "norm": "LN"}


def figure(value: float, *, full: bool = False) -> str:
    """A number to six digits after the point, or four where it takes a power of ten, without zeros at its end.

    ``full``: with all digits that it has.
    """
    if value == 0:
        return "0"
    exponent = ""
    if full:
        mantissa, _, exponent = repr(value).partition("e")
    elif 1e-4 <= abs(value) < 1e9:
        mantissa = f"{value:.{PLACES}f}".rstrip("0")
    else:
        mantissa, _, exponent = f"{value:.3e}".partition("e")
        mantissa = mantissa.rstrip("0")
    mantissa = mantissa.removesuffix(".0").rstrip(".")
    raised = f" × 10<sup>{int(exponent)}</sup>" if exponent else ""
    return f"{mantissa}{raised}".replace("-", "−")


def steps(found: Hand, *, full: bool = False) -> str:
    """A row for each quantity of each unit, a column for each step; before the first one stands the start state."""
    known, nodes = cell_named(found.setup.cell), {node.name: node for node in found.seen.nodes}
    units, values = found.setup.units, found.seen.values
    body = [_rows("<i>x</i><sub>t</sub>", "", [None], [found.setup.x], units, full)]
    for name, node in nodes.items():
        if node.kind == "source":
            continue
        if name in found.sums:
            letter = f"<i>a</i><sub>{name if len(known.blocks) > 1 else 't'}</sub>"
            made = _sum(node, nodes, known.blocks)
            body.append(_rows(letter, made, [None] * units, found.sums[name].T.tolist(), units, full))
        state = name in known.states
        start: Sequence[float | None] = found.setup.values[f"{name}0"] if state else [None] * units
        own, made = (
            _written(name, nodes, known.blocks),
            "",
        )  # what has no letter is written as what it is made of
        if len(name) == 1:
            made = (
                f"{_FUNCTION[node.kind]}({letter})"
                if name in found.sums
                else _made(node, nodes, known.blocks)
            )
        body.append(
            _rows(own, made, start, values[name].T.tolist(), units, full, "rv-state" if state else "")
        )
    readout = f"<i>V</i> {_written('h', nodes, known.blocks)} + <i>b</i><sub>y</sub>"
    body.append(
        _rows("<i>y</i><sub>t</sub>", readout, [None], [found.y.tolist()], units, full, "rv-state rv-out")
    )
    heads = "".join(f"<th scope='col'>{t}</th>" for t in range(len(found.setup.x) + 1))
    unit = "<th scope='col'>unit</th>" if units > 1 else ""
    head = f"<tr><th scope='col'>step <i>t</i></th><td></td>{unit}{heads}</tr>"
    kind = "rv-sheet rv-two" if units > 1 else "rv-sheet"
    return f"<table class='{kind}'><thead>{head}</thead><tbody>{''.join(body)}</tbody></table>"


def _rows(
    letter: str,
    made: str,
    start: Sequence[float | None],
    rows: Sequence[Sequence[float]],
    units: int,
    full: bool,
    kind: str = "",
) -> str:
    """The rows of one quantity: one a unit, or a single one."""
    span = f" rowspan={len(rows)}" if len(rows) > 1 else ""
    found = []
    for k, (first, row) in enumerate(zip(start, rows, strict=True)):
        head = f"<th scope='row'{span}>{letter}</th><td class='rv-made'{span}>{made}</td>" if not k else ""
        unit = f"<td class='rv-unit'>{k + 1 if span else ''}</td>" if units > 1 else ""
        numbers = "".join(
            "<td></td>" if value is None else f"<td title='{value!r}'>{figure(value, full=full)}</td>"
            for value in (first, *row)
        )
        found.append(f"<tr class='{'' if k else 'rv-first '}{kind}'>{head}{unit}{numbers}</tr>")
    return "".join(found)


def _written(name: str, nodes: Mapping[str, Node], blocks: Sequence[str]) -> str:
    """A quantity by its letter, or by what it is made of where it has none."""
    if name.endswith("_before"):
        return f"<i>{name[0]}</i><sub>t−1</sub>"
    return f"<i>{name}</i><sub>t</sub>" if len(name) == 1 else _made(nodes[name], nodes, blocks)


def _made(node: Node, nodes: Mapping[str, Node], blocks: Sequence[str]) -> str:
    """What a quantity is made of."""
    if node.terms:
        return _sum(node, nodes, blocks)
    parts = [_written(name, nodes, blocks) for name in node.of]
    match node.kind:
        case "times":
            inner = [
                f"({part})"
                if len(name) > 1 and (nodes[name].terms or nodes[name].kind == "complement")
                else part
                for name, part in zip(node.of, parts, strict=True)
            ]
            return " ".join(inner)
        case "plus":
            return " + ".join(parts)
        case "complement":
            return f"1 − {parts[0]}"
        case _:
            return f"{_FUNCTION[node.kind]}({parts[0]})"


def _sum(node: Node, nodes: Mapping[str, Node], blocks: Sequence[str]) -> str:
    """What stands inside of its function: U x + b_ih + W h + b_hh."""
    of = f"<sub>{node.block}</sub>" if len(blocks) > 1 else ""
    return " + ".join(_term(term, of, _written(term.of, nodes, blocks)) for term in node.terms)


def _term(term: Term, of: str, read: str) -> str:
    if term.each:
        return f"<i>p</i>{of} {read}"
    if not term.matrix:
        return read
    matrix = "U" if term.matrix == "weight_ih" else "W"
    product = f"LN(<i>{matrix}</i> {read}){of}" if term.gain else f"<i>{matrix}</i>{of}\u00a0{read}"
    return f"{product} + <i>b</i><sub>{term.bias.removeprefix('bias_')}</sub>"

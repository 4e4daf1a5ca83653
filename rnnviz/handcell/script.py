"""A network by hand as a plain PyTorch script that prints the same numbers, without rnnviz."""

from __future__ import annotations

from rnnviz.handcell.numbers import Setup, shapes
from rnnviz.registry import Cell, cell_named
from rnnviz.snippet import equations
from rnnviz.typed import short

_COMMENTS = {"weight_ih": "U", "weight_hh": "W"}


def script(setup: Setup) -> str:
    """A script that imports torch alone and prints h_t (and c_T) and y_t of every step, with all their digits.

    Its variables, among others: ``x``, ``h`` (T, H), ``y`` (T,) and, of an LSTM, the last ``c`` (H,).
    """
    cell = cell_named(setup.cell)
    units = "1 unit" if setup.units == 1 else f"{setup.units} units"
    body = _module(setup, cell) if cell.torch_class else _stepwise(setup, cell)
    functional = [name for name in ("layer_norm", "linear") if f"{name}(" in body]
    head = [f"# {cell.label}, {units}: every number is written out.", "import torch"]
    head += ["from torch import nn"] if cell.torch_class else []
    head += [f"from torch.nn.functional import {', '.join(functional)}"] if functional else []
    show = [
        "for t in range(len(x)):",
        '    print(f"t = {t + 1}  x = {x[t].item():g}  h = {h[t].tolist()}  y = {y[t].item()}")',
        *(['print(f"last c = {c.tolist()}")'] if "c" in cell.states else []),
    ]
    return "\n".join([*head, "", body, "", *show, ""])


def _module(setup: Setup, cell: Cell) -> str:
    """The lines that run PyTorch's own module."""
    relu = ', nonlinearity="relu"' if cell.name == "rnn_relu" else ""
    copies = [
        f"    rnn.{name}_l0.copy_(torch.tensor({_rows(setup, name)}))"
        + (f"  # {_COMMENTS[name]}" if name in _COMMENTS else "")
        for name, _ in cell.params
    ]
    memory = "c" in cell.states
    names = [f"{state}0" for state in cell.states]
    return "\n".join(
        [
            "torch.set_default_dtype(torch.float64)",
            f"x = torch.tensor({_row(setup.x)}).view(-1, 1, 1)  # (steps, batch, inputs)",
            *(f"{name} = torch.tensor({_row(setup.values[name])}).view(1, 1, -1)" for name in names),
            "",
            f"rnn = nn.{cell.torch_class}(1, {setup.units}{relu})",
            f"readout = nn.Linear({setup.units}, 1)",
            "with torch.no_grad():",
            *copies,
            f"    readout.weight.copy_(torch.tensor({_rows(setup, 'V')}))  # V",
            f"    readout.bias.copy_(torch.tensor({_row(setup.values['b_y'])}))",
            f"    h, {'(_, c)' if memory else '_'} = rnn(x, {'(h0, c0)' if memory else 'h0'})",
            "    h = h[:, 0]",
            *(["    c = c[0, 0]"] if memory else []),
            "    y = readout(h)[:, 0]",
        ]
    )


def _stepwise(setup: Setup, cell: Cell) -> str:
    """The lines that run a cell that PyTorch lacks, step by step."""
    names = [f"{state}0" for state in cell.states]
    return "\n".join(
        [
            "",
            "\n\n\n".join(equations(cell)),
            "",
            "",
            "torch.set_default_dtype(torch.float64)",
            f"x = torch.tensor({_row(setup.x)}).view(-1, 1)  # (steps, inputs)",
            "p = {",
            *(
                f'    "{name}": torch.tensor({_rows(setup, name)}),'
                + (f"  # {_COMMENTS[name]}" if name in _COMMENTS else "")
                for name, _ in cell.params
            ),
            "}",
            f"V, b_y = torch.tensor({_rows(setup, 'V')}), torch.tensor({_row(setup.values['b_y'])})",
            f"state = ({', '.join(f'torch.tensor({_row(setup.values[name])})' for name in names)},)",
            "states = []",
            "for x_t in x:",
            "    _, state = step(p, x_t, state)",
            "    states.append(state)",
            "h = torch.stack([state[0] for state in states])",
            *(["c = states[-1][1]"] if "c" in cell.states else []),
            "y = (h @ V.T + b_y)[:, 0]",
        ]
    )


def _rows(setup: Setup, name: str, indent: int = 8) -> str:
    """An array as nested lists: where it is long, a row a line, with its block and unit behind it."""
    shape, row = shapes(setup.cell, setup.units)[name], setup.values[name]
    if len(shape) == 1:
        return _row(row)
    rows = [_row(row[at : at + shape[1]]) for at in range(0, len(row), shape[1])]
    if len(rows) <= 2:
        return f"[{', '.join(rows)}]"
    blocks, pad = cell_named(setup.cell).blocks, " " * indent
    names = [block if setup.units == 1 else f"{block}{k + 1}" for block in blocks for k in range(setup.units)]
    lines = [f"{pad}{values},  # {named}\n" for values, named in zip(rows, names, strict=True)]
    return f"[\n{''.join(lines)}{pad[4:]}]"


def _row(values: tuple[float, ...]) -> str:
    """Numbers as a list; a whole number keeps its point, so that the tensor is one of floats."""
    words = (short(value) for value in values)
    return f"[{', '.join(word if any(mark in word for mark in '.en') else word + '.0' for word in words)}]"

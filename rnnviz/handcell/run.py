"""The numbers of a network by hand, in float64: from the graph of its cell, and from PyTorch's own module beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnviz.dataflow import evaluate, flow_of, pre_activation
from rnnviz.gradients import LayerGradients, gradients
from rnnviz.handcell.numbers import Setup, shapes
from rnnviz.inside import Inside
from rnnviz.modules import CellModule
from rnnviz.registry import cell_named
from rnnviz.scan import fold


@dataclass(frozen=True, eq=False)
class Reference:
    """The same network as PyTorch computes it: ``module`` is an nn.RNN, nn.LSTM or nn.GRU, or for a cell that PyTorch
    lacks a :class:`~rnnviz.modules.CellModule`; ``name`` says which.
    """

    name: str
    module: nn.Module
    readout: nn.Linear
    h: Float[Tensor, "T H"]
    c: Float[Tensor, " H"] | None
    y: Float[Tensor, " T"]


@dataclass(frozen=True, eq=False)
class Hand:
    """Every number of a run; T steps, H units.

    ``seen`` has every quantity of every step, with the gradients of the last output y_T. ``sums`` are the
    pre-activations, by the name of their node: what stands inside of sigmoid, tanh or ReLU. ``apart`` is the largest
    difference to ``reference`` at any step of h and y and in the last c, as a share of numbers beyond 1; that one's c
    is to be had at the last step alone. ``slopes`` are dy_T by every number of the setup, in rows one after the other.
    """

    setup: Setup
    seen: Inside
    sums: Mapping[str, Float[Tensor, "T H"]]
    y: Float[Tensor, " T"]
    reference: Reference
    apart: float
    slopes: Mapping[str, tuple[float, ...]]


def run(setup: Setup) -> Hand:
    """Compute all of it. Nothing is random, and nothing is kept."""
    known, tensors = cell_named(setup.cell), _tensors(setup)
    params = {name: tensors[name] for name, _ in known.params}
    x = torch.tensor(setup.x, dtype=torch.float64).unsqueeze(1)
    start = tuple(tensors[f"{name}0"] for name in known.states)
    steps = fold(
        lambda before, x_t: evaluate(setup.cell, params, x_t, tuple(before[name] for name in known.states)),
        (x,),
        dict(zip(known.states, start, strict=True)),
    )
    values = {name: torch.stack([found[name] for found in steps]) for name in steps[0]}
    nodes = flow_of(setup.cell)
    sums = {
        node.name: pre_activation(setup.cell, params, node, values)
        for node in nodes
        if node.terms and node.kind != "linear"
    }
    y = values["h"] @ tensors["V"][0] + tensors["b_y"]
    other, slopes, back = _reference(setup, x, start)
    both = {"h": (back.h, back.h_norm, back.underflow)}
    if back.c is not None and back.c_norm is not None and back.c_underflow is not None:
        both["c"] = back.c, back.c_norm, back.c_underflow
    seen = Inside(
        setup.cell,
        nodes,
        values,
        params,
        {name: found[:, 0] for name, (found, _, _) in both.items()},
        {name: norm for name, (_, norm, _) in both.items()},
        {name: lost for name, (_, _, lost) in both.items()},
        (len(x) - 1,),
    )
    apart = max(_apart(values["h"], other.h), _apart(y, other.y))
    if other.c is not None:
        apart = max(apart, _apart(values["c"][-1], other.c))
    return Hand(setup, seen, sums, y, other, apart, slopes)


def twin(setup: Setup) -> tuple[str, nn.Module, nn.Linear]:
    """PyTorch's own modules with these numbers, in float64, and what the first of them is called."""
    known, tensors = cell_named(setup.cell), _tensors(setup)
    options = {"dtype": torch.float64, "device": "meta"}  # the global random generator stays out of it
    module: nn.Module
    if known.torch_class:
        more = {"nonlinearity": "relu"} if setup.cell == "rnn_relu" else {}
        module = getattr(nn, known.torch_class)(1, setup.units, **more, **options)
        name, suffix = f"nn.{known.torch_class}", "_l0"
    else:
        module = CellModule(setup.cell, 1, setup.units, dtype=torch.float64, device="meta")
        name, suffix = f'CellModule("{setup.cell}")', ""
    readout = nn.Linear(setup.units, 1, dtype=torch.float64, device="meta").to_empty(device="cpu")
    module = module.to_empty(device="cpu")
    with torch.no_grad():
        for parameter in known.params:
            getattr(module, parameter[0] + suffix).copy_(tensors[parameter[0]])
        readout.weight.copy_(tensors["V"])
        readout.bias.copy_(tensors["b_y"])
    return name, module, readout


def _reference(
    setup: Setup, x: Float[Tensor, "T 1"], start: tuple[Tensor, ...]
) -> tuple[Reference, dict[str, tuple[float, ...]], LayerGradients]:
    """The run of PyTorch, the slopes of its y_T, and its gradients dy_T/dh_t and dy_T/dc_t."""
    known = cell_named(setup.cell)
    name, module, readout = twin(setup)
    with torch.inference_mode(False), torch.enable_grad():
        first = [part.view(1, 1, -1).clone().requires_grad_() for part in start]
        read = x.unsqueeze(1).clone().requires_grad_()
        if known.torch_class:
            output, last = module(read, tuple(first) if len(first) > 1 else first[0])
            memory = last[1][0, 0] if len(first) > 1 else None
        else:
            output, last = module(read, tuple(part[0] for part in first))
            memory = last[1][0] if len(first) > 1 else None
        y = readout(output[:, 0])[:, 0]
        suffix = "_l0" if known.torch_class else ""
        wanted = {f"{state}0": part for state, part in zip(known.states, first, strict=True)}
        wanted |= {known_name: getattr(module, known_name + suffix) for known_name, _ in known.params}
        wanted |= {"x": read, "V": readout.weight, "b_y": readout.bias}
        found = torch.autograd.grad(y[-1], list(wanted.values()), materialize_grads=True, allow_unused=True)
    slopes = {key: tuple(value.flatten().tolist()) for key, value in zip(wanted, found, strict=True)}
    state = [part.detach() if known.torch_class else part[0].detach() for part in first]
    back = gradients(
        module,
        x.unsqueeze(1),
        lambda out: readout(out[-1]).sum(),
        state if len(state) > 1 or not known.torch_class else state[0],
    ).layers[0]
    c = None if memory is None else memory.detach()
    return Reference(name, module, readout, output[:, 0].detach(), c, y.detach()), slopes, back


def _tensors(setup: Setup) -> dict[str, Tensor]:
    """Every array in its shape."""
    return {
        name: torch.tensor(setup.values[name], dtype=torch.float64).view(shape)
        for name, shape in shapes(setup.cell, setup.units).items()
    }


def _apart(one: Tensor, other: Tensor) -> float:
    """The largest difference, as a share of numbers beyond 1."""
    size = torch.maximum(one.abs(), other.abs()).clamp(min=1)
    return float(((one - other).abs() / size).max())

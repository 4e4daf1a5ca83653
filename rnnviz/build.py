"""From an Experiment to the real thing: the PyTorch module, its input and its start states.

The weights are filled in PyTorch's own order from a generator of their own: with the default settings
``build_module(Experiment(seed=7), "lstm")`` equals ``torch.manual_seed(7); torch.nn.LSTM(D, H)`` bit for bit.
The global random generator is never touched.
"""

from __future__ import annotations

import math
import os

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnviz import signals
from rnnviz.experiment import Experiment
from rnnviz.modules import CellModule
from rnnviz.registry import Cell, cell_named
from rnnviz.typed import parse_numbers

MOST = 16
"""The most sequences in a batch: start states or strengths shown at once."""

STREAM = 20_000
"""Added to the seed of the start states, so that they are independent of weights and signals."""


def device() -> torch.device:
    """Where models run: the CPU, or what the environment variable ``RNNVIZ_DEVICE`` names, such as "cuda".

    The CPU is the faster one for models of this size.
    """
    return torch.device(os.environ.get("RNNVIZ_DEVICE") or "cpu")


def signal(experiment: Experiment) -> signals.SignalData:
    """The input of the experiment, with its labels."""
    return signals.make(
        experiment.signal,
        length=experiment.length,
        seed=experiment.seed,
        text=experiment.text,
        numbers=parse_numbers(experiment.numbers)[0],
    )


def build_input(experiment: Experiment) -> Float[Tensor, "T 1 D"]:
    """The input as a batch of one."""
    return signal(experiment).x.unsqueeze(1).to(device())


@torch.no_grad()
def build_module(experiment: Experiment, cell_name: str, input_size: int | None = None) -> nn.Module:
    """The experiment's model of that cell, in float32.

    A real ``nn.RNN``, ``nn.LSTM`` or ``nn.GRU`` where PyTorch has the cell, else a :class:`CellModule`.
    Filled in this order: PyTorch's default; the chosen initialisation of W_hh, which also sets the biases to
    0; W_hh times ``scale``; the forget bias. ``input_size`` is the signal's D unless given.
    """
    cell = cell_named(cell_name)
    D = signal(experiment).x.shape[1] if input_size is None else input_size
    H = experiment.hidden
    generator = torch.Generator().manual_seed(experiment.seed)
    module = _default(cell, D, H, generator)
    if experiment.init != "pytorch":
        for name, parameter in module.named_parameters():
            if name.startswith("bias"):
                parameter.zero_()
    if cell.recurrent is not None:
        W_hh = _parameter(module, cell.recurrent)
        if experiment.init != "pytorch":
            W_hh.copy_(torch.cat([_square(experiment.init, H, generator) for _ in cell.blocks]))
        W_hh.mul_(experiment.scale)
    if cell.forget is not None and experiment.forget is not None:
        block = cell.blocks.index(cell.forget)
        rows = slice(block * H, (block + 1) * H)
        _parameter(module, "bias_ih")[rows] = experiment.forget
        _parameter(module, "bias_hh")[rows] = 0  # on both, the effective bias would be twice the value
    return module.to(device())


def start_states(
    experiment: Experiment, cell_name: str, count: int
) -> Float[Tensor, "1 B H"] | tuple[Tensor, ...]:
    """``count`` start states as the module of that cell takes them: zero, then draws.

    h0 is uniform on [-1, 1], where a tanh keeps every later h too; c0 is from N(0, 1). They come as ``h0``, or
    ``(h0, c0)`` for cells with a memory; a :class:`CellModule` takes a tuple always. Every cell gets the same
    h0. Raises ``ValueError`` for a count outside 1 to 16.
    """
    cell = cell_named(cell_name)
    _check_count("start states", count)
    generator = torch.Generator().manual_seed(STREAM + experiment.seed)
    draws = torch.randn(MOST - 1, 2, experiment.hidden, generator=generator)[: count - 1]
    draws[:, 0] = torch.erf(draws[:, 0] / math.sqrt(2))  # a normal's distribution function, from -1 to 1
    both = torch.cat([torch.zeros(1, 2, experiment.hidden), draws]).to(device())
    states = tuple(both[:, index].contiguous() for index in range(len(cell.states)))
    if cell.torch_class is None:
        return states
    layered = tuple(state.unsqueeze(0) for state in states)
    return layered if len(layered) == 2 else layered[0]


def amplitudes(count: int) -> Float[Tensor, " B"]:
    """The factors 1, ..., 2/count, 1/count. Raises ``ValueError`` for a count outside 1 to 16."""
    _check_count("strengths", count)
    return torch.arange(count, 0, -1) / count


def strengths(x: Float[Tensor, "T 1 D"], count: int) -> Float[Tensor, "T B D"]:
    """The same input at ``count`` strengths, times 1 down to times 1/count, as a batch."""
    return x * amplitudes(count).to(x).view(1, count, 1)


def _default(cell: Cell, D: int, H: int, generator: torch.Generator) -> nn.Module:
    """The module as PyTorch would make it; made on "meta", so that the global generator stays out of it."""
    if cell.torch_class is None:
        own = CellModule(cell.name, D, H, device="meta").to_empty(device="cpu")
        own.reset_parameters(generator)
        return own
    kwargs = {"nonlinearity": "relu"} if cell.name == "rnn_relu" else {}
    module: nn.Module = getattr(nn, cell.torch_class)(D, H, device="meta", **kwargs).to_empty(device="cpu")
    bound = 1 / math.sqrt(H)
    for parameter in module.parameters():
        parameter.uniform_(-bound, bound, generator=generator)
    return module


def _parameter(module: nn.Module, name: str) -> Tensor:
    """A parameter by its registry name; PyTorch's own modules add the layer."""
    return module.get_parameter(name if isinstance(module, CellModule) else f"{name}_l0")


def _square(init: str, H: int, generator: torch.Generator) -> Float[Tensor, "H H"]:
    """One H x H block: N(0, 1/H), a uniformly drawn orthogonal matrix (Saxe 2014), or the identity (Le 2015).

    The QR decomposition fixes Q up to the signs of R's diagonal; making those positive gives the uniform
    distribution (Mezzadri 2007, arXiv:math-ph/0609050).
    """
    if init == "identity":
        return torch.eye(H)
    if init == "gaussian":
        return torch.randn(H, H, generator=generator) / math.sqrt(H)
    Q, R = torch.linalg.qr(torch.randn(H, H, generator=generator, dtype=torch.float64))
    signed: Tensor = Q * R.diagonal().sign()
    return signed.to(torch.float32)


def _check_count(what: str, count: int) -> None:
    if not 1 <= count <= MOST:
        raise ValueError(f"expected from 1 to {MOST} {what}, got {count}; choose a number in that range")

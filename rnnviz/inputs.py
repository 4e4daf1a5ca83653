"""The door: whatever module, input and state PyTorch takes comes in, one :class:`Problem` goes on.

Nothing here runs the module or changes it: parameters are read and detached, hooks never fire.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnviz.modules import CellModule
from rnnviz.problem import Layer, Problem

BuiltIn = nn.RNN | nn.LSTM | nn.GRU
if TYPE_CHECKING:
    Input = Tensor
    State = Tensor | Sequence[Tensor] | None
else:
    # For those who run with checked annotations too, the door says itself what does not fit, and why.
    Input = State = object


def prepare(module: nn.Module, x: Input, state: State = None) -> Problem:
    """Check a module with its input and state, and lay them out time-major.

    Call it with inference mode off. Raises ``TypeError`` for what is no such module or tensor, ``ValueError``
    for a shape, dtype, device or value that does not fit.
    """
    if isinstance(module, CellModule):
        return _prepare_cell(module, x, state)
    if not isinstance(module, nn.RNN | nn.LSTM | nn.GRU):
        raise TypeError(
            "expected an nn.RNN, nn.LSTM, nn.GRU or a CellModule, "
            f"got {type(module).__name__}; pass the recurrent layer itself"
        )
    if type(module).forward not in (nn.RNN.forward, nn.LSTM.forward, nn.GRU.forward):
        raise TypeError(
            f"expected PyTorch's own forward, got {type(module).__name__} with a forward of its own, whose "
            "steps cannot be seen; pass the plain module"
        )
    if module.training and module.dropout > 0 and module.num_layers > 1:
        raise ValueError(
            f"expected no dropout between layers, got dropout={module.dropout} in training mode, where every "
            "call draws another model; call module.eval() first"
        )
    return _prepare_built_in(module, x, state)


def _prepare_cell(module: CellModule, x: Input, state: State) -> Problem:
    params = {name: _plain(parameter) for name, parameter in module.params.items()}
    x = _checked_input(x, params["weight_ih"], module.input_size, "(T, B, D)", (3,))
    shapes = {f"{name}0": (x.shape[1], module.hidden_size) for name in module.states}
    changes = {"layernorm": module.layernorm, "residual": module.residual}
    layer = Layer(module.cell, params, _checked_state(state, x, shapes), **changes)
    return Problem(x, ((layer,),), built_in=False)


def _prepare_built_in(module: BuiltIn, x: Input, state: State) -> Problem:
    weight = cast(Tensor, module.weight_ih_l0)
    layout = "(B, T, D)" if module.batch_first else "(T, B, D)"
    x = _checked_input(x, weight, module.input_size, f"{layout} or (T, D)", (2, 3), module.batch_first)
    directions = 2 if module.bidirectional else 1
    entries = module.num_layers * directions
    unbatched = x.dim() == 2
    x = x.unsqueeze(1) if unbatched else x.transpose(0, 1) if module.batch_first else x
    batch = () if unbatched else (x.shape[1],)
    shapes = {"h0": (entries, *batch, module.proj_size or module.hidden_size)}
    if isinstance(module, nn.LSTM):
        shapes["c0"] = (entries, *batch, module.hidden_size)
    states = _checked_state(state, x, shapes)
    if unbatched:
        states = tuple(tensor.unsqueeze(1) for tensor in states)
    cell = _cell_of(module)

    def layer(level: int, reverse: bool) -> Layer:
        suffix = f"_l{level}_reverse" if reverse else f"_l{level}"
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
        params = {
            name: _plain(getattr(module, name + suffix)) for name in names if hasattr(module, name + suffix)
        }
        index = level * directions + reverse
        return Layer(cell, params, tuple(tensor[index] for tensor in states), level, reverse)

    levels = tuple(
        tuple(layer(level, reverse) for reverse in (False, True)[:directions])
        for level in range(module.num_layers)
    )
    return Problem(x, levels, built_in=True)


def _cell_of(module: BuiltIn) -> str:
    """The registry's name of a built-in module's cell."""
    if isinstance(module, nn.LSTM):
        return "lstm"
    if isinstance(module, nn.GRU):
        return "gru"
    return "rnn" if module.nonlinearity == "tanh" else "rnn_relu"


def _plain(tensor: Tensor) -> Tensor:
    """A tensor off every graph; one made in inference mode is copied, as autograd will not take it."""
    return tensor.detach().clone() if tensor.is_inference() else tensor.detach()


def _checked_input(
    x: Input, weight: Tensor, size: int, layout: str, dims: tuple[int, ...], batch_first: bool = False
) -> Tensor:
    """A copy of ``x`` of its own, once it fits the module."""
    if isinstance(x, PackedSequence):
        raise TypeError(
            f"expected a tensor of shape {layout}, got a PackedSequence, whose sequences end at different "
            "steps; pass one sequence at a time, or unpack it with pad_packed_sequence"
        )
    _check_tensor("x", x, weight)
    if x.dim() not in dims or x.shape[-1] != size:
        raise ValueError(
            f"expected x of shape {layout} with D={size}, got {tuple(x.shape)}; reshape x to fit the module"
        )
    time = 1 if batch_first and x.dim() == 3 else 0
    if x.shape[time] == 0:
        raise ValueError(f"expected at least one time step, got x of shape {tuple(x.shape)}; pass T >= 1")
    if x.dim() == 3 and x.shape[1 - time] == 0:
        raise ValueError(f"expected at least one sequence, got x of shape {tuple(x.shape)}; pass B >= 1")
    _check_finite("x", x)
    return x.detach().clone()


def _checked_state(state: State, x: Tensor, shapes: Mapping[str, tuple[int, ...]]) -> tuple[Tensor, ...]:
    """A copy of the start state once it fits ``shapes``, or zeros."""
    if state is None:
        return tuple(x.new_zeros(shape) for shape in shapes.values())
    if not isinstance(state, Tensor | Sequence):
        raise TypeError(
            f"expected the state as a tensor or a tuple of tensors, got {type(state).__name__}; "
            "pass the state as the module takes it"
        )
    given = (state,) if isinstance(state, Tensor) else tuple(state)
    if len(given) != len(shapes):
        raise ValueError(
            f"expected a state of {len(shapes)} tensor(s), {', '.join(shapes)}, got {len(given)}; "
            "pass the state as the module takes it"
        )
    for (name, shape), tensor in zip(shapes.items(), given, strict=True):
        _check_tensor(name, tensor, x)
        if tuple(tensor.shape) != shape:
            raise ValueError(
                f"expected {name} of shape {shape}, got {tuple(tensor.shape)}; give it the batch "
                "of x and the size of the module"
            )
        _check_finite(name, tensor)
    return tuple(tensor.detach().clone() for tensor in given)


def _check_tensor(name: str, tensor: object, like: Tensor) -> None:
    if not isinstance(tensor, Tensor):
        raise TypeError(
            f"expected {name} to be a tensor, got {type(tensor).__name__}; convert it with torch.as_tensor"
        )
    if tensor.dtype != like.dtype:
        raise ValueError(
            f"expected {name} of the module's dtype {like.dtype}, got {tensor.dtype}; "
            f"convert it with {name}.to({like.dtype})"
        )
    if tensor.device != like.device:
        raise ValueError(
            f"expected {name} on the module's device {like.device}, got {tensor.device}; "
            f'move it with {name}.to("{like.device}")'
        )


def _check_finite(name: str, tensor: Tensor) -> None:
    bad = ~torch.isfinite(tensor)
    if bad.any():
        first = tuple(bad.nonzero()[0].tolist())
        raise ValueError(
            f"expected finite numbers in {name}, got {tensor[first].item()} at index {first}; "
            "remove or fill NaN and infinity first"
        )

"""What is passed between the door (:mod:`rnnviz.inputs`) and the two ways to run a model.

A :class:`Problem` is a module and its input with every form of PyTorch's flattened out: time-major, cells by
name, one :class:`Layer` for each direction of each layer. A :class:`Run` is what a pass over it measured.
Both :mod:`rnnviz.fused` and :mod:`rnnviz.unrolled` turn the one into the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from rnnviz.cells import StepFunction
from rnnviz.variants import step_of

Loss = Callable[[Tensor], Tensor]
"""From the time-major output (T, B, directions*H) to a scalar."""


@dataclass(frozen=True, eq=False)
class Layer:
    """One direction of one layer: its cell, its detached parameters, and the state before its first step.

    ``layernorm`` and ``residual`` tell how the cell is changed, see :mod:`rnnviz.variants`.
    """

    cell: str
    params: Mapping[str, Tensor]
    state: tuple[Tensor, ...]
    level: int = 0
    reverse: bool = False
    layernorm: bool = False
    residual: bool = False

    @property
    def name(self) -> str:
        """What it is called where it is shown: "layer 0", "layer 0 reversed", ..."""
        return f"layer {self.level} reversed" if self.reverse else f"layer {self.level}"

    @property
    def step(self) -> StepFunction:
        """The step function of its cell."""
        return step_of(self.cell, layernorm=self.layernorm, residual=self.residual)


@dataclass(frozen=True, eq=False)
class Problem:
    """A model to run: ``levels`` holds the layers from the input up, each with its one or two directions.

    ``built_in`` tells that the cells have fused kernels in PyTorch.
    """

    x: Float[Tensor, "T B D"]
    levels: tuple[tuple[Layer, ...], ...]
    built_in: bool


@dataclass(frozen=True, eq=False)
class LayerRun:
    """The states and gates of one layer in input time order, and the loss gradients where a loss was given.

    H units, of which P are read by others: P = H but for an LSTM with ``proj_size``. ``c`` is None for cells
    without a memory, and where nobody asked for it.
    """

    layer: Layer
    x: Float[Tensor, "T B D"]
    h: Float[Tensor, "T B P"]
    c: Float[Tensor, "T B H"] | None
    gates: dict[str, Float[Tensor, "T B H"]]
    dh: Float[Tensor, "T B P"] | None = None
    dc: Float[Tensor, "T B H"] | None = None


@dataclass(frozen=True, eq=False)
class Run:
    """One pass: the output and every layer, and with a loss its value and its gradient at the input."""

    x: Float[Tensor, "T B D"]
    output: Float[Tensor, "T B O"]
    layers: tuple[LayerRun, ...]
    loss: Float[Tensor, ""] | None = None
    dx: Float[Tensor, "T B D"] | None = None


def last_step(output: Float[Tensor, "T B O"]) -> Float[Tensor, ""]:
    """The default loss: the sum of the output at the last step."""
    return output[-1].sum()


def loss_gradients(loss: Loss, output: Tensor, wanted: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
    """The loss at ``output``, and its gradients at the ``wanted`` tensors of the same graph.

    Leaves every ``.grad`` alone. Raises ``TypeError`` or ``ValueError`` for a loss that is not a scalar
    tensor or that does not depend on the output.
    """
    value = loss(output)
    if not isinstance(value, Tensor):
        raise TypeError(f"expected the loss to return a tensor, got {type(value).__name__}; keep it in torch")
    if value.shape != ():
        raise ValueError(
            f"expected the loss to return a scalar of shape (), got shape {tuple(value.shape)}; "
            "reduce it, for example with .sum()"
        )
    apart = "expected the loss to depend on the output, got one that does not; compute it from the argument"
    if not value.requires_grad:
        raise ValueError(apart)
    found = torch.autograd.grad(value, [output, *wanted], allow_unused=True)
    if found[0] is None:
        raise ValueError(apart)
    gradients = [
        torch.zeros_like(tensor) if gradient is None else gradient
        for tensor, gradient in zip(wanted, found[1:], strict=True)
    ]
    return value.detach(), gradients

"""Any cell of the registry as a ``torch.nn.Module``: one layer, one direction, time-major."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnviz.registry import cell_named
from rnnviz.scan import scan
from rnnviz.variants import added, step_of


class CellModule(nn.Module):
    """A layer of one cell, with the registry's parameter names; what ``nn.LSTM`` is to the LSTM.

    ``CellModule("mingru", 3, 8)`` reads ``x`` (T, B, 3) and returns ``output`` (T, B, 8) and the final state,
    a tuple ``(h,)`` or ``(h, c)`` of tensors (B, 8). With ``bias=False`` the cell has no ``bias_ih`` and no
    ``bias_hh``. ``layernorm`` and ``residual`` change the cell as :mod:`rnnviz.variants` says; parameters of the
    norm come after the others, gains at 1.

    Raises ``ValueError`` for an unknown cell or a size below 1.
    """

    def __init__(
        self,
        cell: str,
        input_size: int,
        hidden_size: int,
        *,
        bias: bool = True,
        layernorm: bool = False,
        residual: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        known = cell_named(cell)
        if input_size < 1 or hidden_size < 1:
            raise ValueError(
                f"expected input_size and hidden_size of at least 1, got {input_size} and {hidden_size}; "
                "give the module positive sizes"
            )
        self.cell, self.input_size, self.hidden_size = cell, input_size, hidden_size
        self.states, self.layernorm, self.residual = known.states, layernorm, residual
        self._shapes = known.params + (added(cell) if layernorm else ())
        for name, letters in self._shapes:
            if bias or name not in ("bias_ih", "bias_hh"):
                shape = [_size(letter, input_size, hidden_size) for letter in letters]
                self.register_parameter(name, nn.Parameter(torch.empty(shape, device=device, dtype=dtype)))
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Fill the parameters in the registry's order, as ``nn.LSTM`` does: uniform in ±1/sqrt(H).

        Layer norm starts as the plain normalisation instead: its gains at 1 and the bias of c at 0. Without a
        ``generator`` the numbers come from PyTorch's global one, like those of any module.
        """
        bound = 1 / math.sqrt(self.hidden_size)
        for name, parameter in self.named_parameters():
            if name.startswith("gain_"):
                parameter.fill_(1)
            elif name == "bias_c":
                parameter.zero_()
            else:
                parameter.uniform_(-bound, bound, generator=generator)

    @property
    def params(self) -> dict[str, Tensor]:
        """The parameters by their registry name, as the cell's step function takes them."""
        return {name: getattr(self, name) for name, _ in self._shapes if hasattr(self, name)}

    def forward(
        self, x: Float[Tensor, "T B D"], state: tuple[Tensor, ...] | None = None
    ) -> tuple[Float[Tensor, "T B H"], tuple[Tensor, ...]]:
        """Run the cell over ``x`` from ``state`` (each (B, H), zeros when absent)."""
        if state is None:
            zeros = x.new_zeros(x.shape[1], self.hidden_size)
            state = (zeros,) * len(self.states)
        step = step_of(self.cell, layernorm=self.layernorm, residual=self.residual)
        steps = scan(step, self.params, x, state)
        return torch.stack([step.state[0] for step in steps]), steps[-1].state

    def extra_repr(self) -> str:
        """The cell, its sizes, and its changes."""
        changes = "".join(f", {name}=True" for name in ("layernorm", "residual") if getattr(self, name))
        return f"{self.cell!r}, {self.input_size}, {self.hidden_size}{changes}"


def _size(letter: str, input_size: int, hidden_size: int) -> int:
    """``D``, ``H`` or a product such as ``4H`` as a number."""
    if letter == "D":
        return input_size
    return int(letter.removesuffix("H") or 1) * hidden_size

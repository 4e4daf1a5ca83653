"""From a Shape to the network itself, filled as PyTorch fills it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

import torch
from torch import Tensor, nn

from rnnviz.architectures.coders import Contexts, NToM
from rnnviz.architectures.config import Shape
from rnnviz.architectures.deep import Bidirectional, Hierarchical, Residual, Stacked
from rnnviz.architectures.problems import problem_of
from rnnviz.architectures.single import Attending, NToN, NToOne, OneToN, OneToNEach
from rnnviz.architectures.sizes import said
from rnnviz.modules import CellModule

LAYERS: dict[str, type[nn.RNNBase]] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
"""PyTorch's layer of each cell."""

NETWORKS: dict[str, type[nn.Module]] = {
    "n_to_n": NToN,
    "n_to_1": NToOne,
    "one_to_n": OneToN,
    "one_to_n_each": OneToNEach,
    "n_to_m": NToM,
    "bidirectional": Bidirectional,
    "stacked": Stacked,
    "hierarchical": Hierarchical,
    "residual": Residual,
    "layernorm": NToOne,
    "attention": Attending,
    "contexts": Contexts,
}
"""The network of each architecture. Layer norm is inside the cell, so that its network is that of N to 1."""


def sizes_of(shape: Shape) -> dict[str, int]:
    """What the network is made with, by name, in the order of its arguments, without the layer."""
    problem = problem_of(shape)
    D, H, O, N, M = problem.D, shape.hidden, problem.O, shape.length, said(shape)  # noqa: E741
    match shape.kind:
        case "n_to_m":
            return {"D": D, "H": H, "M": M}
        case "contexts":
            return {"D": D, "H": H, "N": N, "M": M}
        case "one_to_n" | "one_to_n_each":
            return {"D": D, "H": H, "O": O, "N": N}
        case "stacked" | "residual":
            return {"D": D, "H": H, "O": O, "layers": shape.layers}
        case "hierarchical":
            return {"D": D, "H": H, "O": O, "S": M}
    return {"D": D, "H": H, "O": O}


def build_model(shape: Shape) -> nn.Module:
    """The untrained network, on the CPU, the faster one for models of this size.

    Its weights are those that the same class has after ``torch.manual_seed(shape.seed)``, from a generator of their
    own.
    """
    layer = (
        partial(CellModule, shape.cell, layernorm=True) if shape.kind == "layernorm" else LAYERS[shape.cell]
    )
    with torch.device("meta"):
        model = NETWORKS[shape.kind](layer, **sizes_of(shape))
    model = model.to_empty(device="cpu")
    fill(model, torch.Generator().manual_seed(shape.seed))
    return model


@torch.no_grad()
def fill(model: nn.Module, generator: torch.Generator) -> None:
    """Fill every layer as PyTorch does when it is made, in the order in which they were made."""
    for part in model.modules():
        if isinstance(part, CellModule):
            part.reset_parameters(generator)
        elif isinstance(part, nn.RNNBase):
            bound = 1 / math.sqrt(part.hidden_size)
            for parameter in part.parameters():
                nn.init.uniform_(parameter, -bound, bound, generator=generator)
        elif isinstance(part, nn.Linear):
            nn.init.kaiming_uniform_(part.weight, a=math.sqrt(5), generator=generator)
            if part.bias is not None:
                bound = 1 / math.sqrt(part.in_features)
                nn.init.uniform_(part.bias, -bound, bound, generator=generator)


def model_of(shape: Shape, tensors: Mapping[str, Tensor]) -> nn.Module:
    """The network with these weights. ``ValueError`` for a state dict of another shape."""
    model = build_model(shape)
    try:
        model.load_state_dict(dict(tensors))
    except RuntimeError as error:
        raise ValueError(
            f"expected the weights of the architecture {shape.kind!r} with these sizes, got others "
            f"({str(error).splitlines()[-1].strip()}); open them with the settings that they were trained with"
        ) from error
    return model

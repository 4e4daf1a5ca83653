"""The first weights of a network: as PyTorch fills them, each parameter from a generator of its own."""

from __future__ import annotations

import math
from zlib import crc32

import torch
from torch import nn


@torch.no_grad()
def fill(model: nn.Module, seed: int) -> None:
    """Fill linear layers, recurrent layers and embeddings, in the ranges that PyTorch fills them in.

    A generator starts from the seed and the name of its parameter: networks that have a part in common start with the
    same weights there, whatever else they have. A matrix is filled column by column, so that this holds for the
    inputs that two layers have in common, where these come first.
    """
    for path, module in model.named_modules():
        for name, parameter in module.named_parameters(recurse=False):
            generator = torch.Generator().manual_seed(crc32(f"{path}.{name} {seed}".encode()))
            if isinstance(module, nn.Embedding):
                parameter.normal_(generator=generator)
                continue
            fan = module.hidden_size if isinstance(module, nn.RNNBase) else module.in_features
            bound = 1 / math.sqrt(int(fan))
            drawn = torch.empty(parameter.shape[::-1]).uniform_(-bound, bound, generator=generator)
            parameter.copy_(drawn.mT if drawn.dim() == 2 else drawn)

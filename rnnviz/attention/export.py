"""The weights of a network with attention to take away, with the sequence that a page shows."""

from __future__ import annotations

import json
from collections.abc import Mapping

import torch
from torch import Tensor

from rnnviz.attention.observed import PairSeen, PoolSeen
from rnnviz.tasks import pairs

FILE = "attention.safetensors"
"""The name under which the scripts of :mod:`rnnviz.attention.snippet` look for the weights."""


def pool_file(seen: PoolSeen, tensors: Mapping[str, Tensor]) -> bytes:
    """The weights ``tensors`` and the test sequence of ``seen``, as safetensors.

    Beside the parameters by the names of their :class:`~rnnviz.attention.pooling.PooledModel` it holds ``example.x``
    (T, 1, D) and ``example.weights`` (T,), and the settings as metadata.
    """
    example = {"x": seen.x.unsqueeze(1), "weights": seen.weights}
    return _file(tensors, example, {"config": json.dumps(seen.config.to_spec())})


def pair_file(seen: PairSeen, tensors: Mapping[str, Tensor]) -> bytes:
    """The weights ``tensors`` and the source of ``seen``, as safetensors.

    Beside the parameters by the names of their :class:`~rnnviz.attention.seq2seq.Seq2seq` it holds ``example.source``
    (S, 1), ``example.probabilities`` (M, V) and, with attention, ``example.weights`` (M, S); and the settings as
    metadata.
    """
    place = {symbol: k for k, symbol in enumerate(pairs.task_of(seen.config).alphabet_in)}
    example = {
        "source": torch.tensor([[place[symbol]] for symbol in seen.source]),
        "probabilities": seen.probabilities,
    }
    if seen.weights is not None:
        example["weights"] = seen.weights
    return _file(tensors, example, {"config": json.dumps(seen.config.to_spec()), "context": seen.context})


def _file(tensors: Mapping[str, Tensor], example: Mapping[str, Tensor], metadata: dict[str, str]) -> bytes:
    from safetensors.torch import save

    everything = {**tensors, **{f"example.{name}": value for name, value in example.items()}}
    return save({name: value.detach().contiguous() for name, value in everything.items()}, metadata=metadata)

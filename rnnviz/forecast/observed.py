"""A trained forecaster over a stretch of the prices, as the pages of the experiments show their networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor

from rnnviz.experiment import Experiment
from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.export import labels
from rnnviz.forecast.networks import Forecaster, forecaster_of
from rnnviz.forecast.result import Split
from rnnviz.forecast.windows import Series
from rnnviz.observe import Observation
from rnnviz.signals import SignalData
from rnnviz.together import observe_module

EXAMPLES = 32
"""Stretches to look at: as many rows of the test part, spread evenly from the first to the last."""

CELLS: dict[str, str] = {"bilstm": "lstm", "attention": "lstm"}
"""The cell in a network that is not called after its own."""

_READS = {"returns": "log return", "differences": "difference", "levels": "price"}


@dataclass(frozen=True, eq=False)
class Forecasted(Observation):
    """What a forecaster did on the window before one row of the test part, and the gradients of its error there.

    The ``trace`` holds all of its layers; its steps are the rows of the window, named by their dates. The loss,
    ``gradients.loss``, is the squared error of the scaled value. ``scored`` are the steps (from 0) whose state the head
    reads: the last one, or with attention all. ``answer`` and ``truth`` are scaled; ``forecast``, ``actual`` and
    ``before`` (the price of the row before, the last one that was known) are prices. ``date`` is that of the row.
    ``attention``: the weights over the window, where the network has them.
    """

    config: ForecastConfig
    example: int
    scored: tuple[int, ...]
    answer: Float[Tensor, "1 1"]
    truth: Float[Tensor, "1 1"]
    date: str
    forecast: float
    actual: float
    before: float
    attention: Float[Tensor, " T"] | None


def cell_of(config: ForecastConfig) -> str:
    """The cell of a network: that of the registry."""
    return CELLS.get(config.network, config.network)


def rows_of(split: Split) -> list[int]:
    """The row of the test part that each example forecasts; fewer than :data:`EXAMPLES` come more than once."""
    places = np.linspace(split.test, split.rows - 1, EXAMPLES)
    return [round(place) for place in places.tolist()]


def short_labels(index: pd.Index) -> tuple[str, ...]:
    """Dates as they stand on a narrow axis: "14 Feb", "14 Feb 09:30", or "Feb 2013" where they span years."""
    if not isinstance(index, pd.DatetimeIndex):
        return tuple(labels(index))
    if index[-1] - index[0] > pd.Timedelta(days=300):
        return tuple(f"{stamp:%b %Y}" for stamp in index)
    times = any(stamp != stamp.normalize() for stamp in index)
    return tuple(f"{stamp.day} {stamp:%b %H:%M}" if times else f"{stamp.day} {stamp:%b}" for stamp in index)


@torch.inference_mode(False)
def observe_forecaster(
    prices: pd.Series,
    config: ForecastConfig,
    split: Split,
    tensors: Mapping[str, Tensor] | None,
    example: int = 0,
) -> Forecasted:
    """Watch the network with these weights, or with None the one that training begins with, forecast one row.

    ``ValueError`` for weights that do not fit, or an example outside 0 to 31.
    """
    if not 0 <= example < EXAMPLES:
        raise ValueError(f"expected an example from 0 to {EXAMPLES - 1}, got {example}; choose one of them")
    series = Series(prices, config, split)
    model = Forecaster(config) if tensors is None else forecaster_of(config, tensors)
    model = model.requires_grad_(False)
    row = rows_of(split)[example]
    rows = np.array([row])
    x, target = series.windows(rows), series.targets(rows)

    def answer(output: Float[Tensor, "T B O"]) -> Float[Tensor, " B"]:
        return head_of(model, output)[0]

    trace, gradients = observe_module(model.rnn, x, lambda output: (answer(output) - target).square().mean())
    told, weights = head_of(model, trace.output)
    T = config.window
    names = labels(prices.index[row - T : row + 1])
    cell = cell_of(config)
    read = _READS[series.kind]
    signal = SignalData(
        x[0],
        (f"scaled {read}",),
        short_labels(prices.index[row - T : row]),
        "",
        f"The {read}s of the {T} rows before {names[-1]}, scaled as the training part is.",
    )
    return Forecasted(
        Experiment(cells=(cell,), length=T, hidden=config.hidden, seed=config.seed),
        cell,
        signal,
        trace,
        gradients,
        config,
        example,
        (T - 1,) if weights is None else tuple(range(T)),
        told[None],
        target[None],
        names[-1],
        float(series.to_prices(told.numpy(), series.prices[rows - 1])[0]),
        float(series.prices[row]),
        float(series.prices[row - 1]),
        None if weights is None else weights[0],
    )


def head_of(
    model: Forecaster, output: Float[Tensor, "T B O"]
) -> tuple[Float[Tensor, " B"], Float[Tensor, "B T"] | None]:
    """What the network says of the states of its top layer, and the weights of its attention if it has one."""
    if model.pool is not None:
        seen = model.pool(output.transpose(0, 1))
        return model.head(seen.context).squeeze(1), seen.weights
    H = model.rnn.hidden_size
    # Each direction's last state: that of the reversed one lies at the first step.
    last = torch.cat([output[-1, :, :H], output[0, :, H:]], 1) if model.rnn.bidirectional else output[-1]
    return model.head(last).squeeze(1), None

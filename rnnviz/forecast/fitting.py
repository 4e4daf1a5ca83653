"""The training of a forecaster: epoch by epoch, so that it can rest anywhere and go on as if it had not."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, replace
from statistics import fmean

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import mse_loss

from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.networks import Forecaster
from rnnviz.forecast.result import Epoch, Split
from rnnviz.forecast.windows import Rows, Series
from rnnviz.training.fitting import below, clip_norm, kept, load_optimiser, optimiser_state

STREAM = 90_000
"""Added to the seed of the batches, so that their order is independent of the weights."""

MOST = 2048
"""Windows that go through the network at once; fewer of a large network, so that it is soon asked to stop."""

WORK = 2e9
"""Multiplications for which nobody is asked: about a fifth of a second."""


class Fit(Iterator[Epoch]):
    """A forecaster that learns, an :class:`Epoch` at a time: first number 0, before training, then one for each epoch.

    Training ends after ``config.epochs``, or when the validation error has not fallen for ``config.patience`` of them,
    or where loss or gradient is not finite: that step is not taken. From then on ``model`` has the weights of the
    epoch ``kept``, the one with the smallest validation error. ``series`` are the prices as it reads them, ``split``
    their parts; ``last`` is the epoch that was given last.

    The order of the windows is drawn from a generator of its own; the global one is never touched. ``on_step`` is
    called before every step of training or forecasting. What it raises passes through, and the fit can go on after
    that, here or from its :meth:`checkpoint`, to the same numbers but for ``seconds``.

    :class:`~rnnviz.forecast.TableError` for prices that cannot be forecast, ``ValueError`` for a checkpoint of another
    fit.
    """

    def __init__(
        self,
        prices: pd.Series,
        config: ForecastConfig,
        split: Split | None = None,
        checkpoint: Mapping[str, Tensor] | None = None,
        on_step: Callable[[], None] | None = None,
    ) -> None:
        self.prices, self.config, self.on_step = prices, config, on_step
        self.series = Series(prices, config, split)
        self.split = self.series.split
        self.seconds = 0.0
        with torch.inference_mode(False):
            self.model = Forecaster(config)
            self._pass = passes(config)
            self.optimiser = torch.optim.Adam(self.model.parameters(), lr=config.rate)
            rows = self.series.training
            self._x, self._y = self.series.windows(rows).contiguous(), self.series.targets(rows)
        self.number, self.kept, self.best_loss, self.broken = -1, 0, math.inf, False
        self.best = kept(self.model.state_dict())
        self._generator = torch.Generator().manual_seed(STREAM + config.seed)
        self._order = torch.empty(0, dtype=torch.int64)
        self._taken: list[tuple[float, float]] = []
        self.last: Epoch | None = None
        if checkpoint is not None:
            self._go_on_from(checkpoint)

    @property
    def finished(self) -> bool:
        """Whether there is nothing more to come."""
        return (
            self.broken
            or self.number >= self.config.epochs
            or self.number - self.kept >= self.config.patience
        )

    @property
    def _last_counts(self) -> bool:
        """Whether the last weights are kept, whatever they are worth."""
        return self.series.to_the_end and "peek" not in self.config.leaks

    @torch.inference_mode(False)
    def __next__(self) -> Epoch:
        if self.finished:
            raise StopIteration
        began = time.perf_counter() - self.seconds
        try:
            epoch = self._before() if self.number < 0 else self._trained()
        finally:
            self.seconds = time.perf_counter() - began
        if self.finished:
            self.model.load_state_dict(self.best)
        self.last = replace(epoch, seconds=self.seconds)
        return self.last

    def one_step(self, rows: Rows) -> Float[np.ndarray, " R"]:
        """Prices forecast for these rows, each with the true prices before it. A row may be the one after the last."""
        answers = self._answers(self.series.windows(rows))
        return self.series.to_prices(answers, self.series.prices[rows - 1])

    def recursive(self, origins: Rows, steps: int) -> Float[np.ndarray, "R S"]:
        """Prices forecast for the ``steps`` rows after each origin, each step fed with the ones before it."""
        x = self.series.windows(origins + 1)
        before = self.series.prices[origins]
        found = np.empty((len(origins), steps))
        for step in range(steps):
            answers = self._answers(x)
            found[:, step] = before = self.series.to_prices(answers, before)
            x = torch.cat([x[:, 1:], torch.from_numpy(answers)[:, None, None]], 1)
        return found

    def checkpoint(self) -> dict[str, Tensor]:
        """All that is needed to go on to the same numbers, as contiguous tensors of their own, by name."""
        found = {f"model/{name}": value for name, value in self.model.state_dict().items()}
        found |= {f"best/{name}": value for name, value in self.best.items()}
        found |= {f"optimiser/{name}": value for name, value in optimiser_state(self.optimiser).items()}
        found["generator"], found["order"] = self._generator.get_state(), self._order
        found["counts"] = torch.tensor([self.number, self.kept, self.broken])
        found["floats"] = torch.tensor([self.best_loss, self.seconds], dtype=torch.float64)
        found["last"] = torch.tensor([astuple(self.last)] if self.last else [], dtype=torch.float64)
        found["taken"] = torch.tensor(self._taken, dtype=torch.float64).reshape(-1, 2)
        return kept(found)

    @torch.inference_mode()
    def _answers(self, x: Float[Tensor, "R W 1"]) -> Float[np.ndarray, " R"]:
        answers = []
        for part in torch.split(x, self._pass):
            self._ask()
            answers.append(self.model(part))
        found: Float[np.ndarray, " R"] = torch.cat(answers).numpy()
        return found

    def _ask(self) -> None:
        if self.on_step is not None:
            self.on_step()

    def _before(self) -> Epoch:
        """The network before training, and the gradient of a first batch that is not learnt from."""
        loss = self._error(self.series.training)
        _, norm = self._gradient(self._x[: self.config.batch], self._y[: self.config.batch])
        return self._epoch([(loss, norm)])

    def _trained(self) -> Epoch:
        if not len(self._order):
            self._order = torch.randperm(len(self._y), generator=self._generator)
        for batch in torch.split(self._order, self.config.batch)[len(self._taken) :]:
            if self._taken and not _finite(self._taken[-1]):
                break
            self._taken.append(self._gradient(self._x[batch], self._y[batch]))
            if _finite(self._taken[-1]):
                self.optimiser.step()
        return self._epoch(self._taken)

    @torch.enable_grad()
    def _gradient(self, x: Float[Tensor, "B W 1"], y: Float[Tensor, " B"]) -> tuple[float, float]:
        """Leave the clipped gradient of a batch in the parameters; gives its loss and its norm before clipping."""
        self.optimiser.zero_grad()
        total = 0.0
        size = -(-self._pass // 3)  # backwards is twice the work of forwards
        for part, truth in zip(torch.split(x, size), torch.split(y, size), strict=True):
            self._ask()
            loss = mse_loss(self.model(part), truth, reduction="sum") / len(y)
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.item()
        return total, clip_norm(list(self.model.parameters()), self.config.clip)[0]

    def _error(self, rows: Rows) -> float:
        """Mean squared error on these rows, scaled."""
        answers = self._answers(self.series.windows(rows))
        return float(((answers - self.series.targets(rows).numpy()) ** 2).mean())

    def _epoch(self, taken: Sequence[tuple[float, float]]) -> Epoch:
        """Measure, and close the epoch. Nothing changes before it has been measured."""
        validation = self._error(self.series.validation)
        self.number += 1
        best = validation < self.best_loss
        if best or (self._last_counts and math.isfinite(validation)):
            self.best, self.kept = kept(self.model.state_dict()), self.number
            self.best_loss = min(self.best_loss, validation)
        self.broken = not (_finite(taken[-1]) and math.isfinite(validation))
        loss, norm = (fmean(values) for values in zip(*taken, strict=True))
        self._order, self._taken = self._order[:0], []
        return Epoch(self.number, loss, validation, norm, best, self.seconds)

    def _go_on_from(self, checkpoint: Mapping[str, Tensor]) -> None:
        """Take up a checkpoint. ``ValueError`` for one of another fit."""
        try:
            self.model.load_state_dict(below("model/", checkpoint))
            load_optimiser(self.optimiser, below("optimiser/", checkpoint))
            self._generator.set_state(checkpoint["generator"])
            self._order = checkpoint["order"].clone()
            self.number, self.kept, broken = checkpoint["counts"].tolist()
            self.best_loss, self.seconds = checkpoint["floats"].tolist()
            self._taken = [(loss, norm) for loss, norm in checkpoint["taken"].tolist()]
            for number, loss, validation, norm, best, seconds in checkpoint["last"].tolist():
                self.last = Epoch(int(number), loss, validation, norm, bool(best), seconds)
        except (KeyError, RuntimeError, ValueError) as error:
            raise ValueError(
                f"expected a checkpoint of this {self.config.network!r} fit, got another ({error}); "
                "go on with the settings and prices that it was made with"
            ) from error
        self.broken, self.best = bool(broken), kept(below("best/", checkpoint))


def passes(config: ForecastConfig) -> int:
    """How many windows go through a network at once, by its size."""
    each = config.window * config.layers * 8 * config.hidden * (config.hidden + 1)
    return int(max(1, min(MOST, WORK // each)))


def _finite(taken: tuple[float, float]) -> bool:
    """Whether the loss of a step and the norm of its gradient are numbers."""
    return all(map(math.isfinite, taken))

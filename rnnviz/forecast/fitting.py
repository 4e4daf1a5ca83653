"""The training of a forecaster: epoch by epoch, so that it can rest anywhere and go on as if it had not."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, replace
from statistics import fmean

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import mse_loss

from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.networks import Forecaster
from rnnviz.forecast.result import Epoch, Split
from rnnviz.forecast.windows import Rows, Series
from rnnviz.training.learner import Learner, Taken, kept

STREAM = 90_000
"""Added to the seed of the batches, so that their order is independent of the weights."""

MOST = 2048
"""Windows that go through the network at once; fewer of a large network, so that it is soon asked to stop."""

WORK = 2e9
"""Multiplications for which nobody is asked: about a fifth of a second."""


class Fit(Learner[Epoch]):
    """A forecaster that learns, an :class:`Epoch` at a time; see :class:`~rnnviz.training.learner.Learner`.

    It is judged by its validation error. Training ends after ``config.epochs``, or when that error has not fallen for
    ``config.patience`` of them, or where loss or gradient is not finite. From then on ``model`` has the weights of the
    epoch ``kept``, the one with the smallest validation error. ``series`` are the prices as it reads them, ``split``
    their parts; ``last`` is the epoch that was given last.

    The order of the windows is drawn from its own generator. ``on_step`` is called before every step of forecasting,
    too. From a :meth:`checkpoint` it goes on to the same numbers but for ``seconds``.

    :class:`~rnnviz.forecast.TableError` for prices that cannot be forecast, ``ValueError`` for a checkpoint of another
    fit.
    """

    model: Forecaster

    def __init__(
        self,
        prices: pd.Series,
        config: ForecastConfig,
        split: Split | None = None,
        checkpoint: Mapping[str, Tensor] | None = None,
        on_step: Callable[[], None] | None = None,
    ) -> None:
        self.prices, self.config = prices, config
        self.series = Series(prices, config, split)
        self.split = self.series.split
        self.seconds = 0.0
        with torch.inference_mode(False):
            model = Forecaster(config)
            self._pass = passes(config)
            optimiser = torch.optim.Adam(model.parameters(), lr=config.rate)
            rows = self.series.training
            self._x, self._y = self.series.windows(rows).contiguous(), self.series.targets(rows)
        self._order = torch.empty(0, dtype=torch.int64)
        self.last: Epoch | None = None
        per_epoch = -(-len(self._y) // config.batch)
        super().__init__(
            model,
            optimiser,
            seed=STREAM + config.seed,
            steps=config.epochs * per_epoch,
            per_epoch=per_epoch,
            clip=config.clip,
            on_step=on_step,
        )
        if checkpoint is not None:
            self._go_on_from(checkpoint, f"this {config.network!r} fit")

    @property
    def kept(self) -> int:
        """The epoch whose weights are the best."""
        return self.best_number

    @property
    def finished(self) -> bool:
        """Whether there is nothing more to come."""
        return super().finished or self.number - self.kept >= self.config.patience

    @property
    def _last_counts(self) -> bool:
        """Whether the last weights are kept, whatever they are worth."""
        return self.series.to_the_end and "peek" not in self.config.leaks

    @torch.inference_mode(False)
    def __next__(self) -> Epoch:
        if self.finished:
            raise StopIteration  # here, so that asking costs no time of training
        began = time.perf_counter() - self.seconds
        try:
            epoch = super().__next__()
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
        more = {
            "order": self._order,
            "seconds": torch.tensor([self.seconds], dtype=torch.float64),
            "last": torch.tensor([astuple(self.last)] if self.last else [], dtype=torch.float64),
        }
        return super().checkpoint() | kept(more)

    @torch.inference_mode()
    def _answers(self, x: Float[Tensor, "R W 1"]) -> Float[np.ndarray, " R"]:
        answers = []
        for part in torch.split(x, self._pass):
            self._ask()
            answers.append(self.model(part))
        found: Float[np.ndarray, " R"] = torch.cat(answers).numpy()
        return found

    def _before(self) -> Taken:
        """The error before training, and the gradient of a first batch that is not learnt from."""
        loss = self._error(self.series.training)
        return self._gradient(torch.arange(len(self._y))[: self.config.batch])._replace(loss=loss)

    def _draw(self, generator: torch.Generator) -> Int[Tensor, " B"]:
        """The windows of the next batch."""
        if not len(self._order):
            self._order = torch.randperm(len(self._y), generator=generator)
        begin = len(self._taken) * self.config.batch
        return self._order[begin : begin + self.config.batch]

    def _backward(self, batch: Int[Tensor, " B"]) -> tuple[float, float]:
        total = 0.0
        size = -(-self._pass // 3)  # backwards is twice the work of forwards
        for begin in range(0, len(batch), size):
            self._ask()
            part = batch[begin : begin + size]
            loss = mse_loss(self.model(self._x[part]), self._y[part], reduction="sum") / len(batch)
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.item()
        return total, math.nan

    def _error(self, rows: Rows) -> float:
        """Mean squared error on these rows, scaled."""
        answers = self._answers(self.series.windows(rows))
        return float(((answers - self.series.targets(rows).numpy()) ** 2).mean())

    def _epoch(self, taken: Sequence[Taken]) -> Epoch:
        """Measure, and close the epoch. Nothing changes before it has been measured."""
        validation = self._error(self.series.validation)
        best = self._close(validation, taken[-1], keep=self._last_counts and math.isfinite(validation))
        self._order = self._order[:0]
        loss, norm = fmean(one.loss for one in taken), fmean(one.norm for one in taken)
        return Epoch(self.number, loss, validation, norm, best, self.seconds)

    def _take_up(self, checkpoint: Mapping[str, Tensor]) -> None:
        checkpoint = self._as_now(checkpoint)
        super()._take_up(checkpoint)
        self._order = checkpoint["order"].clone()
        for number, loss, validation, norm, best, seconds in checkpoint["last"].tolist():
            self.last = Epoch(int(number), loss, validation, norm, bool(best), seconds)
        self.seconds = checkpoint["seconds"].item()

    def _as_now(self, checkpoint: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """A checkpoint as it is written now: early ones did not count steps, and had two numbers in one place."""
        if "floats" not in checkpoint:
            return checkpoint
        best_loss, seconds = torch.split(checkpoint["floats"], 1)
        step = max(int(checkpoint["counts"][0]), 0) * self.per_epoch + len(checkpoint["taken"])
        counts = torch.cat([torch.tensor([step]), checkpoint["counts"]])
        return {**checkpoint, "counts": counts, "best_loss": best_loss, "seconds": seconds}


def passes(config: ForecastConfig) -> int:
    """How many windows go through a network at once, by its size."""
    each = config.window * config.layers * 8 * config.hidden * (config.hidden + 1)
    return int(max(1, min(MOST, WORK // each)))

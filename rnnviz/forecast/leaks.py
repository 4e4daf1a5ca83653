"""The leak lab: what each trap would pretend on this very file, beside what the network is really worth.

Every number is that of a network that was trained here and now. What is claimed and what is real are each set beside
yesterday's price on the same rows, since rows differ: only the two ratios can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter

import numpy as np
import pandas as pd

from rnnviz.forecast.config import LEAKS, ForecastConfig
from rnnviz.forecast.errors import TableError
from rnnviz.forecast.fitting import Fit
from rnnviz.forecast.forecasting import modelled
from rnnviz.forecast.leak_words import Facts, said
from rnnviz.forecast.metrics import rmse
from rnnviz.forecast.parts import Leak
from rnnviz.forecast.scoring import label, trained
from rnnviz.forecast.windows import split_of

ALL = tuple(name for name, _ in LEAKS)
"""The traps by name."""

FEWEST, WORK = 20, 3e9
"""Each network of the lab is trained for at most as many epochs as :data:`WORK` allows, and at least for so many."""


@dataclass(frozen=True)
class Score:
    """RMSE of a network and of yesterday's price on the same rows."""

    model: float
    naive: float


def leaks(
    prices: pd.Series,
    config: ForecastConfig,
    names: Sequence[str] = (*ALL, "all"),
    on_step: Callable[[], None] | None = None,
) -> Iterator[Leak]:
    """The network of ``config`` without any trap, named "honest", and then with each of the traps ``names``.

    Settings are those of ``config`` but for its traps, and for the epochs (:func:`lab_config`). ``ValueError`` for an
    unknown name, :class:`~rnnviz.forecast.TableError` for prices that cannot be forecast.

    - scaler: claimed with the scaler fitted to all rows, real with that of the training part: same seed, same rows;
    - shuffle: only the first four fifths are known, and their windows dealt to the parts at random; claimed on the
      random test windows among them, real on the last fifth, which that network has never seen;
    - onestep: one network; claimed one step ahead with true history, real the same rows in runs of ``horizon`` steps
      of which each is fed with the one before. Naive of both is the price before the run, for as many steps: what a
      forecast of that many steps has to beat, and what the claimed one seems to;
    - window: one network; claimed on all test rows but the newest, real on all;
    - peek: claimed with the epoch that was best on the test part, real with that which was best on the validation
      part of the same training;
    - all: all of these at once, claimed on random windows one step ahead, real as onestep.
    """
    if unknown := [name for name in names if name not in (*ALL, "honest", "all")]:
        raise ValueError(f"leaks must be among {', '.join(ALL)}, all; got {unknown[0]!r}")
    known = modelled(prices)
    lab = _Lab(known, lab_config(config, len(known)), config.epochs, on_step)
    for name in ("honest", *(name for name in (*ALL, "all") if name in names)):
        began = perf_counter()
        claimed, real, facts = getattr(lab, name)()
        yield Leak(
            name=name,
            claimed=claimed.model,
            claimed_naive=claimed.naive,
            real=real.model,
            real_naive=real.naive,
            words=said(name, claimed.model, claimed.naive, real.model, real.naive, facts),
            seconds=perf_counter() - began,
        )


def lab_config(config: ForecastConfig, rows: int) -> ForecastConfig:
    """The settings of the lab: no traps, and no more epochs than keep it quick (five networks are trained).

    ``rows`` of the series. The weights of the best epoch are kept in any case.
    """
    steps = rows * config.window * config.layers * max(config.hidden, 16) ** 2
    epochs = min(config.epochs, max(FEWEST, int(WORK // steps)))
    # Levels are trained to the end, as the tutorials do: traps would else be told apart by when each happens to stop.
    patience = epochs if config.mode == "levels" else config.patience
    return replace(config, leaks=(), epochs=epochs, patience=patience)


@dataclass(eq=False)
class _Lab:
    prices: pd.Series
    config: ForecastConfig
    asked: int
    on_step: Callable[[], None] | None

    @cached_property
    def plain(self) -> Fit:
        """The network without traps."""
        return trained(self.prices, self.config, on_step=self.on_step)

    @cached_property
    def facts(self) -> Facts:
        """What is said of every trap."""
        series = self.plain.series
        return Facts(
            kind=series.kind,
            epochs=self.plain.number,
            kept=self.plain.kept,
            horizon=self.config.horizon,
            rows=len(series.test),
            asked=self.asked if self.asked > self.config.epochs else 0,
        )

    def honest(self) -> tuple[Score, Score, Facts]:
        found = one_step(self.plain, self.plain.series.test)
        return found, found, self.facts

    def scaler(self) -> tuple[Score, Score, Facts]:
        fit = self._trapped("scaler")
        mine, theirs = self.plain.series, fit.series
        facts = replace(self.facts, scaler=(mine.centre, mine.scale), leaked=(theirs.centre, theirs.scale))
        return one_step(fit, theirs.test), self.honest()[1], facts

    def shuffle(self) -> tuple[Score, Score, Facts]:
        first = self.plain.split.test
        try:
            past = split_of(first, self.config.window)
        except TableError:
            nothing = Score(np.nan, np.nan)
            return nothing, nothing, replace(self.facts, short=True)
        config = replace(self.config, leaks=("shuffle",))
        # It is given all prices, and its parts end where the future begins: nothing of that is in training or scaler.
        fit = trained(self.prices, config, past, on_step=self.on_step)
        claimed, taught = fit.series.test, set(fit.series.training.tolist())
        beside = sum(1 for row in claimed.tolist() if row - 1 in taught or row + 1 in taught)
        facts = replace(self.facts, beside=beside / len(claimed), claimed_rows=len(claimed))
        return one_step(fit, claimed), one_step(fit, self.plain.series.test), facts

    def onestep(self) -> tuple[Score, Score, Facts]:
        rows = self.plain.series.test
        claimed = Score(self.honest()[0].model, held(self.plain, rows, self.config.horizon))
        return claimed, many_steps(self.plain), self.facts

    def window(self) -> tuple[Score, Score, Facts]:
        rows = self.plain.series.test
        before, newest = self.plain.series.prices[rows[-1] - 1 :]
        off = float(self.plain.one_step(rows[-1:])[0] - newest)
        facts = replace(
            self.facts,
            newest=label(self.prices.index[rows[-1]]),
            move=float(newest - before),
            share=float(newest / before - 1) if before > 0 else np.nan,
            off=off,
        )
        return one_step(self.plain, rows[:-1]), self.honest()[1], facts

    def peek(self) -> tuple[Score, Score, Facts]:
        fit = self._trapped("peek")
        return one_step(fit, fit.series.test), self.honest()[1], replace(self.facts, peeked=fit.kept)

    def all(self) -> tuple[Score, Score, Facts]:
        fit = self._trapped(*ALL)
        rows = fit.series.test
        claimed = Score(one_step(fit, rows).model, held(fit, rows, self.config.horizon))
        return claimed, many_steps(self.plain), self.facts

    def _trapped(self, *names: str) -> Fit:
        return trained(self.prices, replace(self.config, leaks=names), on_step=self.on_step)


def one_step(fit: Fit, rows: np.ndarray) -> Score:
    """Each row forecast with the true prices before it."""
    prices = fit.series.prices
    return _score(prices[rows], fit.one_step(rows), prices[rows - 1])


def many_steps(fit: Fit) -> Score:
    """The test rows in runs of ``horizon``: each run forecast from the row before it, knowing nothing after that."""
    prices, rows, steps = fit.series.prices, fit.series.test, fit.config.horizon
    model = fit.recursive(rows[::steps] - 1, steps).ravel()[: len(rows)]
    return Score(rmse(prices[rows] - model), held(fit, rows, steps))


def held(fit: Fit, rows: np.ndarray, steps: int) -> float:
    """RMSE of the last known price, kept for 1, 2, ... ``steps`` steps and over again."""
    prices, ahead = fit.series.prices, np.arange(len(rows)) % steps + 1
    return rmse(prices[rows] - prices[np.maximum(rows - ahead, 0)])


def _score(actual: np.ndarray, model: np.ndarray, naive: np.ndarray) -> Score:
    return Score(rmse(actual - model), rmse(actual - naive))

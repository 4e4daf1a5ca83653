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
from rnnviz.forecast.forecasting import modelled, one_thread
from rnnviz.forecast.leak_words import Facts, said
from rnnviz.forecast.metrics import rmse
from rnnviz.forecast.parts import Leak
from rnnviz.forecast.result import Epoch, Split
from rnnviz.forecast.scoring import Fits, epochs, label
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
    for _, found in steps(prices, config, names, on_step):
        if isinstance(found, Leak):
            yield found


def steps(
    prices: pd.Series,
    config: ForecastConfig,
    names: Sequence[str] = (*ALL, "all"),
    on_step: Callable[[], None] | None = None,
    fits: Fits | None = None,
) -> Iterator[tuple[str, Epoch | Leak]]:
    """As :func:`leaks`, with the name of the trap, every epoch that is trained for it, and then what it came to.

    ``fits`` holds the network without traps and the one under way, or where to go on with them.
    """
    if unknown := [name for name in names if name not in (*ALL, "honest", "all")]:
        raise ValueError(f"leaks must be among {', '.join(ALL)}, all; got {unknown[0]!r}")
    known = modelled(prices)
    lab = _Lab(known, lab_config(config, len(known)), config.epochs, on_step, fits or Fits())
    order = ("honest", *(name for name in (*ALL, "all") if name in names))
    for name in order:
        began = perf_counter()
        for fit in lab.needed(name):
            for epoch in epochs(fit):
                yield name, epoch
        with one_thread():
            claimed, real, facts = getattr(lab, name)()
        lab.fits.drop(name)
        if name == order[-1]:
            lab.fits.clear()
        yield (
            name,
            Leak(
                name=name,
                claimed=claimed.model,
                claimed_naive=claimed.naive,
                real=real.model,
                real_naive=real.naive,
                words=said(name, claimed.model, claimed.naive, real.model, real.naive, facts),
                seconds=perf_counter() - began,
            ),
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
    fits: Fits

    @cached_property
    def past(self) -> Split | None:
        """The parts of what is known before the test part, to be dealt at random; None where that is too short."""
        try:
            return split_of(self.plain.split.test, self.config.window)
        except TableError:
            return None

    def needed(self, name: str) -> list[Fit]:
        """The networks that :attr:`name` scores, to be trained before."""
        if name in ("scaler", "peek") or (name == "shuffle" and self.past is not None):
            return [self.plain, self.fit(name)]
        return [self.plain, self.fit(*ALL)] if name == "all" else [self.plain]

    def fit(self, *traps: str) -> Fit:
        """The network with these traps; made when it is first asked for."""
        # "shuffle" alone is given all prices, and its parts end where the future begins: nothing of that is in
        # training or scaler.
        split = self.past if traps == ("shuffle",) else None
        config = replace(self.config, leaks=traps)
        return self.fits.of(
            "+".join(traps) or "plain", lambda left: Fit(self.prices, config, split, left, self.on_step)
        )

    @property
    def plain(self) -> Fit:
        """The network without traps."""
        return self.fit()

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
        fit = self.fit("scaler")
        mine, theirs = self.plain.series, fit.series
        facts = replace(self.facts, scaler=(mine.centre, mine.scale), leaked=(theirs.centre, theirs.scale))
        return one_step(fit, theirs.test), self.honest()[1], facts

    def shuffle(self) -> tuple[Score, Score, Facts]:
        if self.past is None:
            nothing = Score(np.nan, np.nan)
            return nothing, nothing, replace(self.facts, short=True)
        fit = self.fit("shuffle")
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
        fit = self.fit("peek")
        return one_step(fit, fit.series.test), self.honest()[1], replace(self.facts, peeked=fit.kept)

    def all(self) -> tuple[Score, Score, Facts]:
        fit = self.fit(*ALL)
        rows = fit.series.test
        claimed = Score(one_step(fit, rows).model, held(fit, rows, self.config.horizon))
        return claimed, many_steps(self.plain), self.facts


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

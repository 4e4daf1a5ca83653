"""A forecast from beginning to end: train, forecast the test part one step and many steps ahead, and judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pandas as pd
import torch

from rnnviz.forecast import baselines, intervals, metrics, verdict
from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.fitting import Fit
from rnnviz.forecast.limits import MODELLED
from rnnviz.forecast.result import Epoch, Interval, Result
from rnnviz.forecast.windows import Series

ORIGINS = 200
"""The most origins in the test part from which several steps are forecast."""


def run(
    prices: pd.Series,
    config: ForecastConfig = ForecastConfig(),  # noqa: B008 - frozen
    on_epoch: Callable[[Epoch], None] | None = None,
    on_step: Callable[[], None] | None = None,
) -> Result:
    """Forecast a series of prices by row; its index are labels. Seeded: the same call gives the same numbers.

    ``on_epoch`` hears of every epoch as it ends, ``on_step`` is called before every training step; what they raise
    passes through. Runs on one thread, the faster way for networks of this size.

    :class:`~rnnviz.forecast.TableError` for prices that cannot be forecast: too few, all alike, or not finite.
    """
    with one_thread():
        fit = Fit(modelled(prices), config, on_step=on_step)
        epochs = []
        for epoch in fit:
            epochs.append(epoch)
            if on_epoch is not None:
                on_epoch(epoch)
        return finish(fit, epochs, notes(prices))


def finish(fit: Fit, epochs: Sequence[Epoch], said: Sequence[str] = ()) -> Result:
    """All that is asked of a network that has been trained; ``said`` are notes on what came before."""
    series, config, split = fit.series, fit.config, fit.split
    labels = fit.prices.index
    rows = series.test
    before = baselines.naive(series.prices, rows)
    period = baselines.season(series.prices[: split.validation])
    test = pd.DataFrame({"actual": series.prices[rows], "model": fit.one_step(rows), "naive": before})
    test["drift"] = baselines.drift(series.prices, rows)
    test["average"] = baselines.average(series.prices, rows)
    if period is not None:
        test["seasonal"] = baselines.seasonal(series.prices, rows, period)
    test.index = labels[rows]

    recursive, scores, relative = _recursive(fit)
    ahead = fit.recursive(np.array([split.rows - 1]), config.horizon)[0]
    relative = relative and bool((ahead > 0).all())
    interval = _interval(fit, test)
    future = pd.DataFrame({"step": np.arange(1, config.horizon + 1), "forecast": ahead})
    future["lower"], future["upper"] = intervals.ahead(scores, ahead, config.level, relative)
    future.index = labels_after(labels, config.horizon)
    train = fit.prices.iloc[: split.validation]
    found = metrics.table(test, train)
    return Result(
        config=config,
        prices=fit.prices,
        split=split,
        epochs=tuple(epochs),
        kept=fit.kept,
        test=test,
        recursive=recursive,
        errors_by_step=errors_by_step(recursive),
        future=future,
        metrics=found,
        interval=interval,
        up=metrics.always_up(test),
        verdict=verdict.sentence(found, len(test)),
        seconds=fit.seconds,
        notes=(*said, *_notes(series, fit.kept, period), *metrics.remarks(test, train)),
        model=fit.model,
    )


def modelled(prices: pd.Series) -> pd.Series:
    """The rows that are modelled: the last :data:`~rnnviz.forecast.limits.MODELLED`."""
    return prices.iloc[-MODELLED:]


def notes(prices: pd.Series) -> tuple[str, ...]:
    """What :func:`modelled` did."""
    if len(prices) <= MODELLED:
        return ()
    return (f"Only the last {MODELLED:,} of {len(prices):,} rows are modelled.",)


def errors_by_step(recursive: pd.DataFrame) -> pd.DataFrame:
    """Mean absolute errors of the recursive forecasts by step: step, model, naive."""
    off = recursive[["model", "naive"]].sub(recursive["actual"], axis=0).abs()
    return off.groupby(recursive["step"]).mean().reset_index()


def labels_after(labels: pd.Index, count: int) -> pd.Index:
    """Labels for the rows that come: business days where a daily series has no weekends, else the typical step on.

    Row numbers, going on, where the labels are no dates.
    """
    if not isinstance(labels, pd.DatetimeIndex) or len(labels) < 2:
        return pd.RangeIndex(len(labels), len(labels) + count)
    last, step = labels[-1], pd.Series(labels).diff().median()
    day = pd.Timedelta(days=1)
    if step == day and not (labels.dayofweek >= 5).any():
        return pd.bdate_range(last + day, periods=count).as_unit(labels.unit)
    for months in (1, 3, 12):
        if abs(step - months * pd.Timedelta(days=30.44)) <= months * pd.Timedelta(days=2):
            at_end = bool(labels[-12:].is_month_end.all())
            offset = pd.DateOffset(months=months)
            found = [last + k * offset for k in range(1, count + 1)]
            return pd.DatetimeIndex(
                [one + pd.offsets.MonthEnd(0) if at_end else one for one in found]
            ).as_unit(labels.unit)
    return pd.DatetimeIndex([last + k * step for k in range(1, count + 1)]).as_unit(labels.unit)


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for as long as the block lasts: more of them only wait for each other at these sizes."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _recursive(fit: Fit) -> tuple[pd.DataFrame, np.ndarray, bool]:
    """Forecasts of several steps from origins spread over the test part, and the sizes of their errors.

    Where a step lies behind the end of the series there is no row for it, and no size (NaN).
    """
    prices, split, steps = fit.series.prices[: fit.split.rows], fit.split, fit.config.horizon
    last = max(split.test - 1, split.rows - 1 - steps)
    count = min(ORIGINS, last - split.test + 2)
    origins = np.unique(np.linspace(split.test - 1, last, count).round().astype(int))
    model = fit.recursive(origins, steps)
    at = origins[:, None] + np.arange(1, steps + 1)
    known = at < split.rows
    actual = np.where(known, prices[np.minimum(at, split.rows - 1)], np.nan)
    relative = bool(prices.min() > 0 and (model > 0).all())
    frame = pd.DataFrame(
        {
            "origin": np.repeat(origins, steps),
            "step": np.tile(np.arange(1, steps + 1), len(origins)),
            "actual": actual.ravel(),
            "model": model.ravel(),
            "naive": np.repeat(prices[origins], steps),
        }
    )
    return frame[known.ravel()].reset_index(drop=True), intervals.sizes(actual, model, relative), relative


def _interval(fit: Fit, test: pd.DataFrame) -> Interval:
    """Add lower and upper to the test part; gives how they did."""
    series, level = fit.series, fit.config.level
    rows = series.validation
    calibration = fit.one_step(rows)
    actual, forecast = test["actual"].to_numpy(), test["model"].to_numpy()
    relative = bool(series.prices.min() > 0 and (calibration > 0).all() and (forecast > 0).all())
    before = intervals.sizes(series.prices[rows], calibration, relative)
    band = intervals.adaptive(before, actual, forecast, level, relative)
    test["lower"], test["upper"] = band
    fixed = intervals.measured(actual, intervals.static(before, forecast, level, relative))
    return Interval(level, *intervals.measured(actual, band), *fixed)


def _notes(series: Series, kept: int, period: int | None) -> list[str]:
    """What was done that one would not expect, as plain sentences."""
    said = []
    if series.kind == "differences":
        said.append(
            "Some prices are zero or negative, so that they have no log return: differences are modelled instead."
        )
    if kept == 0:
        said.append(
            "No epoch did better on the validation part than the network before training, which forecasts the mean "
            "change: that one was kept."
            if series.kind != "levels"
            else "No epoch did better on the validation part than the network before training: that one was kept."
        )
    if period is not None:
        said.append(
            f"The series has a season of {period} rows: seasonal naive repeats the price {period} rows before."
        )
    return said

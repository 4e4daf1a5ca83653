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
from rnnviz.forecast.labels import labels_after, spacing
from rnnviz.forecast.limits import MODELLED
from rnnviz.forecast.result import Epoch, Interval, Result, errors_by_step

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
    if not isinstance(prices, pd.Series):
        raise TypeError(
            f"expected prices as a pandas Series, got {type(prices).__name__}; give pandas.Series(values), or a column"
        )
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
    prices, rows, cut = series.prices, series.test, len(series.calibration)
    period = baselines.season(prices[: split.validation])
    # What it was not trained on, before the test and in it.
    fresh = np.concatenate([series.calibration, rows])
    said_of = fit.one_step(fresh)
    test = pd.DataFrame(
        {"actual": prices[rows], "model": said_of[cut:], "naive": baselines.naive(prices, rows)}
    )
    test["drift"] = baselines.drift(prices, rows)
    test["average"] = baselines.average(prices, rows)
    if period is not None:
        test["seasonal"] = baselines.seasonal(prices, rows, period)
    test.index = fit.prices.index[rows]

    relative = bool(prices.min() > 0 and (said_of > 0).all())
    sizes = intervals.sizes(prices[fresh], said_of, relative)
    test["lower"], test["upper"], interval = _band(test, sizes[:cut], config.level, relative)
    recursive = _recursive(fit, origins_of(split.test, split.rows, config.horizon))
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
        future=_future(fit, fresh, sizes),
        metrics=found,
        interval=interval,
        up=metrics.always_up(test),
        verdict=verdict.sentence(found, len(test)),
        seconds=fit.seconds,
        notes=(*said, *_notes(fit, period), *metrics.remarks(test, train)),
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


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for as long as the block lasts: more of them only wait for each other at these sizes."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def origins_of(first: int, end: int, steps: int) -> np.ndarray:
    """At most :data:`ORIGINS` rows from which the rows [first, end) are forecast: the first is the one before them.

    They are spread evenly as far as all steps have their truth; where none has, it is the first alone.
    """
    last = max(first - 1, end - 1 - steps)
    return np.linspace(first - 1, last, min(ORIGINS, last - first + 2)).round().astype(np.int64)


def _recursive(fit: Fit, origins: np.ndarray) -> pd.DataFrame:
    """Forecasts of several steps from these rows, as far as the truth is known."""
    steps = fit.config.horizon
    at = origins[:, None] + np.arange(1, steps + 1)
    prices = fit.series.prices
    known = (at < fit.split.rows).ravel()
    frame = pd.DataFrame(
        {
            "origin": np.repeat(origins, steps),
            "step": np.tile(np.arange(1, steps + 1), len(origins)),
            "actual": prices[np.minimum(at, len(prices) - 1)].ravel(),
            "model": fit.recursive(origins, steps).ravel(),
            "naive": np.repeat(prices[origins], steps),
        }
    )
    return frame[known].reset_index(drop=True)


def _band(
    test: pd.DataFrame, before: np.ndarray, level: int | float, relative: bool
) -> tuple[np.ndarray, np.ndarray, Interval]:
    """The ends of the interval on the test part, after errors of these sizes before it, and how it did."""
    actual, forecast = test["actual"].to_numpy(), test["model"].to_numpy()
    band = intervals.adaptive(before, actual, forecast, level, relative)
    fixed = intervals.measured(actual, intervals.static(before, forecast, level, relative))
    return *band, Interval(level, *intervals.measured(actual, band), *fixed)


def _future(fit: Fit, fresh: np.ndarray, sizes: np.ndarray) -> pd.DataFrame:
    """The rows that come. Its intervals stand on recursive forecasts from the validation and the test part.

    What they are worth ("held") is measured on the test part, with those of the validation part alone to go by.
    ``sizes`` are those of the one-step errors on the rows ``fresh``: how wild the prices are now, and were then.
    """
    split, steps = fit.split, fit.config.horizon
    ahead = fit.recursive(np.array([split.rows - 1]), steps)[0]
    known = _recursive(fit, origins_of(split.validation, split.rows, steps))
    positive = bool((fit.series.prices > 0).all() and (known["model"] > 0).all() and (ahead > 0).all())
    known["size"] = intervals.sizes(known["actual"].to_numpy(), known["model"].to_numpy(), positive)
    by_origin = known.pivot(index="origin", columns="step", values="size")
    by_origin = by_origin.reindex(columns=range(1, steps + 1))
    scale = intervals.scales(sizes)
    then = scale[np.searchsorted(fresh, by_origin.index.to_numpy() + 1)]
    off, level = by_origin.to_numpy(), fit.config.level
    band = intervals.ahead(off, ahead, level, positive, then, float(scale[-1]))
    frame = pd.DataFrame({"step": np.arange(1, steps + 1), "forecast": ahead})
    frame["lower"], frame["upper"] = band
    origins = by_origin.index.to_numpy()[:, None]
    before = np.where(origins + by_origin.columns.to_numpy() < split.test, off, np.nan)
    frame["held"] = intervals.held_ahead(
        before, np.where(origins >= split.test - 1, off, np.nan), level, then, then
    )
    frame.index = labels_after(fit.prices.index[: split.rows], steps)
    return frame


def _notes(fit: Fit, period: int | None) -> list[str]:
    """What was done that one would not expect, as plain sentences."""
    said, series, kept = [], fit.series, fit.kept
    if between := spacing(fit.prices.index):
        said.append(f"Rows are {between} apart here: “yesterday's price” stands for that of the row before.")
    if series.kind == "differences":
        said.append(
            "Some prices are zero or negative, so that they have no log return: differences are modelled instead."
        )
    if series.to_the_end:
        said.append(
            "As the tutorials do it, nothing was held back to choose an epoch by: the validation part was trained on, "
            "too, and the last weights were kept."
        )
    elif kept == 0:
        said.append(
            "No epoch did better on the validation part than the network before training, which forecasts the mean "
            "change: that one was kept."
            if series.kind != "levels"
            else "No epoch did better on the validation part than the network before training: that one was kept."
        )
    if fit.diverged:
        said.append(
            f"Training broke off in epoch {fit.number}, where the loss was no longer a finite number: a lower learning "
            "rate, or clipping, may help."
        )
    if period is not None:
        said.append(
            f"The series has a season of {period} rows: seasonal naive repeats the price {period} rows before."
        )
    return said

"""Rolling origin: the same network at other times, each time trained on what was known by then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from operator import itemgetter

import numpy as np
import pandas as pd

from rnnviz.forecast.comparing import holm
from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.errors import TableError
from rnnviz.forecast.fitting import Fit
from rnnviz.forecast.forecasting import modelled, one_thread
from rnnviz.forecast.parts import Fold
from rnnviz.forecast.result import Epoch, Split
from rnnviz.forecast.scoring import Fits, epochs, label, scored
from rnnviz.forecast.verdict import SURE, ratio
from rnnviz.forecast.windows import LEAST, VALIDATION
from rnnviz.forecast.wording import percent

NOTHING = "No fold can be judged: the price rests there, or no forecast is a finite number."

TESTED = 0.4
"""The share of the rows that the folds test on: the last ones."""


def splits(rows: int, window: int, folds: int = 5) -> tuple[Split, ...]:
    """The parts of each fold: tests that follow each other over the last :data:`TESTED` of the rows.

    Each fold trains on all rows before its test, the last fifth of them for validation (an expanding window).
    :class:`~rnnviz.forecast.TableError` where a part would be too short, ``ValueError`` for fewer than one fold.
    """
    if folds < 1:
        raise ValueError(f"expected at least one fold, got {folds}; 5 is usual")
    found = _splits(rows, folds)
    if not _fit(found, window):
        needed = next(n for n in range(rows + 1, 1_000_000) if _fit(_splits(n, folds), window))
        raise TableError(
            f"expected at least {needed:,} prices for {folds} folds with windows of {window} rows, got {rows:,}; "
            "bring a longer series or choose a shorter window"
        )
    return found


def backtest(
    prices: pd.Series,
    config: ForecastConfig,
    folds: int = 5,
    on_step: Callable[[], None] | None = None,
    first: int = 0,
) -> Iterator[Fold]:
    """Train and score the network of ``config``, without traps, in each fold in turn; from the fold ``first`` on.

    A fold is given the prices up to its end and no further. :class:`~rnnviz.forecast.TableError` as :func:`splits`.
    """
    for _, found in steps(prices, config, folds, on_step, first):
        if isinstance(found, Fold):
            yield found


def steps(
    prices: pd.Series,
    config: ForecastConfig,
    folds: int = 5,
    on_step: Callable[[], None] | None = None,
    first: int = 0,
    fits: Fits | None = None,
) -> Iterator[tuple[int, Epoch | Fold]]:
    """As :func:`backtest`, with the number of the fold, every epoch of its network, and then what it came to.

    ``fits`` holds the network under way, or where to go on with it.
    """
    known, plain, under_way = modelled(prices), replace(config, leaks=()), fits or Fits()
    for number, split in list(enumerate(splits(len(known), config.window, folds)))[first:]:
        fit = under_way.of(
            str(number),
            lambda left, split=split: Fit(known.iloc[: split.rows], plain, split, left, on_step),  # type: ignore[misc]
        )
        for epoch in epochs(fit):
            yield number, epoch
        with one_thread():
            found = scored(fit)
        under_way.drop(str(number))
        yield (
            number,
            Fold(
                number=number,
                first=split.test,
                last=split.rows - 1,
                begins=label(known.index[split.test]),
                ends=label(known.index[split.rows - 1]),
                RMSE=found.of("RMSE"),
                naive=found.of("RMSE", "naive"),
                MAE=found.of("MAE"),
                skill=found.of("skill"),
                dm_p=found.of("dm_p"),
                coverage=found.coverage,
                width=found.width,
                seconds=fit.seconds,
            ),
        )


def words(found: Sequence[Fold]) -> tuple[str, ...]:
    """What the backtest shows, in plain sentences."""
    finite = [one for one in found if np.isfinite(one.skill)]
    if not finite:
        return (NOTHING,) if found else ()
    better, count = sum(1 for one in finite if one.skill > 0), _folds(len(finite))
    ratios = sorted({ratio(1 - one.skill): 1 - one.skill for one in finite}.items(), key=itemgetter(1))
    span = ratios[0][0] if len(ratios) == 1 else f"{ratios[0][0]} to {ratios[-1][0]}"
    said = [
        f"The network was closer than yesterday's price in {better} of {count}; its RMSE was {span} times that of "
        "yesterday's price."
    ]
    fair = holm(np.array([one.dm_p for one in finite]))
    sure = [one.skill for one, p in zip(finite, fair, strict=True) if p < SURE]
    if sure:
        said.append(
            f"By more than chance, after Holm's correction for {count}: better in {sum(1 for s in sure if s > 0)}, "
            f"worse in {sum(1 for s in sure if s < 0)}."
        )
    else:
        said.append(
            f"By no more than chance, in any of them (Diebold-Mariano, Holm's correction for {count})."
        )
    held = sorted({percent(one.coverage): one.coverage for one in finite}.items(), key=itemgetter(1))
    share = held[0][0] if len(held) == 1 else f"{held[0][0]} to {held[-1][0]}"
    said.append(f"The intervals held {share} of the true prices.")
    if left := len(found) - len(finite):
        said.append(
            f"{_folds(left)} cannot be judged: the price rests there, or a forecast is no finite number."
        )
    return tuple(said)


def _folds(count: int) -> str:
    return f"{count} fold{'' if count == 1 else 's'}"


def _splits(rows: int, folds: int) -> tuple[Split, ...]:
    bounds = np.linspace(rows * (1 - TESTED), rows, folds + 1).round().astype(int).tolist()
    return tuple(Split(round(first * (1 - VALIDATION)), first, after) for first, after in pairwise(bounds))


def _fit(found: Sequence[Split], window: int) -> bool:
    """Whether each fold has windows enough to train on, to choose by and to test with. The first has the fewest."""
    return (
        found[0].validation - window - 1 >= 2 * LEAST
        and found[0].test - found[0].validation >= LEAST
        and min(split.rows - split.test for split in found) >= LEAST
    )

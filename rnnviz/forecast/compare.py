"""The networks of the comparison, one after the other: same rows, same parts, same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from rnnviz.forecast.comparing import holm
from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.fitting import Fit
from rnnviz.forecast.forecasting import modelled, one_thread
from rnnviz.forecast.parts import COMPARED, Compared
from rnnviz.forecast.result import Epoch
from rnnviz.forecast.scoring import Fits, epochs, scored
from rnnviz.forecast.verdict import SURE, p_value, ratio
from rnnviz.prose import listed

LABELS = dict(COMPARED)

NOTHING = (
    "Nothing to compare: yesterday's price has no error in the test part, or no forecast is a finite number."
)


def networks(config: ForecastConfig) -> dict[str, ForecastConfig]:
    """The settings of each network, by name: those of ``config`` but for network, layers and traps.

    All have one layer but the stacked one, which has as many as ``config`` and at least two.
    """
    plain = replace(config, layers=1, leaks=())
    return {
        name: replace(plain, network="lstm", layers=max(2, config.layers))
        if name == "stacked"
        else replace(plain, network=name)
        for name, _ in COMPARED
    }


def compare(
    prices: pd.Series,
    config: ForecastConfig,
    on_step: Callable[[], None] | None = None,
    on_epoch: Callable[[str, Epoch], None] | None = None,
) -> Iterator[Compared]:
    """Train and score each network in turn. ``on_epoch`` hears of every epoch of each, by its name.

    :class:`~rnnviz.forecast.TableError` for prices that cannot be forecast.
    """
    for name, found in steps(prices, config, on_step):
        if isinstance(found, Compared):
            yield found
        elif on_epoch is not None:
            on_epoch(name, found)


def steps(
    prices: pd.Series,
    config: ForecastConfig,
    on_step: Callable[[], None] | None = None,
    names: Sequence[str] | None = None,
    fits: Fits | None = None,
) -> Iterator[tuple[str, Epoch | Compared]]:
    """As :func:`compare`, with every epoch of each network, and then what it came to. ``names``: only these.

    ``fits`` holds the network under way, or where to go on with it.
    """
    known, under_way = modelled(prices), fits or Fits()
    for name, chosen in networks(config).items():
        if names is not None and name not in names:
            continue
        fit = under_way.of(name, lambda left, chosen=chosen: Fit(known, chosen, None, left, on_step))  # type: ignore[misc]
        for epoch in epochs(fit):
            yield name, epoch
        with one_thread():
            found = compared(name, fit)
        under_way.drop(name)
        yield name, found


def compared(name: str, fit: Fit) -> Compared:
    """What one network came to."""
    found = scored(fit)
    model = found.metrics.loc["model"]
    return Compared(
        name=name,
        **{metric: float(value) for metric, value in model.items()},
        coverage=found.coverage,
        width=found.width,
        parameters=sum(parameter.numel() for parameter in fit.model.parameters()),
        epoch=fit.kept,
        epochs=fit.number,
        seconds=fit.seconds,
    )


def adjusted(found: Sequence[Compared]) -> Mapping[str, float]:
    """The Diebold-Mariano p-values by name, adjusted for how many networks were looked at (Holm 1979)."""
    values = holm(np.array([one.dm_p for one in found]))
    return dict(zip([one.name for one in found], values.tolist(), strict=True))


def words(found: Sequence[Compared]) -> tuple[str, ...]:
    """What the comparison shows, in plain sentences; the best of several is the best by luck, too, and they say so."""
    finite = [one for one in found if np.isfinite(one.skill)]
    if not finite:
        return (NOTHING,) if found else ()
    best, worst = max(finite, key=lambda one: one.skill), min(finite, key=lambda one: one.skill)
    lowest = f"The {LABELS[best.name]} has the lowest RMSE: {ratio(1 - best.skill)} times that of yesterday's price"
    highest = f"; the {LABELS[worst.name]} has the highest: {ratio(1 - worst.skill)} times"
    alike = ratio(1 - best.skill) == ratio(1 - worst.skill)
    said = [
        lowest + ("" if worst is best else "; the rest has as good as the same" if alike else highest) + "."
    ]
    if len(found) < 2:
        return tuple(said)
    fair = adjusted(found)
    if best.skill <= 0:
        said.append("None is closer than yesterday's price.")
    elif not np.isnan(best.dm_p):
        name, fair_p = LABELS[best.name], fair[best.name]
        beats = f"the {name} beats" if fair_p < SURE else "by more than chance none beats"
        said.append(
            f"Of {len(found)} networks tried on the same test part the best is partly the luckiest: {beats} "
            f"yesterday's price (DM {p_value(best.dm_p)} alone, "
            f"{p_value(fair_p)} after Holm's correction for {len(found)} looks)."
        )
    if worse := [LABELS[one.name] for one in found if one.skill < 0 and fair[one.name] < SURE]:
        said.append(f"Worse than yesterday's price by more than chance: {listed(worse)}.")
    return tuple(said)

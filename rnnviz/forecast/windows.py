"""Windows: from prices to what a network reads, and from what it says back to prices.

Rows are counted, dates are labels: trading days are no calendar days, and nothing is filled in between them. What is
modelled is one value a row: the log return, the difference where a price is zero or negative, or the price itself. The
forecast of a row reads the ``window`` values before it; of n values there are n - window such windows.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Float32, Int
from torch import Tensor

from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.errors import TableError
from rnnviz.forecast.result import Split

TEST = 0.2
"""The share of the rows that is the test part: the last ones."""

VALIDATION = 0.2
"""The share of the other rows that is the validation part: the last ones of them."""

LEAST = 10
"""Windows that each part needs at least, and the training part twice as many."""

Rows = Int[np.ndarray, " R"]
"""Row numbers of the series."""


def split_of(rows: int, window: int = 30, horizon: int = 1) -> Split:
    """The parts of a series: chronological, its last fifth the test, the last fifth of the rest for validation.

    :class:`~rnnviz.forecast.TableError` where a part would be too short for such windows, or all that comes after the
    training part too short to see how forecasts of ``horizon`` steps do.
    """
    found = _parts(rows)
    if not _enough(found, window, horizon):
        needed = next(n for n in range(rows + 1, 100_000) if _enough(_parts(n), window, horizon))
        smaller = next((w for w in range(window - 1, 1, -1) if _enough(found, w, horizon)), None)
        nearer = next((h for h in range(horizon - 1, 0, -1) if _enough(found, window, h)), None)
        advice = "bring a longer series"
        if smaller:
            advice += f", or choose a window of at most {smaller}"
        elif nearer:
            advice += f", or choose a horizon of at most {nearer}"
        raise TableError(
            f"expected at least {needed:,} prices for windows of {window} rows, forecasts of "
            f"{horizon} step{'s' * (horizon != 1)} and parts to train, validate and test, got {rows:,}; {advice}"
        )
    return found


def _parts(rows: int) -> Split:
    test = round(rows * (1 - TEST))
    return Split(round(test * (1 - VALIDATION)), test, rows)


def _enough(split: Split, window: int, horizon: int) -> bool:
    """Whether each part has windows enough to train on, to choose by and to test with."""
    return (
        split.validation - window - 1 >= 2 * LEAST
        and split.test - split.validation >= LEAST
        and split.rows - split.test >= LEAST
        and split.rows - split.validation >= LEAST + horizon
    )


class Series:
    """A series of prices as a network learns it.

    ``kind`` is "returns", "differences" or "levels". ``values`` are what is modelled, float64, the first one of row
    ``offset`` (1 for changes, 0 for levels); ``scaled`` the same as (values - centre) / scale, float32. The scaler
    stands on the training part alone: mean and standard deviation of changes, minimum and range of levels.

    ``training``, ``validation`` and ``test`` are the rows that are forecast to learn, to choose the epoch, and to
    judge; ``calibration`` those of the validation part, to tell how wide intervals must be. The parts of ``split`` lie
    within its ``rows``; prices after those are there to be forecast.

    ``config.leaks`` builds the traps in: "scaler" fits it to all rows up to ``split.rows``, "shuffle" deals these rows
    to the parts at random, "window" takes n - window - 1 windows and so misses the newest, "peek" chooses the epoch
    on the test rows. :class:`~rnnviz.forecast.TableError` for prices that cannot be modelled.
    """

    def __init__(self, prices: pd.Series, config: ForecastConfig, split: Split | None = None) -> None:
        self.config = config
        self.prices = checked(prices)
        self.split = split or split_of(len(self.prices), config.window, config.horizon)
        self.kind = (
            "levels" if config.mode == "levels" else "returns" if self.prices.min() > 0 else "differences"
        )
        self.offset = 0 if self.kind == "levels" else 1
        self.values = (
            np.diff(np.log(self.prices) if self.kind == "returns" else self.prices)
            if self.offset
            else self.prices
        )
        self.training, self.calibration, self.test = self._parts()
        self.validation = self.test if "peek" in config.leaks else self.calibration
        self.centre, self.scale = self._scaler()
        self.scaled: Float32[Tensor, " N"] = torch.from_numpy(self.to_scaled(self.values))
        self._windows = self.scaled.unfold(0, config.window, 1)

    @property
    def to_the_end(self) -> bool:
        """Whether nothing is held back to choose an epoch by: levels with a patience that never ends, as tutorials do.

        The validation part is then trained on as well.
        """
        return self.kind == "levels" and self.config.patience >= self.config.epochs

    def windows(self, rows: Rows) -> Float32[Tensor, "R W 1"]:
        """What the forecasts of these rows read. A row may be the one after the last."""
        return self._windows[torch.from_numpy(rows - self.offset - self.config.window)].unsqueeze(-1)

    def targets(self, rows: Rows) -> Float32[Tensor, " R"]:
        """What there was to be forecast, scaled."""
        return self.scaled[torch.from_numpy(rows - self.offset)]

    def to_scaled(self, values: Float[np.ndarray, " N"]) -> Float32[np.ndarray, " N"]:
        """Values as the network reads them."""
        return ((values - self.centre) / self.scale).astype(np.float32)

    def to_prices(
        self, scaled: Float[np.ndarray, " R"], before: Float[np.ndarray, " R"]
    ) -> Float[np.ndarray, " R"]:
        """Prices of what a network said, after the prices ``before`` them."""
        values = scaled.astype(np.float64) * self.scale + self.centre
        match self.kind:
            case "levels":
                return values
            case "returns":
                return before * np.exp(values)
        return before + values

    def _parts(self) -> tuple[Int[np.ndarray, " R"], Int[np.ndarray, " V"], Int[np.ndarray, " S"]]:
        split, leaks = self.split, self.config.leaks
        first = self.config.window + self.offset
        rows = np.arange(first, split.rows - ("window" in leaks))
        if "shuffle" in leaks:
            rows = np.random.default_rng(self.config.seed).permutation(rows)
        at = [split.validation - first, split.test - first]
        training, validation, test = (np.sort(part) for part in np.split(rows, at))
        if self.to_the_end:
            training = np.sort(np.concatenate([training, validation]))
        return training, validation, test

    def _scaler(self) -> tuple[float, float]:
        """Centre and scale; a training part that never moves counts as 1 wide."""
        if "scaler" in self.config.leaks:
            known = self.values[: self.split.rows - self.offset]
        elif "shuffle" in self.config.leaks:
            known = self.values[self.training - self.offset]
        else:
            known = self.values[: self.training[-1] + 1 - self.offset]
        if self.kind == "levels":
            return float(known.min()), float(np.ptp(known)) or 1.0
        return float(known.mean()), float(known.std()) or 1.0


def checked(prices: pd.Series) -> Float[np.ndarray, " N"]:
    """The prices as float64. Raises :class:`~rnnviz.forecast.TableError` for what cannot be forecast."""
    try:
        found: Float[np.ndarray, " N"] = prices.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise TableError(
            f"expected prices that are numbers, got values of type {prices.dtype}; read the file with "
            "forecast.read_table, which understands prices as they are written"
        ) from error
    if bad := int((~np.isfinite(found)).sum()):
        raise TableError(
            f"expected prices that are finite numbers, got {bad:,} that are infinite or missing; leave those rows out"
        )
    if len(found) and found.min() == found.max():
        raise TableError(
            f"expected prices that move, got {len(found):,} times the same; choose another column to forecast"
        )
    return found

"""What the reader of a forecast should know of the prices. Nothing is rescaled, filled in or smoothed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from rnnviz.forecast.reading.columns.naming import PRICED, Column
from rnnviz.forecast.reading.columns.notes import Notes, be, count, listed
from rnnviz.forecast.reading.columns.tidy import written
from rnnviz.forecast.reading.dates.order import DAY
from rnnviz.forecast.wording import percent
from rnnviz.typed import quoted, short

SENTINELS = np.array(
    [
        0,
        -1,
        -9,
        -99,
        -999,
        -9999,
        -99999,
        999,
        9999,
        99999,
        999999,
        9999999,
        999.99,
        9999.99,
        99999.99,
        999999.99,
    ]
)
"""Values that stand for a missing one, where the prices around are quite others."""

FAR = 5.0
"""A value stands apart when both neighbours are more than so many times larger, or smaller."""

JUMP = 0.3
"""The smallest change from row to row that is spoken of, as a share."""

SPLITS = (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40, 50, 100, 1.5)
NEAR = 0.06
"""A jump is like a split when the ratio of prices is so near to one of these."""

STALE = 8
"""So many rows of the same price are spoken of."""

WIDE = 10
"""A gap is so many times as wide as the commonest step, and at least as many days."""


def mend(frame: pd.DataFrame, columns: Sequence[Column], notes: Notes) -> None:
    """Take values that stand for a missing one as missing, in place: 0, -999 or 9999 amid other prices."""
    for column in columns:
        if column.role not in PRICED:
            continue
        values = frame[column.name].to_numpy(copy=True)
        suspect = np.isin(values, SENTINELS)
        if not suspect.any() or suspect.all():
            continue
        known = pd.Series(np.where(suspect, np.nan, values))
        before, after = known.ffill().fillna(known.bfill()), known.bfill().fillna(known.ffill())
        low, high = np.minimum(before, after), np.maximum(before, after)
        middle = float(np.nanmedian(known))
        apart = (values * FAR < low) & (low > 0.2 * middle) | (values > FAR * high)
        holes = np.flatnonzero(suspect & apart.to_numpy() & (low > 0).to_numpy())
        if len(holes):
            frame.loc[holes, column.name] = np.nan
            shown = listed([short(float(value)) for value in np.unique(values[holes])], 3)
            notes.report.append(
                f"{count(len(holes), 'value')} of {quoted(notes.grid.names[column.number])} ({shown}) cannot be a "
                f"price amid the others and {be(len(holes), 'counts', 'count')} as missing (first on "
                f"{_day(frame, int(holes[0]))})."
            )


def warn(
    frame: pd.DataFrame, target: str, columns: Sequence[Column], labels: Mapping[str, str], notes: Notes
) -> None:
    """Say what is unusual about the prices and their dates."""
    kept = frame[frame[target].notna()]
    values, moments = kept[target].to_numpy(), kept["date"].to_numpy()
    roles = {column.role: column.name for column in columns}
    found = [
        *_dates(frame["date"].to_numpy()),
        *_candles(frame, roles),
        *_signs(values, quoted(labels[target])),
    ]
    if target != roles.get("volume"):
        found += [*_jumps(values, moments, target == roles.get("adj_close")), *_stale(values, moments)]
    notes.warnings += found


def _day(frame: pd.DataFrame, row: int) -> str:
    return written(frame["date"].to_numpy()[row])


def _dates(moments: np.ndarray) -> list[str]:
    """Gaps, days of rest, and more than one row a day."""
    days = moments.astype(DAY)
    different = days[np.append(True, days[1:] != days[:-1])]
    found = []
    if len(different) < len(days):
        each = round(len(days) / len(different))
        found.append(
            f"Rows come more often than daily, some {each:,} a day; a step of the forecast is one row, not one day."
            if each > 1
            else "Some days have more than one row; a step of the forecast is one row, not one day."
        )
    if len(different) < 3:
        return found
    steps = np.diff(different).astype(np.int64)
    usual = int(np.median(steps))
    wide = np.flatnonzero((steps >= WIDE * usual) & (steps >= WIDE))
    if len(wide):
        most = int(wide[np.argmax(steps[wide])])
        found.append(
            f"{count(len(wide), 'gap')} in the dates, the widest of {steps[most]:,} days after {different[most]}; rows "
            "are taken one after another, nothing is filled in."
        )
    weekend = (different.astype(np.int64) + 3) % 7 >= 5
    share = float(weekend.mean())
    if usual == 1 and 0 < share < 0.2:
        found.append(
            f"{count(int(weekend.sum()), 'row')} on a Saturday or Sunday (first {different[weekend][0]}), when most "
            "markets are closed; the order of day and month may be wrong."
        )
    today = np.datetime64("today", "D")
    if different[-1] > today + 1:
        ahead = int((different > today + 1).sum())
        found.append(
            f"{count(ahead, 'date')} {be(ahead, 'lies', 'lie')} in the future (last {different[-1]}); check the order "
            "of the dates."
        )
    return found


def _candles(frame: pd.DataFrame, roles: Mapping[str, str]) -> list[str]:
    """Rows whose low or high is none."""
    others = [roles[role] for role in ("open", "close") if role in roles]
    if not {"high", "low"} <= roles.keys():
        return []
    high, low = frame[roles["high"]].to_numpy(), frame[roles["low"]].to_numpy()
    wrong = low > high
    for name in others:
        values = frame[name].to_numpy()
        # Rounding of an adjusted price is no fault.
        wrong |= (values > high + 1e-6 * np.abs(high)) | (values < low - 1e-6 * np.abs(low))
    if not wrong.any():
        return []
    return [
        f"In {count(int(wrong.sum()), 'row')} the high is not the highest or the low not the lowest (first "
        f"{_day(frame, int(np.flatnonzero(wrong)[0]))})."
    ]


def _signs(values: np.ndarray, name: str) -> list[str]:
    """Prices that have no logarithm, and prices that never change."""
    if len(values) > 1 and (values == values[0]).all():
        return [f"All values of {name} are {short(float(values[0]))}; there is nothing to forecast."]
    zero, below = int((values == 0).sum()), int((values < 0).sum())
    if not zero + below:
        return []
    parts = [count(number, word) for number, word in ((zero, "zero"), (below, "negative value")) if number]
    return [f"{name} has {listed(parts)}; differences are modelled instead of returns."]


def _jumps(values: np.ndarray, moments: np.ndarray, adjusted: bool) -> list[str]:
    """Changes like an unadjusted split, and others as large."""
    if len(values) < 2 or (values <= 0).any():
        return []
    ratio = values[1:] / values[:-1]
    large = np.flatnonzero(np.maximum(ratio, 1 / ratio) > 1 / (1 - JUMP))
    if not len(large) or len(large) > 0.02 * len(values) + 3:
        return []  # moves of this size are this series' habit
    splits = [row for row in large if _split(float(ratio[row])) is not None]
    found = []
    more = ", the more since this column is called adjusted" if adjusted else ""
    for row in splits[:3]:
        falls, parts = bool(ratio[row] < 1), _split(float(ratio[row]))
        found.append(
            f"On {written(moments[row + 1])} the price {'falls' if falls else 'rises'} from {values[row]:,.6g} to "
            f"{values[row + 1]:,.6g} ({_change(ratio[row])}), as with {_told(parts, falls)} that was not adjusted for. "
            f"It may as well be real{more}; nothing is rescaled."
        )
    if len(splits) > 3:
        found.append(f"{len(splits) - 3} more jumps look like splits.")
    others = [row for row in large if row not in splits]
    if others:
        row = max(others, key=lambda r: abs(np.log(ratio[r])))
        found.append(
            f"{count(len(others), 'change')} of more than {percent(JUMP, 0)} from one row to the next, the largest "
            f"{_change(ratio[row])} on {written(moments[row + 1])}; check whether they are real."
        )
    return found


def _split(ratio: int | float) -> int | float | None:
    """The number of shares that one becomes, where the ratio of prices is near to that of a split."""
    times = max(ratio, 1 / ratio)
    near = min(SPLITS, key=lambda parts: abs(times / parts - 1))
    # 3-for-2 is rare, and changes by a half are not.
    return near if abs(times / near - 1) <= (NEAR if near != 1.5 else NEAR / 6) else None


def _told(parts: int | float | None, falls: bool) -> str:
    words = "3-for-2" if parts == 1.5 else f"{parts:g}-for-1"
    if falls:
        return f"a {words} split"
    return "a reverse split, 2-for-3" if parts == 1.5 else f"a reverse split, 1-for-{parts:g}"


def _stale(values: np.ndarray, moments: np.ndarray) -> list[str]:
    """Runs of one price."""
    if len(values) < STALE or (values == values[0]).all():
        return []
    starts = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
    lengths = np.diff(np.append(starts, len(values)))
    runs = np.flatnonzero(lengths >= STALE)
    if not len(runs):
        return []
    run = int(runs[np.argmax(lengths[runs])])
    first, rows = int(starts[run]), int(lengths[run])
    more = f" {count(len(runs) - 1, 'more run')} of at least {STALE} rows." if len(runs) > 1 else ""
    return [
        f"The price stays at {values[first]:,.6g} for {rows:,} rows from {written(moments[first])}; these may be no "
        f"trades at all.{more}"
    ]


def _change(ratio: float) -> str:
    """What a ratio is as a change: −75 %."""
    return f"{100 * (ratio - 1):+.0f} %".replace("-", "−")

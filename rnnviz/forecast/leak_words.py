"""What the leak lab says of each trap: a fact of this file, and what the trap made of it. Plain text, real numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rnnviz.forecast.verdict import ratio
from rnnviz.forecast.wording import percent
from rnnviz.prose import written

_HELD = "the last known price, kept for as many steps,"

SAME = 0.005
"""Ratios that differ by less than this share are called the same."""


@dataclass(frozen=True)
class Facts:
    """What a sentence may need; what belongs to other traps is left as it is.

    ``kind`` as in :class:`~rnnviz.forecast.windows.Series`; ``epochs`` that were trained, ``kept`` the one whose
    weights were; ``rows`` of the test part. ``scaler`` and ``leaked``: centre and scale without the trap and with it.
    ``beside``: the share of ``claimed_rows`` next to a row that was trained on. ``newest``: the label of the last row,
    on which the price moved by ``move``, a ``share`` of it, and the forecast was ``off``. ``peeked``: the epoch that
    was best on the test part. ``short``: too few rows for the trap.
    ``asked``: epochs that were set, where the lab allows fewer.
    """

    kind: str
    epochs: int
    kept: int
    horizon: int
    rows: int
    scaler: tuple[float, float] = (0.0, 1.0)
    leaked: tuple[float, float] = (0.0, 1.0)
    beside: float = 0.0
    claimed_rows: int = 0
    newest: str = ""
    move: float = 0.0
    share: float = math.nan
    off: float = 0.0
    peeked: int = 0
    short: bool = False
    asked: int = 0


def said(
    name: str, claimed: float, claimed_naive: float, real: float, real_naive: float, facts: Facts
) -> str:
    """The sentences on one trap; RMSEs as in :class:`~rnnviz.forecast.parts.Leak`."""
    if facts.short:
        return "The file is too short to deal a part of it at random and keep the rest as the future."
    if not all(math.isfinite(value) for value in (claimed, real)):
        return "A forecast is not a finite number here, so that there is nothing to compare."
    if not (claimed_naive > 0 and real_naive > 0):
        return "The price does not change on these rows: yesterday's price has no error, and nothing can be compared."
    shown, true = claimed / claimed_naive, real / real_naive
    if name == "honest":
        last = facts.kind == "levels" and facts.kept == facts.epochs
        to_the_end = ", the last of which is kept, as the tutorials do it" if last else ""
        return (
            f"Without any trap, after {_epochs(facts)}{to_the_end}: RMSE {written(real)} over {facts.rows:,} test "
            f"rows, {ratio(true)} times that of yesterday's price."
        )
    beside = _HELD if name in ("onestep", "all") else "yesterday's price"
    return f"{_FACT[name](facts)} {_made(shown, true, beside)}"


def _made(shown: float, true: float, beside: str) -> str:
    """What the trap pretends, and what is true. Numbers that read alike are called the same."""
    numbers = f"{ratio(shown)} times the RMSE of {beside} is claimed, {ratio(true)} times is real"
    if abs(shown / true - 1) < SAME or ratio(shown) == ratio(true):
        return f"It changes next to nothing here: {numbers}."
    if shown < true:
        return f"It flatters: {numbers}."
    return f"It does not even flatter here: {numbers}."


def _scaler(facts: Facts) -> str:
    mine, theirs = facts.scaler, facts.leaked
    if facts.kind == "levels":
        low, high = mine[0], mine[0] + mine[1]
        all_low, all_high = theirs[0], theirs[0] + theirs[1]
        if (low, high) == (all_low, all_high):
            return "All later prices lie within the range of the training part, which is all that the scaler knows."
        return (
            f"The scaler knew that prices would come to lie between {_signed(all_low)} and {_signed(all_high)}; the "
            f"training part only goes from {_signed(low)} to {_signed(high)}."
        )
    noun = "log returns" if facts.kind == "returns" else "changes"
    return (
        f"The scaler knew the mean and spread of later {noun}: {_signed(theirs[0])} and {written(theirs[1])} over all "
        f"rows, {_signed(mine[0])} and {written(mine[1])} over the training part."
    )


def _shuffle(facts: Facts) -> str:
    return (
        f"{percent(facts.beside, 0)} of the {facts.claimed_rows:,} random test windows lie next to one that was "
        "trained on; the last fifth of the file plays the future that the same network then meets."
    )


def _onestep(facts: Facts) -> str:
    if facts.horizon == 1:
        return "With a horizon of 1 step there are no later steps to pretend."
    return (
        "Forecasts of one step, each of them told the true price of the row before, are drawn as if they were "
        f"forecasts of {_steps(facts.horizon)}; real are the same rows in such runs, each step fed with the one before."
    )


def _window(facts: Facts) -> str:
    moved = "did not move" if facts.move == 0 else f"moved by {_signed(facts.move)}"
    known = facts.move and math.isfinite(facts.share)
    share = f" ({100 * facts.share:+.1f} %)".replace("-", "−") if known else ""
    return (
        f"The newest row, {facts.newest}, is never forecast nor scored: the price {moved}{share}, and the forecast is "
        f"{written(abs(facts.off))} off."
    )


def _peek(facts: Facts) -> str:
    levels = facts.kind == "levels"  # trained to the end: no part chooses the epoch
    if facts.peeked == facts.kept:
        return (
            f"The test part chooses epoch {facts.kept}, which is kept without the trap, too."
            if levels
            else f"The test part and the validation part both choose epoch {facts.kept}."
        )
    honest = "without the trap the last one is kept," if levels else "the validation part chooses"
    return (
        f"The test part chooses epoch {facts.peeked} of one training, and is then scored with it; {honest} epoch "
        f"{facts.kept}."
    )


def _all(facts: Facts) -> str:
    return (
        f"All traps at once: random windows, one step ahead, are shown as forecasts of {_steps(facts.horizon)}; real "
        "is the network without traps, with each step fed with the one before."
    )


_FACT = {
    "scaler": _scaler,
    "shuffle": _shuffle,
    "onestep": _onestep,
    "window": _window,
    "peek": _peek,
    "all": _all,
}


def _epochs(facts: Facts) -> str:
    if facts.epochs < facts.asked:
        return f"{facts.epochs} of the {facts.asked} epochs set, which keeps the lab quick"
    return f"{facts.epochs} epoch{'' if facts.epochs == 1 else 's'}"


def _steps(count: int) -> str:
    return f"{count} step{'' if count == 1 else 's'}"


def _signed(value: float) -> str:
    return f"−{written(-value)}" if value < 0 else written(value)

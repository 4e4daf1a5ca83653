"""What a forecast shows, in sentences that quote the measured numbers. HTML; what a user typed is escaped.

The sentences say what was measured and what it means, and nothing that the numbers do not bear out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from rnnviz.forecast.config import ForecastConfig
from rnnviz.ui.forecast.numbers import counted, days, p, percent, plain_number, price, skill
from rnnviz.ui.run_words import duration

if TYPE_CHECKING:
    from rnnviz.forecast.result import Epoch, Result

SURE, FEWEST = 0.05, 30
"""What counts as a difference, and the test rows below which nothing is said about one, as in the verdict."""

MANY = 250
"""Test rows below which the test often misses what is there: of 60 rows of returns that remember half of the one before
even the best forecast there is, 13 % closer, passes it in 4 cases of 10."""

EVEN = 0.005
"""A skill of this size or less is called none: half a per cent of the error."""

SEEN = 5e-5
"""The smallest skill that two digits of a per cent can tell from 0."""


def test(result: Result) -> list[str]:
    """How near the forecasts of the test part came, and what that is worth."""
    metrics = result.metrics
    model, naive = metrics.loc["model"], metrics.loc["naive"]
    rows = len(result.test)
    first, *_, last = days(result.test.index) if rows > 1 else [*days(result.test.index)] * 2
    sentences = [
        f"Over the <b>{rows:,}</b> rows of the test part ({escape(first)} to {escape(last)}), from which the network "
        f"learned nothing, its RMSE is <b>{price(model['RMSE'])}</b>; to repeat the price of the row before gives "
        f"<b>{price(naive['RMSE'])}</b>."
    ]
    sentences += _skill(float(model["skill"]), float(model["dm_p"]), rows)
    sentences += _shadow(result)
    sentences += _direction(float(model["direction"]), result.up)
    return sentences + interval(result)


def _skill(value: float, dm: float, rows: int) -> list[str]:
    if not math.isfinite(value):
        return []
    meaning = f"{'hardly' if value > 0 else 'no'} closer than to say: the same price again"
    if abs(value) > EVEN or (abs(value) >= SEEN and dm < SURE):
        than = "smaller" if value > 0 else "larger"
        share = percent(abs(value), 1 if abs(value) > EVEN else 2)
        size = f"{share} {than} than" if value > -1 else f"{1 - value:,.1f} times as large as"
        meaning = f"errors {size} those of saying: the same price again"
    text = f"Skill <b>{skill(value)}</b>: {meaning}. Skill 0 is what yesterday's price has, 100 % a perfect forecast."
    if math.isfinite(dm):
        found = p(dm)
        equal = "" if found.startswith("<") else "= "
        sure = (
            "chance alone would seldom bring that about"
            if dm < SURE
            else "a difference as large comes about by chance often enough"
        )
        few = ""
        if rows < FEWEST:
            few = f"; with {rows} test rows the test has little to go by"
        elif rows < MANY and value > 0 and dm >= SURE:
            few = f"; with {rows} test rows even a real advantage can go unnoticed"
        text += f" Diebold–Mariano p {equal}<b>{found}</b>: {sure}{few}."
    return [text]


def _shadow(result: Result) -> list[str]:
    """Why the line looks so right: how far the forecast goes from the last price, beside how far the price goes."""
    actual, model, naive = (result.test[name] for name in ("actual", "model", "naive"))
    away, moved = float((model - naive).abs().mean()), float((actual - naive).abs().mean())
    if not (math.isfinite(away) and moved > 0):
        return []
    why = (
        "The line follows the price because each forecast starts from the true price of the row before. It goes "
        if result.config.mode == "returns"
        else "Beside the true price of the row before, which it reads last, the forecast goes "
    )
    return [
        f"{why}<b>{price(away, 3)}</b> away from that on average, while the price itself moves "
        f"<b>{price(moved, 3)}</b>."
    ]


def _direction(model: float, up: float) -> list[str]:
    if not math.isfinite(up):
        return []
    if not math.isfinite(model):
        return [f"It names no direction; to say “up” every time is right in <b>{percent(up)}</b>."]
    return [
        f"It calls up or down rightly in <b>{percent(model)}</b> of the moves; to say “up” every time is right in "
        f"<b>{percent(up)}</b>."
    ]


def interval(result: Result) -> list[str]:
    """What the interval promised and what it held, beside one that is set once."""
    found = result.interval
    if not math.isfinite(found.coverage):
        return []
    text = (
        f"The {percent(found.nominal, 0)} interval held <b>{percent(found.coverage)}</b> of the true prices at a mean "
        f"width of <b>{price(found.width, 3)}</b>"
    )
    if math.isfinite(found.static_coverage):
        part = "the validation part" + (
            "" if holds_back(result.config) else ", from which the network learned too"
        )
        text += (
            f"; one that is set once, on {part}, held <b>{percent(found.static_coverage)}</b> at "
            f"<b>{price(found.static_width, 3)}</b>"
        )
    return [text + "."]


def recursive(result: Result) -> list[str]:
    """How the error grows with the steps, beside yesterday's price."""
    table = result.errors_by_step
    if table.empty:
        return ["The test part is too short for forecasts of so many steps."]
    first, last = table.iloc[0], table.iloc[-1]
    origins = result.recursive["origin"].nunique()
    text = (
        f"From {counted(origins, 'row')} the network goes on alone: it reads the true prices up to that row, and "
        "after it nothing but its own forecasts. "
        f"Mean error at step 1: <b>{price(first['model'])}</b> (the last true price: {price(first['naive'])})"
    )
    if len(table) > 1:
        text += f"; at step {int(last['step'])}: <b>{price(last['model'])}</b> ({price(last['naive'])})"
    sentences = [text + "."]
    if len(table) > 1 and first["model"] > 0:
        sentences.append(
            f"From the first step to the last the error grows <b>{plain_number(last['model'] / first['model'])}</b> "
            f"times; that of the last price, on a random walk, would grow √{int(last['step'])} = "
            f"{math.sqrt(last['step']):.1f} times."
        )
    return sentences


def future(result: Result) -> list[str]:
    """What is forecast beyond the last price."""
    table = result.future
    if table.empty:
        return []
    known, day = float(result.prices.iloc[-1]), days(result.prices.index)[-1]
    end, label = table.iloc[-1], days(table.index)[-1]
    change = float(end["forecast"]) / known - 1 if known > 0 else math.nan
    by = f", {skill(change)} from there" if math.isfinite(change) else ""
    text = (
        f"The last known price is <b>{price(known)}</b> ({escape(day)}). {counted(len(table), 'step')} on, "
        f"at {escape(label)}, the network says <b>{price(end['forecast'])}</b>{by}"
    )
    if math.isfinite(end["lower"]):
        low, high = price(end["lower"]), price(end["upper"])
        text += f", between <b>{low}</b> and <b>{high}</b> at {percent(result.interval.nominal, 0)}"
    return [
        text + ".",
        *_held(result),
        "The dates to come are labels alone: business days where the file has no weekends; of holidays "
        "and closing hours they know nothing.",
    ]


def _held(result: Result) -> list[str]:
    """What intervals of several steps were worth on the test part."""
    if "held" not in result.future or (held := result.future["held"].dropna()).empty:
        return []
    steps = result.future.loc[held.index, "step"].astype(int)
    further = f" and <b>{percent(held.iloc[-1], 0)}</b> at step {steps.iloc[-1]}" if len(held) > 1 else ""
    return [
        f"Such intervals, had they known the validation part alone, would have held <b>{percent(held.iloc[0], 0)}</b> "
        f"of the true prices of the test part at step {steps.iloc[0]}{further}."
    ]


def course(epochs: Sequence[Epoch], kept: int, seconds: int | float) -> list[str]:
    """How the training went and which weights were kept."""
    if not epochs:
        return []
    number, first, last = epochs[-1].number, epochs[0], epochs[-1]
    best = next((one for one in epochs if one.number == kept), first)
    held, before = _apart(best.validation, first.validation)
    text = (
        f"{counted(number, 'epoch')} in <b>{duration(seconds)}</b>; kept are the weights of epoch <b>{kept}</b>, "
        f"validation error <b>{held}</b>"
    )
    if kept:
        text += f", before training {before}"
    sentences = [text + "."]
    if number > kept:
        carried = last.loss < best.loss and last.validation > best.validation
        sentences.append(
            f"After the last epoch the error on the training part is {plain_number(last.loss)}, on the validation part "
            f"{plain_number(last.validation)}: what more was learned did not carry over."
            if carried
            else f"{counted(number - kept, 'later epoch')} found nothing better on the validation part."
        )
    return sentences


def _apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers to so many digits that they do not read alike, where they are not: at least three, at most six."""
    short = plain_number(one), plain_number(other)
    if short[0] != short[1] or one == other:
        return short
    pairs = [(price(one, digits), price(other, digits)) for digits in (4, 5, 6)]
    return next((pair for pair in pairs if pair[0] != pair[1]), short)


def under_way(epochs: Sequence[Epoch], config: ForecastConfig) -> list[str]:
    """How a training stands that is not through."""
    if not epochs:
        return ["Nothing has been measured yet."]
    last, best = epochs[-1], [one for one in epochs if one.best][-1:]
    text = f"After epoch <b>{last.number}</b> the validation error is <b>{plain_number(last.validation)}</b>"
    if best and best[0].number != last.number:
        text += f"; the smallest so far, <b>{plain_number(best[0].validation)}</b>, was that of epoch {best[0].number}"
    part = (
        "The network does not learn from the validation part, which decides when training ends; "
        if holds_back(config)
        else "As the tutorials do it, the network learns from the validation part too; "
    )
    return [text + ".", part + "the test part stays unread until training is through."]


def holds_back(config: ForecastConfig) -> bool:
    """Whether the validation part is kept from the network; tutorials do not, see ``Series`` of the windows."""
    return not (config.mode == "levels" and config.patience >= config.epochs)


def notes(result: Result, warnings: Sequence[str] = ()) -> list[str]:
    """What was done that one would not expect, and what the reader of the file should know."""
    return [escape(note) for note in (*result.notes, *warnings)]

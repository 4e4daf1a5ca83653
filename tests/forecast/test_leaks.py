"""The leak lab: each claim and each truth, recomputed by other means."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rnnviz import forecast
from rnnviz.forecast.config import TUTORIAL, ForecastConfig
from rnnviz.forecast.fitting import Fit
from rnnviz.forecast.leak_words import Facts, said
from rnnviz.forecast.leaks import ALL, lab_config, leaks
from rnnviz.forecast.parts import Leak
from rnnviz.forecast.verdict import ratio

LEVELS = ForecastConfig(mode="levels", hidden=8, window=5, epochs=12, horizon=4, rate=0.01)
NAMES = ("honest", *ALL, "all")


def rising(rows: int = 300) -> pd.Series:
    changes = np.random.default_rng(0).normal(size=rows) * 0.01 + 0.004
    return pd.Series(50 * np.exp(changes.cumsum()), index=pd.bdate_range("2020-01-01", periods=rows))


@pytest.fixture(scope="module")
def levels() -> dict[str, Leak]:
    return {one.name: one for one in leaks(rising(), LEVELS)}


@pytest.fixture(scope="module")
def plain() -> Fit:
    fit = Fit(rising(), lab_config(LEVELS, 300))
    for _ in fit:
        pass
    return fit


def root(errors: np.ndarray) -> float:
    return float(np.sqrt(np.mean(errors**2)))


def test_all_come_in_order_and_carry_their_numbers(levels: dict[str, Leak]) -> None:
    assert tuple(levels) == NAMES
    for one in levels.values():
        assert ratio(one.claimed / one.claimed_naive) in one.words
        assert ratio(one.real / one.real_naive) in one.words
        assert Leak.from_row(one.to_row()) == one
        assert one.seconds >= 0


def test_honest_is_the_forecast_itself() -> None:
    config = replace(LEVELS, mode="returns", epochs=3)
    (one,) = leaks(rising(), replace(config, leaks=("shuffle",)), ())
    metrics = forecast.run(rising(), config).metrics["RMSE"]
    assert one.claimed == one.real == pytest.approx(metrics["model"], rel=1e-12)
    assert one.claimed_naive == one.real_naive == pytest.approx(metrics["naive"], rel=1e-12)


def test_one_step_is_claimed_and_many_are_real(levels: dict[str, Leak], plain: Fit) -> None:
    prices, first = rising().to_numpy(), plain.split.test
    one = levels["onestep"]
    assert one.claimed == levels["honest"].claimed == levels["honest"].real
    model, naive = [], []
    for origin in range(first - 1, 299, 4):
        model += plain.recursive(np.array([origin]), 4)[0].tolist()
        naive += [prices[origin]] * 4
    actual = prices[first:]
    assert one.real == pytest.approx(root(actual - model[: len(actual)]), rel=1e-6)
    assert one.claimed_naive == one.real_naive == pytest.approx(root(actual - naive[: len(actual)]))
    assert one.claimed_naive > levels["honest"].claimed_naive


def test_the_newest_row_is_what_a_dropped_window_hides(levels: dict[str, Leak], plain: Fit) -> None:
    prices, one = rising().to_numpy(), levels["window"]
    rows = np.arange(plain.split.test, 299)
    assert one.claimed == pytest.approx(root(prices[rows] - plain.one_step(rows)), rel=1e-6)
    assert one.claimed_naive == pytest.approx(root(np.diff(prices)[plain.split.test - 1 : -1]))
    assert one.real == levels["honest"].real
    assert f"{rising().index[-1]:%Y-%m-%d}" in one.words


def test_who_peeks_at_the_test_part_has_the_best_of_all_epochs() -> None:
    prices = rising().sample(
        frac=1, random_state=1
    )  # where nothing can be learnt, the parts disagree on the epoch
    config = lab_config(replace(LEVELS, epochs=20), 300)
    fit = Fit(prices, config)
    rows, every = fit.series.test, []
    for _ in range(20):  # the last epoch stays out: after it the best one is restored
        next(fit)
        every.append(root(prices.to_numpy()[rows] - fit.one_step(rows)))
    honest, one = leaks(prices, config, ("peek",))
    assert one.claimed == pytest.approx(min(every), rel=1e-6)
    assert one.claimed < one.real == honest.real
    assert one.claimed_naive == one.real_naive
    assert f"chooses epoch {int(np.argmin(every))} of one training" in one.words


def test_a_scaler_costs_nothing_where_later_prices_are_nothing_new() -> None:
    prices = rising()
    prices.iloc[10], prices.iloc[20] = prices.max() + 1, prices.min() - 1
    _, one = leaks(prices, replace(LEVELS, epochs=2), ("scaler",))
    assert one.claimed == one.real
    assert one.words.startswith("All later prices lie within the range of the training part")
    assert "It changes next to nothing here" in one.words


def test_a_scaler_that_has_seen_the_future_says_what_it_saw(levels: dict[str, Leak]) -> None:
    assert "The scaler knew that prices would come to lie between" in levels["scaler"].words
    assert levels["scaler"].claimed != levels["scaler"].real


def test_a_random_split_knows_nothing_of_the_last_fifth(levels: dict[str, Leak]) -> None:
    changed = rising()
    changed.iloc[240:] *= 1.5
    other = {one.name: one for one in leaks(changed, LEVELS, ("shuffle",))}["shuffle"]
    assert (other.claimed, other.claimed_naive) == (
        levels["shuffle"].claimed,
        levels["shuffle"].claimed_naive,
    )
    assert other.real != levels["shuffle"].real
    # Of four fifths of 300 rows a fifth; the lone ones among them have both neighbours in another part.
    share, count = re.match(r"(\d+) % of the (\d+) random test windows", levels["shuffle"].words).groups()
    assert int(count) == 48
    assert 75 < int(share) < 97
    assert "It flatters" in levels["shuffle"].words


def test_the_lab_is_kept_quick() -> None:
    assert lab_config(TUTORIAL, 3270).epochs == 20
    default = lab_config(ForecastConfig(leaks=("peek",)), 3270)
    assert default == ForecastConfig()
    assert lab_config(LEVELS, 300).patience == 12
    facts = Facts(kind="levels", epochs=20, kept=2, horizon=1, rows=9)
    assert "after 20 epochs: RMSE 2 over" in said("honest", 2.0, 1.0, 2.0, 1.0, facts)
    cut = said("honest", 2.0, 1.0, 2.0, 1.0, replace(facts, asked=100))
    assert "after 20 of the 100 epochs set, which keeps the lab quick: RMSE 2 over" in cut


def test_names_and_stops(levels: dict[str, Leak]) -> None:
    with pytest.raises(ValueError, match=r"leaks must be among scaler.*got 'nonsense'"):
        next(leaks(rising(), LEVELS, ("nonsense",)))

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        next(leaks(rising(), LEVELS, on_step=stop))
    again = list(leaks(rising(), LEVELS, ("window", "onestep")))
    assert [one.name for one in again] == ["honest", "onestep", "window"]
    assert replace(again[1], seconds=0.0) == replace(levels["onestep"], seconds=0.0)


def test_a_file_too_short_for_a_random_split_is_no_error() -> None:
    one = list(leaks(rising(60), replace(LEVELS, epochs=1), ("shuffle",)))[1]
    assert np.isnan([one.claimed, one.real]).all()
    assert "too short" in one.words


@pytest.mark.parametrize(
    ("claimed", "real", "words"),
    [
        (1.0, 2.0, "It flatters: 1.000"),
        (2.0, 1.0, "It does not even flatter"),
        (1.0, 1.004, "next to nothing"),
    ],
)
def test_what_a_trap_makes(claimed: float, real: float, words: str) -> None:
    facts = Facts(kind="returns", epochs=3, kept=2, horizon=1, rows=9, peeked=2)
    for name in (*ALL, "all"):
        assert words in said(name, claimed, 1.0, real, 1.0, facts)
    assert "finite" in said("peek", np.nan, 1.0, real, 1.0, facts)
    assert "does not change" in said("peek", claimed, 0.0, real, 1.0, facts)


def test_numbers_that_read_alike_are_called_the_same() -> None:
    facts = Facts(kind="returns", epochs=3, kept=2, horizon=20, rows=9, peeked=2)
    assert "next to nothing" in said("peek", 12.16, 1.0, 12.24, 1.0, facts)
    assert "It flatters: 1.010" in said("peek", 1.010, 1.0, 1.020, 1.0, facts)


def test_levels_keep_their_last_epoch_and_no_part_is_said_to_choose_it() -> None:
    facts = Facts(kind="levels", epochs=12, kept=12, horizon=20, rows=9, peeked=3)
    peeked = said("peek", 1.0, 1.0, 2.0, 1.0, facts)
    assert "without the trap the last one is kept, epoch 12" in peeked
    assert "validation" not in peeked + said("peek", 1.0, 1.0, 2.0, 1.0, replace(facts, peeked=12))
    assert "after 12 epochs, the last of which is kept" in said("honest", 2.0, 1.0, 2.0, 1.0, facts)
    chosen = replace(facts, kind="returns")
    assert "the validation part chooses epoch 12" in said("peek", 1.0, 1.0, 2.0, 1.0, chosen)
    assert "last" not in said("honest", 2.0, 1.0, 2.0, 1.0, chosen)


def test_one_step_cannot_pretend_to_be_one_step() -> None:
    facts = Facts(kind="returns", epochs=3, kept=2, horizon=1, rows=9)
    assert "no later steps" in said("onestep", 1.0, 1.0, 1.0, 1.0, facts)
    assert "forecasts of 20 steps" in said("onestep", 1.0, 1.0, 1.0, 1.0, replace(facts, horizon=20))

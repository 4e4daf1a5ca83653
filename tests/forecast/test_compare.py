"""The comparison: the same rows for all, the numbers of a forecast of their own, and luck named as such."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rnnviz import forecast
from rnnviz.forecast.compare import NOTHING, adjusted, compare, networks, steps, words
from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.parts import COMPARED, Compared

CONFIG = ForecastConfig(network="gru", layers=3, hidden=4, window=5, epochs=2, horizon=3, leaks=("scaler",))


@pytest.fixture(scope="module")
def prices() -> pd.Series:
    rng = np.random.default_rng(0)
    return pd.Series(50 * np.exp(np.cumsum(rng.normal(size=300) * 0.01)))


@pytest.fixture(scope="module")
def found(prices: pd.Series) -> tuple[Compared, ...]:
    return tuple(compare(prices, CONFIG))


def one(name: str, skill: float, p: float) -> Compared:
    return Compared(name, 1.0, 1.0, 1.0, 0.5, skill, p, 0.9, 1.0, 10, 1, 2, 0.1)


def test_settings_differ_in_the_network_alone() -> None:
    chosen = networks(CONFIG)
    assert list(chosen) == [name for name, _ in COMPARED]
    assert {name: (one.network, one.layers) for name, one in chosen.items()} == {
        "rnn": ("rnn", 1),
        "lstm": ("lstm", 1),
        "gru": ("gru", 1),
        "bilstm": ("bilstm", 1),
        "attention": ("attention", 1),
        "stacked": ("lstm", 3),
    }
    alike = {replace(one, network="lstm", layers=1) for one in chosen.values()}
    assert alike == {replace(CONFIG, network="lstm", layers=1, leaks=())}
    assert networks(replace(CONFIG, layers=1))["stacked"].layers == 2


def test_numbers_are_those_of_a_forecast(prices: pd.Series, found: tuple[Compared, ...]) -> None:
    assert [one.name for one in found] == [name for name, _ in COMPARED]
    for compared in (found[1], found[5]):
        result = forecast.run(prices, networks(CONFIG)[compared.name])
        for name, value in result.metrics.loc["model"].items():
            assert getattr(compared, name) == value
        assert (compared.coverage, compared.width) == (result.interval.coverage, result.interval.width)
        assert (compared.epoch, compared.epochs) == (result.kept, result.epochs[-1].number)
        assert compared.parameters == sum(p.numel() for p in result.model.parameters())
    assert Compared.from_row(found[0].to_row()) == found[0]


def test_epochs_come_as_they_are_trained(prices: pd.Series, found: tuple[Compared, ...]) -> None:
    heard: list[tuple[str, int]] = []
    again = list(compare(prices, CONFIG, on_epoch=lambda name, epoch: heard.append((name, epoch.number))))
    assert [replace(one, seconds=0.0) for one in again] == [replace(one, seconds=0.0) for one in found]
    assert heard == [(one.name, number) for one in found for number in range(one.epochs + 1)]
    only = [name for name, value in steps(prices, CONFIG, names=["gru"]) if isinstance(value, Compared)]
    assert only == ["gru"]


def test_whoever_asks_to_stop_is_heard(prices: pd.Series) -> None:
    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        next(compare(prices, CONFIG, on_step=stop))


def test_the_best_of_many_is_partly_luck() -> None:
    six = [
        one("rnn", 0.02, 0.03),
        *(one(name, 0.0, 0.5) for name in ("lstm", "gru", "bilstm", "attention", "stacked")),
    ]
    assert adjusted(six)["rnn"] == pytest.approx(0.18)
    said = " ".join(words(six))
    assert "The RNN has the lowest RMSE: 0.980 times" in said
    assert (
        "by more than chance none beats yesterday's price (DM p = 0.030 alone, p = 0.18 after Holm's correction for 6"
        in said
    )


def test_what_is_more_than_luck_is_said() -> None:
    said = " ".join(words([one("gru", 0.1, 1e-4), one("rnn", -0.5, 1e-6), one("lstm", -0.1, 0.4)]))
    assert "the GRU beats yesterday's price (DM p < 0.001 alone, p < 0.001 after" in said
    assert "Worse than yesterday's price by more than chance: RNN." in said


def test_words_where_little_is_known() -> None:
    assert words([]) == ()
    assert words([one("gru", np.nan, np.nan)]) == (NOTHING,)
    assert words([one("gru", -0.1, 0.9), one("rnn", -0.2, 0.9)])[1:] == (
        "None is closer than yesterday's price.",
    )
    assert words([one("gru", 0.1, 0.2)]) == (
        "The GRU has the lowest RMSE: 0.900 times that of yesterday's price.",
    )
    alike = words([one("gru", 0.00011, 0.9), one("rnn", 0.0001, 0.9), one("lstm", 0.00012, 0.9)])
    assert alike[0] == (
        "The LSTM has the lowest RMSE: 1.000 times that of yesterday's price; the rest has as good as the same."
    )
    assert len(words([one("gru", 0.1, np.nan), one("rnn", 0.05, 0.9)])) == 1

"""What a run is given and what it keeps: through JSON and safetensors, and back to the same."""

import json
import sys
from dataclasses import replace
from subprocess import run

import numpy as np
import pandas as pd
import pytest
import safetensors.torch
import torch
from series import made

from rnnviz import forecast
from rnnviz.forecast import ForecastConfig, stored
from rnnviz.forecast.samples import sample
from rnnviz.forecast.table import Guess, Table

CONFIG = ForecastConfig(network="attention", hidden=4, window=6, horizon=5, epochs=2)
TEXT = 'x"</script>=1+1'


def table(rows=200, **changed) -> Table:
    prices = made(rows)
    frame = pd.DataFrame(
        {"when": prices.index, "c": prices.to_numpy(), "v": np.arange(rows, dtype=float), "other": 1.0}
    )
    found = Table(
        frame=frame,
        date_column="when",
        target="c",
        targets=("c",),
        roles={"close": "c", "volume": "v"},
        labels={"when": "Day", "c": TEXT, "v": "Vol", "other": "?"},
        report=("Read.", TEXT),
        warnings=("Odd.",),
        left_out=pd.DataFrame(
            {"line": [3, 9, 11], "text": ["a", "b", "c"], "reason": ["no price", "no price", "no date"]}
        ),
        left_counts={"no price": 2, "no date": 1},
        guesses={"ticker": Guess("ticker", "Ticker", "AAPL", (("AAPL", "AAPL"),))},
        name=TEXT,
    )
    return replace(found, **changed)


def through(spec):
    return json.loads(json.dumps(spec))


@pytest.mark.parametrize("part", ["forecast", "compare", "backtest", "leaks"])
def test_prices_and_settings_come_back(part):
    spec = through(stored.spec(part, CONFIG, table()))
    assert spec["part"] == part
    assert stored.config(spec) == CONFIG
    pd.testing.assert_series_equal(
        stored.prices(spec), table().prices, check_names=False, check_freq=False, check_exact=True
    )
    assert stored.prices(spec).name == TEXT
    assert (spec["data"]["name"], spec["data"]["ticker"], spec["data"]["label"]) == (TEXT, "AAPL", TEXT)
    assert ("columns" in spec["data"]) == (part == "forecast")
    with pytest.raises(ValueError, match="expected a part out of forecast, compare"):
        stored.spec("everything", CONFIG, table())


def test_the_table_comes_back_without_what_nobody_needs():
    spec = through(stored.spec("forecast", CONFIG, table()))
    found = stored.table(spec)
    assert list(found.frame) == ["date", "volume", "close"]
    assert found.roles == {"close": "close", "volume": "volume"}
    assert found.labels == {"date": "Date", "close": TEXT, "volume": "Vol"}
    assert (found.target, found.targets) == ("close", ("close",))
    np.testing.assert_array_equal(found.frame["volume"], table().frame["v"])
    assert found.report == ("Read.", TEXT)
    assert found.warnings == ("Odd.",)
    assert found.name == TEXT
    assert stored.left_out(spec) == {"no price": 2, "no date": 1}
    assert '"b"' not in json.dumps(spec)  # the lines themselves stay with the visitor
    pd.testing.assert_series_equal(found.prices, stored.prices(spec), check_names=False)


@pytest.mark.parametrize("name", ["aapl", "wti", "ar1"])
def test_samples_come_back(name):
    given = sample(name)
    found = stored.table(through(stored.spec("forecast", CONFIG, given)))
    pd.testing.assert_frame_equal(
        found.frame[sorted(found.frame)],
        given.frame.rename(columns={"price": "close"})[sorted(found.frame)],
        check_freq=False,
    )


def test_rows_without_a_price_are_left_away_and_other_gaps_stay():
    given = table()
    given.frame.loc[[3, 7], "c"] = np.nan
    given.frame.loc[[4], "v"] = np.nan
    spec = through(stored.spec("forecast", CONFIG, given))
    assert len(stored.prices(spec)) == 198
    assert stored.table(spec).frame["volume"].isna().sum() == 1
    assert spec["data"]["columns"]["volume"].count(None) == 1


def test_a_target_without_a_role():
    given = table(target="other", targets=("other", "c"), roles={"close": "c"})
    found = stored.table(through(stored.spec("forecast", CONFIG, given)))
    assert found.target == "price"
    assert set(found.frame) == {"date", "close", "price"}
    assert found.labels["price"] == "?"


@pytest.mark.parametrize(
    "dates",
    [
        pd.date_range("2021-03-01 09:30", periods=200, freq="5min"),
        pd.date_range("2021-03-01", periods=200, freq="1ms"),
        pd.date_range("1885-01-31", periods=200, freq="ME"),
    ],
)
def test_every_kind_of_date_comes_back(dates):
    given = table()
    given.frame["when"] = dates
    found = stored.prices(through(stored.spec("compare", CONFIG, given))).index
    assert (found == dates).all()


def test_only_the_last_rows_are_kept(monkeypatch):
    monkeypatch.setattr(stored, "MODELLED", 150)
    spec = through(stored.spec("forecast", CONFIG, table()))
    assert len(stored.prices(spec)) == len(stored.table(spec).frame) == 150
    assert stored.prices(spec).iloc[-1] == table().prices.iloc[-1]
    assert stored.notes(spec) == ("Only the last 150 of 200 rows are modelled.",)
    assert stored.notes(through(stored.spec("forecast", CONFIG, table(100)))) == ()


@pytest.mark.parametrize("season", [False, True])
def test_a_result_comes_back_number_by_number(season):
    given = table(300)
    if season:
        given.frame["c"] += 8 * np.sin(np.arange(300) * np.pi / 3)
    spec = through(stored.spec("forecast", CONFIG, given))
    result = forecast.run(stored.prices(spec), CONFIG)
    kept = {**stored.tables(result), "model": result.model.state_dict()}
    kept = {name: safetensors.torch.load(safetensors.torch.save(tensors)) for name, tensors in kept.items()}
    found = stored.result(spec, through(stored.found(result)), kept.get, result.epochs)

    assert ("seasonal" in result.test) == season
    for name in ("test", "recursive", "errors_by_step", "future", "metrics"):
        one, other = getattr(found, name), getattr(result, name)
        pd.testing.assert_frame_equal(one, other, check_freq=False, check_exact=True)
    pd.testing.assert_series_equal(found.prices, result.prices, check_freq=False)
    for name in ("config", "split", "epochs", "kept", "interval", "up", "verdict", "seconds", "notes"):
        assert getattr(found, name) == getattr(result, name)
    x = torch.ones(2, 6, 1)
    assert torch.equal(found.model(x), result.model(x))


def test_tensors_that_cannot_be_had_are_said():
    spec = through(stored.spec("forecast", CONFIG, table()))
    with pytest.raises(ValueError, match="expected the tensors 'test' of the run, got none"):
        stored.result(spec, {}, lambda name: None, [])


def test_a_page_can_ask_before_torch_is_there():
    script = """
import sys
from rnnviz.forecast import ForecastConfig, samples, stored
spec = stored.spec("forecast", ForecastConfig(), samples.sample("aapl"))
stored.prices(spec), stored.table(spec)
print("torch" in sys.modules)
"""
    assert run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "False\n"

"""The samples: what data/README.md says of them, and the made ones against their recipe."""

import hashlib
import sys
from importlib.resources import files
from subprocess import run

import numpy as np
import pytest

from rnnviz import signals
from rnnviz.forecast import samples
from rnnviz.forecast.baselines import autocorrelation
from rnnviz.forecast.samples import SAMPLES, sample

NAMES = [name for name, _ in SAMPLES if name != "own"]
ROWS = {
    "aapl": (3270, "2000-03-01", "2013-03-01"),
    "goog": (2148, "2004-08-19", "2013-03-01"),
    "ibm": (3270, "2000-03-01", "2013-03-01"),
    "msft": (3270, "2000-03-01", "2013-03-01"),
    "wti": (8321, "1986-01-02", "2019-01-03"),
    "ar1": (3000, "2010-01-04", "2021-07-02"),
    "walk": (3000, "2010-01-04", "2021-07-02"),
}


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_is_a_tidy_table(name):
    table = sample(name)
    prices = table.prices
    rows, first, last = ROWS[name]
    assert (len(prices), str(prices.index[0].date()), str(prices.index[-1].date())) == (rows, first, last)
    assert prices.index.is_monotonic_increasing
    assert prices.index.is_unique
    assert prices.dtype == np.float64
    assert (prices > 0).all()
    assert table.name == dict(SAMPLES)[name]
    assert table.target in table.targets
    assert set(table.targets) | set(table.roles.values()) <= set(table.frame)
    assert set(table.labels) == set(table.frame)
    assert len(table.report) == 1


def test_apple_is_the_series_of_the_signals():
    dates, close = signals.prices()
    prices = sample("aapl").prices
    assert [str(date.date()) for date in prices.index] == list(dates)
    assert prices.tolist() == list(close)


@pytest.mark.parametrize("name", ["aapl", "goog", "ibm", "msft"])
def test_a_day_of_a_stock_holds_together(name):
    frame = sample(name).frame
    assert not frame.isna().any(axis=None)
    assert (frame["low"] <= frame[["open", "close"]].min(axis=1) + 1e-9).mean() > 0.99
    assert (frame["high"] >= frame[["open", "close"]].max(axis=1) - 1e-9).mean() > 0.99
    assert (frame["volume"] > 0).all()


def test_apple_fell_by_half_in_a_day_and_is_left_so():
    change = sample("aapl").prices.pct_change()
    assert change.min() == pytest.approx(-0.52, abs=0.01)


def test_the_made_ones_are_what_they_say():
    for name, phi in (("ar1", samples.PHI), ("walk", 0.0)):
        returns = np.diff(np.log(sample(name).prices.to_numpy()))
        found = autocorrelation(returns, 3)
        np.testing.assert_allclose(found[1:], [phi, phi**2, phi**3], atol=4 / np.sqrt(len(returns)))
        rest = returns[1:] - phi * returns[:-1]
        assert rest.std() == pytest.approx(samples.SPREAD, rel=0.05)
        assert sample(name).prices.iloc[0] == 100
        assert "Made" in sample(name).report[0]


def test_a_table_is_the_visitors_own():
    frame = sample("walk").frame
    frame.loc[0, "price"] = -1
    assert sample("walk").prices.iloc[0] == 100


@pytest.mark.parametrize("name", ["own", "tesla", ""])
def test_others_are_refused(name):
    with pytest.raises(ValueError, match="expected a sample out of aapl, goog"):
        sample(name)


def test_the_files_are_small_and_those_of_the_readme():
    folder = files("rnnviz") / "data"
    readme = (folder / "README.md").read_text("utf-8")
    for name in ("aapl.csv", "goog.csv.gz", "ibm.csv.gz", "msft.csv.gz", "wti.csv.gz"):
        data = (folder / name).read_bytes()
        assert len(data) < 200_000
        assert f"`{name}`" in readme
        assert hashlib.sha256(data).hexdigest()[:12] in readme


def test_the_list_of_samples_loads_nothing():
    script = "import sys, rnnviz.forecast.samples; print({'torch', 'pandas', 'numpy'} & set(sys.modules))"
    assert run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "set()\n"

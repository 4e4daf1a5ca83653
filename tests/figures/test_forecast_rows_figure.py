from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.figures import forecast_common as common
from rnnviz.figures.forecast_rows import Rows, label


def test_a_row_is_called_by_its_date() -> None:
    rows = Rows(pd.DatetimeIndex(["2013-03-01", "2013-03-04"]), first=7)
    assert rows.names([7, 8]) == ["Fri 1 Mar 2013", "Mon 4 Mar 2013"]
    assert rows.names([8], weekday=False) == ["4 Mar 2013"]
    timed = Rows(pd.DatetimeIndex(["2013-03-01 09:30", "2013-03-01 09:35"]))
    assert timed.names([0, 1]) == ["Fri 1 Mar 2013, 09:30", "Fri 1 Mar 2013, 09:35"]


def test_a_label_of_the_user_is_no_markup_and_not_long() -> None:
    assert Rows(pd.Index(["<b>x", 3])).names([0, 1]) == ["&lt;b&gt;x", "3"]
    assert label("x" * 100) == "x" * 23 + "…"


def test_rows_are_counted_and_weekends_leave_no_gap() -> None:
    index = pd.bdate_range("2013-02-25", periods=10)
    axis = Rows(index, first=50).axis(50, 59)
    assert axis["range"] == pytest.approx([50 - 0.135, 59 + 0.135])
    assert axis.get("type", "linear") == "linear"
    assert "rangebreaks" not in axis


@pytest.mark.parametrize(
    ("index", "rows", "texts"),
    [
        # 2004 begins on a Thursday; every tick is the first row of its unit
        (pd.bdate_range("2003-01-01", "2009-06-30"), None, ["2004", "2005", "2006", "2007", "2008", "2009"]),
        (pd.bdate_range("2012-11-26", "2013-03-28"), None, ["Dec<br>2012", "Jan<br>2013", "Feb", "Mar"]),
        (
            pd.date_range("2013-03-01 09:30", periods=150, freq="5min"),
            [30, 66, 102, 138],
            ["12:00<br>1 Mar 2013", "15:00", "18:00", "21:00"],
        ),
        (pd.bdate_range("2013-02-27", periods=4), None, ["28 Feb<br>2013", "1 Mar", "4 Mar"]),
        (pd.DatetimeIndex(["2013-03-01", "2013-03-04"]), None, ["1 Mar<br>2013", "4 Mar"]),
        (pd.DatetimeIndex(["2013-03-01"]), [0], ["1 Mar<br>2013"]),
    ],
)
def test_ticks_stand_where_a_unit_begins(
    index: pd.DatetimeIndex, rows: list[int] | None, texts: list[str]
) -> None:
    axis = Rows(index).axis(0, len(index) - 1)
    for at, text in zip(axis["tickvals"], axis["ticktext"], strict=True):
        assert 0 <= at < len(index)
        day = index[at]
        if text.isdecimal():
            assert (day.year, index[at - 1].year) == (int(text), int(text) - 1)
    assert axis["ticktext"] == texts
    if rows is not None:
        assert axis["tickvals"] == rows
    assert Rows(index).axis(0, len(index) - 1, flat=True)["ticktext"] == [
        t.replace("<br>", " ") for t in texts
    ]


@given(st.integers(2, 4000), st.sampled_from(["B", "D", "h", "min", "W", "MS", "s"]), st.integers(2, 8))
def test_ticks_are_few_and_ascending(count: int, step: str, most: int) -> None:
    index = pd.date_range("2001-07-12 11:17", periods=count, freq=step, unit="s")
    axis = Rows(index).axis(0, count - 1, most=most)
    assert 1 <= len(axis["tickvals"]) <= max(most, 3)
    assert axis["tickvals"] == sorted(set(axis["tickvals"]))
    assert len(axis["ticktext"]) == len(axis["tickvals"])


def test_prices_get_the_digits_they_move_by() -> None:
    assert common.form(np.array([430.0, 435.0, 431.0])) == ",.1f"
    assert common.form(np.array([1.083, 1.079, 1.081])) == ",.5f"
    assert common.form(np.array([60_000.0, 61_000.0])) == ",.0f"
    assert common.form(np.full(3, np.nan)) == ".6~g"
    assert common.form(np.array([1e-12, 3e-12])) == ".6~g"
    assert common.say(1234.567, ",.2f") == "1,234.57"
    assert common.say(-0.5, ",.2f") == "−0.50"
    assert common.say(float("nan"), ",.2f") == "not finite"
    assert common.say(3e-12, ".6~g") == "3e−12"


lines = st.integers(0, 10_000).map(lambda seed: np.random.default_rng(seed))


@given(lines, st.integers(1, 9000), st.integers(1, 5))
def test_thinning_keeps_every_least_and_greatest(rng: np.random.Generator, count: int, several: int) -> None:
    drawn = [np.cumsum(rng.standard_t(2, count)) for _ in range(several)]
    keep, size = common.kept(drawn, 1000)
    if count <= 1000:
        assert (len(keep), size) == (count, 1)
        return
    assert 200 <= len(keep) <= 1000
    assert (keep[0], keep[-1]) == (0, count - 1)
    for values in drawn:
        for start in range(0, count, size):
            block = np.arange(start, min(start + size, count))
            there = np.intersect1d(keep, block)
            assert values[there].min() == values[block].min()
            assert values[there].max() == values[block].max()


def test_thinning_keeps_gaps_and_says_what_it_did() -> None:
    values = np.arange(20_000.0)
    values[[777, 15_000]] = np.nan
    values[3000:4000] = np.nan
    keep, size = common.kept([values])
    assert len(keep) <= common.LIGHT
    assert {777, 15_000} <= set(keep.tolist())
    assert np.isnan(values[keep]).sum() >= 3
    note = common.thinned(size)
    assert note is not None
    assert f"of every {size} rows" in note["text"]
    assert common.thinned(1) is None


def test_a_band_has_gaps_where_it_is_no_number_and_ends_at_the_edge_where_it_is_infinite() -> None:
    x = np.arange(6)
    lower = np.array([0.0, 1, np.nan, 3, -np.inf, 5])
    upper = lower + 2
    upper[4] = np.inf
    band = common.band("interval", x, lower, upper, 0.0, 10.0)
    first = slice(0, 4)
    assert band["x"][first].tolist() == [0, 1, 1, 0]
    assert band["y"][first].tolist() == [2, 3, 1, 0]
    assert np.isnan(band["y"][4])
    rest = dict(zip(band["x"][5:8].tolist(), band["y"][5:8].tolist(), strict=True))
    assert rest == {3: 5, 4: 30, 5: 7}
    assert np.isfinite(band["y"][5:]).all()
    nothing = common.band("interval", x, np.full(6, np.nan), upper, 0.0, 1.0)
    assert np.isnan(nothing["y"]).all()


def test_an_axis_gives_the_core_its_room(sound: Callable) -> None:
    core = np.array([10.0, 20.0])
    low, top = common.ends([core])
    assert low < 10 < 20 < top
    assert common.ends([core], [np.array([12.0, np.nan])]) == (low, top)
    wild = common.ends([core], [np.array([-1e9, 1e9, np.inf])])
    assert wild == pytest.approx((0 - 1.8, 30 + 1.8))
    assert common.ends([np.full(2, np.nan)])[0] < common.ends([np.full(2, 5.0)])[1]

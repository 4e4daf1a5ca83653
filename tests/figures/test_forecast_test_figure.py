import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from forecasts import NAN, line, prices, result, words

from rnnviz.figures import forecast_common as common
from rnnviz.figures import forecast_test as figures
from rnnviz.forecast.result import Result
from rnnviz.ui import wire

YESTERDAY = "yesterday's price"


def changed(one: Result, **columns: object) -> Result:
    return replace(one, test=one.test.assign(**columns))


def test_the_lines_are_the_forecasts_row_by_row(sound: Callable) -> None:
    one = result()
    fig = sound(figures.test(one))
    for name, column in (("actual", "actual"), ("model", "model"), (YESTERDAY, "naive")):
        drawn = line(fig, name)
        np.testing.assert_array_equal(drawn.x, np.arange(320, 400))
        np.testing.assert_array_equal(drawn.y, one.test[column])
    assert words(fig)[0] == "<b>price</b>, 80 rows of the test part"
    assert {"actual", "model", "yesterday's<br>price", "90 %<br>interval"} <= set(words(fig))


def test_the_band_is_the_interval() -> None:
    one = result()
    band = line(figures.test(one), "interval")
    count = len(one.test)
    np.testing.assert_array_equal(band.y[:count], one.test["upper"])
    np.testing.assert_array_equal(band.y[count:], one.test["lower"][::-1])
    assert band.fill == "toself"
    assert band.fillcolor.startswith("rgba(")


def test_last_shows_sixty_rows_with_points() -> None:
    one = result()
    fig = figures.test(one, "last")
    assert len(line(fig, "actual").x) == 60
    np.testing.assert_array_equal(line(fig, "actual").y, one.test["actual"][-60:])
    assert line(fig, "actual").mode == "lines+markers"
    assert fig.layout.uirevision != figures.test(one).layout.uirevision
    with pytest.raises(ValueError, match="expected a zoom of 'all' or 'last', got 'first'"):
        figures.test(one, "first")


@pytest.mark.parametrize("zoom", ["all", "last"])
def test_a_tie_is_seen(zoom: str) -> None:
    """Where the model lies on yesterday's price the broad line shows on both sides of the thin one."""
    fig = figures.test(result(), zoom)
    order = [trace.name for trace in fig.data]
    assert order.index("interval") < order.index(YESTERDAY) < order.index("model")
    naive, model = line(fig, YESTERDAY), line(fig, "model")
    np.testing.assert_array_equal(naive.y, model.y)
    assert naive.line.width >= 3 * model.line.width
    assert naive.line.color == common.NAIVE != model.line.color == common.MODEL
    assert naive.opacity < 1


def test_a_row_says_all_its_numbers(sound: Callable) -> None:
    dates = pd.bdate_range("2013-01-01", periods=100)
    one = result(pd.Series(np.arange(100.0) ** 1.5 + 50, dates), apart=0.25)
    said = line(sound(figures.test(one)), "actual").text[-1]
    row = one.test.iloc[-1]
    assert said == (
        f"<b>Mon 20 May 2013</b><br>actual {row['actual']:,.1f}<br>model {row['model']:,.1f}<br>"
        f"{YESTERDAY} {row['naive']:,.1f}<br>90 %: {row['lower']:,.1f} to {row['upper']:,.1f}, missed"
    )


def test_what_is_not_finite_is_marked_and_said(sound: Callable) -> None:
    one = result()
    model = one.test["model"].to_numpy(copy=True)
    model[[3, 4]] = NAN, math.inf
    fig = sound(figures.test(changed(one, model=model)))
    assert np.flatnonzero(np.isnan(line(fig, "model").y)).tolist() == [3, 4]
    assert list(line(fig, "model: not a finite number").x) == [323, 324]
    assert "2 of 240 values are not finite and left blank" in words(fig)
    assert "model not finite" in line(fig, "actual").text[3]
    sound(figures.residuals(changed(one, model=model)))
    nothing = np.full(80, NAN)
    sound(figures.test(changed(one, model=nothing, lower=nothing, upper=nothing)))
    assert "no interval" in words(sound(figures.residuals(changed(one, model=nothing))))[0]


def test_a_wild_model_does_not_squeeze_the_prices() -> None:
    one = result()
    calm, wild = figures.test(one), figures.test(changed(one, model=one.test["model"] * 1e6))
    span = np.ptp(one.test["actual"])
    assert np.ptp(calm.layout.yaxis.range) <= np.ptp(wild.layout.yaxis.range) <= 3.5 * span


def test_an_infinite_interval_reaches_the_edges(sound: Callable) -> None:
    one = result()
    fig = sound(figures.test(changed(one, lower=-np.inf, upper=np.inf)))
    band, (low, top) = line(fig, "interval"), fig.layout.yaxis.range
    assert band.y.min() < low
    assert band.y.max() > top
    sound(figures.residuals(changed(one, lower=-np.inf, upper=np.inf)))


def test_four_thousand_rows_are_light_and_lose_no_peak(sound: Callable) -> None:
    series = prices(20_000)
    series.iloc[17_777] = 1000.0
    one = result(series)
    start = time.perf_counter()
    spec = figures.test.spec(one)
    assert time.perf_counter() - start < 3
    fig = sound(figures.test(one))
    drawn = line(fig, "actual")
    assert len(drawn.x) <= 2002
    assert drawn.y[list(drawn.x).index(17_777)] == 1000.0
    assert line(fig, YESTERDAY).y[list(drawn.x).index(17_778)] == 1000.0
    assert any("of every " in text for text in words(fig))
    assert len(wire.pack(spec, {}, 0)) < 500_000


def test_residuals_are_what_the_model_is_off_by(sound: Callable) -> None:
    one = result(apart=0.2)
    fig = sound(figures.residuals(one))
    off = (one.test["actual"] - one.test["model"]).to_numpy()
    drawn = line(fig, "error")
    np.testing.assert_array_equal(drawn.y, off)
    np.testing.assert_allclose(drawn.customdata, 1.0)  # half the width of the interval
    rings = line(fig, "outside")
    outside = np.abs(off) > 1
    np.testing.assert_array_equal(rings.x, 320 + np.flatnonzero(outside))
    assert words(fig)[0] == f"<b>actual − model</b>, {outside.sum()} of 80 outside"
    low, top = fig.layout.yaxis.range
    assert low == -top == fig.layout.yaxis2.range[0]
    assert top > np.abs(off).max()


def test_the_spread_counts_every_row_once() -> None:
    one = result(apart=0.2)
    fig = figures.residuals(one)
    bars, outline = line(fig, "spread"), line(fig, "spread of yesterday's price")
    assert bars.x.sum() == pytest.approx(1)
    assert outline.x.sum() == pytest.approx(1)
    off = (one.test["actual"] - one.test["model"]).to_numpy()
    step = bars.y[1] - bars.y[0]
    for middle, share in zip(bars.y, bars.x, strict=True):
        assert share * 80 == pytest.approx(((off >= middle - step / 2) & (off < middle + step / 2)).sum())
    assert fig.layout.xaxis2.range[0] == 0
    assert fig.layout.xaxis2.range[1] > max(bars.x.max(), outline.x.max())


def test_the_spread_has_room_for_whoever_is_further_off() -> None:
    one = result()
    near = changed(one, model=one.test["actual"] + 0.01, naive=one.test["naive"] + 5)
    outline = line(figures.residuals(near), "spread of yesterday's price")
    assert outline.x.sum() == pytest.approx(1)


def test_labels_of_the_user_are_no_markup(sound: Callable) -> None:
    series = prices(100)
    series.index = pd.Index([f"<img src=x>{k}" for k in range(100)])
    for fig in (figures.test(result(series)), figures.residuals(result(series))):
        sound(fig)
        assert "<img" not in fig.to_json()

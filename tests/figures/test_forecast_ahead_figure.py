import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from forecasts import NAN, line, prices, result, words

from rnnviz.figures import forecast_common as common
from rnnviz.figures.forecast_ahead import LAST, future, recursive


def test_the_truth_and_the_fans_are_those_of_the_result(sound: Callable) -> None:
    one = result()
    fig = sound(recursive(one))
    truth = line(fig, "actual")
    np.testing.assert_array_equal(truth.x, np.arange(319, 400))
    np.testing.assert_array_equal(truth.y, one.prices[319:])
    origins = line(fig, "origins").x
    assert len(origins) <= 9
    assert (np.diff(origins) > 5).all()  # no forecast runs into the next
    np.testing.assert_array_equal(line(fig, "origins").y, one.prices.to_numpy()[origins])
    model, naive = line(fig, "model"), line(fig, LAST)
    for k, origin in enumerate(origins):
        part = slice(7 * k, 7 * k + 6)  # the origin, five steps, a gap
        np.testing.assert_array_equal(model.x[part], np.arange(origin, origin + 6))
        given = one.recursive[one.recursive["origin"] == origin]
        np.testing.assert_array_equal(model.y[part], [one.prices.iloc[origin], *given["model"]])
        np.testing.assert_array_equal(naive.y[part], one.prices.iloc[origin])
        assert np.isnan(model.y[7 * k + 6])
    assert words(fig)[0] == f"<b>price</b>, {len(origins)} of 76 forecasts of 5 steps"


def test_the_error_by_step_stands_under_it() -> None:
    one = result()
    fig = recursive(one)
    model, naive = line(fig, "error of model"), line(fig, f"error of {LAST}")
    np.testing.assert_array_equal(model.x, [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(model.y, one.errors_by_step["model"])
    np.testing.assert_array_equal(naive.y, one.errors_by_step["naive"])
    assert (model.yaxis, naive.yaxis) == ("y2", "y2")
    assert naive.line.width >= 3 * model.line.width  # a tie is seen
    assert fig.layout.yaxis2.range[0] == 0
    assert fig.layout.yaxis2.range[1] >= one.errors_by_step[["model", "naive"]].to_numpy().max()
    assert "<b>mean absolute error by step</b>, from 76 origins" in words(fig)


def test_a_forecast_that_explodes_does_not_squeeze_the_prices(sound: Callable) -> None:
    one = result()
    wild = one.recursive.assign(
        model=np.where(one.recursive["step"] > 3, np.inf, one.recursive["model"] * 100)
    )
    fig = sound(
        recursive(replace(one, recursive=wild, errors_by_step=one.errors_by_step.assign(model=np.inf)))
    )
    assert np.ptp(fig.layout.yaxis.range) < 3.5 * np.ptp(one.prices[319:])
    assert any("not finite" in text for text in words(fig))


def test_without_origins_there_are_the_prices(sound: Callable) -> None:
    one = result()
    fig = sound(recursive(replace(one, recursive=one.recursive[:0], errors_by_step=one.errors_by_step[:0])))
    assert len(line(fig, "origins").x) == 0
    assert len(line(fig, "actual").x) == 80


def test_the_future_goes_on_from_the_last_price(sound: Callable) -> None:
    one = result()
    fig = sound(future(one))
    truth, model, naive = (line(fig, name) for name in ("actual", "model", LAST))
    np.testing.assert_array_equal(truth.x, np.arange(340, 400))
    np.testing.assert_array_equal(truth.y, one.prices[-60:])
    last = one.prices.iloc[-1]
    np.testing.assert_array_equal(model.x, np.arange(399, 405))
    np.testing.assert_array_equal(model.y, [last, *one.future["forecast"]])
    np.testing.assert_array_equal(naive.y, [last] * 6)
    band = line(fig, "interval")
    np.testing.assert_array_equal(band.y[:6], [last, *one.future["upper"]])
    np.testing.assert_array_equal(band.y[6:], [last, *one.future["lower"]][::-1])
    (upright,) = fig.layout.shapes
    assert (upright.x0, upright.x1) == (399, 399)
    assert f"last price {last:.2f}<br>15 Jul 2011" in [text.replace("−", "-") for text in words(fig)]


def test_the_whole_fan_is_seen() -> None:
    one = result()
    span = np.ptp(one.prices[-60:])
    wide = one.future.assign(lower=one.prices.iloc[-1] - 4 * span, upper=one.prices.iloc[-1] + 4 * span)
    low, top = future(replace(one, future=wide)).layout.yaxis.range
    assert low < wide["lower"].min() < wide["upper"].max() < top


def test_the_days_to_come_are_named(sound: Callable) -> None:
    one = result()
    said = line(future(one), "model").text
    assert said[1].startswith("<b>Mon 18 Jul 2011</b>, step 1<br>model ")
    assert said[5].startswith("<b>Fri 22 Jul 2011</b>, step 5")
    assert said[0].startswith("<b>Fri 15 Jul 2011</b><br>")
    series = prices(100)
    series.index = pd.Index([f"<b>{k}" for k in range(100)])
    other = result(series)
    other.future.index = pd.Index([f"step {k}" for k in range(1, 6)])
    fig = sound(future(other))
    assert line(fig, "model").text[1].startswith("<b>step 1</b>, step 1")
    assert line(fig, "actual").text[-1].startswith("<b>&lt;b&gt;99</b>")
    assert "<b>99<" not in fig.to_json()


@pytest.mark.parametrize("past", [1, 60, 10_000])
def test_as_much_past_as_there_is(past: int, sound: Callable) -> None:
    fig = sound(future(result(prices(100)), past))
    assert len(line(fig, "actual").x) == min(past, 100)


def test_a_future_that_is_no_number_is_marked(sound: Callable) -> None:
    one = result()
    forecast = one.future["forecast"].to_numpy(copy=True)
    forecast[3:] = NAN, math.inf
    gone = one.future.assign(forecast=forecast, lower=-np.inf, upper=np.inf)
    fig = sound(future(replace(one, future=gone)))
    assert list(line(fig, "model: not a finite number").x) == [403, 404]
    assert np.isnan(line(fig, "model").y[4:]).all()
    assert any("not finite" in text for text in words(fig))
    band = line(fig, "interval")
    assert np.isfinite(band.y).all()


def test_the_names_stand_in_the_colours_of_the_lines() -> None:
    colours = {note.text: note.font.color for note in future(result()).layout.annotations}
    assert colours["model"] == common.MODEL
    assert colours["last<br>price"] == common.NAIVE

import json
import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from forecasts import line, table, words
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.figures.forecast_preview import CANDLES, preview
from rnnviz.forecast.result import Split
from rnnviz.ui import wire

EVIL = '<script>alert("x")</script>'


def test_a_line_is_the_target_row_by_row(sound: Callable) -> None:
    one = table(300)
    fig = sound(preview(one, kind="line"))
    drawn = line(fig, "Close")
    np.testing.assert_array_equal(drawn.x, np.arange(300))
    np.testing.assert_array_equal(drawn.y, one.frame["close"])
    assert drawn.text[0] == f"Mon 4 Jan 2010<br>{one.frame['close'][0]:.2f}"
    assert words(fig)[0] == "<b>Close</b>, 300 rows"
    low, top = fig.layout.yaxis.range
    assert low < one.frame["close"].min()
    assert top > one.frame["close"].max()


def test_few_rows_are_a_candle_each(sound: Callable) -> None:
    one = table(200)
    fig = sound(preview(one))
    (candles,) = fig.data
    assert candles.type == "candlestick"
    for role in ("open", "high", "low", "close"):
        np.testing.assert_array_equal(candles[role], one.frame[role])
    np.testing.assert_array_equal(candles.x, np.arange(200))
    assert candles.text[4].startswith("<b>Fri 8 Jan 2010</b><br>open ")
    assert fig.layout.xaxis.rangeslider.visible is False
    # a rise and a fall differ in more than colour
    assert candles.increasing.fillcolor == "rgba(0,0,0,0)"
    assert candles.decreasing.fillcolor == candles.decreasing.line.color


@given(st.integers(251, 3000))
def test_many_rows_share_candles(count: int) -> None:
    one = table(count)
    fig = preview(one)
    (candles,) = fig.data
    size = math.ceil(count / len(candles.x))
    size = next(s for s in (2, 5, 10, 20) if s >= size)
    assert len(candles.x) <= CANDLES
    blocks = one.frame.groupby(np.arange(count) // size)
    np.testing.assert_array_equal(candles.open, blocks["open"].first())
    np.testing.assert_array_equal(candles.high, blocks["high"].max())
    np.testing.assert_array_equal(candles.low, blocks["low"].min())
    np.testing.assert_array_equal(candles.close, blocks["close"].last())
    assert f"{count:,} rows, {size} in each" in words(fig)[0]
    assert " to " in candles.text[0]


def test_candles_are_drawn_where_they_are_those_of_the_target() -> None:
    assert preview(table()).data[0].type == "candlestick"
    other = replace(table(), target="other")
    assert preview(other).data[0].type == "scatter"
    assert preview(other, kind="candles").data[0].type == "candlestick"
    assert preview(table(), kind="line").data[0].type == "scatter"
    without = replace(table(), roles={"close": "close"})
    assert preview(without).data[0].type == "scatter"
    with pytest.raises(ValueError, match="expected columns open, high, low and close"):
        preview(without, kind="candles")
    with pytest.raises(ValueError, match="got 'bars'"):
        preview(without, kind="bars")


def test_the_parts_are_named_and_parted(sound: Callable) -> None:
    fig = sound(preview(table(400), Split(256, 320, 400)))
    named = {
        note.text: note.x
        for note in fig.layout.annotations
        if note.text in ("training", "validation", "test")
    }
    assert named == {"training": 127.5, "validation": 287.5, "test": 359.5}
    assert [shape.x0 for shape in fig.layout.shapes] == [255.5, 319.5]
    assert words(preview(table(400)))[1:] == []


def test_names_of_narrow_parts_stand_one_after_the_other() -> None:
    fig = preview(table(4000), Split(256, 320, 400), kind="line")
    assert {"training, validation, test", "not used"} < set(words(fig))
    assert "validation" not in words(fig)
    assert [(line.y0, line.y1) for line in fig.layout.shapes] == [(0, 0.9)] * 3  # under the names


def test_the_parts_count_rows_that_have_a_price_and_of_those_the_last() -> None:
    one = table(400)
    one.frame.loc[[10, 300], "close"] = np.nan
    fig = preview(one, Split(200, 250, 300), kind="line")
    # 398 prices, of which the last 300 are used: row 99 of the table is the first, 299 (+1 missing) begins validation
    edges = [shape.x0 + 0.5 for shape in fig.layout.shapes]
    priced = np.flatnonzero(one.frame["close"].notna())
    assert edges == priced[[98, 298, 348]].tolist()
    assert "not used" in words(fig)


def test_gaps_are_marked_and_counted(sound: Callable) -> None:
    one = table(300)
    one.frame.loc[[10, 11], "close"] = np.nan
    one.frame.loc[20, "close"] = np.inf
    fig = sound(preview(one, kind="line"))
    drawn = line(fig, "Close")
    assert np.flatnonzero(np.isnan(drawn.y)).tolist() == [10, 11, 20]
    marks = line(fig, "Close: not a finite number")
    assert list(marks.x) == [10, 11, 20]
    assert marks.text[0] == "Mon 18 Jan 2010"
    assert "3 of 300 values are not finite and left blank" in words(fig)
    sound(preview(one))
    nothing = replace(one, frame=one.frame.assign(close=np.nan))
    sound(preview(nothing))
    sound(preview(nothing, kind="line"))


def test_candles_take_the_values_that_there_are() -> None:
    one = table(300)
    one.frame.loc[[0, 2], "open"] = np.nan
    one.frame.loc[[3], "close"] = np.nan
    one.frame.loc[[4, 5], ["open", "high", "low", "close"]] = np.nan
    (candles, *_) = preview(one).data
    frame = one.frame
    assert candles.open[0] == frame["open"][1]
    assert candles.open[1] == frame["open"][3]
    assert candles.close[1] == frame["close"][2]
    for role in ("open", "high", "low", "close"):
        assert np.isnan(candles[role][2])


def test_twenty_thousand_rows_are_light_and_lose_no_peak(sound: Callable) -> None:
    one = table(20_000)
    one.frame.loc[12_345, "close"] = 500.0
    one.frame.loc[5_432, "close"] = -500.0
    start = time.perf_counter()
    spec = preview.spec(one, Split(12_800, 16_000, 20_000), kind="line")
    assert time.perf_counter() - start < 3
    drawn = spec["data"][0]
    assert len(drawn["x"]) <= 4002
    assert (drawn["y"].max(), drawn["y"].min()) == (500.0, -500.0)
    assert {12_345, 5_432} <= set(drawn["x"].tolist())
    assert "of every 13 the lowest and the highest" in spec["layout"]["annotations"][0]["text"]
    assert len(wire.pack(spec, {}, 0)) < 250_000
    assert len(wire.pack(preview.spec(one), {}, 0)) < 50_000


def test_the_words_of_the_file_are_no_markup(sound: Callable) -> None:
    one = replace(table(300), labels={"close": EVIL})
    fig = sound(preview(one, kind="line"))
    assert "<script" not in json.dumps(fig.to_dict()["layout"], default=str)
    assert fig.data[0].name.startswith("&lt;script&gt;")
    tagged = one.frame.assign(date=[f"<i>{k}" for k in range(300)])
    fig = preview(replace(one, frame=tagged), kind="line")
    assert fig.data[0].text[7].startswith("&lt;i&gt;7<br>")
    assert all(not text.startswith("<i>") for text in fig.layout.xaxis.ticktext)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_row_or_two_are_a_picture_too(count: int, sound: Callable) -> None:
    sound(preview(table(count)))
    sound(preview(table(count), kind="line"))


def test_constant_prices_lie_in_the_middle(sound: Callable) -> None:
    one = table(50)
    fig = sound(preview(replace(one, frame=one.frame.assign(close=7.0)), kind="line"))
    low, top = fig.layout.yaxis.range
    assert low < 7 < top
    assert pd.notna([low, top]).all()

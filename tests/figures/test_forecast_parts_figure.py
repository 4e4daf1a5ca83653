import math
from collections.abc import Callable

import numpy as np
import pytest
from forecasts import folds, leak, line, networks, prices, words
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.figures.forecast_parts import backtest, compared, leaks
from rnnviz.forecast.config import LEAKS
from rnnviz.forecast.parts import COMPARED

NAMES = ["honest", *(name for name, _ in LEAKS), "all"]


def test_each_network_has_its_row_and_ratio(sound: Callable) -> None:
    ratios = [1.0008, 0.997, 1.01, 1.2, 1.0, 0.9]
    fig = sound(compared(networks(ratios)))
    for row, ((_, label), ratio) in enumerate(zip(COMPARED, ratios, strict=True)):
        dot = line(fig, label)
        assert dot.x[0] == pytest.approx(ratio)
        assert dot.y[0] == row
        assert list(line(fig, f"{label}: from 1").x) == pytest.approx([1, ratio])
    assert [text.replace("<br>", " ") for text in fig.layout.yaxis.ticktext] == [
        label for _, label in COMPARED
    ]
    assert {"1.0008", "0.9970", "1.200", "0.900", "0.50"} <= set(words(fig))
    low, top = fig.layout.xaxis.range
    assert low < 0.9 < 1.2 < top
    yard = line(fig, "yesterday's price")
    assert list(yard.x) == [1, 1]


def test_a_dot_is_filled_where_chance_is_unlikely_however_many_were_looked_at() -> None:
    """Of two p-values Holm doubles the lesser; the other one is at least as large as that."""
    sure, unsure = networks([0.9], p=0.0004)[0], networks([1.0, 1.1], p=0.051)[1]
    fig = compared([sure, unsure])
    assert line(fig, "RNN").marker.symbol == "circle"
    assert line(fig, "LSTM").marker.symbol == "circle-open"
    assert {"<b>&lt; 0.001</b>", "0.051"} <= set(words(fig))
    assert "p = 0.051, among several 0.051: may be chance" in line(fig, "LSTM").text[0]
    assert "may be chance" not in line(fig, "RNN").text[0]
    assert line(compared([unsure], level=0.06), "LSTM").marker.symbol == "circle"
    pair = compared(networks([0.9, 0.9], p=0.03))
    assert line(pair, "RNN").marker.symbol == "circle-open"
    assert line(compared(networks([0.9], p=0.03)), "RNN").marker.symbol == "circle"


@given(st.lists(st.floats(0.01, 30) | st.just(math.nan) | st.just(math.inf), min_size=1, max_size=6))
def test_the_axis_rests_while_networks_come(ratios: list[float]) -> None:
    found = networks(ratios)
    before = None
    for count in range(len(found) + 1):
        fig = compared(found[:count])
        still = (fig.layout.yaxis.range, fig.layout.yaxis.ticktext, fig.layout.uirevision)
        low, top = fig.layout.xaxis.range
        assert low < 1 < top
        if before is not None:
            assert still == before[0]
            assert low <= before[1]
            assert top >= before[2]
        before = (still, low, top)
        for trace in fig.data:
            assert np.isfinite(trace.x).all()
            assert (trace.x >= low - 1e-9).all()
            assert (trace.x <= top + 1e-9).all()


def test_a_network_that_diverged_is_a_cross_and_words(sound: Callable) -> None:
    fig = sound(compared(networks([math.nan], p=math.nan)))
    assert line(fig, "RNN").marker.symbol == "x-thin"
    assert "not finite" in words(fig)
    assert "–" in words(fig)


def test_words_of_folds_that_lie_side_by_side_do_not_lie_on_each_other(sound: Callable) -> None:
    notes = sound(backtest(folds([-0.019, -0.021, -0.02, 0.02]), prices(400))).layout.annotations
    shifts = {note.text: note.yshift for note in notes if note.yref == "y2"}
    assert [shifts[text] for text in ("−1.9 %", "−2.1 %", "−2.0 %", "+2.0 %")] == [-8, -23, -8, 8]


def test_folds_lie_on_their_rows_at_their_skill(sound: Callable) -> None:
    series = prices(400)
    skills = [-0.002, 0.013, 0.0, -0.3]
    fig = sound(backtest(folds(skills), series))
    np.testing.assert_array_equal(line(fig, "price").y, series)
    dots, bars = line(fig, "skill"), line(fig, "folds")
    np.testing.assert_array_equal(dots.y, skills)
    np.testing.assert_array_equal(dots.x, [124.5, 174.5, 224.5, 274.5])
    np.testing.assert_array_equal(
        bars.x.reshape(4, 3)[:, :2], [[100, 149], [150, 199], [200, 249], [250, 299]]
    )
    np.testing.assert_array_equal(bars.y.reshape(4, 3)[:, 0], skills)
    assert [(shape.x0, shape.x1) for shape in fig.layout.shapes] == [
        (100, 149),
        (150, 199),
        (200, 249),
        (250, 299),
    ]
    assert "<b>price</b>, 4 of 5 folds, each trained on all rows before it" in words(fig)
    assert {"−0.20 %", "+1.3 %", "0.00 %", "−30 %"} <= set(words(fig))
    assert fig.layout.xaxis.range == fig.layout.xaxis2.range
    low, top = fig.layout.yaxis2.range
    assert low == -top < -0.3


def test_a_fold_is_filled_where_chance_is_unlikely_and_a_cross_where_it_is_no_number(sound: Callable) -> None:
    found = [*folds([0.1, 0.1], p=0.01)[:1], *folds([0.1, 0.1], p=0.2)[1:], *folds([0.0, 0.0, math.nan])[2:]]
    fig = sound(backtest(found, prices(400)))
    assert list(line(fig, "skill").marker.symbol) == ["circle", "circle-open", "x-thin"]
    assert "not finite" in words(fig)


def test_the_backtest_rests_while_folds_come() -> None:
    series = prices(400)
    found = folds([0.01, -0.4, 0.02, 3.0, -0.1])
    ranges = []
    for count in range(6):
        fig = backtest(found[:count], series)
        assert fig.layout.xaxis.range == backtest([], series).layout.xaxis.range
        assert fig.layout.yaxis.range == backtest([], series).layout.yaxis.range
        ranges.append(fig.layout.yaxis2.range[1])
    assert ranges == sorted(ranges)
    assert "Each fold appears here when it is through." in words(backtest([], series))


def test_a_long_series_is_light_in_the_backtest() -> None:
    series = prices(20_000)
    series.iloc[9_999] = 1e4
    drawn = line(backtest([], series), "price")
    assert len(drawn.x) <= 4002
    assert drawn.y.max() == 1e4


def test_a_trap_claims_one_thing_and_is_another(sound: Callable) -> None:
    found = [leak("honest", 1.0, 1.0), leak("shuffle", 0.25, 4.0)]
    fig = sound(leaks(found, NAMES))
    pair = line(fig, "shuffle")
    np.testing.assert_allclose(pair.x, [0.25, 4.0])
    assert list(pair.y) == [NAMES.index("shuffle")] * 2
    assert list(pair.marker.symbol) == ["diamond-open", "circle"]
    np.testing.assert_allclose(line(fig, "shuffle: bar").x, [0.25, 4.0])
    assert {"0.250", "4.000", "1.000"} <= set(words(fig))
    assert fig.layout.xaxis.type == "log"
    assert [text.replace("<br>", " ") for text in fig.layout.yaxis.ticktext] == [
        "No trap",
        *(label for _, label in LEAKS),
        "All traps at once",
    ]
    assert "claimed<br>RMSE 0.25, yesterday's price 1<br>What happened." in pair.text[0]
    assert "real<br>RMSE 8, yesterday's price 2" in pair.text[1]
    assert "<b>RMSE / RMSE of the last known price</b>" in words(fig)
    many = line(leaks([leak("onestep", 0.25, 4.0)]), "onestep")
    assert all("last known price, kept for as many steps, " in text for text in many.text)


ratios = st.floats(1e-4, 1e4) | st.sampled_from([0.0, math.nan, math.inf])


@given(st.lists(st.tuples(ratios, ratios), max_size=7))
def test_the_axis_rests_while_traps_come(pairs: list[tuple[float, float]]) -> None:
    found = [leak(name, *pair) for name, pair in zip(NAMES, pairs, strict=False)]
    before = None
    for count in range(len(found) + 1):
        fig = leaks(found[:count], NAMES)
        still = (fig.layout.yaxis.range, fig.layout.yaxis.ticktext)
        low, top = fig.layout.xaxis.range
        if before is not None:
            assert still == before[0]
            assert low <= before[1]
            assert top >= before[2]
        before = (still, low, top)
        for trace in fig.data:
            places = np.log10(trace.x)
            assert (places >= low - 1e-9).all()
            assert (places <= top + 1e-9).all()


def test_a_trap_that_is_no_number_is_a_cross(sound: Callable) -> None:
    fig = sound(leaks([leak("all", math.nan, 1.0), leak("peek", 1.0, 1.0, real_naive=0.0)]))
    assert list(line(fig, "all").marker.symbol) == ["x-thin", "circle"]
    assert list(line(fig, "peek").marker.symbol) == ["diamond-open", "x-thin"]
    assert words(fig).count("not finite") == 2


def test_words_of_a_file_are_no_markup(sound: Callable) -> None:
    fig = sound(leaks([leak("honest", 1.0, 1.0, words="<script>x</script>")]))
    assert "<script" not in fig.to_json()
    one = folds([0.1])[0]
    fig = sound(backtest([type(one)(**{**one.to_row(), "begins": "<i>a", "ends": "<i>b"})], prices(400)))
    assert "<i>" not in fig.to_json()


def test_before_the_first_there_are_axes_and_a_calm_word(sound: Callable) -> None:
    assert "Each network appears here<br>when it is through." in words(sound(compared([])))
    assert "Each trap appears here<br>when it is through." in words(sound(leaks([], NAMES)))
    sound(leaks([]))

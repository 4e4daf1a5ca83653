"""The small charts of the claims: their numbers, names, marks for 0, and ranges."""

import math

import numpy as np
import plotly.graph_objects as go
import pytest

from rnnviz.claims import CLAIMS, Chart, Line, measured
from rnnviz.figures.claims import ink, lines
from rnnviz.figures.theme import CELL_COLOURS, NEUTRAL

CHARTS = [name for name, claim in CLAIMS.items() if claim.chart]
X = (1.0, 2.0, 3.0, 4.0)


def chart(*ys: tuple[float, ...], log: bool = True) -> Chart:
    return Chart(
        "step", "size", tuple(Line(f"line {k}", X, y, "abc"[k]) for k, y in enumerate(ys)), "words", log
    )


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_a_figure_that_plotly_takes(name: str) -> None:
    make = CLAIMS[name].chart
    assert make
    drawn = make(measured(CLAIMS[name]).values)
    spec = lines.spec(drawn)
    go.Figure(spec)
    words = [note["text"] for note in spec["layout"]["annotations"]]
    assert [line.name for line in drawn.lines] == words[: len(drawn.lines)]
    low, top = spec["layout"]["xaxis"]["range"]
    for line in drawn.lines:
        assert low < min(line.x) <= max(line.x) < top
    low, top = spec["layout"]["yaxis"]["range"]
    for trace in spec["data"]:
        y = np.asarray(trace["y"], float)
        y = np.log10(y[np.isfinite(y)]) if drawn.log else y
        assert low <= y.min() <= y.max() <= top
    ticks = spec["layout"]["yaxis"].get("ticktext")
    assert ticks is None or 2 <= len(ticks) <= 8


def test_zeros_are_marked_and_never_drawn_as_numbers() -> None:
    spec = lines.spec(chart((0.0, 0.0, 1e-3, 1.0), (1.0, 1.0, 1.0, 1.0)))
    line, marks, other = spec["data"]
    assert np.isnan(line["y"][:2]).all()
    assert line["y"][2:].tolist() == [1e-3, 1.0]
    assert marks["x"].tolist() == [1.0, 2.0]
    assert marks["name"] == "line 0: exactly 0"
    assert (np.log10(marks["y"]) < -3).all()
    assert not np.isnan(other["y"]).any()
    assert "exactly 0:" in [note["text"] for note in spec["layout"]["annotations"]]
    # On a linear axis a 0 is a number.
    spec = lines.spec(chart((0.0, 0.0, 1.0, 2.0), log=False))
    assert len(spec["data"]) == 1
    assert spec["data"][0]["y"].tolist() == [0, 0, 1, 2]


@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize(
    "y", [(0.0,) * 4, (math.nan,) * 4, (1.0,) * 4, (math.inf, 1.0, 2.0, math.nan), (1e-300,) * 4]
)
def test_extremes_have_a_range(y: tuple[float, ...], log: bool) -> None:
    spec = lines.spec(chart(y, log=log))
    go.Figure(spec)
    assert not any(np.isinf(np.asarray(trace["y"], float)).any() for trace in spec["data"])
    for axis in ("xaxis", "yaxis"):
        low, top = spec["layout"][axis]["range"]
        assert math.isfinite(low)
        assert low < top


def test_names_do_not_overlap() -> None:
    spec = lines.spec(chart((1.0,) * 4, (1.0,) * 4, (1.0,) * 4))
    places = sorted(note["y"] for note in spec["layout"]["annotations"])
    low, top = spec["layout"]["yaxis"]["range"]
    assert min(np.diff(places)) > 0.05 * (top - low)


def test_inks() -> None:
    assert ink("lstm") == CELL_COLOURS["lstm"]
    assert ink("plain") == NEUTRAL
    assert len({ink(letter) for letter in "abcde"}) == 5
    with pytest.raises(ValueError, match="substring"):
        ink("nothing")

import math
from itertools import pairwise

import numpy as np
import plotly.io as pio
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.figures import base
from rnnviz.figures.drawing import Drawing


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.011, 0.02), (0.3, 0.5), (1, 1), (1.00001, 2), (5, 5), (7, 10), (3e38, 5e38), (0, 1), (math.nan, 1)],
)
def test_round_up(value: float, expected: float) -> None:
    assert base.round_up(float(value)) == expected


@given(st.floats(1e-37, 1e37))
def test_round_up_is_the_least_such_number(value: float) -> None:
    bound = base.round_up(value)
    assert value <= bound * (1 + 1e-5)
    assert bound < 2.5 * value * (1 + 1e-9)


def test_reach() -> None:
    small, large = np.float32([0.1, -0.7]), np.float32([np.nan, -3])
    assert base.reach(small) == 1.0
    assert base.reach(small, large) == 5.0
    assert base.reach(small, least=1.0) == 1.0
    assert base.reach(np.float32([0.01]), least=1.0) == 1.0
    assert base.reach(large, least=1.0) == 5.0
    assert base.reach(np.float32([np.nan])) == 1.0
    assert base.reach(np.float32([0.0])) == 1.0
    assert base.reach() == 1.0


def test_array_blanks_what_is_not_finite_and_leaves_the_source() -> None:
    source = torch.tensor([1.0, math.inf, -math.inf, math.nan])
    values = base.array(source)
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, [1, np.nan, np.nan, np.nan])
    assert source[1] == math.inf
    assert np.isnan(base.array(np.array([1e300]))).all()
    remark = base.not_finite(values)
    assert remark is not None
    assert remark["text"] == "3 of 4 values are not finite and left blank"
    assert base.not_finite(np.float32([1])) is None


def test_figures_carry_no_template_whatever_the_default_is() -> None:
    before = pio.templates.default
    try:
        pio.templates.default = "plotly_dark"
        fig = Drawing(base.spec)("kind", [{"type": "scatter", "y": [1]}], {})
    finally:
        pio.templates.default = before
    assert fig.to_dict()["layout"] == {"uirevision": "kind", "showlegend": False, "template": {}}


@given(
    st.lists(st.floats(-2, 3), min_size=1, max_size=9),
    st.floats(0.001, 0.12),
)
def test_apart_keeps_distance_order_and_bounds(places: list[float], least: float) -> None:
    moved = base.apart(places, least, 0.0, 1.0)
    order = sorted(range(len(places)), key=lambda k: places[k])
    sorted_places = [moved[k] for k in order]
    assert all(b - a >= least - 1e-9 for a, b in pairwise(sorted_places))
    assert all(-1e-9 <= place <= 1 + 1e-9 for place in moved)


def test_apart_stays_on_the_axis_to_the_last_digit() -> None:
    for low, high in ((-0.02, 1.03), (-2.0, 0.31), (0.0, 0.7)):
        for count in range(1, 6):
            for at in (low, high):
                found = base.apart([at] * count, 0.095 * (high - low), low, high)
                assert all(low <= place <= high for place in found)


def test_apart_leaves_labels_that_do_not_meet() -> None:
    assert base.apart([0.9, 0.1, 0.5], 0.1, 0.0, 1.0) == pytest.approx([0.9, 0.1, 0.5])
    assert base.apart([0.5, 0.5], 0.1, 0.0, 1.0) == pytest.approx([0.45, 0.55])


@pytest.mark.parametrize("steps", [2, 9, 60, 500])
def test_time_axis_counts_from_1(steps: int) -> None:
    axis = base.time_axis(steps)
    assert axis["range"] == [0.5, steps + 0.5]
    assert all(1 <= t <= steps for t in axis["tickvals"])
    assert 1 <= len(axis["tickvals"]) <= 9


def test_time_axis_with_labels() -> None:
    axis = base.time_axis(4, ["a", " ", "<", "\n"])
    assert axis["tickvals"] == [1, 2, 3, 4]
    assert axis["ticktext"] == ["a", "␣", "&lt;", "⏎"]
    # A text of which letters are left out would read as another text.
    assert base.time_axis(41, ["a"] * 41) == base.time_axis(41)
    assert len(base.time_axis(15, ["a"] * 15, most=3)["ticktext"]) == 15
    assert "ticktext" not in base.time_axis(16, ["a"] * 16, most=3)
    dates = [f"2012-01-{k:02}" for k in range(1, 29)]
    axis = base.time_axis(28, dates)
    assert len(axis["tickvals"]) <= 5
    assert axis["ticktext"] == [dates[t - 1] for t in axis["tickvals"]]
    assert base.hover_labels(dates, 28)[2] == "t = 3 (2012-01-03)"


@pytest.mark.parametrize("units", [1, 2, 16, 128])
def test_unit_axis_counts_from_0_downwards(units: int) -> None:
    axis = base.unit_axis(units)
    assert axis["range"] == [units - 0.5, -0.5]
    assert axis["tickvals"][0] == 0
    assert axis["tickvals"][-1] < units


def test_domains_and_rows_fill_the_paper() -> None:
    assert np.allclose(base.domains(2, 0.2), [[0, 0.4], [0.6, 1]])
    assert np.allclose(base.rows([1.0, 3.0], 0.2), [[0.8, 1], [0, 0.6]])

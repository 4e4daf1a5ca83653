"""The wire format of the live chart, read back as the browser reads it."""

import json
import math
import struct
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from rnnviz.ui import wire
from rnnviz.ui.live_chart import Pick, TimeScrub, Trail, live_chart, read_pick

FINITE32 = st.floats(-(2.0**100), 2.0**100, width=32)


def unpack(message: bytes) -> dict[str, Any]:
    """What wire.js does, in Python."""
    length, reserve = struct.unpack_from("<II", message)
    head = json.loads(message[8 : 8 + length])
    at = 8 + length + -length % 8
    arrays = []
    for kind, count, shape, low, step in head["arrays"]:
        raw = np.frombuffer(message, "<" + kind, count, at)
        at += -(-raw.nbytes // 8) * 8
        value = raw if low is None else np.where(raw == wire.GAP, np.nan, low + step * raw.astype("f8"))
        arrays.append(value.reshape(shape) if shape else value)
    assert at == len(message)

    def restore(value: Any) -> Any:
        if isinstance(value, dict):
            return arrays[value["$a"]] if "$a" in value else {k: restore(v) for k, v in value.items()}
        return [restore(inner) for inner in value] if isinstance(value, list) else value

    head["data"], head["layout"], head["reserve"] = restore(head["data"]), restore(head["layout"]), reserve
    return head


def heatmap(z: np.ndarray) -> np.ndarray:
    return unpack(wire.pack({"data": [{"type": "heatmap", "z": z}]}, {}, 0))["data"][0]["z"]


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    arrays(
        st.sampled_from(["f4", "f8"]),
        array_shapes(min_dims=2, max_dims=2, min_side=16, max_side=24),
        elements=FINITE32,
    )
)
def test_quantised_matrices_are_within_half_a_step(z: np.ndarray) -> None:
    found = heatmap(z)
    low, high = float(z.min()), float(z.max())
    # Half a step, and what float32 arithmetic adds when the levels are computed.
    bound = (high - low) * (1 / 131068 + 2e-7) + 1e-37
    assert np.abs(found - z.astype("f8")).max() <= bound


@settings(derandomize=True, max_examples=60, deadline=None)
@given(arrays("f4", (16, 16), elements=st.floats(width=32)), arrays("f8", (40,), elements=st.floats()))
def test_gaps_survive_and_nothing_else_becomes_one(z: np.ndarray, y: np.ndarray) -> None:
    assert np.array_equal(np.isnan(heatmap(z)), ~np.isfinite(z))
    found = unpack(wire.pack({"data": [{"y": y}]}, {}, 0))["data"][0]["y"]
    assert np.array_equal(np.isfinite(found), np.isfinite(y))


def test_extreme_ranges_are_sent_whole() -> None:
    z = (np.linspace(-1, 1, 256) * 1e308).reshape(16, 16)
    assert np.array_equal(heatmap(z), z)
    wide = (np.linspace(-1, 1, 256) * 3.2e38).astype("f4").reshape(16, 16)  # their difference is no float32
    assert np.abs(heatmap(wide) - wide.astype("f8")).max() <= 6.4e38 / 131068 * 1.01
    constant = np.full((16, 16), 0.3, "f4")
    assert np.array_equal(heatmap(constant), constant)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (np.array([0.1, 0.2]), "f4"),
        (np.array([1e-60, 0.2]), "f8"),  # a vanished gradient must not become zero
        (np.array([1e300, np.nan]), "f8"),
        (np.array([1, 2, 3]), "i4"),
        (np.array([2**40]), "f8"),
    ],
)
def test_arrays_keep_their_size(values: np.ndarray, kind: str) -> None:
    message = unpack(wire.pack({"data": [{"x": values, "y": values}]}, {}, 0))
    # The same array twice is one array.
    assert [meta[0] for meta in message["arrays"]] == [kind]
    np.testing.assert_allclose(message["data"][0]["y"], values, rtol=1e-7)


def test_lists_words_dates_and_nested_arrays() -> None:
    figure = go.Figure(layout={"template": "plotly", "title": {"text": "ä"}})
    figure.add_scatter(
        x=np.array(["2000-01-01", "2000-01-02"], "datetime64[D]"),
        y=[1.5, float("nan")],
        text=["a", "b"],
        marker={"color": np.array([0.0, 1.0])},
    )
    head = unpack(wire.pack(figure, {"key": "k"}, 321))
    trace = head["data"][0]
    assert [day[:10] for day in trace["x"]] == ["2000-01-01", "2000-01-02"]
    assert trace["y"][0] == 1.5
    assert trace["y"][1] is None or np.isnan(trace["y"][1])
    assert list(trace["text"]) == ["a", "b"]
    assert trace["marker"]["color"].tolist() == [0, 1]
    assert head["layout"] == {"title": {"text": "ä"}}
    assert (head["key"], head["reserve"]) == ("k", 321)


def test_a_figure_and_its_dict_give_the_same_message() -> None:
    figure = go.Figure(layout={"template": None, "xaxis": {"range": [0, 1]}})
    figure.add_heatmap(z=np.zeros((3, 3), "f4"))
    as_dict = {"data": [dict(trace) for trace in figure._data], "layout": figure._layout}
    assert wire.pack(figure, {}, 5) == wire.pack(as_dict, {}, 5)


def test_a_message_is_compact() -> None:
    z = np.random.default_rng(0).normal(size=(64, 200))
    assert len(wire.pack({"data": [{"z": z}]}, {}, 0)) < 2 * z.size + 300


def test_wrong_arguments_are_refused_with_advice() -> None:
    with pytest.raises(ValueError, match="expected steps >= 1, got 0"):
        TimeScrub(steps=0)
    with pytest.raises(ValueError, match="expected 3 labels, one a step, got 1"):
        TimeScrub(steps=3, labels=["a"])
    with pytest.raises(ValueError, match="expected a description"):
        live_chart({}, key="k", alt=" ", height=100, filename="f")
    assert TimeScrub(steps=3, trails=(Trail(0),)).trails[0].window == 12


# What the browser sends for a click


def test_a_click_is_read_with_or_without_a_height() -> None:
    sent = {"trace": 3, "x": 1.5, "y": -2, "z": None}
    assert read_pick({"pick": sent}) == Pick(3, 1.5, -2.0, None)
    assert read_pick({"pick": {**sent, "z": 7, "more": "?"}}) == Pick(3, 1.5, -2.0, 7.0)
    assert isinstance(read_pick({"pick": sent}).x, float)  # type: ignore[union-attr]


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.integers(10**308, 10**320)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(JUNK | st.fixed_dictionaries({}, optional=dict.fromkeys(("trace", "x", "y", "z"), JUNK)))
def test_whatever_the_browser_sends_gives_finite_numbers_or_nothing(sent: Any) -> None:
    for component in (sent, {"pick": sent}, {"pick": None}, {}):
        found = read_pick(component)
        if found is None:
            continue
        assert isinstance(found.trace, int)
        assert all(isinstance(value, float) and math.isfinite(value) for value in (found.x, found.y))
        assert found.z is None or math.isfinite(found.z)


@pytest.mark.parametrize(
    "broken",
    [
        {"x": None},
        {"y": None},
        {"trace": None},
        {"x": True},
        {"x": "1"},
        {"x": math.nan},
        {"y": math.inf},
        {"x": 10**400},
        {"trace": -math.inf},
        {"y": [1]},
        {"y": {"valueOf": 1}},
    ],
)
def test_half_a_place_is_none(broken: dict[str, Any]) -> None:
    assert read_pick({"pick": {"trace": 0, "x": 1, "y": 2, "z": 3} | broken}) is None


def test_a_height_that_is_no_number_is_left_out() -> None:
    for z in (math.nan, "7", True, [1], 10**400):
        assert read_pick({"pick": {"trace": 0, "x": 1, "y": 2, "z": z}}) == Pick(0, 1.0, 2.0, None)

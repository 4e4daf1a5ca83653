"""The Python side of the live slider: whatever the browser sent, a legal value comes out."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from rnnviz.ui.live_slider import decimals, live_slider, nearest, read_state

SENT = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())
    | st.dictionaries(st.text(), st.none())
)  # fmt: skip


def script(version: int = 0) -> None:
    """A page with one slider; AppTest runs its source."""
    import streamlit as st

    from rnnviz.ui.live_slider import live_slider

    number = live_slider(
        "Scale", key="scale", value=1.0, minimum=0.0, maximum=4.0, step=0.05,
        unset_label="none", version=st.session_state.get("v", 0),
    )  # fmt: skip
    st.session_state["out"] = number


def run(state: Any = None, version: int = 0) -> AppTest:
    app = AppTest.from_function(script, default_timeout=20)
    app.session_state["v"] = version
    if state is not None:
        app.session_state["scale"] = state
    return app.run()


def test_the_first_run_shows_the_value_of_python() -> None:
    app = run()
    assert app.session_state["out"] == 1.0
    assert '"value": 1.0' in app.get("bidi_component")[0].proto.json


def test_the_hand_decides_until_the_version_changes() -> None:
    assert run({"value": {"v": 2.5, "seq": 3, "version": 0}}).session_state["out"] == 2.5
    assert run({"value": {"v": 2.5, "seq": 3}}).session_state["out"] == 2.5
    assert run({"value": {"v": 2.5, "seq": 3, "version": 0}}, version=1).session_state["out"] == 1.0
    assert run({"value": {"v": None, "seq": 3, "version": 0}}).session_state["out"] is None


@pytest.mark.parametrize(
    ("sent", "legal"),
    [(9, 4.0), (-1, 0.0), (2.52, 2.5), ("2", 1.0), (True, 1.0), (math.inf, 1.0), ([], 1.0), ({}, 1.0)],
)
def test_what_the_browser_sends_is_checked(sent: Any, legal: float) -> None:
    assert run({"value": {"v": sent, "seq": 1, "version": 0}}).session_state["out"] == legal


@settings(derandomize=True, max_examples=100, deadline=None)
@given(SENT)
def test_no_state_breaks_the_reading(sent: Any) -> None:
    for component in (sent, {"value": sent}, {"value": {"v": sent, "seq": sent, "version": sent}}):
        state = read_state(component)
        assert state is None or isinstance(state["seq"], int)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.floats(-1e9, 1e9), st.integers(-50, 50), st.integers(1, 60), st.sampled_from([1, 0.1, 0.05, 3]))
def test_nearest_is_a_legal_stop_and_no_other_is_nearer(
    value: float, start: int, stops: int, step: float
) -> None:
    maximum = start + stops * step - (step / 3 if stops % 2 else 0)
    maximum = round(maximum, 3)
    found = nearest(value, start, maximum, step)
    legal = [round(start + k * step, 9) for k in range(stops + 1) if start + k * step <= maximum + 1e-9] + [
        maximum
    ]
    assert min(abs(found - stop) for stop in legal) < 1e-9
    clamped = min(max(value, start), maximum)
    assert abs(found - clamped) <= min(abs(stop - clamped) for stop in legal) + 1e-9


def test_decimals_of_a_step() -> None:
    assert [decimals(1), decimals(0.05), decimals(0, 4, 0.25), decimals(1e-3)] == [0, 2, 2, 3]


def test_wrong_arguments_are_refused_with_advice() -> None:
    with pytest.raises(ValueError, match="expected finite minimum <= maximum"):
        live_slider("x", key="k", value=0, minimum=1, maximum=0, step=1)
    with pytest.raises(ValueError, match="printf pattern"):
        live_slider("x", key="k", value=0, minimum=0, maximum=1, step=1, format="{:.2f}")

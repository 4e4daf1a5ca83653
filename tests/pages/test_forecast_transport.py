"""Which buttons mean something, and what is said of a forecast, for every state and whoever looks."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from forecasters import store

from rnnviz.forecast import ForecastConfig
from rnnviz.forecast.config import TUTORIAL
from rnnviz.forecast.result import Epoch
from rnnviz.runs import Run, Runs
from rnnviz.ui import run_words
from rnnviz.ui.forecast import status
from rnnviz.ui.forecast.shown import Shown

__all__ = ["store"]

STATES = ("queued", "running", "paused", "stopped", "done", "failed")
CONFIG = ForecastConfig()


@pytest.fixture
def shown(store: Runs) -> Any:
    """`shown(state)`: a forecast in that state."""

    def make(state: str, *, own: bool = True, example: bool = False, newest: int = 6, **more: Any) -> Shown:
        run = Run(
            id="x" * 24,
            kind="forecast",
            title="",
            spec={"part": "forecast", "config": CONFIG.to_spec(), "data": {"name": "prices.csv"}},
            state=state,
            message=more.pop("message", ""),
            done=more.pop("done", 0.12),
            words="",
            seconds=more.pop("seconds", 2.0),
            attempts=1,
            created=0.0,
            heard=0.0,
            version=1,
            shared=example,
            result=None,
        )
        epochs = tuple(Epoch(k, 1.0 / (k + 1), 1.0, 0.1, k == 0, 0.1 * k) for k in range(newest + 1))
        return Shown(store, run, CONFIG, epochs, own, example, **more)

    return make


def pressable(found: Shown | None, *, same: bool = False, missing: str = "") -> set[str]:
    offered = status.buttons(found, CONFIG, same=same, missing=missing)
    return {name for name, button in offered.items() if button.enabled}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("queued", {"train", "stop"}),
        ("running", {"train", "stop"}),
        ("paused", {"train", "stop"}),
        ("stopped", {"train", "stop"}),
        ("failed", {"train", "stop"}),
        ("done", {"train"}),
    ],
)
def test_the_owner_can_press_what_means_something(shown: Any, state: str, expected: set[str]) -> None:
    assert pressable(shown(state)) == expected
    label = status.buttons(shown(state), CONFIG, same=True, missing="")["stop"].label
    assert label == ("Continue" if state in ("paused", "stopped", "failed") else "Stop")


@pytest.mark.parametrize("state", STATES)
def test_who_merely_looks_can_only_train(shown: Any, state: str) -> None:
    for found in (shown(state, own=False), shown(state, own=False, example=True), None):
        assert pressable(found) == {"train"}
        assert pressable(found, missing="Drop a file first.") == set()
    label = status.buttons(shown(state, own=False), CONFIG, same=True, missing="")["train"].label
    assert label == "Train your own"
    label = status.buttons(shown(state, own=False, example=True), CONFIG, same=True, missing="")[
        "train"
    ].label
    assert label == "Train"


@pytest.mark.parametrize("state", STATES)
def test_the_same_is_not_trained_twice_while_it_is_under_way(shown: Any, state: str) -> None:
    assert ("train" in pressable(shown(state), same=True)) == (state == "done")
    assert "train" in pressable(shown(state), same=False)
    assert "train" in pressable(shown(state, own=False), same=True)
    other = status.buttons(shown(state), replace(CONFIG, seed=1), same=True, missing="")
    assert other["train"].enabled


def test_why_nothing_can_be_trained_stands_at_the_button(shown: Any) -> None:
    why = "Expected prices that move, got 300 times the same; choose another column to forecast."
    for state in STATES:
        button = status.buttons(shown(state), CONFIG, same=False, missing=why)["train"]
        assert (button.enabled, button.help) == (False, why)


@pytest.mark.parametrize(
    ("state", "own", "example"), [*itertools.product(STATES, (True, False), (False,)), ("done", False, True)]
)
def test_every_state_has_its_words(shown: Any, state: str, own: bool, example: bool) -> None:
    found = shown(state, own=own, example=example)
    said = run_words.html(found.run, "head", status.detail(found), status.onward(found))
    assert "<progress" in said
    assert status.detail(found)
    if not own:
        assert "own example" in said if example else "somebody" in said or state == "failed"


def test_how_far_and_how_long(shown: Any) -> None:
    assert (
        status.detail(shown("running", seconds=3.0, done=0.12)) == "epoch 6 of at most 50 · at most 22 s left"
    )
    assert status.detail(shown("done", newest=8, done=1.0, seconds=0.4)) == "8 epochs · 0.4 s of training"
    assert status.detail(shown("done", newest=1, done=1.0, seconds=0.4)) == "1 epoch · 0.4 s of training"
    assert status.detail(shown("queued", newest=-1)) == "It starts as soon as a worker is free."
    assert status.detail(shown("stopped", newest=-1)) == "Nothing has been trained."


def test_what_is_new_is_named(shown: Any) -> None:
    found = shown("done")
    assert status.differing(found, CONFIG, "") == ""
    said = status.differing(found, replace(CONFIG, window=60, clip=None), "<b>my.csv</b>")
    assert said == (
        'Train takes what is new: the series "<b>my.csv</b>"; window 60 in place of 30; clip at norm off in place of 1.'
    )
    assert "the tutorials' model, two LSTM layers" in status.differing(found, TUTORIAL, "")


def test_after_a_fault_the_message_and_the_way_on(shown: Any) -> None:
    assert status.onward(shown("failed", message="The worker died.")) == (
        "The worker died. Continue goes on from what was saved."
    )
    assert status.onward(shown("failed", own=False, message="The worker died.")) == "The worker died."


def test_a_forecast_that_let_others_go_first_says_that_it_goes_on(shown: Any) -> None:
    assert status.onward(shown("queued")) == "Others have their turn; it goes on from here by itself."
    assert status.onward(shown("queued", done=0.0)) == ""


def test_the_time_of_a_finished_training_is_that_beside_its_curve(shown: Any) -> None:
    found = shown("done", newest=8, done=1.0, seconds=11.0)
    trained = replace(found, run=replace(found.run, result={"seconds": 1.2}))
    assert status.detail(trained) == "8 epochs · 1 s of training"


def test_what_is_forecast_is_named_where_it_does_not_go_without_saying(shown: Any) -> None:
    def named(**data: str) -> str:
        found = shown("done")
        spec = found.run.spec | {"data": {"name": "prices.csv"} | data}
        return status.series_of(replace(found, run=replace(found.run, spec=spec)))

    assert named() == "prices.csv"
    assert named(label="Close", target="close", ticker="") == "prices.csv"
    assert named(label="Open", target="open", ticker="AAA") == "prices.csv · AAA · Open"
    assert named(label="<b>x</b>", target="") == "prices.csv · <b>x</b>"

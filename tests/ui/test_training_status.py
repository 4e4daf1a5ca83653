"""Which buttons mean something, and what is said of a run, for every state and whoever looks."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from test_training_words import curve

from rnnviz.race import Race
from rnnviz.runs import Run
from rnnviz.ui.training import status
from rnnviz.ui.training.shown import Shown

STATES = ("queued", "running", "paused", "stopped", "done", "failed")


def shown(state: str, *, own: bool = True, example: bool = False, newest: int = 12, **more: Any) -> Shown:
    run = Run(
        id="x" * 24,
        kind="training",
        title="",
        spec=Race().to_spec(),
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
    epochs = {cell: curve(cell, *[0.1] * (newest + 1), per_epoch=15) for cell in Race().cells}
    return Shown(run, Race(), epochs, own, example, **more)


def pressable(found: Shown | None, race: Race | None = None) -> set[str]:
    """The buttons that can be pressed; without a race the settings are others than the run's."""
    offered = status.buttons(found, race or Race(seed=1))
    return {name for name, button in offered.items() if button.enabled}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("queued", {"start", "pause", "stop"}),
        ("running", {"start", "pause", "stop"}),
        ("paused", {"start", "pause", "step", "stop"}),
        ("stopped", {"start", "pause", "step"}),
        ("failed", {"start", "pause"}),
        ("done", {"start", "step"}),
    ],
)
def test_the_owner_can_press_what_means_something(state: str, expected: set[str]) -> None:
    assert pressable(shown(state)) == expected
    label = status.buttons(shown(state), Race())["pause"].label
    assert label == ("Continue" if state in ("paused", "stopped", "failed") else "Pause")


@pytest.mark.parametrize("state", STATES)
def test_who_merely_looks_can_only_begin_a_run(state: str) -> None:
    for found in (shown(state, own=False), shown(state, own=False, example=True), None):
        assert pressable(found) == {"start", "step"}
    assert status.buttons(shown(state, own=False), Race())["start"].label == "Train your own"
    assert status.buttons(shown(state, own=False, example=True), Race())["start"].label == "Start"


@pytest.mark.parametrize("state", STATES)
def test_the_same_settings_are_not_started_twice_while_they_are_under_way(state: str) -> None:
    assert ("start" in pressable(shown(state), Race())) == (state == "done")
    assert "start" in pressable(shown(state, own=False), Race())


def test_a_race_without_its_text_cannot_start() -> None:
    empty = Race(task="text", corpus="own")
    for state in STATES:
        offered = status.buttons(shown(state), empty)
        assert not offered["start"].enabled
        assert offered["start"].help == empty.missing
    assert pressable(None, empty) == set()


@pytest.mark.parametrize(
    ("state", "own", "example"), list(itertools.product(STATES, (True, False), (True, False)))
)
def test_every_state_is_told_in_words(state: str, own: bool, example: bool) -> None:
    for newest in (-1, 0, 12):
        found = shown(state, own=own, example=example, newest=newest, place=3, message="It broke.")
        told = status.html(found, status.onward(found))
        assert status.headline(found) in told
        assert "None" not in told
        assert "<progress" in told


def test_how_far_and_how_long() -> None:
    running = shown("running", seconds=3.0, done=0.12)
    assert status.headline(running) == "Training"
    assert status.detail(running) == "epoch 12 of 100 · step 180 of 1,500 · 22 s left"
    done = shown("done", newest=100, done=1.0, seconds=31.2)
    assert status.detail(done) == "100 epochs · 1,500 steps · 31 s of training"
    assert status.headline(shown("queued", place=1)) == "Next in line"
    assert status.headline(shown("queued", place=3)) == "3rd in line"


def test_a_cell_that_diverged_holds_nobody_up() -> None:
    found = shown("running", newest=40, done=0.4)
    fallen = curve("rnn", 0.1, 0.2, per_epoch=15)
    fallen = (*fallen[:-1], replace(fallen[-1], diverged=True))
    later = replace(found, epochs={**found.epochs, "rnn": fallen})
    assert later.newest == 40
    assert status.detail(later).startswith("epoch 40 of 100 · step 600 of 1,500")
    alone = replace(found, epochs={"rnn": fallen}, run=replace(found.run, state="done"))
    assert status.detail(alone).startswith("1 epoch · 15 steps")


def test_after_a_fault_the_message_and_the_way_on() -> None:
    assert status.onward(shown("failed", message="The worker died.")) == (
        "The worker died. Continue goes on from what was saved."
    )
    assert status.onward(shown("failed", own=False, message="The worker died.")) == "The worker died."


def test_a_run_that_let_others_go_first_says_that_it_goes_on() -> None:
    assert status.onward(shown("queued")) == "Others have their turn; it goes on from here by itself."
    assert status.onward(shown("queued", done=0.0)) == ""
    assert status.onward(shown("queued", message="Its worker ended.")) == "Its worker ended."


def test_what_a_message_holds_is_text() -> None:
    found = shown("failed", message="<img src=x onerror=alert(1)>")
    assert "<img" not in status.html(found, status.onward(found))


def test_what_differs_from_the_run_is_named() -> None:
    assert status.differing(Race(), Race()) == ""
    said = status.differing(Race(), Race(hidden=32, clip=None, layernorm=True, cells=("gru",), forget=2))
    assert said == (
        "Start trains these new settings: cells GRU in place of LSTM, GRU, RNN (tanh); hidden size 32 in place of 64; "
        "clip at norm off in place of 1; and 2 more."
    )
    text = Race(task="text", corpus="own", text="a" * 300)
    assert status.changes(text, replace(text, text="b" * 300)) == ["another text"]


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (111, "111th"),
    ],
)
def test_ordinals(number: int, word: str) -> None:
    assert status.ordinal(number) == word


@pytest.mark.parametrize(
    ("seconds", "word"),
    [
        (0, "0.1 s"),
        (0.42, "0.4 s"),
        (3.2, "3 s"),
        (14.4, "14 s"),
        (89, "89 s"),
        (95, "2 min"),
        (4800, "1 h 20 min"),
    ],
)
def test_durations(seconds: float, word: str) -> None:
    assert status.duration(seconds) == word

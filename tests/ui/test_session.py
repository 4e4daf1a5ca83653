"""The rule of the link, without a browser: sequences of addresses, and what each of them does."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.experiment import INITS, Experiment
from rnnviz.registry import CELLS
from rnnviz.ui import session as sessions
from rnnviz.ui.session import Session
from rnnviz.ui.view import View


class Tab:
    """A browser tab around the session: an address bar, and Streamlit's state of one visitor."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.address: dict[str, str] = {}
        self.state: dict[str, Any] = {}
        params = SimpleNamespace(to_dict=lambda: dict(self.address))
        patch.setattr(sessions, "st", SimpleNamespace(session_state=self.state, query_params=params))

    def run(self, page: str, address: dict[str, str] | None = None, **chosen: Any) -> Session:
        """One run of the script; ``chosen`` is what the widgets say in it."""
        if address is not None:
            self.address = dict(address)
        session = sessions.begin(page)
        if chosen:
            session.experiment = Experiment(**{**fields_of(session.experiment), **chosen})
        self.address = dict(parse_qsl(sessions.finish(session), keep_blank_values=True))
        return session


def fields_of(experiment: Experiment) -> dict[str, Any]:
    return {name: getattr(experiment, name) for name in Experiment.__dataclass_fields__}


@pytest.fixture
def tab(monkeypatch: pytest.MonkeyPatch) -> Tab:
    return Tab(monkeypatch)


def test_a_visitor_without_a_link_starts_with_the_defaults(tab: Tab) -> None:
    session = tab.run("", {})
    assert (session.experiment, session.view, session.notes) == (Experiment(), View(), [])
    assert tab.address == {}


def test_a_link_decides_on_arrival_and_once(tab: Tab) -> None:
    link = {"scale": "2", "dims": "3", "other": "x"}
    session = tab.run("gates", link)
    assert session.experiment == Experiment(scale=2)
    assert session.view == View(dims="3")
    assert tab.run("gates", scale=3.0).experiment.scale == 3
    assert tab.run("gates").experiment.scale == 3


def test_a_link_that_the_browser_keeps_sending_decides_only_once(tab: Tab) -> None:
    link = {"scale": "2", "hidden": "999"}
    assert len(tab.run("gates", link).notes) == 1
    for step in range(1, 100):
        session = tab.run("gates", link, length=2 + step)
        assert (session.experiment.scale, session.experiment.length) == (2, 2 + step)
        assert session.notes == []
    assert session.version == tab.run("gates", link).version


def test_a_menu_click_takes_everything_along(tab: Tab) -> None:
    tab.run("gates", {"scale": "2"}, seed=7)
    session = tab.run("states", {})
    assert session.experiment == Experiment(scale=2, seed=7)
    assert tab.address["seed"] == "7"
    assert tab.run("", {}).experiment == Experiment(scale=2, seed=7)


def test_back_to_another_page_brings_what_it_had(tab: Tab) -> None:
    tab.run("gates", {}, scale=2)
    old = tab.address
    tab.run("states", {}, scale=3)
    assert tab.run("gates", old).experiment.scale == 2


def test_an_older_address_of_the_same_page_is_a_drag_that_lags(tab: Tab) -> None:
    tab.run("gates", {})
    late = []
    for scale in (1.1, 1.2, 1.3):
        late.append(tab.address)
        tab.run("gates", scale=scale)
    for address in (*late, *reversed(late)):
        assert tab.run("gates", address).experiment.scale == 1.3


def test_a_long_drag_with_the_address_fifty_runs_behind(tab: Tab) -> None:
    behind: list[dict[str, str]] = [{}] * 50
    tab.run("gates", {})
    for k in range(200):
        behind.append(tab.address)
        session = tab.run("gates", behind.pop(0), scale=k / 50)
        assert session.experiment.scale == k / 50
    assert session.version == 1


def test_a_link_to_the_same_page_is_adopted(tab: Tab) -> None:
    tab.run("gates", {}, scale=2)
    before = tab.run("gates").version
    session = tab.run("gates", {"scale": "3", "cell": "gru"})
    assert session.experiment == Experiment(cells=("gru",), scale=3)
    assert session.version > before


def test_two_links_in_turn_on_the_same_page(tab: Tab) -> None:
    one, two = {"scale": "1.5"}, {"scale": "2.5"}
    for link in (one, two, one, two):
        assert tab.run("gates", link).experiment.scale == float(link["scale"])


def test_unknown_parameters_are_no_address(tab: Tab) -> None:
    session = tab.run("gates", {}, scale=2)
    version = session.version
    assert tab.run("gates", {"embed": "true", "utm_source": "x"}).experiment.scale == 2
    assert session.version == version


def test_notes_are_said_once(tab: Tab) -> None:
    assert len(tab.run("gates", {"scale": "9", "unit": "900"}).notes) == 2
    assert tab.run("gates").notes == []


def test_the_version_grows_with_pages_links_and_buttons_only(tab: Tab) -> None:
    session = tab.run("gates", {})
    first = session.version
    assert tab.run("gates", scale=2.0).version == first
    assert tab.run("states", {}).version == first + 1
    session.assign(seed=3)
    assert session.version == first + 2
    session.reset()
    assert session.version == first + 3
    assert session.experiment == Experiment()


def test_reset_leaves_the_projector_on(tab: Tab) -> None:
    session = tab.run("gates", {"present": "1", "dims": "3", "scale": "2"})
    session.reset()
    assert (session.experiment, session.view) == (Experiment(), View(present=True))


def test_a_widget_is_given_a_value_only_when_something_else_changed_it(tab: Tab) -> None:
    session = tab.run("gates", {})
    session.sync("w", "a")
    assert tab.state["w"] == "a"
    tab.state["w"] = "hand"
    session.sync("w", "a")
    assert tab.state["w"] == "hand"
    session.assign(seed=1)
    session.sync("w", "b")
    assert tab.state["w"] == "b"
    del tab.state["w"]
    session.sync("w", "c")
    assert tab.state["w"] == "c"


def test_the_address_is_remembered_but_not_for_ever(tab: Tab) -> None:
    session = tab.run("gates", {})
    for k in range(500):
        tab.run("gates", seed=k)
    assert len(session.written) == 64


EXPERIMENTS = st.fixed_dictionaries(
    {
        "cells": st.lists(st.sampled_from(list(CELLS)), min_size=1, max_size=6, unique=True).map(tuple),
        "length": st.integers(2, 500),
        "hidden": st.integers(1, 128),
        "scale": st.floats(0, 4),
        "forget": st.none() | st.floats(-3, 6),
        "init": st.sampled_from([name for name, _ in INITS]),
        "signal": st.sampled_from(["sine", "text", "numbers"]),
        "text": st.text(st.sampled_from("abc äé&=+%#?<>\"'/\\漢🙂"), min_size=2, max_size=40),
        "numbers": st.lists(st.floats(-1e30, 1e30), min_size=2, max_size=20).map(
            lambda n: " ".join(map(repr, n))
        ),
        "loss": st.none() | st.integers(1, 500),
        "seed": st.integers(0, 9999),
    }
)
VIEWS = st.fixed_dictionaries(
    {
        "present": st.booleans(),
        "show": st.sampled_from(["all", "unit", "spread"]),
        "unit": st.integers(0, 127),
        "beside": st.sampled_from(["none", *CELLS]),
        "dims": st.sampled_from(["2", "3"]),
        "many": st.sampled_from(["one", "starts", "strengths"]),
        "quantity": st.sampled_from(["h", "c", "x"]),
        "relative": st.booleans(),
    }
)


@given(EXPERIMENTS, VIEWS)
def test_what_is_written_restores_everything_for_the_next_visitor(
    chosen: dict[str, Any], shown: dict[str, Any]
) -> None:
    experiment, view = Experiment(**chosen), View(**shown)
    with pytest.MonkeyPatch.context() as patch:
        query = sessions.finish(Session(experiment, view))
        session = Tab(patch).run("gates", dict(parse_qsl(query, keep_blank_values=True)))
    assert (session.experiment, session.view) == (experiment, view)


@given(st.dictionaries(st.sampled_from(sorted(sessions.KNOWN)), st.text(max_size=30)))
def test_no_address_breaks_a_visit(address: dict[str, str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        tab = Tab(patch)
        first = tab.run("gates", address)
        experiment, view = first.experiment, first.view
        second = tab.run("gates")
    assert (second.experiment, second.view) == (experiment, view)
    assert len(first.notes) <= 2 * len(address) + 1

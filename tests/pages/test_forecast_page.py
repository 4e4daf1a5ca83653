"""The forecast page: a run from its start to its end, by its owner and by others, and what can go wrong."""

from html import unescape

import numpy as np
import pytest
from forecasters import PAGE, QUICK, SMALL, buttons, compute, started, store, timers
from runs_page import example_instead, failing, gone, press
from visitor import Visitor

from rnnviz import forecast
from rnnviz.forecast import ForecastConfig, samples, stored
from rnnviz.forecast.result import Epoch
from rnnviz.runs import Runs
from rnnviz.ui.forecast import choice
from rnnviz.ui.forecast import shown as shows

__all__ = ["store"]


def shown(store: Runs, id: str) -> shows.Shown:
    found = shows.load(store, id, "")
    assert found is not None
    return found


# The example


def test_the_first_visitor_has_the_example_forecast_and_all_others_see_it(store: Runs) -> None:
    one, two = (Visitor("forecast", owner=owner, **SMALL) for owner in ("ada", "bob"))
    assert "server&#x27;s own example" in one.html
    assert one.address == SMALL
    assert "Next in line: Apple 2000–2013" in one.html
    assert compute(store)
    assert not compute(store)
    for visitor in (one, two, Visitor("forecast", **SMALL)):
        visitor.run()
        assert "Finished: Apple 2000–2013" in visitor.html
        assert buttons(visitor) == {"Train": True, "Stop": False}
        result = shown(store, choice.examples.known[store, "aapl"]).result
        assert result is not None
        assert result.verdict in unescape(visitor.html)


def test_the_example_is_what_the_library_finds(store: Runs) -> None:
    Visitor("forecast")
    compute(store)
    found = shown(store, choice.examples.known[store, "aapl"])
    truth = forecast.run(samples.sample("aapl").prices, QUICK)
    assert found.result is not None
    assert found.result.verdict == truth.verdict
    np.testing.assert_array_equal(found.result.test.to_numpy(), truth.test.to_numpy())
    np.testing.assert_array_equal(found.result.metrics.to_numpy(), truth.metrics.to_numpy())
    assert [one.validation for one in found.epochs] == [one.validation for one in truth.epochs]


def test_each_sample_has_its_example(store: Runs) -> None:
    visitor = Visitor("forecast", owner="ada")
    visitor.app.selectbox(key="f_sample").set_value("walk")
    visitor.run()
    assert visitor.address == {"sample": "walk"}
    assert (
        "Next in line: Made: a random walk" in visitor.html or "in line: Made: a random walk" in visitor.html
    )
    while compute(store):
        pass
    assert "Finished: Made: a random walk" in visitor.run().html
    assert shown(store, choice.examples.known[store, "walk"]).sample == "walk"
    assert Visitor("forecast", sample="walk").session.view.sample == "walk"


def test_an_example_that_is_gone_is_computed_again(store: Runs) -> None:
    PAGE.trains_its_example_again(store)


# A run of one's own


def test_a_run_from_start_to_end(store: Runs) -> None:
    visitor = started(net="gru", part="data")
    id = visitor.address["forecast"]
    run = store.get(id)
    assert run is not None
    assert store.owns(id, "ada".ljust(32, "0"))
    assert (
        stored.config(run.spec)
        == visitor.session.forecast
        == ForecastConfig.from_spec(QUICK.to_spec() | {"network": "gru"})
    )
    np.testing.assert_array_equal(stored.prices(run.spec), samples.sample("aapl").prices)
    assert visitor.session.view.part == "forecast"
    assert buttons(visitor) == {"Train": False, "Stop": True}
    assert "in line" in visitor.html
    assert timers(visitor) == 1
    while compute(store):
        pass
    visitor.run()
    assert "Finished: Apple 2000–2013" in visitor.html
    assert timers(visitor) == 0
    found = shown(store, id)
    assert found.epochs == tuple(Epoch(**row.data) for row in store.rows(id))
    assert found.result is not None
    assert found.result.verdict in unescape(visitor.html)
    assert f"{len(found.epochs) - 1} epoch" in visitor.html
    assert buttons(visitor) == {"Train": True, "Stop": False}


def test_stop_and_continue(store: Runs) -> None:
    visitor = started(net="rnn").click("Stop")
    id = visitor.address["forecast"]
    assert store.get(id).state == "stopped"
    assert "Stopped" in visitor.html
    assert timers(visitor) == 0
    assert buttons(visitor) == {"Train": False, "Continue": True}
    visitor.click("Continue")
    assert store.get(id).state == "queued"
    while compute(store):
        pass
    assert "Finished" in visitor.run().html
    assert timers(visitor) == 0


def test_new_settings_are_named_beside_train_and_the_old_run_stays(store: Runs) -> None:
    visitor = started(net="rnn")
    id = visitor.address["forecast"]
    visitor.app.number_input(key="f_hidden").set_value(3)
    visitor.run()
    assert "Train takes what is new: hidden size 3 in place of 4." in visitor.html
    assert buttons(visitor)["Train"]
    visitor.click("Train")
    assert visitor.address["forecast"] != id
    assert store.get(id).state == "queued"
    assert store.get(visitor.address["forecast"]).spec["config"]["hidden"] == 3
    assert "what is new" not in visitor.html


def test_another_series_shows_its_example_and_back_again_the_run(store: Runs) -> None:
    visitor = started(net="rnn")
    id = visitor.address["forecast"]
    visitor.app.selectbox(key="f_sample").set_value("ibm")
    visitor.run()
    assert "forecast" not in visitor.address
    assert visitor.address["sample"] == "ibm"
    assert "IBM 2000–2013" in visitor.html
    visitor.app.selectbox(key="f_sample").set_value("aapl")
    assert visitor.run().address["forecast"] == id
    assert visitor.session.forecast.network == "rnn"


def test_a_new_forecast_leaves_the_other_parts_behind(store: Runs) -> None:
    visitor = Visitor("forecast", owner="ada", compared="a" * 24, backtest="b" * 24, leaks="c" * 24, **SMALL)
    assert {"compared", "backtest", "leaks"} <= set(visitor.address)
    visitor.click("Train")
    assert not {"compared", "backtest", "leaks"} & set(visitor.address)


# Links


def test_a_reload_by_the_link_finds_the_run_and_its_owner(store: Runs) -> None:
    visitor = started(net="rnn", dice="5", sample="msft")
    again = PAGE.back_by_link(visitor)
    assert again.session.forecast == visitor.session.forecast
    assert again.session.view.sample == "msft"
    while compute(store):
        pass
    assert "Finished: Microsoft" in again.run().html


def test_who_follows_a_link_looks_and_cannot_touch(store: Runs) -> None:
    owner = started(net="rnn")
    id = owner.address["forecast"]
    guest = PAGE.guest_of(id, "You are looking at somebody&#x27;s forecast.", {"Stop": False})
    assert guest.session.forecast == owner.session.forecast
    guest.forge("run_stop", "trigger_value", True)
    assert store.get(id).state == "queued"
    guest.press("part", "yours")
    assert "None yet." in guest.html
    PAGE.train_one_s_own(guest, id)


def test_a_link_to_a_run_brings_its_settings_unless_it_has_its_own(store: Runs) -> None:
    id = started(net="rnn").address["forecast"]
    assert Visitor("forecast", forecast=id).session.forecast.network == "rnn"
    other = Visitor("forecast", forecast=id, net="gru")
    assert other.session.forecast == ForecastConfig(network="gru")
    assert "Train takes what is new" in other.html


def test_a_run_that_is_gone_is_one_sentence_and_the_way_on(store: Runs) -> None:
    visitor = Visitor("forecast", owner="ada", forecast="x" * 24, **SMALL)
    gone(visitor, {"Train": True, "Stop": False})
    for section in ("data", "compare", "backtest", "leaks", "yours", "forecast"):
        visitor.press("part", section)
    example_instead(visitor)
    assert visitor.session.forecast == QUICK


def test_a_run_of_training_or_of_another_version_is_no_forecast(store: Runs) -> None:
    for kind, spec in (("training", {}), ("forecast", {"part": "forecast", "config": {"network": "oracle"}})):
        id = store.submit(kind, spec, "somebody")
        assert "no longer here" in Visitor("forecast", forecast=id).html


def test_an_id_that_is_none_is_corrected() -> None:
    PAGE.corrects_what_is_no_id()


def test_the_forecast_stands_in_no_other_page_s_link(store: Runs) -> None:
    PAGE.leaves_its_run_out_of_other_links(started(net="rnn"), "part", "net", "cells")


# Your runs


def test_your_runs_are_listed_opened_and_deleted(store: Runs) -> None:
    visitor = started(net="rnn", sample="ibm")
    first = visitor.address["forecast"]
    visitor.app.number_input(key="f_layers").set_value(2)
    second = visitor.run().click("Train").address["forecast"]
    visitor.press("part", "yours")
    assert visitor.html.count("class='rv-run") == 2
    assert "IBM 2000–2013 · RNN" in visitor.html
    assert timers(visitor) == 1
    press(visitor, f"show_{first}")
    assert visitor.address["forecast"] == first
    assert visitor.session.view.part == "forecast"
    assert visitor.session.forecast.layers == 1
    while compute(store):
        pass
    assert shown(store, first).result is not None
    visitor.press("part", "yours")
    press(visitor, f"delete_{first}")
    assert store.get(first) is None
    assert "forecast" not in visitor.address
    assert visitor.html.count("class='rv-run") == 1
    assert store.get(second) is not None
    assert not [
        key
        for shelf in (shows._tables, shows._prices, shows._results)
        for key in shelf._values
        if key[1] == first
    ]  # type: ignore[index]
    visitor.app.selectbox(key="f_sample").set_value("aapl")
    visitor.run().app.selectbox(key="f_sample").set_value("ibm")
    assert "no longer here" not in visitor.run().html


def test_a_part_is_opened_with_a_forecast_of_the_same_prices(store: Runs) -> None:
    visitor = started(net="rnn", sample="ibm")
    spec = stored.spec("compare", QUICK, samples.sample("ibm")) | {"sample": "ibm"}
    part = store.submit("forecast", spec, visitor.cookies["rnnviz_owner"], "compare")
    visitor.app.selectbox(key="f_sample").set_value("aapl")
    visitor.run().press("part", "yours")
    assert "Compare networks: IBM" in visitor.html
    press(visitor, f"show_{part}")
    assert visitor.address["compared"] == part
    assert visitor.session.view.sample == "ibm"
    assert visitor.session.view.part == "compare"
    visitor.press("part", "yours")
    press(visitor, f"delete_{part}")
    assert "compared" not in visitor.address


# What goes wrong


def test_a_full_queue_is_said_and_the_settings_stay(store: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNVIZ_RUNS_EACH", "1")
    visitor = started(net="rnn")
    id = visitor.address["forecast"]
    visitor.app.number_input(key="f_hidden").set_value(7)
    visitor.run().click("Train")
    assert visitor.session.forecast.hidden == 7
    PAGE.says_that_the_queue_is_full(visitor, id)


def test_a_store_that_cannot_be_used_is_one_sentence(store: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = PAGE.says_that_the_store_is_busy(monkeypatch)
    assert visitor.session.forecast == QUICK


def test_a_run_that_failed_tells_why_and_goes_on(store: Runs) -> None:
    visitor = started(net="rnn")
    id = visitor.address["forecast"]
    failing(visitor, store, id)
    visitor.click("Continue")
    assert store.get(id).state == "queued"


def test_many_watchers_read_each_row_once(store: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = started(net="rnn")
    id = owner.address["forecast"]
    while compute(store):
        pass
    asked: list[tuple[str, int]] = []
    rows = Runs.rows
    monkeypatch.setattr(
        Runs, "rows", lambda self, id, after=0: asked.append((id, after)) or rows(self, id, after)
    )
    for _ in range(4):
        Visitor("forecast", forecast=id).run()
    assert asked == [(id, 0)]


def test_projector_mode_has_the_buttons_and_no_side_bar(store: Runs) -> None:
    visitor = started(net="rnn", present="1")
    assert buttons(visitor)["Stop"]
    assert not visitor.app.sidebar.selectbox
    assert not visitor.app.file_uploader
    for section in ("data", "yours", "forecast"):
        visitor.press("part", section)

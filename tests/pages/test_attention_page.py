"""The page of attention: a run from its start to its end, by its owner and by others, and what can go wrong."""

from dataclasses import replace

import pytest
from attenders import PAGE, QUICK, QUICK_PAIR, SMALL, buttons, compute, started, store, stored, timers
from runs_page import example_instead, failing, gone, press
from visitor import Visitor

from rnnviz.attention import PairConfig, PoolConfig
from rnnviz.runs import Runs
from rnnviz.ui.attention import choice

__all__ = ["store"]


# The examples


def test_the_first_visitor_has_the_example_trained_and_all_others_see_it(store: Runs) -> None:
    one, two = (Visitor("attention", owner=owner, **SMALL) for owner in ("ada", "bob"))
    assert one.address == SMALL
    for visitor in (one, two):
        assert "server&#x27;s own example" in visitor.html
        assert "Next in line" in visitor.html
    assert compute(store)
    assert not compute(store)
    for visitor in (one, two, Visitor("attention", **SMALL)):
        visitor.run()
        assert "Finished" in visitor.html
        assert buttons(visitor) == {"Train": True, "Stop": False, "Other seed": True}
        id = choice.examples.known[store, QUICK]
        (line,) = [one for one in visitor.chart("pool_way")["data"] if one.get("name") == "accuracy"]
        assert list(line["y"]) == [epoch.accuracy for epoch in stored(store, id)]


def test_each_task_has_its_example_and_the_other_settings_are_called_new(store: Runs) -> None:
    visitor = Visitor("attention", **SMALL)
    visitor.app.selectbox(key="p_task").set_value("largest")
    visitor.run()
    assert (store, replace(QUICK, task="largest")) in choice.examples.known
    assert "largest value" in visitor.html
    while compute(store):
        pass
    assert "Finished" in visitor.run().html
    visitor.app.number_input(key="p_hidden").set_value(5)
    assert "Train takes what is new: hidden size 5 in place of 4." in visitor.run().html


def test_an_example_that_is_gone_is_trained_again(store: Runs) -> None:
    PAGE.trains_its_example_again(store)


# A run of one's own


def test_a_run_from_start_to_end(store: Runs) -> None:
    visitor = started()
    id = visitor.address["pooled"]
    assert store.owns(id, "ada".ljust(32, "0"))
    assert store.get(id).spec == {"part": "pooling", "config": QUICK.to_spec()}
    assert visitor.session.pool == QUICK
    assert "Next in line" in visitor.html
    assert buttons(visitor) == {"Train": False, "Stop": True, "Other seed": True}
    assert timers(visitor) == 1
    compute(store)
    visitor.run()
    assert "Finished" in visitor.html
    assert "20 steps" in visitor.html
    assert timers(visitor) == 0
    assert buttons(visitor) == {"Train": True, "Stop": False, "Other seed": True}


def test_stop_and_continue(store: Runs) -> None:
    visitor = started().click("Stop")
    id = visitor.address["pooled"]
    assert store.get(id).state == "stopped"
    assert "Nothing has been trained." in visitor.html
    assert buttons(visitor) == {"Train": False, "Continue": True, "Other seed": True}
    visitor.click("Continue")
    compute(store)
    assert "Finished" in visitor.run().html
    assert len(stored(store, id)) == QUICK.epochs + 1


def test_another_seed_trains_at_once(store: Runs) -> None:
    visitor = started()
    seeds, ids = [0], [visitor.address["pooled"]]
    for _ in range(2):
        visitor.click("Other seed")
        seeds.append(visitor.session.pool.seed)
        ids.append(visitor.address["pooled"])
        assert store.get(ids[-1]).spec["config"]["seed"] == seeds[-1]
        assert visitor.session.pool == replace(QUICK, seed=seeds[-1])
        assert visitor.address["try"] == str(seeds[-1])
        assert visitor.app.number_input(key="p_seed").value == seeds[-1]
        assert buttons(visitor)["Stop"]
    assert len(set(seeds)) == len(set(ids)) == 3


def test_a_run_of_pairs(store: Runs) -> None:
    visitor = Visitor("attention", owner="ada", look="pairs", **QUICK_PAIR.to_query()).click("Train")
    id = visitor.address["paired"]
    assert store.get(id).spec == {"part": "pairs", "config": QUICK_PAIR.to_spec()}
    assert "pooled" not in visitor.address
    visitor.click("Other seed")
    assert visitor.address["paired"] != id


def test_the_sections_keep_their_runs_and_their_settings(store: Runs) -> None:
    visitor = started()
    id = visitor.address["pooled"]
    visitor.press("attend", "pairs")
    assert visitor.app.multiselect.len + len(visitor.app.get("button_group")) >= 2
    visitor.click("Train")
    other = visitor.address["paired"]
    assert visitor.address["pooled"] == id
    assert buttons(visitor)["Stop"]
    visitor.press("attend", "pooling")
    assert (visitor.session.pool, visitor.session.pair) == (QUICK, PairConfig())
    assert visitor.app.selectbox(key="p_task").value == "marked"
    assert {visitor.address["pooled"], visitor.address["paired"]} == {id, other}


def test_new_settings_are_named_beside_train_and_the_old_run_stays(store: Runs) -> None:
    visitor = started()
    id = visitor.address["pooled"]
    visitor.app.selectbox(key="p_cell").set_value("rnn")
    visitor.run()
    assert "Train takes what is new: cell RNN in place of GRU." in visitor.html
    visitor.click("Train")
    assert visitor.address["pooled"] != id
    assert store.get(visitor.address["pooled"]).spec["config"]["cell"] == "rnn"


# Links


def test_a_reload_by_the_link_finds_the_run_and_its_owner(store: Runs) -> None:
    visitor = started()
    again = PAGE.back_by_link(visitor)
    assert again.session.pool == QUICK


def test_who_follows_a_link_watches_and_cannot_touch(store: Runs) -> None:
    owner = started()
    id = owner.address["pooled"]
    guest = PAGE.guest_of(id, "You are watching somebody&#x27;s run.", {"Stop": False, "Other seed": True})
    assert guest.session.pool == QUICK
    guest.forge("run_stop", "trigger_value", True)
    assert store.get(id).state == "queued"
    PAGE.train_one_s_own(guest, id)


def test_a_link_to_a_run_brings_its_settings_unless_it_has_its_own(store: Runs) -> None:
    id = started().address["pooled"]
    assert Visitor("attention", pooled=id).session.pool == QUICK
    other = Visitor("attention", pooled=id, find="largest")
    assert other.session.pool == PoolConfig(task="largest")
    assert "Train takes what is new" in other.html


@pytest.mark.parametrize("part", ["pooling", "pairs"])
def test_a_run_that_is_gone_is_one_sentence_and_the_way_on(store: Runs, part: str) -> None:
    name = choice.PARTS[part].run
    settings = SMALL if part == "pooling" else QUICK_PAIR.to_query()
    visitor = Visitor("attention", owner="ada", look=part, **settings, **{name: "x" * 24})
    gone(visitor, {"Train": True, "Stop": False, "Other seed": True})
    visitor.press("attend", "yours").press("attend", part)
    example_instead(visitor)
    assert name not in visitor.address


def test_a_run_of_the_other_part_or_of_another_page_is_none(store: Runs) -> None:
    id = started().address["pooled"]
    assert "no longer here" in Visitor("attention", look="pairs", paired=id).html
    race = store.submit("training", {"task": "adding"}, "somebody")
    assert "no longer here" in Visitor("attention", pooled=race).html


@pytest.mark.parametrize(
    "spec", [{}, {"part": "pooling"}, {"part": "pooling", "config": {"task": "chess"}}, {"part": 3}]
)
def test_a_spec_of_another_version_is_no_run(store: Runs, spec: dict[str, object]) -> None:
    id = store.submit("attention", spec, "ada".ljust(32, "0"))
    visitor = Visitor("attention", owner="ada", pooled=id)
    assert "no longer here" in visitor.html
    assert "A run of another version" in visitor.press("attend", "yours").html


def test_the_run_stands_in_no_other_page_s_link(store: Runs) -> None:
    PAGE.leaves_its_run_out_of_other_links(started())


# Runs of one's own


def test_own_runs_are_listed_shown_again_and_deleted(store: Runs) -> None:
    visitor = started()
    first = visitor.address["pooled"]
    visitor.click("Other seed").press("attend", "yours")
    second = visitor.address["pooled"]
    assert "The marked step · GRU" in visitor.html
    assert f"T 6 · H 4 · 20 steps · seed {visitor.session.pool.seed}" in visitor.html
    press(visitor, f"show_{first}")
    assert visitor.address["pooled"] == first
    assert visitor.view.attend == "pooling"
    assert visitor.session.pool == QUICK
    visitor.press("attend", "yours")
    press(visitor, f"delete_{first}")
    assert store.get(first) is None
    assert "pooled" not in visitor.address
    press(visitor, f"delete_{second}")
    assert "None yet." in visitor.html
    visitor.press("attend", "pooling")
    assert "server&#x27;s own example" in visitor.html


# What goes wrong


def test_a_full_queue_is_said_and_the_settings_stay(store: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNVIZ_RUNS_EACH", "1")
    visitor = started()
    id = visitor.address["pooled"]
    visitor.click("Other seed")
    assert visitor.session.pool == QUICK
    PAGE.says_that_the_queue_is_full(visitor, id)


def test_a_store_that_cannot_be_used_is_one_sentence(store: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    PAGE.says_that_the_store_is_busy(monkeypatch)


def test_a_run_that_failed_tells_why_and_goes_on(store: Runs) -> None:
    visitor = started()
    id = visitor.address["pooled"]
    failing(visitor, store, id)


def test_projector_mode_leaves_the_side_bar_out_and_changes_sections(store: Runs) -> None:
    visitor = Visitor("attention", present="1", **SMALL)
    assert not [box for box in visitor.app.selectbox if (box.key or "").startswith("p_")]
    visitor.press("attend", "pairs").press("attend", "yours").press("attend", "pooling")
    assert visitor.view.attend == "pooling"

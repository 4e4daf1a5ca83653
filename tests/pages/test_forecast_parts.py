"""Compare networks, Backtest and Leak lab: started from the page, shown as they come, true to what was found."""

import re
from dataclasses import replace
from html import escape, unescape

import numpy as np
import pytest
from forecasters import QUICK, SMALL, compute, started, store
from runs_page import press
from visitor import Visitor

from rnnviz.forecast import backtest, compare, leaks, samples, stored
from rnnviz.forecast.config import LEAKS
from rnnviz.forecast.parts import COMPARED
from rnnviz.runs import Runs
from rnnviz.ui.forecast import parts_leaks, parts_tables, shown

__all__ = ["store"]

START = {"compare": "Compare 6 networks", "backtest": "Backtest over 5 periods", "leaks": "Spring the traps"}
FIELD = {"compare": "compared", "backtest": "backtest", "leaks": "leaks"}
CHART = {"compare": "forecast_compared", "backtest": "forecast_backtest", "leaks": "forecast_leaks"}


def opened(store: Runs, part: str) -> Visitor:
    """The section over a forecast that is through, before anything was asked."""
    visitor = Visitor("forecast", owner="ada", part=part, **SMALL)
    while compute(store):
        pass
    return visitor.run()


def buttons(visitor: Visitor, part: str) -> dict[str, bool]:
    return {b.label: not b.disabled for b in visitor.app.button if (b.key or "").startswith(f"{part}_")}


def found(store: Runs, visitor: Visitor, part: str) -> shown.Part:
    one = shown.found(store, getattr(visitor.view, FIELD[part]), "ada", part)
    assert one is not None
    return one


@pytest.mark.parametrize("part", list(START))
def test_a_part_is_started_runs_and_is_shown_to_everybody(store: Runs, part: str) -> None:
    visitor = opened(store, part)
    assert buttons(visitor, part) == {START[part]: True, "Stop": False}
    assert "What you see" not in visitor.html
    visitor.click(START[part])
    assert buttons(visitor, part) == {START[part]: False, "Stop": True}
    assert visitor.address[FIELD[part]]
    assert "Next in line" in visitor.html
    while compute(store):
        pass
    visitor.run()
    assert "Finished" in visitor.html
    assert buttons(visitor, part) == {START[part]: True, "Stop": False}
    one = found(store, visitor, part)
    table = {
        "compare": parts_tables.compared,
        "backtest": parts_tables.backtest,
        "leaks": parts_tables.leaks,
    }[part]
    assert table(one.found) in visitor.html  # type: ignore[arg-type]
    other = Visitor("forecast", owner="bob", **visitor.address)
    assert table(one.found) in other.html  # type: ignore[arg-type]
    other.go("gates")
    assert FIELD[part] not in other.address


def test_the_comparison_is_what_the_library_finds(store: Runs) -> None:
    visitor = opened(store, "compare").click(START["compare"])
    while compute(store):
        pass
    visitor.run()
    truth = list(compare.compare(samples.sample("aapl").prices, QUICK))
    mine = found(store, visitor, "compare").found
    assert [one.name for one in mine] == [name for name, _ in COMPARED]
    for one, other in zip(mine, truth, strict=True):
        assert replace(one, seconds=0.0) == replace(other, seconds=0.0)
        assert escape(dict(COMPARED)[one.name]) in visitor.html
        assert f"{one.parameters:,}" in visitor.html
    assert all(sentence in unescape(visitor.html) for sentence in compare.words(truth))


def test_the_folds_and_their_words(store: Runs) -> None:
    visitor = opened(store, "backtest").click(START["backtest"])
    while compute(store):
        pass
    visitor.run()
    truth = list(backtest.backtest(samples.sample("aapl").prices, QUICK))
    assert [one.skill for one in found(store, visitor, "backtest").found] == [one.skill for one in truth]
    for one in truth:
        assert f"{one.begins} – {one.ends}" in visitor.html
    assert all(sentence in unescape(visitor.html) for sentence in backtest.words(truth))


def test_results_come_one_by_one(store: Runs) -> None:
    visitor = opened(store, "backtest")
    id = store.submit("forecast", stored.spec("backtest", QUICK, samples.sample("aapl")), "me", step=True)
    visitor.visit(**visitor.address | {"backtest": id})
    counts = []
    for _ in range(5):
        store.step(id, "me")
        compute(store)
        visitor.run()
        counts.append(len(re.findall(r"<th scope='row'>\d{4}-", visitor.html)))
        assert f"{counts[-1]} of 5" in visitor.html
    assert counts == [1, 2, 3, 4, 5]


def test_stop_ends_it_and_continue_goes_on(store: Runs) -> None:
    visitor = opened(store, "backtest").click(START["backtest"])
    press(visitor, "backtest_stop")
    assert "Stopped" in visitor.html
    assert buttons(visitor, "backtest") == {START["backtest"]: True, "Stop": False, "Continue": True}
    press(visitor, "backtest_go")
    while compute(store):
        pass
    visitor.run()
    assert len(found(store, visitor, "backtest").found) == 5


def test_only_its_owner_may_stop_it(store: Runs) -> None:
    visitor = opened(store, "leaks").click(START["leaks"])
    other = Visitor("forecast", owner="bob", **visitor.address)
    assert buttons(other, "leaks") == {START["leaks"]: True, "Stop": False}


def test_one_button_leads(store: Runs) -> None:
    """The part's own where there is one, else Train."""
    for part, leading in (("compare", "compare_start"), ("forecast", "run_train")):
        visitor = opened(store, part)
        found = [one.key for one in visitor.app.button if one.proto.type == "primary"]
        assert found == [leading]


def test_a_new_forecast_clears_the_parts(store: Runs) -> None:
    visitor = opened(store, "compare").click(START["compare"])
    assert visitor.view.compared
    visitor._touch(visitor.app.number_input(key="f_hidden").set_value(5))
    visitor.click("Train")
    assert not visitor.view.compared


def test_a_part_of_another_series_is_not_shown_under_this_one(store: Runs) -> None:
    spec = stored.spec("backtest", QUICK, samples.sample("walk"))
    id = store.submit("forecast", spec, "ada")
    while compute(store):
        pass
    visitor = Visitor("forecast", owner="ada", part="backtest", backtest=id, **SMALL)
    while compute(store):
        pass
    visitor.run()
    assert "rv-table" not in visitor.html.replace(".rv-table", "")


def test_an_id_of_another_kind_or_nobody_s_is_as_none(store: Runs) -> None:
    first = started()
    for id in (first.view.forecast, "A" * 24):
        visitor = Visitor("forecast", owner="ada", part="leaks", leaks=id, **SMALL)
        assert buttons(visitor, "leaks") == {START["leaks"]: True, "Stop": False}


# The leak lab


def test_every_trap_has_a_switch_with_a_sentence(store: Runs) -> None:
    visitor = opened(store, "leaks")
    toggles = {t.key: t.label for t in visitor.app.toggle if (t.key or "").startswith("leak_")}
    assert toggles == {f"leak_{name}": label for name, label in LEAKS}
    assert set(parts_leaks.WORDS) == {name for name, _ in LEAKS}
    assert all(escape(words) in visitor.html for words in parts_leaks.WORDS.values())


def test_what_is_claimed_stands_beside_what_is_real(store: Runs) -> None:
    visitor = opened(store, "leaks").click(START["leaks"])
    while compute(store):
        pass
    visitor.run()
    truth = {one.name: one for one in leaks.leaks(samples.sample("aapl").prices, QUICK)}
    rows = {
        row[0]: row[1:]
        for row in (
            [unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line)]
            for line in re.findall(r"<tr.*?</tr>", visitor.html)
        )
    }
    for name, one in truth.items():
        cells = rows[parts_tables.TRAPS[name]]
        np.testing.assert_allclose(
            [float(cell) for cell in cells[:2]],
            [one.claimed / one.claimed_naive, one.real / one.real_naive],
            atol=6e-4,
        )
        assert one.words in unescape(visitor.html)


def test_a_switch_takes_its_row_away(store: Runs) -> None:
    visitor = opened(store, "leaks").click(START["leaks"])
    while compute(store):
        pass
    visitor.run()
    words = {one.name: one.words for one in found(store, visitor, "leaks").found}
    visitor._touch(visitor.app.toggle(key="leak_shuffle").set_value(False))
    html = unescape(visitor.html)
    assert words["shuffle"] not in html
    assert words["all"] not in html, "not all of them are on"
    assert words["peek"] in html
    for name, _ in LEAKS:
        if name != "shuffle":
            visitor._touch(visitor.app.toggle(key=f"leak_{name}").set_value(False))
    assert words["honest"] in unescape(visitor.html)
    assert words["peek"] not in unescape(visitor.html)


def test_the_tutorial_s_settings_can_be_tried(store: Runs) -> None:
    visitor = opened(store, "leaks")
    (group,) = [row for row in visitor.app.get("button_group") if row.key == "leak_base"]
    visitor._touch(group.set_value("tutorial"))
    visitor.click(START["leaks"])
    run = store.get(visitor.view.leaks)
    assert run is not None
    config = stored.config(run.spec)
    assert (config.mode, config.layers, config.hidden) == ("levels", 2, 64)
    assert (config.horizon, config.level, config.seed) == (QUICK.horizon, QUICK.level, QUICK.seed)
    again = Visitor("forecast", owner="bob", **visitor.address)
    (group,) = [row for row in again.app.get("button_group") if row.key == "leak_base"]
    assert group.value == "tutorial"


def test_levels_have_no_other_base(store: Runs) -> None:
    visitor = started(**{"as": "levels", "part": "leaks"})
    visitor.visit(**visitor.address | {"part": "leaks"})
    assert not [row for row in visitor.app.get("button_group") if row.key == "leak_base"]

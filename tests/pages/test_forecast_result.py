"""The section Forecast: the numbers shown are those of the result, and what a user typed stays text."""

from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from forecasters import QUICK, SMALL, compute, started, store
from visitor import Visitor, strings

from rnnviz.forecast import Result, samples, stored
from rnnviz.runs import Runs
from rnnviz.ui.forecast import numbers, pictures, shown, tables, words

__all__ = ["store"]

EVIL = "<img src=x onerror=alert(1)> & <b>=1+1</b> $x$ `y` [l](javascript:z).csv"


def through(store: Runs, **more: str) -> tuple[Visitor, Result]:
    """A forecast that is through, and what it found."""
    visitor = started(**more)
    while compute(store):
        pass
    visitor.run()
    found = shown.load(store, visitor.view.forecast, "ada")
    assert found is not None
    assert found.result is not None
    return visitor, found.result


def named(chart: dict, name: str) -> dict:  # type: ignore[type-arg]
    return next(trace for trace in chart["data"] if trace.get("name") == name)


def test_the_verdict_stands_first_and_is_the_result_s_own(store: Runs) -> None:
    visitor, result = through(store)
    html = visitor.html
    assert f"<p class='rv-verdict' role='status'>{result.verdict}" in unescape(html)
    assert html.index("rv-verdict' role") < html.index("One step ahead") < html.index("What you see")
    assert (
        html.index("What you see") < html.index("Several steps ahead (recursive)") < html.index("The future")
    )


def test_every_table_and_sentence_is_that_of_the_result(store: Runs) -> None:
    visitor, result = through(store)
    for part in (
        tables.metrics(result),
        tables.interval(result),
        tables.by_step(result),
        tables.future(result),
    ):
        assert part in visitor.html
    for said in (words.test(result), words.recursive(result), words.future(result)):
        assert all(sentence in visitor.html for sentence in said)
    assert numbers.percent(result.interval.coverage) in visitor.html
    assert numbers.percent(result.interval.static_coverage) in visitor.html
    assert numbers.percent(result.up) in visitor.html


def test_the_pictures_are_drawn_from_the_result(store: Runs) -> None:
    visitor, result = through(store)
    charts = {
        name: visitor.chart(f"forecast_{name}")
        for name in ("test", "residuals", "recursive", "future", "course")
    }
    drawn = [
        trace
        for trace in charts["test"]["data"]
        if len(np.atleast_1d(trace.get("y", []))) == len(result.test)
    ]
    values = [np.asarray(trace["y"], "f8") for trace in drawn]
    for name in ("actual", "model", "naive"):
        assert any(np.allclose(result.test[name], one, rtol=1e-4) for one in values), name
    assert result.verdict in charts["test"]["alt"]
    for chart in charts.values():
        assert chart["alt"].strip()


def test_the_zoom_stands_in_the_link_and_changes_the_rows(store: Runs) -> None:
    visitor, _ = through(store)
    whole = visitor.chart("forecast_test")["layout"]["xaxis"]["range"]
    visitor.press("zoom", "last")
    assert visitor.address["zoom"] == "last"
    near = visitor.chart("forecast_test")["layout"]["xaxis"]["range"]
    assert near != whole
    again = Visitor("forecast", owner="bob", **visitor.address)
    assert again.chart("forecast_test")["layout"]["xaxis"]["range"] == near


@pytest.mark.parametrize(
    "settings", [{"as": "levels"}, {"net": "attention"}, {"net": "bilstm", "layers": "2"}]
)
def test_every_network_and_mode_has_its_page(store: Runs, settings: dict[str, str]) -> None:
    visitor, result = through(store, **settings)
    assert result.verdict in unescape(visitor.html)
    latex = " ".join(element.value for element in visitor.app.latex)
    assert (r"\max - \min" in latex) == ("as" in settings)


def test_while_it_trains_the_course_stands_where_the_result_will(store: Runs) -> None:
    visitor = started()
    assert "What the forecast is worth stands here" in visitor.html
    assert visitor.chart("forecast_course")["alt"].endswith("so far")
    assert "Nothing has been measured yet" in visitor.html
    visitor.click("Stop")
    assert "rv-wait" in visitor.html
    assert "Stopped before its end" in visitor.html


def test_the_error_of_no_change_is_that_of_naive(store: Runs) -> None:
    visitor, result = through(store)
    found = shown.load(store, visitor.view.forecast, "ada")
    assert found is not None
    split, prices = result.split, result.prices.to_numpy()
    returns = np.diff(np.log(prices))
    scale = returns[: split.validation - 1].std()
    known = returns[split.validation - 1 : split.test - 1]
    assert pictures.unchanged(found) == pytest.approx(float(np.mean((known / scale) ** 2)), rel=1e-4)


def test_a_hostile_file_is_shown_as_text(store: Runs) -> None:
    table = samples.sample("walk")
    evil = replace(
        table,
        name=EVIL,
        labels={**table.labels, table.target: EVIL},
        report=(EVIL,),
        warnings=(EVIL,),
    )
    spec = stored.spec("forecast", QUICK, evil) | {"sample": "own", "target": EVIL}
    id = store.submit("forecast", spec, "ada", EVIL)
    while compute(store):
        pass
    visitor = Visitor("forecast", owner="ada", forecast=id)
    assert "<img" not in visitor.html
    assert "&lt;img" in visitor.html
    assert not any("javascript:z)" in text and "\\(" not in text for text in visitor.markdown)
    assert not any("<img" in text for chart in visitor.charts() for text in strings(chart["data"]))


def test_a_store_that_has_lost_the_tensors_says_so(store: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = started()
    while compute(store):
        pass
    monkeypatch.setattr(store, "weights", lambda id, name: None)
    visitor.run()
    assert "its numbers cannot be read just now" in visitor.html


def test_somebody_else_s_link_shows_the_same(store: Runs) -> None:
    visitor, result = through(store)
    other = Visitor("forecast", owner="bob", **visitor.address)
    assert result.verdict in unescape(other.html)
    assert SMALL

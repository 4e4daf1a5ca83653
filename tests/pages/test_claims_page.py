"""The page of claims: every card with its numbers, one alone by its link, and the ways to the experiments."""

import html
import re
import time
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
from runs_page import press
from visitor import Visitor

from rnnviz.claims import CLAIMS, GROUPS, VERDICTS, code, fill, measured
from rnnviz.ui import claims as page
from rnnviz.ui.view import View

LINKED = [name for name, claim in CLAIMS.items() if claim.link]


@pytest.fixture(scope="module")
def visitor() -> Visitor:
    return Visitor("claims")


def plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", text))


def links(visitor: Visitor) -> list[Any]:
    return [element.proto for element in visitor.app.get("page_link")]


def drawn_as_measured(chart: dict[str, Any], name: str) -> None:
    """The chart's lines are the measured ones; a 0 on a log axis is a cross of its own."""
    claim = CLAIMS[name]
    assert claim.chart
    expected = claim.chart(measured(claim).values)
    by_name = {trace["name"]: trace for trace in chart["data"]}
    for line in expected.lines:
        y = np.array(line.y)
        zero = (y == 0) & expected.log
        trace = by_name[line.name]
        np.testing.assert_allclose(np.asarray(trace["x"], "f8"), line.x, rtol=1e-5)
        np.testing.assert_allclose(np.asarray(trace["y"], "f8"), np.where(zero, np.nan, y), rtol=1e-5)
        assert (f"{line.name}: exactly 0" in by_name) == bool(zero.any())
        if zero.any():
            np.testing.assert_array_equal(by_name[f"{line.name}: exactly 0"]["x"], np.array(line.x)[zero])
    assert chart["alt"] == expected.alt


def test_every_claim_has_a_row_and_a_card_with_its_numbers(visitor: Visitor) -> None:
    shown = visitor.html
    for name, claim in CLAIMS.items():
        result = measured(claim)
        stated, found = claim.stated, fill(claim.found, result.values)
        row = f"<a href='#claim-{name}'>{claim.said}</a></td><td>{stated}</td><td>{found}</td>"
        assert shown.count(row) == 1
        assert shown.count(f"id='claim-{name}'") == 1
        card = shown[shown.index(f"id='claim-{name}'") :].partition("</section>")[0]
        assert fill(claim.why, result.values, bold=True) in card
        for words in (claim.said, stated, found, VERDICTS[result.verdict]):
            assert plain(words) in plain(card).replace("\N{NO-BREAK SPACE}", " ") or words in card
        assert page.MARKS[result.verdict] in card
    assert all(f">{html.escape(group)}</th>" in shown for group in GROUPS)
    assert "measuring" not in shown


def test_every_chart_is_drawn_from_the_numbers(visitor: Visitor) -> None:
    charts = {chart["key"]: chart for chart in visitor.charts()}
    assert set(charts) == {f"claim_chart_{name}" for name, claim in CLAIMS.items() if claim.chart}
    for key, chart in charts.items():
        drawn_as_measured(chart, key.removeprefix("claim_chart_"))
        for axis in ("xaxis", "yaxis"):
            assert np.isfinite(chart["layout"][axis]["range"]).all()


def test_every_table_is_shown(visitor: Visitor) -> None:
    for claim in CLAIMS.values():
        if claim.table:
            assert page.rows(claim.table(measured(claim).values)) in visitor.html


def test_the_code_that_is_shown_is_the_code_that_ran(visitor: Visitor) -> None:
    blocks = [block.value for block in visitor.app.get("code")]
    assert len(blocks) == 2 * len(CLAIMS)
    for name, printed, text in zip(CLAIMS, blocks[::2], blocks[1::2], strict=True):
        assert text == code(name).strip()
        assert printed == measured(CLAIMS[name]).printed.strip()


def test_the_links_carry_the_experiments(visitor: Visitor) -> None:
    found = links(visitor)
    assert len(found) == len(LINKED)
    for name, proto in zip(LINKED, found, strict=True):
        link = CLAIMS[name].link
        assert link is not None
        assert dict(parse_qsl(proto.query_string)) == link.query
        assert proto.label == link.words


@pytest.mark.parametrize("name", LINKED)
def test_a_link_opens_its_experiment(name: str) -> None:
    link = CLAIMS[name].link
    assert link is not None
    visitor = Visitor(link.page, **link.query)
    assert visitor.experiment == link.experiment
    assert not visitor.app.toast
    assert visitor.address == link.query


def test_what_a_link_opens_shows_the_claim_s_number() -> None:
    link = CLAIMS["weight_norm"].link
    assert link is not None
    chart = Visitor(link.page, **link.query).chart("gradients")
    first = measured(CLAIMS["weight_norm"]).values["first"]
    for label, name in (("RNN (tanh)", "rnn"), ("LSTM", "lstm"), ("GRU", "gru")):
        (trace,) = [trace for trace in chart["data"] if trace.get("name") == label]
        assert float(trace["y"][0]) == pytest.approx(first[name][2], rel=1e-3)


@pytest.mark.parametrize("name", CLAIMS)
def test_one_alone(name: str) -> None:
    visitor = Visitor("claims", claim=name)
    assert visitor.view == View(claim=name)
    assert visitor.address["claim"] == name
    assert visitor.html.count("class='rv-claim'") == 1
    assert f"id='claim-{name}'" in visitor.html
    assert "rv-overview'" not in visitor.html
    assert [block.value for block in visitor.app.get("code")][1] == code(name).strip()
    charts = list(visitor.charts())
    assert len(charts) == (CLAIMS[name].chart is not None)
    for chart in charts:
        drawn_as_measured(chart, name)
    for proto in links(visitor):
        assert dict(parse_qsl(proto.query_string))["claim"] == name


def test_from_claim_to_claim_and_back() -> None:
    names = list(CLAIMS)
    visitor = Visitor("claims")
    assert "claim" not in visitor.address
    press(visitor, f"claim_open_{names[3]}")
    assert (visitor.view.claim, visitor.address["claim"]) == (names[3], names[3])
    assert visitor.click("Next").view.claim == names[4]
    assert visitor.click("Previous").click("Previous").view.claim == names[2]
    for _ in range(3):
        visitor.click("Previous")
    assert visitor.view.claim == names[-1]
    assert visitor.click("Next").address["claim"] == names[0]
    visitor.go("gates").go("claims")
    assert visitor.view.claim == names[0]
    visitor.click("All claims")
    assert "claim" not in visitor.address
    assert visitor.html.count("class='rv-claim'") == len(names)


def test_an_unknown_claim_gives_all_and_says_so() -> None:
    visitor = Visitor("claims", claim="<b>")
    assert visitor.view.claim == "all"
    assert len(visitor.app.toast) == 1
    assert visitor.html.count("class='rv-claim'") == len(CLAIMS)


def test_projector_mode_goes_along() -> None:
    visitor = Visitor("claims", claim="linear")
    height = visitor.chart("claim_chart_alone")["height"]
    visitor.click("Projector mode")
    assert visitor.address["present"] == "1"
    assert "font-size: 21px" in visitor.html
    assert visitor.chart("claim_chart_alone")["height"] == round(1.15 * height)
    assert all(dict(parse_qsl(proto.query_string))["present"] == "1" for proto in links(visitor))
    visitor.click("Next").click("Leave projector mode")
    assert not visitor.view.present


def test_once_measured_the_page_is_quick(visitor: Visitor) -> None:
    began = time.perf_counter()
    visitor.run()
    assert time.perf_counter() - began < 5  # some 0.3 s on a free machine


def test_the_overview_waits_for_what_takes_long() -> None:
    found = {name: measured(claim) for name, claim in CLAIMS.items() if not claim.slow}
    table = page.overview(found)
    assert table.count("measuring …") == len(CLAIMS) - len(found) > 0
    assert table.count("<tr") == 1 + len(GROUPS) + len(CLAIMS)

"""The second section of /attention: every number on it is that of the stored weights."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from trained import HOSTILE
from visitor import Visitor

from rnnviz.attention.config import PairConfig
from rnnviz.attention.epoch import PairEpoch
from rnnviz.attention.seq2seq import build_pair, pair_of
from rnnviz.prose import written
from rnnviz.runs import Runs
from rnnviz.runs.worker import Worker
from rnnviz.tasks import pairs
from rnnviz.ui import engine
from rnnviz.ui.attention import choice, pairs_numbers, pairs_take_away, pairs_words

TINY = PairConfig(contexts=("general", "last"), length=4, hidden=8, updates=10, seed=3)
DATES = PairConfig(task="dates", contexts=("bahdanau",), encoder="positions", hidden=8, updates=10)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """A store with trained runs, for all tests of this file."""
    runs = Runs(tmp_path_factory.mktemp("pairs"))
    yield runs
    runs.store.close()


@pytest.fixture(autouse=True)
def store(kept: Runs, monkeypatch: pytest.MonkeyPatch) -> Runs:
    """That store, and an example that takes a moment."""
    monkeypatch.setattr(engine, "runs", lambda: kept)
    part = choice.PARTS["pairs"]
    monkeypatch.setitem(
        choice.PARTS, "pairs", replace(part, examples=lambda task: replace(TINY, task=task, seed=9))
    )
    return kept


def trained(runs: Runs, config: PairConfig) -> str:
    """The id of a run of that config, trained to its end; one for all tests."""
    known = [run for run in runs.mine("ada") if run.spec["config"] == config.to_spec()]
    if known:
        return known[0].id
    id = waiting(runs, config)
    while Worker(runs).once():
        pass
    found = runs.get(id)
    assert found is not None
    assert found.state == "done", found.message
    return id


def waiting(runs: Runs, config: PairConfig) -> str:
    """The id of a new run of that config, which nobody computes yet."""
    return runs.submit("attention", {"part": "pairs", "config": config.to_spec()}, "ada")


def opened(runs: Runs, config: PairConfig = TINY, **more: str) -> Visitor:
    return Visitor("attention", look="pairs", paired=trained(runs, config), **more)


def ask(visitor: Visitor, text: str) -> Visitor:
    """Type a source of one's own."""
    (field,) = [one for one in visitor.app.text_input if (one.key or "").startswith("w_ask_")]
    return visitor._touch(field.set_value(text))


def arcs(visitor: Visitor) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(visitor.component("pair_arcs").json)
    return found


def rows(runs: Runs, config: PairConfig, context: str) -> list[PairEpoch]:
    return [PairEpoch.from_row(row.data) for row in runs.rows(trained(runs, config)) if row.series == context]


def best(found: list[PairEpoch]) -> PairEpoch:
    return min(found, key=lambda one: one.validation_loss or 0.0)


def said(runs: Runs, config: PairConfig, context: str, source: torch.Tensor, most: int) -> Any:
    """What the stored network does, computed anew."""
    tensors = runs.weights(trained(runs, config), f"after:{context}")
    assert tensors is not None
    return pair_of(config, context, tensors).say(source, most)


def test_the_weights_on_the_page_are_those_of_the_stored_network(kept: Runs) -> None:
    visitor = opened(kept)
    task = pairs.task_of(TINY)
    for number in (0, 7, 31):
        visitor.drag("probe", number)
        source = task.test(4).source[:, number : number + 1]
        picture, steps = visitor.chart("pair_weights"), arcs(visitor)
        shown = np.array(steps["weights"])
        model = said(kept, TINY, "general", source, len(shown))
        np.testing.assert_allclose(shown, model.weights[0], atol=1e-6)
        np.testing.assert_allclose(picture["data"][0]["z"], shown, atol=2e-5)
        assert (picture["data"][0]["zmin"], picture["data"][0]["zmax"]) == (0, 1)
        assert steps["source"] == list(task.source_text(source[:, 0]))
        symbols = [task.alphabet_out[k] for k in model.tokens[:, 0]]
        assert steps["said"] == symbols
        sure = torch.softmax(model.logits[:, 0], -1).amax(-1)
        np.testing.assert_allclose(steps["sure"], sure, atol=1e-6)
        truth = [task.alphabet_out[k] for k in task.test(4).target[:, number]]
        assert steps["truth"][: len(symbols)] == truth[: len(symbols)]
        assert visitor.address.get("probe", "0") == str(number)


def test_without_attention_there_are_states_and_a_sentence(kept: Runs) -> None:
    visitor = opened(kept).press("told", "last")
    assert visitor.address["told"] == "last"
    assert "no attention, and so no weights" in visitor.html
    steps = arcs(visitor)
    assert steps["weights"] is None
    assert steps["made"] == [3]
    source = pairs.task_of(TINY).test(4).source[:, :1]
    model = said(kept, TINY, "last", source, len(steps["said"]))
    drawn = {trace["name"]: trace["z"] for trace in visitor.chart("pair_states")["data"]}
    np.testing.assert_allclose(drawn["encoder"].T, model.encoded[:, 0], atol=1e-4)
    np.testing.assert_allclose(drawn["decoder"].T, model.states[:, 0], atol=1e-4)
    np.testing.assert_allclose(drawn["context"][:, 0], model.encoded[-1, 0], atol=1e-4)  # c = h_N
    visitor.press("told", "general")
    assert "told" not in visitor.address
    assert arcs(visitor)["weights"] is not None


def test_a_source_of_ones_own_is_read_and_answered(kept: Runs) -> None:
    visitor = ask(opened(kept), "H ab")
    assert visitor.address["ask"] == "H ab"
    steps = arcs(visitor)
    assert steps["source"] == ["h", "a", "b"]
    model = said(kept, TINY, "general", pairs.task_of(TINY).read("hab"), len(steps["said"]))
    np.testing.assert_allclose(steps["weights"], model.weights[0], atol=1e-6)
    assert steps["truth"][:4] == ["b", "a", "h", "■"][: len(steps["truth"])]
    assert "Your source" in visitor.html
    assert visitor.slider("probe")["disabled"]
    ask(visitor, "")
    assert "Test source 0" in visitor.html
    assert not visitor.slider("probe")["disabled"]


@pytest.mark.parametrize("text", ["xyz", "abcdefghi", "1", HOSTILE[:24], "é" * 24])
def test_what_cannot_be_read_is_said_in_a_sentence(kept: Runs, text: str) -> None:
    visitor = ask(opened(kept), text)
    (words,) = re.findall(r"rv-refused'[^>]*>([^<]*)<", visitor.html)
    assert words.startswith("Expected ")
    assert words.endswith(".")
    assert "<img" not in visitor.html
    assert arcs(visitor)["source"]  # the test source stays
    link = opened(kept, ask=text)
    assert "rv-refused" in link.html


def test_dates_are_read_as_dates(kept: Runs) -> None:
    id = waiting(kept, DATES)
    visitor = Visitor("attention", look="pairs", paired=id, ask="May 3, 2021")
    steps = arcs(visitor)
    assert "".join(steps["source"]) == "May 3, 2021"
    assert "2021-05-03" in visitor.html
    assert steps["at"][:4] == [7, 8, 9, 10][: len(steps["at"])]
    model = build_pair(DATES, "bahdanau").say(pairs.task_of(DATES).read("May 3, 2021"), len(steps["said"]))
    np.testing.assert_allclose(steps["weights"], model.weights[0], atol=1e-6)
    assert any("a date" in field.placeholder for field in visitor.app.text_input)
    assert "rv-refused" in ask(visitor, "31 Feb 2021").html
    kept.delete(id, "ada")


def test_the_curves_and_the_words_quote_what_was_stored(kept: Runs) -> None:
    visitor = opened(kept)
    course = {trace["name"]: trace for trace in visitor.chart("pair_course")["data"]}
    lengths = {trace["name"]: trace for trace in visitor.chart("pair_lengths")["data"]}
    words = visitor.html
    for context, name in (("general", "attention general"), ("last", "c = h<sub>N</sub>")):
        found = rows(kept, TINY, context)
        assert len(found) == TINY.epochs + 1
        np.testing.assert_allclose(
            course[f"{name}: test loss"]["y"], [one.test_loss for one in found], rtol=1e-5
        )
        np.testing.assert_allclose(course[f"{name}: exact answers"]["y"], [one.exact for one in found])
        one = best(found)
        np.testing.assert_allclose(lengths[name]["y"], [share for _, share in one.by_length])
        assert f"{100 * one.symbols:.0f} % of the symbols; step {one.step:,}" in words
    np.testing.assert_allclose(lengths["guessing"]["y"], [8.0**-k for k in range(2, 7)])
    assert f"Guessing every symbol: {written(100 / 8**2)} % at 2, {written(100 / 8**4)} % at 4." in words
    assert pairs_numbers.guessing(DATES)[0] == (8, 11.0**-10)
    one = best(rows(kept, TINY, "general"))
    assert one.entropy is not None
    assert f"<b>{written(one.entropy)}</b> nats" in words
    assert f"ln 4 = {written(np.log(4))}" in words
    assert one.aligned is not None
    assert "need not show alignment" in words
    assert "Positions alone" in words
    visitor.click("Choose “Positions alone”")
    assert visitor.session.pair.encoder == "positions"
    assert visitor.address["encoder"] == "positions"


def test_a_run_that_waits_shows_the_network_before_training(kept: Runs) -> None:
    config = replace(TINY, seed=5)
    id = waiting(kept, config)
    visitor = Visitor("attention", look="pairs", paired=id)
    assert "before training" in visitor.html
    assert "Nothing has been measured yet." in visitor.html
    steps = arcs(visitor)
    source = pairs.task_of(config).test(4).source[:, :1]
    model = build_pair(config, "general").say(source, len(steps["said"]))
    np.testing.assert_allclose(steps["weights"], model.weights[0], atol=1e-6)
    notes = [note["text"] for note in visitor.chart("pair_course")["layout"]["annotations"]]
    assert "The curves grow here once the training starts." in notes
    kept.delete(id, "ada")


def test_numbers_and_code_can_be_taken_away(kept: Runs) -> None:
    epochs = {context: tuple(rows(kept, TINY, context)) for context in TINY.contexts}
    table = list(csv.DictReader(io.StringIO(pairs_take_away.table(epochs))))
    assert len(table) == 2 * (TINY.epochs + 1)
    first = epochs["general"][0]
    assert float(table[0]["test_loss"]) == first.test_loss
    assert float(table[0]["validation_loss"]) == first.validation_loss
    assert float(table[0]["exact_length_6"]) == dict(first.by_length)[6]
    assert table[-1]["context"] == "last"
    assert table[-1]["entropy"] == ""
    visitor = opened(kept)
    labels = [button.label for button in visitor.app.get("download_button")]
    assert "Numbers as CSV" in labels


def test_a_strange_link_shows_the_nearest_thing(kept: Runs) -> None:
    visitor = opened(kept, told="dot", probe="99")  # a context that the run does not have
    assert len(arcs(visitor)["source"]) == 4
    assert visitor.view.probe == 31
    visitor.forge(f"w_told_{visitor.session.version}", "string_array_value", ["nonsense"])
    assert arcs(visitor)["weights"] is not None


def test_networks_of_another_version_are_no_crash(kept: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    other = {"encoder.embedding.weight": torch.zeros(3, 2)}
    monkeypatch.setattr(type(kept), "weights", lambda self, id, name: other)
    id = waiting(kept, replace(TINY, seed=6))
    assert "saved by another version" in Visitor("attention", look="pairs", paired=id).html
    kept.delete(id, "ada")


def epoch(**more: object) -> PairEpoch:
    parts = {
        "number": 9, "step": 900, "loss": 0.1, "test_loss": 0.1, "symbols": 0.99, "exact": 0.97,
        "by_length": [(2, 1.0), (8, 0.97), (12, 0.3)], "entropy": 0.25, "aligned": 0.03, "shifted": (1, 0.86),
        "norm": 0.1, "diverged": False, "validation_loss": 0.11,
    }  # fmt: skip
    return PairEpoch(**parts | more)


def test_the_page_says_where_attention_stands_and_does_not_promise_alignment() -> None:
    recurrent, positions = PairConfig(), PairConfig(encoder="positions")
    words = pairs_words.weights("general", epoch())
    assert "entropy <b>0.25</b> nats" in words
    assert f"<b>{written(np.exp(0.25))}</b> symbols" in words
    assert "in <b>3 %</b> of the steps, one place after it in <b>86 %</b>" in words
    beside = pairs_words.alignment(recurrent, {"general": epoch()})
    assert "need not show alignment, as here" in beside
    assert "has read its neighbours" in beside
    ahead = pairs_words.alignment(recurrent, {"general": epoch(shifted=(-1, 0.5))})
    assert "as here" in ahead
    assert "has read" not in ahead  # forwards, a state has not read what comes after it
    few = pairs_words.exact({"general": epoch()}, (2, 8), 0.45)
    assert "lowest loss on validation sources, drawn apart. About 45 % of the test sources come up in" in few
    before = pairs_words.exact({"general": epoch(validation_loss=None)}, (2, 8))
    assert "lowest loss on these very sources." in before  # a run of an earlier version
    at_it = pairs_words.alignment(recurrent, {"general": epoch(aligned=0.9, shifted=(-1, 0.1))})
    assert "need not show alignment, though here it mostly does. Train" in at_it
    exact = pairs_words.alignment(positions, {"general": epoch(aligned=1.0, shifted=(-1, 0.0))})
    assert "weights show the alignment" in exact
    assert "one place" not in pairs_words.weights("general", epoch(shifted=(-1, 0.0)))
    assert pairs_words.alignment(positions, {"general": epoch(aligned=0.4)}) == ""
    assert pairs_words.alignment(recurrent, {"general": epoch(number=0)}) == ""


def test_the_bottleneck_is_told_from_the_numbers() -> None:
    config = PairConfig()
    fixed = epoch(
        exact=0.4, by_length=[(2, 1.0), (8, 0.4), (12, 0.0)], entropy=None, aligned=None, shifted=None
    )
    text = pairs_words.bottleneck(config, {"general": epoch(), "last": fixed}, 8).replace("\xa0", " ")
    assert "Widest apart at 8 symbols: Luong general <b>97 %</b>, c = h<sub>N</sub> <b>40 %</b>" in text
    assert f"in {config.hidden} numbers" in text
    odd = PairConfig(both=True, hidden=31)  # the two directions share 32
    assert "in 32 numbers" in pairs_words.bottleneck(odd, {"general": epoch(), "last": fixed}, 8)
    alone = PairConfig(encoder="positions")
    assert "nothing of the others" in pairs_words.bottleneck(alone, {"general": epoch(), "last": fixed}, 8)
    assert pairs_words.bottleneck(config, {"general": epoch()}, 8) == ""
    assert "nowhere 5 percentage points apart" in pairs_words.bottleneck(
        config, {"general": epoch(), "last": epoch()}, 8
    )
    ahead = pairs_words.bottleneck(config, {"general": replace(fixed, entropy=1.0), "last": epoch()}, 8)
    assert ahead.endswith("<b>97 %</b>.")  # no reason is given for what is not so
    (nothing,) = pairs_words.sentences(config, {}, {"general": None, "last": None}, (2, 8), final=False)
    assert nothing == "Nothing has been measured yet."
    diverged = pairs_words.sentences(config, {}, {"general": epoch(diverged=True)}, (2, 8), final=False)
    assert any("diverged" in sentence for sentence in diverged)

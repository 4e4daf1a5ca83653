"""Inside the cell of a trained network: its own numbers, its head, before and after, and what cannot be drawn."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from attenders import QUICK as POOLED
from forecasters import QUICK as FORECAST
from test_cell_page import blocks_of, plain, said, told
from test_opened import EVERY, RACE, after, open_, strip
from through import through
from trained import OWNER, by_hand, trained
from visitor import Visitor

from rnnviz import runs
from rnnviz.forecast import samples, stored
from rnnviz.race import Race
from rnnviz.ui.networks import GONE


@pytest.mark.parametrize(("race", "cell"), EVERY[::2])
def test_what_is_drawn_is_what_the_weights_do(race: Race, cell: str) -> None:
    id = trained(race)
    visitor = open_("cell", race, cell, weights="both", example="4")
    for key, which in (("cell", after(race)), ("cell_before", "before")):
        message, found = told(visitor, key), by_hand(id, cell, which, 4)
        tensors = runs.default().weights(id, f"{which}:{cell}")
        assert tensors is not None
        expected = {**found.gates, "h": found.h, "x": found.x} | (
            {"c": found.c} if found.c is not None else {}
        )
        for name, values in expected.items():
            np.testing.assert_allclose(message["nodes"][name]["array"], values, rtol=1e-4, atol=1e-6)
        back = np.linalg.norm(np.asarray(message["gradients"]["h"]["array"], "f8"), axis=1)
        np.testing.assert_allclose(back, found.h_norm, rtol=2e-4, atol=1e-12)
        for name, sent in message["params"].items():
            assert torch.equal(torch.tensor(sent["array"]), tensors[message["names"][name]])
        for name, sent in message["readout"].items():
            assert torch.equal(torch.tensor(sent["array"]), tensors[f"head.{name}"])
        assert message["scored"] == list(found.scored)
        assert message.get("labels") == (None if found.labels is None else list(found.labels))
    assert "nan" not in plain(said(visitor)).lower().split()

    visitor.press("within", "weights")
    for which in ("after", "before"):
        tensors = runs.default().weights(id, f"{after(race) if which == 'after' else which}:{cell}")
        assert tensors is not None
        chart = visitor.chart(f"cell_weights_{which}")
        for name, value in tensors.items():
            whole = np.concatenate([np.ravel(trace["customdata"]) for trace in blocks_of(chart, name)])
            np.testing.assert_array_equal(whole, value.numpy().ravel())
        assert chart["data"][0]["zmax"] == visitor.chart("cell_weights_before")["data"][0]["zmax"]
    assert "<b>V</b> is the head" in visitor.html
    assert "no V" not in visitor.html


def test_one_network_at_a_time_or_both() -> None:
    visitor = open_("cell", RACE, "lstm")
    first = told(visitor)["nodes"]["h"]["array"]
    assert not [key for key in keys(visitor) if key == "cell_before"]
    visitor.press("weights", "before")
    assert not np.array_equal(told(visitor)["nodes"]["h"]["array"], first)
    visitor.press("weights", "after").drag("example", 9)
    assert not np.array_equal(told(visitor)["nodes"]["h"]["array"], first)
    assert visitor.view.example == 9
    visitor.choose("cell", "gru")
    assert told(visitor)["cell"] == "gru"
    assert "The truth is" in said(visitor)
    for word in ("is kept", "keeps longest", "Backwards"):
        assert word in said(visitor)
    visitor.click("Leave")
    assert not visitor.view.model
    assert told(visitor)["readout"] == {}


def keys(visitor: Visitor) -> list[str]:
    return [element.key for element in visitor.app.get("bidi_component")]


def test_by_hand_is_not_of_a_trained_network() -> None:
    visitor = open_("cell", RACE, "lstm", within="hand")
    assert told(visitor)["cell"] == "lstm"
    (buttons,) = [row for row in visitor.app.get("button_group") if row.key == "w_within"]
    assert [option.content for option in buttons.proto.options] == ["At work", "U, W, V"]


@pytest.mark.parametrize("wrong", ["nothing-there-at-all-00", "", "<b>"])
def test_a_wrong_link_shows_the_experiment_and_says_so(wrong: str) -> None:
    visitor = Visitor("cell", model=wrong, hidden="3", length="9")
    assert told(visitor)["cell"] == "lstm"
    assert (GONE in visitor.html) == (wrong == "nothing-there-at-all-00")


def test_before_anything_is_saved_it_is_the_network_that_training_begins_with() -> None:
    id = runs.default().submit("training", replace(RACE, seed=99).to_spec(), OWNER)
    visitor = Visitor("cell", model=id, cell="gru")
    assert "as training begins" in strip(visitor)
    assert told(visitor)["readout"]["weight"]["array"].shape == (1, 5)
    visitor.press("within", "weights")
    assert "cell_weights_before" in keys(visitor)


def test_the_layer_under_attention_has_a_head_that_reads_the_sum() -> None:
    spec = {"part": "pooling", "config": POOLED.to_spec()}
    id = through(runs.default().submit("attention", spec, OWNER)).id
    visitor = Visitor("cell", model=id)
    assert told(visitor)["cell"] == "gru"
    assert told(visitor)["readout"] == {}, "no step's state is read by itself"
    tensors = runs.default().weights(id, "after")
    assert tensors is not None
    visitor.press("within", "weights")
    (drawn,) = blocks_of(visitor.chart("cell_weights_after"), "head.weight")
    np.testing.assert_array_equal(drawn["customdata"], tensors["head.weight"])
    assert "weighted by attention" in visitor.html


@pytest.mark.parametrize(("network", "layers"), [("gru", 1), ("gru", 2), ("bilstm", 1), ("attention", 1)])
def test_of_a_forecaster_the_first_layer_is_drawn_and_its_head_where_it_reads_that(
    network: str, layers: int
) -> None:
    config = replace(FORECAST, network=network, layers=layers, mode="levels")
    spec = stored.spec("forecast", config, samples.sample("aapl")) | {"sample": "aapl"}
    id = through(runs.default().submit("forecast", spec, OWNER)).id
    tensors = runs.default().weights(id, "model")
    assert tensors is not None
    visitor = Visitor("cell", model=id, example="9")
    message = told(visitor)
    assert torch.equal(torch.tensor(message["params"]["weight_hh"]["array"]), tensors["rnn.weight_hh_l0"])
    assert bool(message["readout"]) == ((network, layers) == ("gru", 1))
    assert ("first of its 2 layers" in strip(visitor)) == (layers == 2)
    visitor.press("within", "weights")
    drawn = blocks_of(visitor.chart("cell_weights_after"), "head.weight")
    if layers == 2:
        assert not drawn
        assert "The head reads the top layer" in visitor.html
        return
    expected = tensors["head.weight"][:, : config.hidden]
    np.testing.assert_array_equal(drawn[0]["customdata"], expected)
    assert ("backward one" in visitor.html) == (network == "bilstm")

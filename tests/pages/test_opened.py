"""A trained network on the pages: its own numbers, before and after, and the experiment untouched behind it."""

import json
import re
from dataclasses import replace
from urllib.parse import parse_qsl

import numpy as np
import pytest
import torch
from test_links import EXPERIMENT, SET
from test_numbers import close, named
from through import through
from trained import HOSTILE, OWNER, by_hand, small, trained
from visitor import Visitor, strings

from rnnviz import build, dynamics, runs, tasks
from rnnviz.experiment import Experiment
from rnnviz.race import Race
from rnnviz.registry import CELLS
from rnnviz.runs.worker import Worker
from rnnviz.training import build_model, export, observe_trained
from rnnviz.ui.findings import number
from rnnviz.ui.networks import GONE

RACE = small(cells=("lstm", "gru", "rnn"))
OWN = HOSTILE * 12

EVERY = [
    (small(task="adding", cells=("lstm", "rnn_linear")), "lstm"),
    (small(task="adding", cells=("lstm", "rnn_linear")), "rnn_linear"),
    (small(task="copy", cells=("gru", "rnn")), "gru"),
    (small(task="parity", cells=("rnn", "mingru")), "mingru"),
    (small(task="flipflop", cells=("lstm_peephole",)), "lstm_peephole"),
    (small(task="sine", cells=("rnn",)), "rnn"),
    (small(task="labels", cells=("rnn_relu",)), "rnn_relu"),
    (small(task="text", cells=("lstm_layernorm",)), "lstm_layernorm"),
    (small(task="text", corpus="own", text=OWN, cells=("gru_reset_before",)), "gru_reset_before"),
    (small(task="flipflop", cells=("lstm", "gru"), layernorm=True), "lstm"),
    (small(task="flipflop", cells=("lstm", "gru"), layernorm=True), "gru"),
    (small(task="parity", cells=("gru", "rnn"), residual=True), "gru"),
    (small(task="parity", cells=("rnn", "lstm"), residual=True, layernorm=True), "rnn"),
]
"""Every task, every cell, and the changes of a race."""


def after(race: Race) -> str:
    """The weights that are shown after training."""
    return "last" if race.task == "labels" else "best"


def said(visitor: Visitor) -> str:
    """The sentences under the picture."""
    return "".join(re.findall(r"<section class='rv-see'>.*?</section>", visitor.html, re.S))


def strip(visitor: Visitor) -> str:
    """The line over the picture."""
    return "".join(re.findall(r"<p class='rv-opened'>.*?</p>", visitor.html, re.S))


def open_(page: str, race: Race, cell: str, **more: str) -> Visitor:
    return Visitor(page, model=trained(race), cell=cell, **more)


@pytest.mark.parametrize(("race", "cell"), EVERY)
@pytest.mark.parametrize("which", ["after", "before"])
def test_what_is_drawn_is_what_the_weights_do(race: Race, cell: str, which: str) -> None:
    example = 4
    visitor = open_("gates", race, cell, weights=which, example=str(example))
    found = by_hand(trained(race), cell, after(race) if which == "after" else "before", example)
    expected = {**found.gates, "h": found.h} | ({"c": found.c} if found.c is not None else {})
    chart = visitor.chart("gates_0")
    assert {trace["name"] for trace in chart["data"]} == set(expected)
    for name, values in expected.items():
        close(named(chart, name)["z"], values.T)
    assert chart["time"]["labels"] == (None if found.labels is None else list(found.labels))

    visitor.go("states")
    lines = visitor.chart("states_lines")["data"]
    every = torch.cat([torch.zeros(1, race.hidden), found.h])
    close(named({"data": lines}, "all units")["y"].reshape(race.hidden, -1)[:, :-1], every.T)
    projection = dynamics.project(every[:, None], 2)
    path = visitor.chart("states_path_2")["data"][0]
    for c, letter in enumerate("xy"):
        close(path[letter], projection.points[:, 0, c])

    visitor.go("gradients")
    last = found.scored[-1] + 1
    curve = named(visitor.chart("gradients"), CELLS[cell].label)["y"]
    norms = found.h_norm[:last].numpy()  # a 0 has no place on a log axis: there may be ReLUs that are all off
    np.testing.assert_allclose(curve, np.where(norms > 0, norms, np.nan), rtol=2e-4)
    visitor.press("quantity", "x")
    curve = named(visitor.chart("gradients"), CELLS[cell].label)["y"]
    drawn = ~np.isnan(np.asarray(curve, "f8"))
    np.testing.assert_allclose(np.asarray(curve)[drawn], found.x_norm[:last].numpy()[drawn], rtol=2e-4)
    assert drawn.any()


def test_the_trained_lstm_is_torch_s_own() -> None:
    id = trained(RACE)
    tensors = runs.default().weights(id, "best:lstm")
    assert tensors is not None
    module = torch.nn.LSTM(2, RACE.hidden)
    module.load_state_dict({name[4:]: value for name, value in tensors.items() if name.startswith("rnn.")})
    with torch.no_grad():
        h = module(tasks.make(RACE).test.x[:, 9:10])[0][:, 0]
    close(named(open_("gates", RACE, "lstm", example="9").chart("gates_0"), "h")["z"], h.T)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_before_training_it_is_the_untrained_experiment_of_the_same_seed(cell: str) -> None:
    module = build.build_module(Experiment(cells=(cell,), hidden=5, seed=3), cell, 2)
    with torch.no_grad():
        h = module(tasks.make(RACE).test.x[:, :1])[0][:, 0]
    close(named(open_("gates", RACE, cell, weights="before").chart("gates_0"), "h")["z"], h.T)


def test_side_by_side_is_after_and_before() -> None:
    visitor = open_("gates", RACE, "lstm", weights="both", example="2")
    id = trained(RACE)
    after, before = by_hand(id, "lstm", "best", 2), by_hand(id, "lstm", "before", 2)
    assert float((after.h - before.h).abs().max()) > 0.01, "training has changed something"
    for key, found in (("gates_0", before), ("gates_1", after)):
        for name, values in found.gates.items():
            close(named(visitor.chart(key), name)["z"], values.T)
        assert "training" in visitor.chart(key)["alt"]
    assert "After training" in visitor.html
    assert "Before training" in visitor.html
    visitor.press("show", "spread")
    assert "Saturation · After training" in visitor.html
    assert "Saturation · Before training" in visitor.html

    visitor.go("states")
    close(named(visitor.chart("states_lines_before"), "unit 0")["y"][1:], before.h[:, 0])
    close(named(visitor.chart("states_lines"), "unit 0")["y"][1:], after.h[:, 0])
    zero = torch.zeros(1, 2, RACE.hidden)
    both = torch.cat([zero, torch.stack([after.h, before.h], 1)])
    projection = dynamics.project(both, 2)
    paths = [trace for trace in visitor.chart("states_path_2")["data"] if "path" in (trace.get("meta") or {})]
    assert [path["name"] for path in paths] == ["After training", "Before training"]
    for k, path in enumerate(paths):
        close(path["x"], projection.points[:, k, 0])
        close(path["y"], projection.points[:, k, 1])
    ranges = {
        tuple(visitor.chart(key)["layout"]["yaxis"]["range"])
        for key in ("states_lines", "states_lines_before")
    }
    assert len(ranges) == 1

    visitor.go("gradients")
    for name, found in (("LSTM", after), ("LSTM, before", before)):
        np.testing.assert_allclose(named(visitor.chart("gradients"), name)["y"], found.h_norm, rtol=2e-4)
    assert "dotted: before training" in strings(visitor.chart("gradients")["layout"])
    visitor.press("quantity", "c").toggle("relative")
    for name, found in (("LSTM", after), ("LSTM, before", before)):
        norms = found.c_norm / found.c_norm[-1]
        np.testing.assert_allclose(named(visitor.chart("gradients"), name)["y"], norms, rtol=2e-4)


def test_several_cells_on_one_chart_are_those_of_the_race() -> None:
    visitor = open_("gradients", RACE, "gru")
    pills = next(row for row in visitor.app.get("button_group") if row.key == "w_cells")
    assert [option.content for option in pills.proto.options] == ["LSTM", "GRU", "RNN (tanh)"]
    visitor.press("cells", "gru", "rnn")
    for cell in ("gru", "rnn"):
        norms = by_hand(trained(RACE), cell).h_norm
        np.testing.assert_allclose(
            named(visitor.chart("gradients"), CELLS[cell].label)["y"], norms, rtol=2e-4
        )
    assert not any(trace.get("name") == "LSTM" for trace in visitor.chart("gradients")["data"])
    assert not [row for row in visitor.app.get("button_group") if row.key == "w_lab"], (
        "no other section is offered"
    )
    assert "laboratory" in visitor.html


def test_the_sentences_quote_what_was_measured() -> None:
    visitor = open_("gates", RACE, "lstm", example="1")
    after, before = (by_hand(trained(RACE), "lstm", which, 1) for which in ("best", "before"))
    words = said(visitor)
    assert f"The truth is <b>{number(float(after.truth))}</b>" in words
    for found in (after, before):
        assert f"<b>{number(float(found.answer))}</b>" in words
        assert f"(loss <b>{number(found.loss)}</b>)" in words
        kept = float(found.gates["f"].double().log().mean().exp())
        assert f"<b>{number(kept)}</b>" in words
    long = int((after.gates["f"].double().log().mean(0) * 10 > np.log(0.5)).sum())
    assert f"over 10 steps: <b>{long}</b> of 5" in words
    assert f"The largest |h| is <b>{number(float(after.h.abs().max()))}</b>" in words

    words = said(visitor.go("gradients"))
    for found in (after, before):
        assert f"<b>{number(float(found.h_norm[0] / found.h_norm[-1]))}</b> of it" in words
    words = said(visitor.go("states"))
    for found in (after, before):
        h = found.h.double()
        spread = float((h - h.mean(0)).square().sum(1).mean().sqrt())
        assert f"<b>{number(spread)}</b>" in words


def test_right_answers_are_counted() -> None:
    race, cell = EVERY[2]
    found = by_hand(trained(race), cell)
    right = int((found.answer.argmax(-1) == found.truth).sum())
    words = said(open_("gates", race, cell))
    assert f"Right answers on this sequence, of {len(found.scored)}: <b>{right}</b> after training" in words


def test_one_answer_is_right_or_wrong() -> None:
    race, cell = EVERY[6]
    words = said(open_("gates", race, cell))
    for which, when in ((after(race), " after training"), ("before", " before")):
        found = by_hand(trained(race), cell, which)
        verdict = "right" if int(found.answer.argmax()) == int(found.truth[0]) else "wrong"
        assert f"<b>{verdict}</b>{when} (loss <b>{number(found.loss)}</b>)" in words


def test_no_share_is_quoted_where_a_residual_connection_keeps_all() -> None:
    assert "(geometric) average" not in said(open_("gates", *EVERY[11]))
    assert "(geometric) average" in said(open_("gates", *EVERY[2]))
    assert "residual connection over time" in open_("gates", *EVERY[11]).html
    assert "layer norm" in open_("gates", *EVERY[9]).html


def test_the_line_over_the_picture_names_the_network() -> None:
    rows = runs.default().rows(trained(RACE))
    mine = [row.data for row in rows if row.series == "gru"]
    best = min(mine, key=lambda row: row["validation_loss"])
    words = strip(open_("gates", RACE, "gru"))
    assert "<b>GRU</b> trained on <b>Adding</b>" in words
    kept = f"at step {best['step']} of 10 (lowest validation loss)"
    assert f"5 units, {kept}, test loss {number(best['test_loss'])}" in words
    words = strip(open_("gates", RACE, "gru", weights="both"))
    assert f"test loss {number(mine[0]['test_loss'])} → {number(best['test_loss'])}" in words


def test_the_menu_keeps_the_network_and_leaving_finds_the_experiment() -> None:
    id = trained(RACE)
    setting = {name: value for name, value in SET.items() if name not in ("model", "weights", "example")}
    visitor = Visitor("gates", **setting)
    view = visitor.view
    visitor.visit(**setting, model=id, weights="both", example="3")
    for page in ("states", "gradients", "home", "gates"):
        visitor.go(page)
        assert visitor.address["model"] == id
        assert (visitor.address["weights"], visitor.address["example"]) == ("both", "3")
    assert visitor.experiment.cells[0] == "gru"
    visitor.choose("cell", "rnn")
    assert "RNN (tanh)" in strip(visitor)
    visitor.click("Leave")
    assert visitor.experiment == EXPERIMENT
    assert visitor.view == view
    assert visitor.address == setting
    assert not strip(visitor)
    assert visitor.slider("length")["value"] == EXPERIMENT.length


def test_a_link_within_the_app_that_names_the_run_alone_loses_nothing() -> None:
    visitor = Visitor("gates", cell="rnn,lstm").drag("length", 21).go("claims")
    visitor.go("states", model=trained(RACE), cell="gru")
    assert "<b>GRU</b>" in strip(visitor)
    assert visitor.address["length"] == "21"
    visitor.click("Leave")
    assert visitor.experiment == Experiment(cells=("rnn", "lstm"), length=21)


def test_the_experiment_under_a_link_that_is_gone_can_be_changed_and_is_kept() -> None:
    visitor = Visitor("gates", cell="rnn", length="33").go("claims").go("gates", model="x" * 24)
    assert visitor.experiment.length == 33, "the link says nothing of an experiment"
    for length in (61, 60, 61, 60):
        visitor.drag("length", length)
        assert visitor.experiment.length == length
    visitor.drag("length", 17).click("Leave")
    assert visitor.experiment.length == 17


def test_leaving_by_the_side_bar_and_in_projector_mode() -> None:
    visitor = open_("gradients", RACE, "lstm").click("Leave the trained network")
    assert not visitor.view.model
    assert [row for row in visitor.app.get("button_group") if row.key == "w_lab"]
    visitor = open_("gates", RACE, "lstm", present="1")
    assert not visitor.app.sidebar
    visitor.click("Leave")
    assert visitor.view.present
    assert not visitor.view.model


def test_what_is_set_elsewhere_meanwhile_is_kept_too() -> None:
    visitor = open_("gates", RACE, "lstm")
    visitor.go("home").drag("length", 33).go("gates")
    assert strip(visitor)
    visitor.click("Leave")
    assert visitor.experiment.length == 33


def test_the_side_tells_what_the_run_is_and_links_back() -> None:
    visitor = open_("gates", small(cells=("lstm",), clip=None, residual=True), "lstm")
    assert "<dt>Clip at norm</dt><dd>off</dd>" in visitor.html
    assert "<dt>Residual over time</dt><dd>on</dd>" in visitor.html
    assert "Finished" in visitor.html
    (link,) = [link for link in visitor.app.get("page_link") if link.proto.page == "training"]
    assert f"run={visitor.view.model}" in link.proto.query_string
    assert not [e for e in visitor.app.get("bidi_component") if e.key == "live_hidden"]


@pytest.mark.parametrize("page", ["gates", "states", "gradients"])
def test_a_run_that_is_not_there_is_said_and_the_experiment_shown(page: str) -> None:
    visitor = Visitor(page, model="x" * 24, cell="rnn", length="9")
    assert GONE in strip(visitor)
    assert visitor.experiment == Experiment(cells=("rnn",), length=9)
    plain = Visitor(page, cell="rnn", length="9")
    assert [chart["data"][0]["name"] for chart in visitor.charts()] == [
        chart["data"][0]["name"] for chart in plain.charts()
    ]
    visitor.click("Leave")
    assert not strip(visitor)
    assert "model" not in visitor.address


@pytest.mark.parametrize(
    "id",
    [
        "",
        "x",
        "../../../etc/passwd",
        "<script>alert(1)</script>",
        "a" * 65,
        "' OR 1=1 --" + "a" * 9,
        "\0" * 20,
        "é" * 20,
    ],
)
def test_an_id_that_is_none_opens_nothing(id: str) -> None:
    visitor = Visitor("gates", model=id)
    assert not visitor.view.model
    assert not strip(visitor)
    assert not any(re.search(r"(?<!\\)<script", words) for words in visitor.markdown)


def test_a_cell_that_took_no_part_gives_way_to_one_that_did() -> None:
    visitor = open_("gates", RACE, "mingru")
    assert "<b>LSTM</b>" in strip(visitor)
    assert any("took no part" in toast.value for toast in visitor.app.toast)
    assert not open_("gates", RACE, "gru").app.toast
    race, _ = EVERY[4]
    assert not Visitor("gates", model=trained(race)).app.toast, "a link that names no cell asks for none"


def test_a_run_that_waits_shows_what_training_begins_with() -> None:
    race = small(cells=("gru",), seed=8)
    id = runs.default().submit("training", race.to_spec(), OWNER)
    visitor = Visitor("gates", model=id, cell="gru", weights="both")
    assert "as training begins" in strip(visitor)
    assert "next in line" in strip(visitor)
    seen = observe_trained(race, "gru", build_model(race, "gru").state_dict())
    close(named(visitor.chart("gates_0"), "h")["z"], seen.trace.layers[0].h[:, 0].T)
    assert "gates_1" not in [e.key for e in visitor.app.get("bidi_component")]
    for page in ("states", "gradients"):
        assert "as training begins" in strip(visitor.go(page))
    runs.default().delete(id, OWNER)
    assert GONE in strip(visitor.run())


def test_a_run_that_goes_on_is_drawn_as_it_is_now() -> None:
    race = small(cells=("lstm",), seed=9, steps=40)
    id = runs.default().submit("training", race.to_spec(), OWNER, step=True)
    assert Worker(runs.default()).once()
    visitor = Visitor("gates", model=id, cell="lstm")
    close(named(visitor.chart("gates_0"), "h")["z"], by_hand(id, "lstm").h.T)
    first = np.asarray(named(visitor.chart("gates_0"), "h")["z"])
    assert "paused" in strip(visitor)
    runs.default().resume(id, OWNER)
    through(id)
    visitor.run()
    drawn = np.asarray(named(visitor.chart("gates_0"), "h")["z"])
    close(drawn, by_hand(id, "lstm").h.T)
    assert np.abs(drawn - first).max() > 1e-3
    assert "paused" not in strip(visitor)


def test_one_run_is_never_shown_for_another() -> None:
    other = small(cells=("lstm", "gru", "rnn"), seed=4)
    for race in (RACE, other, RACE, other):
        for which, name in (("after", "best"), ("before", "before")):
            visitor = open_("gates", race, "lstm", weights=which)
            close(named(visitor.chart("gates_0"), "h")["z"], by_hand(trained(race), "lstm", name).h.T)


def test_letters_are_names_of_steps_and_no_markup() -> None:
    race, cell = EVERY[8]
    visitor = open_("gates", race, cell, show="unit", weights="both")
    for page in ("gates", "states", "gradients"):
        for chart in visitor.go(page).charts():
            for words in strings([chart["data"], chart["layout"]]):
                assert "<" not in re.sub(r"</?(?:b|br|sub|sup|extra)>", "", words), words
        assert "onerror" not in visitor.html
        assert not any("onerror" in words for words in visitor.markdown)
    labels = visitor.chart("gradients")["time"]["labels"]
    assert labels == list(by_hand(trained(race), cell).labels)


def test_a_browser_may_send_anything() -> None:
    visitor = open_("gates", RACE, "lstm")
    for value in (99, -7, 3.6, None, "x", float("nan"), [1], 1e300):
        visitor.send(
            "live_example", json.dumps({"value": {"v": value, "seq": 1, "version": visitor.session.version}})
        )
        assert 0 <= visitor.view.example <= 31
    visitor.forge("w_cell", "string_value", "mingru")
    assert visitor.experiment.cell in RACE.cells
    visitor.go("gradients").forge("w_cells", "string_array_value", ["mingru", "nonesuch"])
    assert set(visitor.experiment.cells) <= set(CELLS)
    assert strip(visitor)


@pytest.mark.parametrize("page", ["gates", "states", "gradients"])
def test_every_control_to_both_ends(page: str) -> None:
    visitor = open_(page, RACE, "lstm")
    for example in (31, 0):
        visitor.drag("example", example)
        for weights in ("after", "before", "both"):
            visitor.press("weights", weights)
            if page != "gradients":
                visitor.drag("unit", 4).drag("unit", 0)
            for name, values in {
                "gates": ("show", ("unit", "spread", "all")),
                "states": ("dims", ("3", "2")),
                "gradients": ("quantity", ("c", "x", "h")),
            }.items():
                for value in values[1] if name == page else ():
                    visitor.press(values[0], value)
    assert strip(visitor)


def test_a_cell_without_memory_has_no_gradient_of_c() -> None:
    visitor = open_("gradients", RACE, "gru", of="c", weights="both")
    visitor.press("cells", "gru")
    assert "GRU has no memory c besides h." in said(visitor)


def test_the_code_and_the_weights_are_those_of_the_network() -> None:
    visitor = open_("gates", RACE, "gru", weights="before", example="6")
    assert not visitor.app.get("code")
    visitor.app.session_state["weights_open"] = True
    visitor.run()
    file = "rnnviz-adding-gru-before-training.safetensors"
    assert visitor.app.get("code")[0].value == export.script(RACE, "gru", True, file).strip()
    (button,) = visitor.app.get("download_button")
    assert button.proto.label == "Weights (.safetensors)"


def test_the_links_of_the_training_page_bring_the_experiment_along() -> None:
    id = trained(small(cells=("gru", "lstm")))
    visitor = Visitor("gates", cell="rnn,mingru", scale="2.25", signal="noise", unit="3")
    before = visitor.experiment
    visitor.go("training")
    visitor.session.view = replace(visitor.view, run=id)
    visitor.run()
    (link,) = [link.proto for link in visitor.app.get("page_link") if link.proto.page == "gates"]
    visitor.go("gates", **dict(parse_qsl(link.query_string)))
    assert visitor.view.model == id
    assert visitor.experiment.cell == "gru"
    visitor.click("Leave")
    assert visitor.experiment == before
    assert (visitor.view.model, visitor.view.unit) == ("", 3)

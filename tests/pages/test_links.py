"""The link: it restores everything, follows what is set, and survives what people do to addresses."""

import random
from dataclasses import replace

import pytest
from visitor import EVERY_PAGE, PAGES, Visitor

from rnnviz.architectures.config import Shape
from rnnviz.attention.config import PairConfig, PoolConfig
from rnnviz.experiment import FIELDS as EXPERIMENT_FIELDS
from rnnviz.experiment import Experiment
from rnnviz.forecast.config import ForecastConfig
from rnnviz.race import Race
from rnnviz.registry import CELLS
from rnnviz.ui import session
from rnnviz.ui.view import FIELDS as VIEW_FIELDS
from rnnviz.ui.view import View

SET = {
    "cell": "gru,rnn_linear",
    "length": "44",
    "hidden": "5",
    "scale": "2.25",
    "forget": "1.5",
    "init": "orthogonal",
    "signal": "text",
    "text": "to be, or not & to = be? é%",
    "loss": "20",
    "seed": "77",
    "show": "unit",
    "unit": "3",
    "beside": "rnn",
    "dims": "3",
    "many": "starts",
    "of": "x",
    "relative": "1",
    "portrait": "flow",
    "held": "0.5",
    "letter": "2",
    "ride": "free",
    "point": "2",
    "bits": "3",
    "cube": "2",
    "lab": "blame",
    "row": "7",
    "per": "1",
    "norm": "spectral",
    "blame": "share",
    "against": "forget",
    "w": "4.5",
    "b": "-2",
    "rate": "0.2",
    "clip": "2.5",
    "units": "100",
    "drive": "1.5",
    "claim": "chain",
    "model": "abcdefghijklmnop_-0123",
    "weights": "both",
    "example": "31",
}
OF_CELL = {"within": "weights"}
"""What stands in the link of the page inside a cell alone, as long as nothing is computed by hand there."""
BY_HAND = {"within": "hand", "hand": "turns"}
"""The same while something is."""
OF_TRAINING = {
    "run": "qrstuvwxyzabcdef_-0123",
    "section": "inside",
    "inside": "weights",
    "epoch": "40",
    "temp": "1.5",
    "task": "text",
    "race": "gru,lstm_peephole",
    "span": "12",
    "width": "9",
    "batch": "5",
    "updates": "120",
    "opt": "rmsprop",
    "lr": "0.02",
    "maxnorm": "none",
    "layernorm": "1",
    "residual": "1",
    "keep": "-1.5",
    "corpus": "own",
    "draw": "8",
}
"""What stands in the link of the training page alone."""
OF_FORECAST = {
    "net": "attention",
    "layers": "3",
    "cells": "48",
    "window": "45",
    "ahead": "12",
    "epochs": "77",
    "as": "levels",
    "speed": "0.02",
    "lot": "100",
    "patience": "9",
    "most": "none",
    "level": "0.75",
    "dice": "6",
    "forecast": "bcdefghijklmnopq_-0123",
    "part": "leaks",
    "compared": "cdefghijklmnopqr_-0123",
    "backtest": "defghijklmnopqrs_-0123",
    "leaks": "efghijklmnopqrst_-0123",
    "zoom": "last",
    "sample": "own",
}
"""What stands in the link of the forecast page alone."""
OF_ATTENTION = {
    "find": "largest",
    "reader": "gru",
    "steps": "17",
    "state": "24",
    "rounds": "150",
    "pace": "0.02",
    "try": "9",
    "pair": "dates",
    "contexts": "dot,all,last",
    "encoder": "lstm",
    "both": "1",
    "longest": "11",
    "wide": "48",
    "turns": "350",
    "gait": "0.002",
    "throw": "12",
    "look": "yours",
    "pooled": "fghijklmnopqrstu_-0123",
    "paired": "ghijklmnopqrstuv_-0123",
    "probe": "7",
    "told": "all",
    "ask": "3 May 2021",
}
"""What stands in the link of the page of attention alone."""
OF_ARCHITECTURES = {
    "arch": "residual",
    "block": "rnn",
    "reach": "15",
    "size": "10",
    "many_b": "3",
    "depth": "3",
    "start": "13",
    "learned": "hijklmnopqrstuvw_-0123",
    "stage": "fresh",
}
"""What stands in the link of the gallery of architectures alone."""
EXPERIMENT = Experiment(
    cells=("gru", "rnn_linear"),
    length=44,
    hidden=5,
    scale=2.25,
    forget=1.5,
    init="orthogonal",
    signal="text",
    text="to be, or not & to = be? é%",
    loss=20,
    seed=77,
)
VIEW = View(
    show="unit",
    unit=3,
    beside="rnn",
    dims="3",
    many="starts",
    quantity="x",
    relative=True,
    portrait="flow",
    held=0.5,
    letter=2,
    ride="free",
    point=2,
    bits=3,
    cube="2",
    lab="blame",
    row=7,
    per_step=True,
    norm="spectral",
    blame="share",
    against="forget",
    start_w=4.5,
    start_b=-2,
    rate=0.2,
    threshold=2.5,
    units="100",
    drive=1.5,
    claim="chain",
    model="abcdefghijklmnop_-0123",
    weights="both",
    example=31,
)
RACE = Race(
    task="text",
    cells=("gru", "lstm_peephole"),
    length=12,
    hidden=9,
    batch=5,
    steps=120,
    optimiser="rmsprop",
    rate=0.02,
    clip=None,
    layernorm=True,
    residual=True,
    forget=-1.5,
    corpus="own",
    seed=8,
)
FORECAST = ForecastConfig(
    network="attention",
    layers=3,
    hidden=48,
    window=45,
    horizon=12,
    epochs=77,
    mode="levels",
    rate=0.02,
    batch=100,
    patience=9,
    clip=None,
    level=0.75,
    seed=6,
)
FORESEEN = replace(
    VIEW,
    forecast="bcdefghijklmnopq_-0123",
    part="leaks",
    compared="cdefghijklmnopqr_-0123",
    backtest="defghijklmnopqrs_-0123",
    leaks="efghijklmnopqrst_-0123",
    zoom="last",
    sample="own",
)
POOL = PoolConfig(task="largest", cell="gru", length=17, hidden=24, updates=150, rate=0.02, seed=9)
PAIR = PairConfig(
    task="dates",
    contexts=("dot", "all", "last"),
    encoder="lstm",
    both=True,
    length=11,
    hidden=48,
    updates=350,
    rate=0.002,
    seed=12,
)
LOOKED = replace(
    VIEW,
    attend="yours",
    pooled="fghijklmnopqrstu_-0123",
    paired="ghijklmnopqrstuv_-0123",
    probe=7,
    told="all",
    ask="3 May 2021",
)
SHAPE = Shape(kind="residual", cell="rnn", length=15, hidden=10, batch=3, layers=3, seed=13)
UNROLLED = replace(VIEW, learned="hijklmnopqrstuvw_-0123", stage="fresh")
WATCHED = replace(
    VIEW, run="qrstuvwxyzabcdef_-0123", train="inside", inside="weights", epoch=40, temperature=1.5
)


def test_the_example_sets_every_parameter() -> None:
    every = (
        *EXPERIMENT_FIELDS,
        *VIEW_FIELDS,
        *(field for _, kind in session.CHOSEN.values() for field in kind.fields),
    )
    of_pages = (*BY_HAND, *OF_TRAINING, *OF_FORECAST, *OF_ATTENTION, *OF_ARCHITECTURES)
    given = (*SET, *of_pages, "numbers", "present")
    assert sorted(given) == sorted(field.query for field in every)  # no two settings share a parameter


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_a_link_restores_everything_and_is_written_back(page: str) -> None:
    visitor = Visitor(page, **SET)
    for _ in range(3):
        assert (visitor.experiment, visitor.view) == (EXPERIMENT, VIEW)
        assert visitor.address == SET
        assert not visitor.app.toast
        visitor.run()


def test_the_link_of_the_page_inside_a_cell_holds_its_section() -> None:
    for more in (OF_CELL, BY_HAND):
        visitor = Visitor("cell", **SET, **more)
        for _ in range(2):
            assert (visitor.experiment, visitor.view) == (EXPERIMENT, replace(VIEW, **more))
            assert visitor.address == SET | more
            assert not visitor.app.toast
            visitor.run()
        assert visitor.go("gates").address == SET
        assert visitor.go("cell").address == SET | more


def test_the_link_of_the_training_page_holds_the_race_and_the_run() -> None:
    visitor = Visitor("training", **SET, **OF_TRAINING)
    for _ in range(3):
        assert (visitor.experiment, visitor.view, visitor.session.race) == (EXPERIMENT, WATCHED, RACE)
        assert visitor.address == SET | OF_TRAINING
        assert not visitor.app.toast
        visitor.run()
    for page in ("gates", "home", "claims"):
        assert visitor.go(page).address == SET
    assert visitor.go("training").address == SET | OF_TRAINING


def test_the_link_of_the_forecast_page_holds_the_settings_and_the_runs() -> None:
    visitor = Visitor("forecast", **SET, **OF_FORECAST)
    for _ in range(3):
        assert (visitor.experiment, visitor.view, visitor.session.forecast) == (
            EXPERIMENT,
            FORESEEN,
            FORECAST,
        )
        assert visitor.address == SET | OF_FORECAST
        assert not visitor.app.toast
        visitor.run()
    for page in ("gates", "training", "claims"):
        assert visitor.go(page).address == SET
    assert visitor.go("forecast").address == SET | OF_FORECAST


def test_the_link_of_the_page_of_attention_holds_the_settings_and_the_runs() -> None:
    visitor = Visitor("attention", **SET, **OF_ATTENTION)
    for _ in range(3):
        assert (visitor.experiment, visitor.view) == (EXPERIMENT, LOOKED)
        assert (visitor.session.pool, visitor.session.pair) == (POOL, PAIR)
        assert visitor.address == SET | OF_ATTENTION
        assert not visitor.app.toast
        visitor.run()
    for page in ("gates", "training", "claims"):
        assert visitor.go(page).address == SET
    assert visitor.go("attention").address == SET | OF_ATTENTION


def test_the_link_of_the_gallery_holds_what_was_chosen_and_the_run() -> None:
    visitor = Visitor("architectures", **SET, **OF_ARCHITECTURES)
    for _ in range(2):
        assert (visitor.experiment, visitor.view, visitor.session.shape) == (EXPERIMENT, UNROLLED, SHAPE)
        assert visitor.address == SET | OF_ARCHITECTURES
        assert not visitor.app.toast
        visitor.run()
    assert visitor.go("gates").address == SET
    assert visitor.go("architectures").address == SET | OF_ARCHITECTURES


def test_what_is_set_goes_along_through_the_menu() -> None:
    visitor = Visitor("gates", **SET)
    for page in ("states", "cell", "gradients", "claims", "home", "gates", "claims", "cell", "states"):
        visitor.go(page)
        assert (visitor.experiment, visitor.view) == (EXPERIMENT, VIEW)
        assert visitor.address == SET


def test_what_each_page_sets_is_found_on_the_next() -> None:
    visitor = Visitor().drag("scale", 1.5).drag("length", 20).choose("cell", "mingru").click("New seed")
    seed = visitor.experiment.seed
    visitor.go("gates").drag("hidden", 7).choose("signal", "walk").choose("beside", "lstm")
    visitor.press("show", "spread").drag("forget", 2.0).drag("unit", 6)
    visitor.go("states").choose("many", "strengths").press("dims", "3").choose("init", "identity")
    assert visitor.slider("unit")["value"] == 6
    visitor.go("gradients").press("quantity", "x").toggle("relative").drag("loss", 11)
    assert visitor.experiment == Experiment(
        cells=("mingru", "lstm", "gru", "rnn"),
        length=20,
        hidden=7,
        scale=1.5,
        forget=2.0,
        init="identity",
        signal="walk",
        loss=11,
        seed=seed,
    )
    assert visitor.view == View(
        show="spread", unit=6, beside="lstm", dims="3", many="strengths", quantity="x", relative=True
    )
    other = Visitor("gradients", **visitor.address)
    assert (other.experiment, other.view) == (visitor.experiment, visitor.view)


def test_the_first_page_s_address_is_clean_until_something_is_set() -> None:
    visitor = Visitor()
    assert visitor.address == {}
    assert visitor.run().address == {}
    visitor.drag("scale", 2.0)
    assert visitor.address["scale"] == "2"
    visitor.drag("scale", 1.0)
    assert visitor.address == {}
    assert Visitor("gates").address["cell"] == "lstm,gru,rnn"


def test_back_and_links_on_the_same_page_are_adopted_and_the_widgets_follow() -> None:
    visitor = Visitor("gates", cell="gru", scale="2", length="30")
    link = dict(visitor.address)
    visitor.drag("scale", 3.0).choose("signal", "noise").press("show", "unit")
    visitor.visit(**(link | {"scale": "0.5", "signal": "step", "cell": "rnn"}))
    assert (visitor.experiment.scale, visitor.experiment.signal, visitor.experiment.cell) == (
        0.5,
        "step",
        "rnn",
    )
    assert visitor.slider("scale")["value"] == 0.5
    assert visitor.app.selectbox(key="w_signal").value == "step"
    assert visitor.app.selectbox(key="w_cell").value == "rnn"
    assert visitor.view.show == "all"


def test_an_address_that_lags_behind_a_drag_is_not_adopted() -> None:
    visitor = Visitor("gates", cell="gru", length="30")
    seen = []
    for scale in (1.2, 1.4, 1.6, 1.8):
        seen.append(dict(visitor.address))
        visitor.drag("scale", scale)
    for late in seen:
        version = visitor.session.version
        visitor.visit(**late)
        assert visitor.experiment.scale == 1.8
        assert visitor.session.version == version
        assert visitor.address["scale"] == "1.8"


def test_the_way_back_to_another_page_brings_its_own_values() -> None:
    visitor = Visitor("gates", cell="gru", scale="2")
    old = dict(visitor.address)
    visitor.go("states").drag("scale", 3.0)
    visitor.go("gates", **old)
    assert visitor.experiment.scale == 2.0
    assert visitor.slider("scale")["value"] == 2.0


@pytest.mark.parametrize(
    ("bad", "name", "value", "words"),
    [
        ({"length": "9999"}, "length", 500, "length must be a whole number from 2 to 500"),
        ({"length": "x"}, "length", 60, "length must be a whole number from 2 to 500"),
        ({"hidden": "-5"}, "hidden", 1, "hidden must be a whole number from 1 to 128"),
        ({"scale": "nan"}, "scale", 1.0, "scale must be from 0 to 4"),
        ({"forget": "1e9"}, "forget", 6.0, "forget must be from -3 to 6"),
        ({"cell": "lstn,gru"}, "cells", ("gru",), "cell must be"),
        ({"cell": ""}, "cells", ("lstm", "gru", "rnn"), "cell must be"),
        ({"seed": "1.5"}, "seed", 2, "seed must be a whole number from 0 to 9999"),
        ({"init": "he"}, "init", "pytorch", "init must be one of"),
        ({"signal": "<b>"}, "signal", "sine", "signal must be one of"),
        ({"unit": "400"}, "unit", 127, "unit must be a whole number from 0 to 127"),
        ({"many": "all"}, "many", "one", "many must be one of"),
        ({"present": "maybe"}, "present", False, "present must be 1 or 0"),
    ],
)
def test_a_bad_value_becomes_the_nearest_legal_one_with_one_line(
    bad: dict[str, str], name: str, value: object, words: str
) -> None:
    visitor = Visitor("gradients", **bad)
    where = visitor.experiment if hasattr(visitor.experiment, name) else visitor.view
    assert getattr(where, name) == value
    (toast,) = visitor.app.toast
    assert words in toast.value.replace("\\", "")
    assert not visitor.run().app.toast
    assert Visitor("gradients", **visitor.address).app.toast.len == 0


def test_parameters_of_others_are_left_alone() -> None:
    visitor = Visitor("gates", embed="true", utm_source="mail", scale="2")
    assert visitor.experiment.scale == 2
    assert not visitor.app.toast
    visitor.drag("scale", 3.0)
    visitor.visit(**visitor.address, embed="true")
    assert visitor.experiment.scale == 3.0


def test_two_visitors_do_not_meet() -> None:
    one, two = Visitor("gates"), Visitor("gates")
    one.drag("scale", 3.0).choose("signal", "text").type("text", "only mine")
    two.run()
    assert two.experiment == Experiment()
    assert two.session.typed == {}
    two.choose("signal", "text")
    assert two.experiment.text == "hello world"
    assert one.run().experiment.text == "only mine"


def test_back_to_the_start() -> None:
    visitor = Visitor("gates", **SET).click("Back to the start")
    assert (visitor.experiment, visitor.view) == (Experiment(), View())
    assert visitor.slider("scale")["value"] == 1.0
    assert visitor.app.selectbox(key="w_signal").value == "sine"
    assert visitor.go("states").experiment == Experiment()


def test_new_seed_changes_seed_weights_and_link() -> None:
    visitor = Visitor("gates", cell="rnn", length="10")
    weights = {visitor.chart("gates_0")["data"][0]["z"].tobytes()}
    seeds = {visitor.experiment.seed}
    for _ in range(4):
        visitor.click("New seed")
        seeds.add(visitor.experiment.seed)
        weights.add(visitor.chart("gates_0")["data"][0]["z"].tobytes())
        assert visitor.address["seed"] == str(visitor.experiment.seed)
        assert visitor.app.number_input(key="w_seed").value == visitor.experiment.seed
    assert len(seeds) >= 4
    assert len(weights) == len(seeds)


def test_the_seed_can_be_typed() -> None:
    visitor = Visitor("states")
    visitor.app.number_input(key="w_seed").set_value(42)
    assert visitor.run().experiment.seed == 42
    assert visitor.go("gates").app.number_input(key="w_seed").value == 42


def test_the_last_cell_cannot_be_taken_away_and_the_order_stays() -> None:
    visitor = Visitor("gradients", cell="gru,lstm")
    visitor.press("cells", "gru", "lstm", "rnn", "mingru")
    assert visitor.experiment.cells == ("gru", "lstm", "rnn", "mingru")
    visitor.press("cells", "rnn", "lstm")
    assert visitor.experiment.cells == ("lstm", "rnn")
    visitor.press("cells")
    assert visitor.experiment.cells == ("lstm", "rnn")
    visitor.press("cells", *CELLS)
    assert len(visitor.experiment.cells) == 6
    assert any("At most 6 cells" in caption.value for caption in visitor.app.caption)


def test_a_random_walk_through_the_app_never_loses_a_value() -> None:
    """Whatever is set is on the widget, in the experiment and in the link, on every page."""
    pick = random.Random(3)
    visitor, expected = Visitor("gates", length="12", hidden="3"), {"length": 12, "hidden": 3}
    for _ in range(40):
        match pick.randrange(6):
            case 0:
                visitor.go(pick.choice(PAGES[1:]))
            case 1:
                expected["scale"] = pick.choice([0.0, 0.5, 1.0, 2.5])
                visitor.drag("scale", expected["scale"])
            case 2:
                expected["signal"] = pick.choice(["sine", "text", "noise", "numbers"])
                visitor.choose("signal", expected["signal"])
            case 3:
                expected["init"] = pick.choice(["pytorch", "identity"])
                visitor.choose("init", expected["init"])
            case 4:
                visitor.run()
            case 5:
                visitor.click("New seed")
                expected["seed"] = visitor.experiment.seed
        for name, value in expected.items():
            assert getattr(visitor.experiment, name) == value
        assert visitor.slider("scale")["value"] == visitor.experiment.scale
        assert Experiment.from_query(visitor.address) == (visitor.experiment, [])


def test_what_is_dragged_runs_the_body_alone_and_the_side_bar_all(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []
    begin = session.begin
    monkeypatch.setattr(session, "begin", lambda page: runs.append(page) or begin(page))
    visitor = Visitor("gates", length="10", hidden="3", seed="4")
    visitor.drag("scale", 2.0).drag("forget", 1.0).choose("cell", "gru").press("show", "unit")
    assert runs == ["gates"]
    assert visitor.app.selectbox(key="w_signal").value == "sine"
    visitor.drag("hidden", 2)
    assert runs == ["gates"] * 2
    assert visitor.slider("unit")["max"] == 1
    visitor.choose("signal", "noise").click("New seed").drag("scale", 3.0)
    assert runs == ["gates"] * 4
    assert (visitor.experiment.scale, visitor.experiment.hidden) == (3.0, 2)
    # Each run counts, so that the browser hears of each.
    assert visitor.tail["run"] == visitor.session.run == 9

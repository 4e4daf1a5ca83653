"""The settings of a forecast: every widget at both ends, the tutorials' model, and what a manipulated browser sends."""

from dataclasses import replace

import pytest
from forecasters import SMALL, buttons, compute, started, store
from visitor import Visitor

from rnnviz.forecast import ForecastConfig
from rnnviz.forecast.config import FIELD, FIELDS, TUTORIAL
from rnnviz.forecast.samples import SAMPLES
from rnnviz.runs import Runs
from rnnviz.ui.forecast.settings import LADDERS

__all__ = ["store"]

NUMBERS = [known.name for known in FIELDS if known.kind == "int"]


def captions(visitor: Visitor) -> str:
    return " ".join(caption.value.replace("\\", "") for caption in visitor.app.caption)


def test_every_setting_has_a_widget() -> None:
    visitor = Visitor("forecast")
    drawn = {box.key for box in (*visitor.app.selectbox, *visitor.app.number_input)}
    assert {f"f_{known.name}" for known in FIELDS} <= drawn


@pytest.mark.parametrize("name", NUMBERS)
def test_whole_numbers_at_both_ends(name: str) -> None:
    visitor, known = Visitor("forecast", **SMALL), FIELD[name]
    for value in (known.minimum, known.maximum):
        visitor.app.number_input(key=f"f_{name}").set_value(value)
        assert getattr(visitor.run().session.forecast, name) == value
        assert Visitor("forecast", **visitor.address).session.forecast == visitor.session.forecast


@pytest.mark.parametrize(
    ("name", "typed", "value", "said"),
    [
        ("rate", "1e-5", 1e-5, ""),
        ("rate", "0.1", 0.1, ""),
        ("rate", "0.0034", 0.0034, ""),
        ("rate", "5", 0.1, "Learning rate must be from 1e-05 to 0.1"),
        ("rate", "fast", FIELD["rate"].default, "Learning rate must be"),
        ("clip", "off", None, ""),
        ("clip", "0.01", 0.01, ""),
        ("clip", "100", 100.0, ""),
        ("clip", "<b>", FIELD["clip"].default, "Clip at norm must be"),
        ("level", "0.5", 0.5, ""),
        ("level", "0.99", 0.99, ""),
        ("level", "1", 0.99, "Interval must be from 0.5 to 0.99"),
    ],
)
def test_numbers_on_a_ladder_are_chosen_or_typed(
    name: str, typed: str, value: float | None, said: str
) -> None:
    visitor = Visitor("forecast", **SMALL)
    visitor.forge(f"f_{name}", "string_value", typed)
    assert getattr(visitor.session.forecast, name) == value
    assert said in captions(visitor)
    again = Visitor("forecast", **visitor.address)
    assert again.session.forecast == visitor.session.forecast
    assert not again.app.toast


@pytest.mark.parametrize("name", ["network", "mode"])
def test_choices(name: str) -> None:
    visitor = Visitor("forecast", **SMALL)
    for value in FIELD[name].values:
        visitor.app.selectbox(key=f"f_{name}").set_value(value)
        assert getattr(visitor.run().session.forecast, name) == value
        assert Visitor("forecast", **visitor.address).session.forecast == visitor.session.forecast
    for wrong in ("nothing", "", "<b>"):
        visitor.forge(f"f_{name}", "string_value", wrong)
        assert getattr(visitor.session.forecast, name) == FIELD[name].values[-1]


def test_what_is_offered_is_legal() -> None:
    for name, rungs in LADDERS.items():
        for value in rungs:
            assert getattr(replace(ForecastConfig(), **{name: value}), name) == value


@pytest.mark.parametrize("network", [*FIELD["network"].values])
def test_every_network_is_trained_to_its_end(store: Runs, network: str) -> None:
    visitor = started(net=network, layers="2", sample="walk", section="data")
    while compute(store):
        pass
    assert "Finished" in visitor.run().html
    assert store.get(visitor.address["forecast"]).spec["config"]["network"] == network


def test_as_the_tutorials_do_it_in_one_press_and_back(store: Runs) -> None:
    visitor = Visitor("forecast", dice="5", ahead="3")
    visitor.click("As the tutorials do it")
    assert visitor.session.forecast == replace(TUTORIAL, seed=5, horizon=3)
    assert "the tutorials&#x27; model, two LSTM layers of 64 on price levels" in visitor.html
    assert visitor.app.number_input(key="f_hidden").value == 64
    (button,) = [one for one in visitor.app.button if one.key == "forecast_tutorial"]
    assert (button.label, button.disabled) == ("Set as the tutorials do it", True)
    visitor.click("Train")
    assert ForecastConfig.from_spec(store.get(visitor.address["forecast"]).spec["config"]) == replace(
        TUTORIAL, seed=5, horizon=3
    )
    visitor.click("Reset settings")
    assert visitor.session.forecast == ForecastConfig()
    assert buttons(visitor)["Train"]
    (button,) = [one for one in visitor.app.button if one.key == "forecast_reset"]
    assert button.disabled


def test_new_seed() -> None:
    visitor = Visitor("forecast", **SMALL)
    seeds = {visitor.click("New seed").session.forecast.seed for _ in range(4)}
    assert len(seeds) > 1
    assert visitor.app.number_input(key="f_seed").value == visitor.session.forecast.seed


def test_back_to_the_start() -> None:
    visitor = Visitor("forecast", sample="ibm", part="data", **SMALL).click("Back to the start")
    assert visitor.session.forecast == ForecastConfig()
    assert visitor.address == {}


def test_the_series_takes_only_what_is_offered() -> None:
    visitor = Visitor("forecast", **SMALL)
    for name, _ in SAMPLES:
        visitor.forge("f_sample", "string_value", dict(SAMPLES)[name])
        assert visitor.session.view.sample == name
    for wrong in ("nothing", "", "<b>"):
        visitor.forge("f_sample", "string_value", wrong)
        assert visitor.session.view.sample in dict(SAMPLES)


def test_the_settings_stand_in_no_other_page_s_link_and_come_back() -> None:
    visitor = Visitor("forecast", **SMALL)
    config = visitor.session.forecast
    assert not set(visitor.go("gates").address) & set(SMALL)
    assert visitor.go("forecast").session.forecast == config

"""The widgets beside their pages: values beyond a slider's end, options that are gone, text half typed."""

import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.experiment import Experiment
from rnnviz.ui import controls
from rnnviz.ui.session import Session
from rnnviz.ui.view import View


def script() -> None:
    """Draw what the test asks for; AppTest runs this source."""
    import streamlit as st

    from rnnviz.ui.controls import Controls

    drawn = Controls(st.session_state["session"])
    for name, args, more in st.session_state["calls"]:
        getattr(drawn, name)(*args, **more)
    drawn.keep()


class Panel:
    """A few controls over a session, and nothing else."""

    def __init__(self, *calls: tuple[Any, ...], **settings: Any) -> None:
        view = {name: settings.pop(name) for name in list(settings) if name in View.__dataclass_fields__}
        self.session = Session(Experiment(**settings), View(**view))
        self.app = AppTest.from_function(script, default_timeout=20)
        self.app.session_state["session"] = self.session
        self.app.session_state["calls"] = [
            (call[0], [part for part in call[1:] if not isinstance(part, dict)], more_of(call))
            for call in calls
        ]
        self.run()

    def run(self) -> "Panel":
        self.app.run()
        assert not self.app.exception, [box.message for box in self.app.exception]
        return self

    def send(self, key: str, value: Any, version: int | None = None) -> "Panel":
        version = self.session.version if version is None else version
        self.app.session_state[key] = {"value": {"v": value, "seq": 1, "version": version}}
        return self.run()

    def sent(self, key: str) -> dict[str, Any]:
        import json

        (found,) = [one.proto.json for one in self.app.get("bidi_component") if one.key == key]
        data: dict[str, Any] = json.loads(found)
        return data


def more_of(call: tuple[Any, ...]) -> dict[str, Any]:
    return call[-1] if isinstance(call[-1], dict) else {}


def test_a_slider_shows_the_last_stop_for_a_value_beyond_it_and_leaves_it_alone() -> None:
    panel = Panel(("slider", "unit", {"maximum": 3}), unit=100)
    assert panel.sent("live_unit")["value"] == 3
    assert panel.session.view.unit == 100
    assert panel.send("live_unit", 2).session.view.unit == 2


def test_the_end_of_a_slider_may_be_its_start() -> None:
    panel = Panel(("slider", "unit", {"maximum": 0}), unit=5)
    assert panel.sent("live_unit")["value"] == 0
    assert panel.send("live_unit", 3).session.view.unit == 5


@pytest.mark.parametrize(("loss", "shown"), [(None, None), (1, 1), (9, 9), (10, 10), (11, None), (500, None)])
def test_a_loss_beyond_the_end_is_the_last_step(loss: int | None, shown: int | None) -> None:
    panel = Panel(("slider", "loss", {"maximum": 10}), length=10, loss=loss)
    assert panel.sent("live_loss")["value"] == shown
    assert panel.session.experiment.loss == loss
    for value in (4, 10, None):
        assert panel.send("live_loss", value).session.experiment.loss == value


def test_a_disabled_slider_changes_nothing_and_says_why() -> None:
    panel = Panel(("slider", "scale", {"disabled": "no W_hh"}), scale=2.0)
    assert panel.sent("live_scale")["disabled"] is True
    assert panel.sent("live_scale")["note"] == "no W_hh"
    assert panel.send("live_scale", 3.5).session.experiment.scale == 2.0


def test_the_forget_bias_can_be_set_and_unset() -> None:
    panel = Panel(("slider", "forget"))
    assert panel.sent("live_forget")["value"] is None
    assert panel.send("live_forget", -3).session.experiment.forget == -3.0
    assert panel.send("live_forget", 0).session.experiment.forget == 0.0
    assert panel.send("live_forget", None).session.experiment.forget is None


def test_what_was_dragged_before_a_link_does_not_pull_back() -> None:
    panel = Panel(("slider", "scale"))
    panel.send("live_scale", 3.0)
    panel.session.assign(scale=0.5)
    assert panel.run().session.experiment.scale == 0.5
    assert panel.send("live_scale", 3.1, version=panel.session.version - 1).session.experiment.scale == 0.5
    assert panel.send("live_scale", 3.1).session.experiment.scale == 3.1


def test_the_main_cell_goes_first_and_at_most_six_stay() -> None:
    panel = Panel(("cell",), cells=("rnn", "lstm", "gru", "rnn_relu", "rnn_linear", "lstm_peephole"))
    panel.app.selectbox(key="w_cell").set_value("gru")
    order = ("gru", "rnn", "lstm", "rnn_relu", "rnn_linear", "lstm_peephole")
    assert panel.run().session.experiment.cells == order
    panel.app.selectbox(key="w_cell").set_value("mingru")
    assert panel.run().session.experiment.cells == ("mingru", *order[:5])


def test_a_cell_is_not_compared_with_itself() -> None:
    panel = Panel(("cell",), ("beside",), beside="lstm")
    assert panel.session.view.beside == "none"
    assert "LSTM" not in panel.app.selectbox(key="w_beside").options
    panel.app.selectbox(key="w_beside").set_value("gru")
    assert panel.run().session.view.beside == "gru"
    panel.app.selectbox(key="w_cell").set_value("gru")
    assert panel.run().session.view.beside == "none"


def test_a_row_of_buttons_with_fewer_options() -> None:
    panel = Panel(("segment", "quantity", {"options": ["h", "x"]}), quantity="c")
    assert panel.session.view.quantity == "h"
    assert panel.run().session.view.quantity == "h"


def test_the_text_follows_a_link_and_the_hand() -> None:
    panel = Panel(("choose", "signal"), ("typed",), signal="text", text="from the link")
    assert panel.app.text_input(key="w_text").value == "from the link"
    panel.app.text_input(key="w_text").set_value("by hand")
    assert panel.run().session.experiment.text == "by hand"
    panel.session.assign(text="another link")
    assert panel.run().app.text_input(key="w_text").value == "another link"
    assert panel.session.typed == {"text": "another link"}


def test_numbers_are_read_and_what_was_left_out_is_said() -> None:
    panel = Panel(("typed",), signal="numbers", numbers="1 2 3")
    assert panel.session.experiment.numbers == "1 2 3"
    panel.app.text_input(key="w_numbers").set_value("1; 2\n−3 x 1e40")
    panel.run()
    assert panel.session.experiment.steps == 3
    assert panel.app.text_input(key="w_numbers").value == "1; 2\n−3 x 1e40"
    said = " ".join(caption.value for caption in panel.app.caption).replace("\\", "")
    assert "left out" in said
    assert '"x"' in said


def test_no_field_where_nothing_is_typed() -> None:
    assert not Panel(("typed",), signal="sine").app.text_input


def test_the_seed_is_drawn_and_typed() -> None:
    panel = Panel(("seed",), seed=12)
    assert panel.app.number_input(key="w_seed").value == 12
    seeds = set()
    for _ in range(5):
        panel.app.button(key="new_seed").click()
        seeds.add(panel.run().session.experiment.seed)
        assert panel.app.number_input(key="w_seed").value == panel.session.experiment.seed
    assert len(seeds) > 2
    assert all(0 <= seed <= 9999 for seed in seeds)


def test_every_mark_of_markdown_is_escaped() -> None:
    marks = r"\`*_{}[]()#+-.!|<>$:~&"
    escaped = controls.plain(f"a {marks} ä\u0000")
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", escaped) == f"a {marks} ä\u0000"
    assert not re.search(r"[`*_{}\[\]()#+.!|<>$:~&-]", re.sub(r"\\.", "", escaped))

"""The settings of a race: every widget at both ends, every task, what a manipulated browser sends, and own texts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from visitor import Visitor

from rnnviz.race import FIELD, LONGEST_TEXT, Race
from rnnviz.registry import CELLS
from rnnviz.runs import Runs
from rnnviz.runs.worker import Worker
from rnnviz.ui import engine
from rnnviz.ui.training import choice

SHORT = {"race": "gru", "span": "4", "width": "2", "batch": "2", "updates": "10"}
"""The quickest race."""

POEM = "so much depends upon a red wheel barrow\n" * 8


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    """A store of the test's own, and an example that takes a moment."""
    runs = Runs(tmp_path)
    monkeypatch.setattr(engine, "runs", lambda: runs)
    monkeypatch.setattr(choice, "EXAMPLE", Race(cells=("gru",), length=4, hidden=2, batch=2, steps=10))
    yield runs
    runs.store.close()


def captions(visitor: Visitor) -> str:
    return " ".join(caption.value.replace("\\", "") for caption in visitor.app.caption)


def trained(visitor: Visitor, store: Runs) -> Visitor:
    visitor.click("Start")
    assert store.get(visitor.address["run"]).spec == visitor.session.race.to_spec()
    assert Worker(store).once()
    visitor.run()
    assert "Finished" in visitor.html, visitor.html[-3000:]
    return visitor


# Numbers and choices


@pytest.mark.parametrize("name", ["length", "hidden", "batch", "steps", "seed"])
def test_whole_numbers_at_both_ends(name: str) -> None:
    visitor, known = Visitor("training"), FIELD[name]
    for value in (known.minimum, known.maximum):
        visitor.app.number_input(key=f"r_{name}").set_value(value)
        assert getattr(visitor.run().session.race, name) == value
        assert Visitor("training", **visitor.address).session.race == visitor.session.race


@pytest.mark.parametrize(
    ("name", "typed", "value", "said"),
    [
        ("rate", "1e-5", 1e-5, ""),
        ("rate", "0.0034", 0.0034, ""),
        ("rate", "1", 1.0, ""),
        ("rate", "5", 1.0, "Learning rate must be from 1e-05 to 1"),
        ("rate", "fast", 0.005, "Learning rate must be"),
        ("clip", "off", None, ""),
        ("clip", "0.01", 0.01, ""),
        ("clip", "100", 100.0, ""),
        ("clip", "<b>", 1.0, "Clip at norm must be"),
        ("forget", "6", 6.0, ""),
        ("forget", "-3", -3.0, ""),
        ("forget", "default", None, ""),
        ("forget", "-9", -3.0, "Forget bias must be"),
    ],
)
def test_numbers_on_a_ladder_are_chosen_or_typed(
    name: str, typed: str, value: float | None, said: str
) -> None:
    visitor = Visitor("training")
    visitor.forge(f"r_{name}", "string_value", typed)
    assert getattr(visitor.session.race, name) == value
    assert said in captions(visitor)
    again = Visitor("training", **visitor.address)
    assert again.session.race == visitor.session.race
    assert not again.app.toast


def test_without_a_forget_gate_the_forget_bias_is_idle_and_says_why() -> None:
    visitor = Visitor("training", race="gru,rnn", keep="2")
    box = visitor.app.selectbox(key="r_forget")
    assert box.disabled
    assert "None of the chosen cells has a forget gate." in box.proto.help
    visitor.forge("r_forget", "string_value", "5")
    assert visitor.session.race.forget == 2
    assert not Visitor("training", race="gru,lstm_peephole").app.selectbox(key="r_forget").disabled


def test_switches_and_choices() -> None:
    visitor = Visitor("training")
    for name in ("layernorm", "residual"):
        visitor.app.toggle(key=f"r_{name}").set_value(True)
        assert getattr(visitor.run().session.race, name)
    for name, values in (("optimiser", FIELD["optimiser"].values), ("task", FIELD["task"].values)):
        for value in values:
            visitor.app.selectbox(key=f"r_{name}").set_value(value)
            assert getattr(visitor.run().session.race, name) == value
            assert Visitor("training", **visitor.address).session.race == visitor.session.race


def test_one_to_six_cells_in_the_order_they_were_chosen() -> None:
    visitor = Visitor("training", race="rnn,gru")
    (group,) = [row for row in visitor.app.get("button_group") if row.key == "r_cells"]
    visitor._touch(group.set_value(["lstm", "gru", "rnn"]))
    assert visitor.session.race.cells == ("rnn", "gru", "lstm")
    (group,) = [row for row in visitor.app.get("button_group") if row.key == "r_cells"]
    visitor._touch(group.set_value([]))
    assert visitor.session.race.cells == ("rnn", "gru", "lstm")
    assert "One cell at least" in captions(visitor)
    (group,) = [row for row in visitor.app.get("button_group") if row.key == "r_cells"]
    visitor._touch(group.set_value(list(CELLS)))
    assert len(visitor.session.race.cells) == 6
    assert "At most 6 cells" in captions(visitor)


def test_new_seed_and_reset() -> None:
    visitor = Visitor("training", **SHORT)
    seeds = {visitor.click("New seed").session.race.seed for _ in range(4)}
    assert len(seeds) > 1
    assert visitor.app.number_input(key="r_seed").value == visitor.session.race.seed
    visitor.click("Reset settings")
    assert visitor.session.race == Race()
    assert visitor.app.number_input(key="r_hidden").value == 64
    assert visitor.address == {}


def test_the_settings_of_a_race_stand_in_no_other_page_s_link_and_come_back() -> None:
    visitor = Visitor("training", **SHORT)
    race = visitor.session.race
    assert not set(visitor.go("gates").address) & {"race", "span", "width", "updates"}
    assert visitor.go("training").session.race == race
    assert visitor.app.number_input(key="r_length").value == 4


@pytest.mark.parametrize(
    ("key", "kind", "value"),
    [
        ("r_task", "string_value", "chess"),
        ("r_optimiser", "string_value", "<img src=x>"),
        ("r_hidden", "double_value", 1e9),
        ("r_steps", "double_value", -5.0),
        ("r_cells", "string_array_value", ["lstm", "nonsense"]),
        ("w_train", "string_array_value", ["nowhere"]),
        ("r_rate", "string_value", "1" * 400),
        ("r_clip", "string_value", "nan"),
    ],
)
def test_what_a_manipulated_browser_sends_leaves_a_legal_race(key: str, kind: str, value: object) -> None:
    visitor = Visitor("training")
    try:
        visitor.forge(key, kind, value)
    except AssertionError:
        visitor.app.session_state.clear()  # Streamlit itself has refused it, with a sentence of its own
        return
    visitor.session.race.check()


# Tasks


@pytest.mark.parametrize("task", FIELD["task"].values)
def test_every_task_trains_and_says_what_it_asks(store: Runs, task: str) -> None:
    visitor = Visitor("training", owner="ada", **SHORT, task=task)
    trained(visitor, store)
    assert f"<b>{FIELD['task'].label_of(task)}.</b>" in visitor.html
    assert "Loss on test sequences, of the weights that are kept: GRU" in visitor.html
    for section in ("inside", "runs", "race"):
        visitor.press("train", section)
    assert not visitor.app.toast


@pytest.mark.parametrize("optimiser", FIELD["optimiser"].values)
def test_every_optimiser_trains_with_everything_on(store: Runs, optimiser: str) -> None:
    more = {"opt": optimiser, "layernorm": "1", "residual": "1", "maxnorm": "none", "keep": "2"}
    visitor = Visitor("training", owner="ada", **(SHORT | {"race": "lstm,gru,rnn"} | more))
    trained(visitor, store)
    assert store.get(visitor.address["run"]).spec["clip"] is None


# Texts


def own(text: str = "") -> Visitor:
    visitor = Visitor("training", owner="ada", **SHORT, task="text", corpus="own")
    if text:
        visitor._touch(visitor.app.text_area(key="r_text").set_value(text))
    return visitor


def test_a_text_of_one_s_own_is_learned_and_stands_in_no_link(store: Runs) -> None:
    visitor = own(POEM)
    assert visitor.session.race.text == POEM
    assert f"{len(POEM)} characters, {len(set(POEM))} different ones" in captions(visitor)
    assert not any("wheel" in value for value in visitor.address.values())
    trained(visitor, store)
    assert Visitor("training", run=visitor.address["run"]).session.race.text == POEM
    assert Visitor("training", **visitor.address).session.race.text == POEM


def test_too_short_a_text_is_not_started() -> None:
    visitor = own("too short")
    (start,) = [button for button in visitor.app.button if button.key == "run_start"]
    assert start.disabled
    assert "at least 200 characters" in start.proto.help
    assert "at least 200 characters" in visitor.html
    visitor.forge("run_start", "trigger_value", True)
    assert "run" not in visitor.address


def test_a_file_is_read_and_can_be_edited() -> None:
    visitor = own()
    visitor.app.file_uploader(key="r_upload").upload("poem.txt", POEM.encode("cp1252"))
    visitor.run()
    assert visitor.session.race.text == POEM
    assert visitor.app.text_area(key="r_text").value == POEM
    visitor._touch(visitor.app.text_area(key="r_text").set_value(POEM + "!"))
    assert visitor.session.race.text == POEM + "!"


def test_a_file_that_is_no_text_is_refused_in_words() -> None:
    visitor = own(POEM)
    visitor.app.file_uploader(key="r_upload").upload("photo.txt", b"\x89PNG\x00\x00" * 90)
    assert "This is no text file" in captions(visitor.run())
    assert visitor.session.race.text == POEM


def test_a_text_that_is_too_long_is_cut() -> None:
    visitor = own()
    visitor.forge("r_text", "string_value", "ab " * 80_000)
    assert len(visitor.session.race.text) == LONGEST_TEXT
    assert "Only the first 200,000 characters are used." in captions(visitor)


def test_what_a_short_text_takes_is_said(store: Runs) -> None:
    visitor = Visitor("training", owner="ada", **(SHORT | {"span": "100"}), task="text", corpus="own")
    visitor._touch(visitor.app.text_area(key="r_text").set_value("<i>" + POEM[:230]))
    trained(visitor, store)
    assert "The text is short, so that windows of" in visitor.html


def test_markup_in_a_text_stays_text(store: Runs) -> None:
    visitor = own("<script>alert(1)</script> ![x](http://evil.example/x.png) </p>" * 9)
    trained(visitor, store)
    for section in ("inside", "runs", "race"):
        visitor.press("train", section)
        assert "<script>alert" not in visitor.html
        assert not any("evil.example" in words for words in visitor.markdown)


def test_a_hostile_title_is_text(store: Runs) -> None:
    id = store.submit("training", {"task": "chess"}, "ada".ljust(32, "0"), "<img src=x onerror=alert(1)>")
    visitor = Visitor("training", owner="ada", section="runs")
    assert id in str([button.key for button in visitor.app.button])
    assert "<img src=x" not in visitor.html
    assert "&lt;img src=x" in visitor.html

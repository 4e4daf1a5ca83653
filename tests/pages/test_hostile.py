"""What people type and what their browsers send: it never becomes markup, and never an illegal value."""

import re
from typing import Any

import pytest
from visitor import Visitor, strings

from rnnviz.experiment import Experiment
from rnnviz.registry import CELLS

HOSTILE = (
    "<script>alert(1)</script>",
    "![x](http://evil.example/x.png)",
    "<img src=http://evil.example/x.png>",
    "<a href='http://evil.example'>a</a>",
    "[a](javascript:alert(1))",
    "$x$ `b` **c** :material/x: :red[d]",
    "&lt;b&gt; &amp; %{z} \\ | ~e~",
    "a</style><b>",
)
PLOTLY_TAGS = re.compile(r"</?(?:b|i|br|sub|sup|extra)\s*/?>")


def raw(words: list[str]) -> str:
    """What Markdown would read as markup, and what is HTML: escaped marks taken away."""
    return re.sub(r"\\[!-/:-@\[-`{-~]", "", "\n".join(words))


def check(visitor: Visitor, text: str) -> None:
    """None of the typed text is markup anywhere on the page."""
    assert text not in visitor.html
    assert "evil" not in visitor.html
    assert "<script" not in visitor.html
    readable = raw(visitor.markdown)
    for mark in ("<script", "<img", "<a ", "![", "](", "$x$", ":material", ":red[", "**c**", "`b`"):
        assert mark not in readable, mark
    for chart in visitor.charts():
        for part in ("data", "layout"):
            for words in strings(chart[part]):
                assert text not in words
                # Plotly reads markup; the picture of a cell writes each letter as text.
                assert "file" not in chart or "<" not in PLOTLY_TAGS.sub("", words), words


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("page", ["gates", "cell", "states", "gradients"])
def test_typed_text_is_never_markup(page: str, text: str) -> None:
    visitor = Visitor(page, hidden="2", cell="rnn,gru")
    visitor.choose("signal", "text").type("text", text)
    assert visitor.experiment.text == text
    check(visitor, text)
    if page == "gates":
        check(visitor.press("show", "unit"), text)
        check(visitor.press("show", "spread"), text)
    if page == "cell":
        check(visitor.press("within", "weights"), text)
    visitor.choose("signal", "numbers").type("numbers", f"1 2 {text}")
    assert visitor.experiment.steps >= 2
    check(visitor, text)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_link_brings_is_never_markup(text: str) -> None:
    visitor = Visitor("gates", signal="text", text=text, hidden="2", cell=text, init=text, seed=text)
    assert visitor.experiment.text == text
    assert len(visitor.app.toast) == 3
    check(visitor, text)
    visitor = Visitor("gates", signal="numbers", numbers=text, dims=text, present=text)
    assert visitor.app.toast
    check(visitor, text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_quoted_mistake_reads_as_it_was_typed(text: str) -> None:
    visitor = Visitor("gates", init=text)
    words = visitor.app.toast[0].value
    assert text[:39] in re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", words)
    visitor = Visitor("gates", signal="numbers")
    word = re.split(r"[\s;,]", text)[0][:39]
    visitor.type("numbers", f"1 2 {word}")
    caption = next(c.value for c in visitor.app.caption if "Not read as numbers" in c.value)
    assert word in re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", caption)


def test_typed_text_survives_a_look_at_another_signal() -> None:
    visitor = Visitor("gates", signal="text", text="my own words", hidden="2")
    visitor.choose("signal", "sine")
    assert visitor.experiment.text == "hello world"
    visitor.choose("signal", "numbers").type("numbers", "4, 5, 6")
    visitor.go("states").choose("signal", "text")
    assert visitor.experiment.text == "my own words"
    assert visitor.app.text_input(key="w_text").value == "my own words"
    visitor.go("gradients").choose("signal", "numbers")
    assert visitor.experiment.numbers == "4, 5, 6"


def test_unfinished_typing_is_left_in_the_field_and_something_legal_runs() -> None:
    visitor = Visitor("gates", signal="text", hidden="2")
    for typed, used in (("", "hello world"), ("a", None), ("x" * 500, "x" * 200), ("a\tb\u202ec", None)):
        visitor.type("text", typed)
        assert visitor.app.text_input(key="w_text").value == typed
        assert visitor.experiment.text == (used or visitor.experiment.text)
        assert 2 <= visitor.experiment.steps <= 200
        visitor.run()
        assert visitor.app.text_input(key="w_text").value == typed
    visitor.choose("signal", "numbers")
    for typed in ("", "1", "nan inf", "1e400 2", "one two", " ".join("1" * 600), "0x10 1_000 ٣ 4"):
        visitor.type("numbers", typed)
        assert 2 <= visitor.experiment.steps <= 500
        assert visitor.app.text_input(key="w_numbers").value == typed


VALUES = ("9", "x", None, True, [], {}, [1, 2], {"v": 3}, 1e308, -1e308, 10**30, 0.123456789, -0.0)
TEXTS = (
    "null",
    "[]",
    '"x"',
    "17",
    "{}",
    '{"value": null}',
    '{"value": [1, 2]}',
    '{"value": {"seq": 1}}',
    '{"value": {"v": NaN, "seq": NaN, "version": NaN}}',
    '{"value": {"v": Infinity, "seq": Infinity, "version": 1}}',
    '{"value": {"v": 1e999, "seq": -1, "version": 1e999}}',
    '{"value": {"v": 3, "seq": {}, "version": []}, "other": {"v": 9}}',
)


@pytest.mark.parametrize("name", ["length", "scale", "forget", "hidden", "unit"])
def test_whatever_a_slider_sends_the_value_is_legal(name: str) -> None:
    visitor = Visitor("gates", cell="lstm", length="12", hidden="3")
    version = visitor.session.version
    for value in VALUES:
        visitor.send(f"live_{name}", {"value": {"v": value, "seq": 1, "version": version}})
        legal(visitor, name)
    for text in TEXTS:
        visitor.send(f"live_{name}", text)
        legal(visitor, name)


def legal(visitor: Visitor, name: str) -> None:
    """The slider, the experiment and the link agree on a value that a slider can have."""
    sent = visitor.slider(name)
    value = sent["value"]
    assert value is None or (sent["min"] <= value <= sent["max"])
    assert value is not None or sent["unset"]
    where: Any = visitor.view if name == "unit" else visitor.experiment
    assert getattr(where, name) == value
    assert Experiment.from_query(visitor.address) == (visitor.experiment, [])


def test_a_huge_size_is_brought_to_the_largest_before_anything_is_computed() -> None:
    visitor = Visitor("states", cell="rnn")
    visitor.drag("length", 10**9).drag("hidden", 10**9)
    assert (visitor.experiment.length, visitor.experiment.hidden) == (500, 128)


def test_select_boxes_and_buttons_take_only_what_they_offer() -> None:
    visitor = Visitor("gates", length="10", hidden="2")
    for key in ("w_signal", "w_init", "w_cell", "w_beside"):
        for wrong in ("nothing", "", "<b>", "lstm"):
            visitor.forge(key, "string_value", wrong)
    for names in (["nothing"], [], ["One unit", "Distribution"], ["x" * 10_000]):
        visitor.forge("w_show", "string_array_value", names)
        assert visitor.view.show in ("all", "unit", "spread")
    for seed in (-1.0, 1e300, 10_000.0, 0.5):
        visitor.forge("w_seed", "double_value", seed)
        assert 0 <= visitor.experiment.seed <= 9999
    visitor.press("show", "all")
    # A cell is not offered beside itself.
    visitor.choose("beside", "gru").choose("cell", "gru")
    assert visitor.view.beside == "none"
    assert {run["file"] for run in visitor.charts() if run["key"].startswith("gates")} == {"rnnviz-gates-gru"}


def test_pills_from_elsewhere_give_known_cells() -> None:
    visitor = Visitor("gradients", length="10", hidden="2")
    for wrong in (["nothing"], ["LSTM", "nothing"], [], ["GRU"] * 50):
        visitor.forge("w_cells", "string_array_value", wrong)
        assert 1 <= len(visitor.experiment.cells) <= 6
        assert set(visitor.experiment.cells) <= set(CELLS)

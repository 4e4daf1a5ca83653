"""A network by hand: what is typed is computed, what cannot be read is said, and nothing is lost."""

import html
import json
import re
from typing import Any

import pytest
from visitor import Visitor

from rnnviz.handcell.numbers import MOST, setup
from rnnviz.handcell.presets import FIRST, PRESETS, setup_of, start
from rnnviz.handcell.run import run
from rnnviz.handcell.script import script
from rnnviz.registry import CELLS
from rnnviz.ui.cell import hand_table, hand_words
from rnnviz.ui.view import View


def opened(**query: str) -> Visitor:
    return Visitor("cell", within="hand", **query)


def grid(visitor: Visitor) -> dict[str, Any]:
    """What Python sent to the tables."""
    found: dict[str, Any] = json.loads(visitor.component("hand_grid").json)
    return found


def typed(visitor: Visitor, name: str, at: int, text: str) -> Visitor:
    """Type into one field."""
    sent = grid(visitor)
    sent["values"][name][at] = text
    return edited(visitor, sent)


def edited(visitor: Visitor, sent: dict[str, Any]) -> Visitor:
    state = {"v": sent["values"], "seq": sent["seq"] + 1, "version": sent["version"]}
    return visitor.send("hand_grid", {"value": state})


def sheet(visitor: Visitor) -> dict[str, list[list[float]]]:
    """The numbers of each quantity, a row a unit, with all their digits, by its letters."""
    found: dict[str, list[list[float]]] = {}
    name = ""
    body = re.search(r"<table class='rv-sheet[^>]*>.*?<tbody>(.*?)</tbody>", visitor.html, re.S)
    assert body is not None
    for row in re.findall(r"<tr class='[^']*'>(.*?)</tr>", body[1], re.S):
        head = re.match(r"<th[^>]*>(.*?)</th>", row)
        name = html.unescape(re.sub(r"<[^>]+>", "", head[1])) if head else name
        found.setdefault(name, []).append([float(value) for value in re.findall(r"title='([^']+)'", row)])
    return found


def choose(visitor: Visitor, key: str, value: Any) -> Visitor:
    if key == "hand_units":
        (group,) = [row for row in visitor.app.get("button_group") if row.key == key]
        return visitor._touch(group.set_value(value))
    return visitor._touch(visitor.app.selectbox(key=key).set_value(value))


def wrong(visitor: Visitor) -> list[str]:
    return [html.unescape(text) for text in re.findall(r"role='alert'>(.*?)</p>", visitor.html)]


def test_it_opens_with_prices_and_shows_every_number():
    visitor = opened()
    known = run(FIRST)
    found = sheet(visitor)
    assert found["xt"] == [[10, 20, 30]]
    assert found["at"] == known.sums["h"].T.tolist()
    assert found["ht"] == [[0, *known.seen.values["h"][:, 0].tolist()]]
    assert found["yt"] == [known.y.tolist()]
    assert "to the last bit" in visitor.html
    assert visitor.address["hand"] == "prices"
    assert PRESETS["prices"].look[:30] in visitor.html
    assert visitor.component("hand_cell").bytes


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_shows_every_quantity_of_its_graph(cell):
    visitor = opened(hand=f"{cell}..2..x_10_20")
    known = run(setup(cell, 2, (10, 20)))
    rows = sheet(visitor)
    quantities = [node for node in known.seen.nodes if node.kind != "source"]
    assert len(rows) == len(quantities) + len(known.sums) + 2
    assert all(len(row) == (1 if name in ("xt", "yt") else 2) for name, row in rows.items())
    assert {name for part in grid(visitor)["parts"] for name in places(part)} == set(grid(visitor)["values"])


def places(part: dict[str, Any]) -> set[str]:
    """The arrays that have a field in a table."""
    if "row" in part:
        return (
            {part["row"]["steps"]["name"]}
            if "steps" in part["row"]
            else {f[0] for f in part["row"]["fields"]}
        )
    return {cell[0] for row in part["cells"] for cell in row if cell}


def test_a_weight_is_typed():
    visitor = typed(opened(), "weight_hh", 0, " 0.5 ")
    expected = FIRST.put("weight_hh", 0, 0.5)
    assert sheet(visitor)["yt"] == [run(expected).y.tolist()]
    assert setup_of(visitor.address["hand"]) == (expected, [])
    assert visitor.app.selectbox(key="hand_example").value == ""
    assert not wrong(visitor)
    again = opened(hand=visitor.address["hand"])
    assert sheet(again) == sheet(visitor)


@pytest.mark.parametrize("text", ["", "abc", "nan", "1e400", "1001", "<b>1</b>", "[x](http://e.org)"])
def test_what_is_no_number_leaves_the_one_before_and_is_said(text):
    visitor = typed(opened(), "weight_hh", 0, text)
    assert sheet(visitor)["yt"] == [run(FIRST).y.tolist()]
    (said,) = wrong(visitor)
    assert said.startswith("W (weight_hh): ")
    assert said.endswith("; 0.3 stays.")
    assert "<b>1" not in visitor.html
    assert grid(visitor)["values"]["weight_hh"] == ["0.3"]
    assert not wrong(typed(visitor, "weight_hh", 0, "0.4"))


def test_steps_come_and_go():
    visitor = opened()
    sent = grid(visitor)
    sent["values"]["x"] = ["10", "20", "30", "40"]
    edited(visitor, sent)
    assert sheet(visitor)["xt"] == [[10, 20, 30, 40]]
    sent = grid(visitor)
    sent["values"]["x"] = ["10"]
    edited(visitor, sent)
    assert sheet(visitor)["xt"] == [[10]]
    sent = grid(visitor)
    sent["values"]["x"] = []
    edited(visitor, sent)
    assert sheet(visitor)["xt"] == [[10]]
    sent = grid(visitor)
    sent["values"]["x"] = ["1"] * (MOST + 1)
    edited(visitor, sent)
    assert sheet(visitor)["xt"] == [[10]]


def test_the_numbers_of_each_cell_are_kept():
    visitor = typed(opened(), "V", 0, "81")
    choose(visitor, "hand_cell_name", "lstm")
    assert sheet(visitor)["yt"] == [run(start("lstm", 1)).y.tolist()]
    typed(visitor, "bias_ih", 1, "2")
    choose(visitor, "hand_units", 2)
    assert len(sheet(visitor)["ct"]) == 2
    choose(visitor, "hand_units", 1)
    assert grid(visitor)["values"]["bias_ih"][1] == "2"
    choose(visitor, "hand_cell_name", "rnn")
    assert grid(visitor)["values"]["V"] == ["81"]


def test_inputs_go_along_to_a_cell_that_has_no_numbers_yet():
    visitor = typed(opened(), "x", 0, "11")
    choose(visitor, "hand_cell_name", "gru")
    assert sheet(visitor)["xt"] == [[11, 20, 30]]


def test_nothing_is_lost_by_another_section_or_page():
    visitor = typed(opened(), "V", 0, "81")
    visitor.press("within", "live")
    assert "hand" not in visitor.address
    visitor.press("within", "hand")
    assert grid(visitor)["values"]["V"] == ["81"]
    visitor.go("gates")
    assert "hand" not in visitor.address
    visitor.go("cell")
    assert grid(visitor)["values"]["V"] == ["81"]
    # A link to another page sets every view anew; the numbers come back with the section.
    visitor.go("gates", cell="gru")
    visitor.go("cell").press("within", "hand")
    assert grid(visitor)["values"]["V"] == ["81"]


def test_examples_reset_and_random():
    visitor = opened()
    choose(visitor, "hand_example", "keeps")
    assert sheet(visitor)["yt"] == [run(PRESETS["keeps"].setup).y.tolist()]
    assert visitor.address["hand"] == "keeps"
    visitor.click("Random")
    assert setup_of(visitor.address["hand"])[0].cell == "lstm"
    assert setup_of(visitor.address["hand"])[0].x == PRESETS["keeps"].setup.x
    visitor.click("Reset")
    assert setup_of(visitor.address["hand"])[0] == start("lstm", 1)
    choose(visitor, "hand_cell_name", "rnn").click("Reset")
    assert visitor.address["hand"] == "prices"


def test_a_wrong_link_gives_the_nearest_numbers_and_says_so():
    visitor = opened(hand="lstm..5..x_1_oops_3..U_9999")
    assert grid(visitor)["values"]["x"] == ["1", "0", "3"]
    assert grid(visitor)["values"]["weight_ih"][0] == "1000"
    said = " ".join(toast.value for toast in visitor.app.toast)
    assert "1 or 2 units" in said
    assert "oops" in said
    assert "9999" in said


@pytest.mark.parametrize(
    "state",
    [
        "null",
        "[]",
        '{"value": 3}',
        '{"value": {"v": null, "seq": 1, "version": 1}}',
        '{"value": {"v": {"x": 3, "V": [1], "nope": ["1"]}, "seq": 1, "version": 1}}',
        '{"value": {"v": {"x": [], "V": ["1", "2"], "h0": [null]}, "seq": "a", "version": 1}}',
        '{"value": {"v": {"x": ["' + "9" * 5000 + '"]}, "seq": 1, "version": 1}}',
    ],
)
def test_a_manipulated_browser_breaks_nothing(state):
    visitor = opened().send("hand_grid", state)
    assert setup_of(visitor.address["hand"])[1] == []
    assert sheet(visitor)["yt"]


def test_a_view_holds_only_what_the_app_writes():
    assert View(within="hand", hand="keeps").hand == "keeps"
    assert View(within="live", hand="keeps").hand == ""  # counts only in its section
    for text in ("nonsense", "rnn", "rnn..1..x_10_20_30..U_0.01..W_0.3..V_80..by_12", "lstm..2..x_1..U_1"):
        with pytest.raises(ValueError, match="hand must be"):
            View(within="hand", hand=text)


def test_forged_choices_are_ignored():
    visitor = opened()
    visitor.forge("hand_cell_name", "string_value", "no such cell")
    assert sheet(visitor)["yt"] == [run(FIRST).y.tolist()]


def test_tables_of_another_time_count_for_nothing():
    visitor = opened()
    sent = grid(visitor)
    choose(visitor, "hand_example", "counter")
    sent["values"]["V"] = ["500"]
    edited(visitor, sent)
    assert sheet(visitor)["yt"] == [[10, 30, 60]]


def test_all_digits_projector_and_the_script():
    visitor = opened(present="1")
    assert ">0.099668<" in visitor.html
    visitor._touch(visitor.app.toggle(key="hand_digits").set_value(True))
    assert ">0.09966799462495582<" in visitor.html
    assert script(FIRST).count("print(") == 1


def test_a_single_number_in_layer_norm_is_explained():
    assert "Take two units" in opened(hand="lstm_layernorm..1..x_1_2").html


def test_saturation_and_float32_are_explained():
    assert "tells inputs apart" in opened(hand="rnn..1..x_10_20_30..U_1").html
    assert (
        "float32"
        in opened(
            hand="rnn_linear..2..x_" + "_".join(["1e6"] * 12) + "..U_1000_1000..W_1000_1000_1000_1000"
        ).html
    )


def test_what_would_bring_a_saturated_tanh_back():
    def remark(text):
        return " ".join(hand_words.remarks(run(setup_of(text)[0])))

    assert "A smaller <i>U</i> brings it back" in remark("rnn..1..x_10_20_30..U_1")
    # Most of these steps read 0: it is W that holds the latch, and that is what it is for.
    latch = remark("latch")
    assert "A smaller <i>U</i>" not in latch
    assert "what it has besides <i>U</i> x<sub>t</sub> is enough" in latch
    # Layer norm divides the size of U out.
    normed = remark("lstm_layernorm..2..x_10_20..U_1_2_3_4_5_9_7_8..gi_9_9_9_9_9_9_9_9")
    assert "tells inputs apart" in normed
    assert "A smaller <i>U</i>" not in normed
    assert "A smaller <i>γ</i>" in normed


def test_weights_that_move_the_output_alike_are_named_together():
    (text,) = hand_words.steepest(run(PRESETS["forgets"].setup))
    assert "follows <i>b</i><sub>ih</sub> most, and <i>b</i><sub>hh</sub> as much" in text
    (text,) = hand_words.steepest(run(FIRST))
    assert "as much" not in text


@pytest.mark.parametrize(
    ("value", "short", "full"),
    [
        (0.0, "0", "0"),
        (30.0, "30", "30"),
        (-0.5, "−0.5", "−0.5"),
        (1 / 3, "0.333333", "0.3333333333333333"),
        (1e-9, "1 × 10<sup>-9</sup>", "1 × 10<sup>-9</sup>"),
        (1.5e12, "1.5 × 10<sup>12</sup>", "1500000000000"),
        (12345678.25, "12345678.25", "12345678.25"),
    ],
)
def test_figures(value, short, full):
    assert hand_table.figure(value) == short.replace("-", "−")
    assert hand_table.figure(value, full=True) == full.replace("-", "−")

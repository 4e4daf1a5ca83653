"""The section by hand: what stands there is what an independent run gives, and the code that is shown runs."""

import re
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from visitor import Visitor

from rnnviz import scratch
from rnnviz.scratch import Weights
from rnnviz.ui.training import hand, hand_numbers, hand_tables, hand_torch
from rnnviz.ui.training.hand_numbers import MOST, STEPS, Setup, digits, lesson


def opened(**query: str) -> Visitor:
    return Visitor("training", section="hand", **query)


def table(visitor: Visitor, which: int = 0) -> list[list[list[float]]]:
    """The rows of a table with the exact numbers of each cell."""
    found = re.findall(r"<table><thead>.*?</table>", visitor.html, re.S)[which]
    rows = re.findall(r"<tr class='[^']*'>(.*?)</tr>", found.split("<tbody>")[1], re.S)
    return [
        [
            [float(value) for value in re.findall(r"title='([^']+)'", cell)]
            for cell in re.split(r"<td[^>]*>", row)[1:]
        ]
        for row in rows
    ]


def part(visitor: Visitor, name: str) -> Visitor:
    (group,) = [row for row in visitor.app.get("button_group") if row.key == "hand_part"]
    return visitor._touch(group.set_value(name))


def kind(visitor: Visitor, name: str) -> Visitor:
    (group,) = [row for row in visitor.app.get("button_group") if row.key == "hand_kind"]
    return visitor._touch(group.set_value(name))


def by_torch(
    letters: str, length: int, units: int, seed: int, steps: int = 0, rate: float = 0.5
) -> dict[str, Any]:
    """The same in plain PyTorch, a loop of the test's own."""
    read = [letters[t % len(letters)] for t in range(length + 1)]
    alphabet = sorted(set(letters))
    x = nn.functional.one_hot(torch.tensor([alphabet.index(c) for c in read[:-1]]), len(alphabet)).double()
    target = torch.tensor([alphabet.index(c) for c in read[1:]])
    w = [
        torch.tensor(W, requires_grad=True) for W in scratch.start(len(alphabet), units, len(alphabet), seed)
    ]
    losses = []
    for k in range(steps + 1):
        W_ih, W_hh, b_ih, b_hh, W_hy, b_y = w
        h, states, rows = torch.zeros(units, dtype=torch.float64), [], []
        for x_t in x:
            h = torch.tanh(W_ih @ x_t + b_ih + W_hh @ h + b_hh)
            h.retain_grad()
            states.append(h)
            rows.append(W_hy @ h + b_y)
        y = torch.stack(rows)
        loss = nn.functional.cross_entropy(y, target)
        for parameter in w:
            parameter.grad = None
        loss.backward()
        losses.append(loss.item())
        if k < steps:
            with torch.no_grad():
                for parameter in w:
                    parameter -= rate * parameter.grad
    return {
        "h": torch.stack(states).detach().numpy(),
        "dh": np.stack([state.grad.numpy() for state in states]),
        "p": y.softmax(1)[range(length), target].detach().numpy(),
        "grads": [parameter.grad.numpy() for parameter in w],
        "losses": losses,
    }


def test_forward_is_what_a_plain_loop_gives() -> None:
    visitor = opened()
    rows, expected = table(visitor), by_torch("banana", 5, 3, 0)
    for t in range(5):
        for side in (2, 3):
            np.testing.assert_allclose(rows[t][side], expected["h"][t], rtol=0, atol=1e-12)
    assert rows[5][2:4] == [pytest.approx([expected["losses"][0]])] * 2
    assert "def forward(w, x):" in visitor.app.code[0].value
    assert "def forward(rnn, readout, x):" in visitor.app.code[1].value
    assert visitor.address == {"section": "hand"}


def test_loss_and_backward_are_what_a_plain_loop_gives() -> None:
    visitor, expected = opened(), by_torch("banana", 12, 8, 0)
    visitor.send("live_hand_length", {"value": {"v": 12, "seq": 1, "version": visitor.session.version}})
    visitor.send("live_hand_units", {"value": {"v": 8, "seq": 1, "version": visitor.session.version}})
    part(visitor, "loss")
    rows = table(visitor)
    for side in (3, 4):
        np.testing.assert_allclose([row[side][0] for row in rows[:12]], expected["p"], rtol=0, atol=1e-12)
    np.testing.assert_allclose([row[6][0] for row in rows[:12]], -np.log(expected["p"]), rtol=1e-12)
    part(visitor, "backward")
    rows = table(visitor)
    for row, values in zip(rows, expected["dh"][::-1], strict=True):
        np.testing.assert_allclose(row[1], values, rtol=0, atol=1e-12)
        np.testing.assert_allclose(row[2], values, rtol=0, atol=1e-12)
    for row, gradient in zip(table(visitor, 1), expected["grads"], strict=True):
        for side in (1, 2):
            assert row[side] == [pytest.approx(np.linalg.norm(gradient), rel=1e-12)]
    part(visitor, "check")
    for row, gradient in zip(table(visitor), expected["grads"], strict=True):
        assert row[2] == [pytest.approx(np.linalg.norm(gradient), rel=1e-6)]


def test_steps_are_taken_on_both_sides_and_the_loss_falls() -> None:
    visitor = part(opened(), "step")
    assert len(table(visitor)) == 1
    visitor.click("Take a step")
    visitor.click("10 steps")
    rows, expected = table(visitor), by_torch("banana", 5, 3, 0, steps=11)
    for row, value in zip(rows, expected["losses"], strict=True):
        np.testing.assert_allclose([row[1][0], row[2][0]], value, rtol=1e-12)
    assert expected["losses"][-1] < 0.2 * expected["losses"][0]
    assert "11 steps taken" in visitor.html
    part(visitor, "forward")
    np.testing.assert_allclose(table(visitor)[4][2], expected["h"][4], rtol=0, atol=1e-12)
    visitor.click("From the start")
    assert "Not trained yet" in visitor.html
    for _ in range(STEPS // 10):
        visitor.click("10 steps")
    assert f"{STEPS} steps taken" in visitor.html
    assert [button.disabled for button in visitor.app.button if button.label == "Take a step"] == [True]


def test_the_sum_over_steps_is_shown_and_adds_up() -> None:
    visitor, expected = opened(), by_torch("banana", 5, 3, 0)
    (strip,) = re.findall(r"<div class='rv-steps'>.*?</div>", visitor.html, re.S)
    grids = [
        np.array([float(value) for value in re.findall(r"title='([^']+)'", grid)]).reshape(3, 3)
        for grid in re.findall(r"<table class='rv-grid.*?</table>", strip, re.S)
    ]
    assert len(grids) == 6
    np.testing.assert_allclose(sum(grids[:5]), grids[5], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(grids[5], expected["grads"][1], rtol=0, atol=1e-12)
    (terms,) = re.findall(r"<b>([^<]* = [^<]*)</b>", visitor.html)
    left, right = terms.replace("−", "-").split(" = ")
    assert sum(float(term) for term in left.replace("- ", "-").replace("+ ", "").split()) == pytest.approx(
        float(right), abs=3e-4
    )


def test_numbers_are_read_and_their_errors_shown() -> None:
    visitor = kind(opened(), "numbers")
    visitor._touch(visitor.app.text_input(key="hand_numbers").set_value("1; -2; 0.5"))
    assert [row[1] for row in table(visitor)[:5]] == [[1.0], [-2.0], [0.5], [1.0], [-2.0]]
    part(visitor, "loss")
    rows = table(visitor)
    assert [row[2] for row in rows[:5]] == [[-2.0], [0.5], [1.0], [-2.0], [0.5]]
    for row in rows[:5]:
        assert row[6] == [pytest.approx((row[3][0] - row[2][0]) ** 2, rel=1e-12)]
    assert rows[5][3] == [pytest.approx(np.mean([row[6][0] for row in rows[:5]]))]
    assert "squared_error" in visitor.app.code[0].value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "At least two different letters"),
        ("aaaa", "At least two different letters"),
        ("x" * 100 + "y", "At least two different letters"),
        ("abcdefghijklmnopqrst", f"Only the first {MOST + 1} letters"),
    ],
)
def test_a_word_that_does_not_do_says_why_and_leaves_the_picture(text: str, words: str) -> None:
    visitor = opened()
    visitor._touch(visitor.app.text_input(key="hand_letters").set_value(text))
    assert any(words in word.replace("\\", "") for word in visitor.markdown)
    assert len(table(visitor)) == 6


def test_hostile_letters_stay_letters() -> None:
    visitor = opened()
    visitor._touch(visitor.app.text_input(key="hand_letters").set_value("<b>&'\"$ 🙂"))
    assert "<span class='rv-sign'>&lt;</span>" in visitor.html
    assert "<span class='rv-sign'><</span>" not in visitor.html
    for name in hand.PARTS:
        part(visitor, name)


def test_what_diverges_is_shown_as_what_it_is() -> None:
    visitor = kind(opened(), "numbers")
    visitor._touch(visitor.app.text_input(key="hand_numbers").set_value("100, -100, 1e30"))
    assert any("beyond" in word for word in visitor.markdown)
    visitor.send("live_hand_rate", {"value": {"v": 1.0, "seq": 1, "version": visitor.session.version}})
    for _ in range(10):
        visitor.click("10 steps")
    for name in hand.PARTS:
        part(visitor, name)


def test_nonsense_from_the_browser_stays_legal() -> None:
    visitor = opened()
    visitor.send("live_hand_units", {"value": {"v": 1e9, "seq": 1, "version": visitor.session.version}})
    assert len(table(visitor)[0][2]) == 8
    visitor.forge("hand_seed", "int_value", 123456789)
    visitor.forge("hand_part", "string_array_value", ["nothing"])
    assert len(table(visitor)) == 6


def test_choices_outlive_another_section() -> None:
    visitor = opened()
    visitor._touch(visitor.app.text_input(key="hand_letters").set_value("hello"))
    part(visitor, "backward")
    before = table(visitor)
    visitor.press("train", "runs")
    visitor.press("train", "hand")
    assert visitor.app.text_input(key="hand_letters").value == "hello"
    assert table(visitor) == before


def test_the_code_that_is_shown_runs_and_gives_the_same() -> None:
    """The listings alone, without the types: they are the program, for both sides."""
    space: dict[str, Any] = {"np": np, "Weights": Weights}
    names = ("start", "forward", "cross_entropy", "squared_error", "backward", "sgd", "step", "numerical")
    for name in names:
        text = hand_numbers.listing(getattr(scratch, name))
        assert not re.search(r"def .*(:.*:|->)", text), text
        exec(text, space)
    setup = Setup("letters", tuple("banana"))
    found = lesson(setup, 3)
    w = space["start"](3, 3, 3, 0)
    for _ in range(3):
        w, _ = space["step"](w, found.x, found.target, space["cross_entropy"], 0.5)
    for ours, shown in zip(w, found.w, strict=True):
        np.testing.assert_array_equal(ours, shown)
    for name in ("forward", "cross_entropy", "squared_error", "backward", "by_state", "step"):
        text = hand_numbers.listing(getattr(hand_torch, name))
        exec(text, {"nn": nn})
        assert max(map(len, text.splitlines())) <= 64


def test_both_sides_are_equal_and_torchs_generator_is_left_alone() -> None:
    state = torch.get_rng_state()
    for setup in (
        Setup("letters", tuple("hello"), 12, 8, 3, 1.0),
        Setup("numbers", (0.5, -1.0, 2.0), 7, 2, 9, 0.1),
    ):
        assert lesson(setup, 50).apart < 1e-12
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.48213, "−0.4821"),
        (1.5e-7, "1.5 × 10⁻⁷"),
        (float("nan"), "NaN"),
        (float("-inf"), "−∞"),
        (12345.6, "1.2 × 10⁴"),
    ],
)
def test_digits(value: float, text: str) -> None:
    assert digits(value) == text


def test_fixed_digits_that_are_all_0_have_no_sign() -> None:
    assert digits(-1e-6, fixed=True) == digits(1e-6, fixed=True) == "0.0000"
    assert digits(-0.00006, fixed=True) == "−0.0001"


def test_a_difference_counts_nans_that_agree_as_none() -> None:
    nan, inf = float("nan"), float("inf")
    assert hand_numbers.difference([nan, inf, 1.0], [nan, inf, 1.0]) == 0
    assert np.isnan(hand_numbers.difference([nan], [1.0]))
    assert hand_numbers.difference([1e6], [1e6 + 1]) == pytest.approx(1e-6)
    assert hand_tables.apart(nan) == "no number"


def test_what_is_said_of_the_difference_holds_for_it() -> None:
    start = Setup("letters", tuple("banana"), 12, 8, 0, 1.0)
    assert "in the last of 16 digits" in hand.sentences(lesson(start, 0))[0]
    later = lesson(start, 100)  # rounding has grown with the steps
    assert 1e-9 < later.apart < 1e-6
    assert "the steps of learning have enlarged it" in hand.sentences(later)[0]
    far = lesson(Setup("numbers", (0.5, -0.2, 0.8, 0.1, -0.6), 12, 8, 0, 1.0), 100)
    assert far.hand.loss > 1e180
    assert hand_tables.norm(far.hand.dh[0]) == pytest.approx(float(np.abs(far.hand.dh[0]).max()), rel=2)


def test_the_norm_of_large_numbers_is_a_number() -> None:
    assert hand_tables.norm(np.array([[3e200], [4e200]])) == pytest.approx(5e200)
    assert hand_tables.norm(np.array([np.inf, np.nan])) == np.inf
    assert np.isnan(hand_tables.norm(np.array([1.0, np.nan])))

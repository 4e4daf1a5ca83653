import math
from collections import Counter
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.race import Race
from rnnviz.tasks import make
from rnnviz.tasks.alphabet import MOST, REPLACEMENT
from rnnviz.tasks.base import EXAMPLES, TEST
from rnnviz.tasks.text import corpus


def own(text, length=30, **settings):
    return make(Race(task="text", corpus="own", text=text, length=length, **settings))


def read(task, batch):
    """The windows of a batch as strings, each with the character after it."""
    codes = torch.cat([batch.x.argmax(-1), batch.y[-1:]]).T.tolist()
    return ["".join(task.alphabet[code] for code in row) for row in codes]


def test_the_shipped_text():
    text = corpus("shakespeare")
    assert text.isascii()
    assert 30_000 < len(text) < 65_000
    assert len(set(text)) < MOST
    assert not set(text) & set("\r\t\0")
    assert not any(line != line.rstrip() for line in text.split("\n"))
    assert "Gutenberg" not in text
    for line in (
        "When shall we three meet again?",
        "Is this a dagger which I see before me,",
        "I had else been",
    ):
        assert line in text
    assert text.startswith("ACT I.\n")
    assert text.endswith("[Exeunt.]\n")
    task = make(Race(task="text"))
    assert task.text == text
    assert task.notes == ()
    assert task.alphabet == (*sorted(set(text)), REPLACEMENT)
    assert len(text) - task.start == task.start - task.held == len(text) // 10
    assert task.validation.x.shape[1] == task.test.x.shape[1] == 205


def test_windows_are_the_text_and_what_follows():
    task = own("".join(chr(97 + place % 26) + chr(65 + place // 26) for place in range(26 * 20)), length=8)
    for batch in (task.batch(50, torch.Generator().manual_seed(0)), task.test):
        assert torch.equal(batch.x[1:].argmax(-1), batch.y[:-1])
        assert batch.scored == tuple(range(8))
        assert all(window in task.text for window in read(task, batch))


@given(st.integers(200, 500), st.integers(4, 100), st.integers(0, 9999))
def test_nothing_of_validation_and_test_part_is_learned_from(size, length, seed):
    """Every place has a letter of its own, so that a window tells where it is from."""
    draws = torch.Generator().manual_seed(seed)
    text = "".join(chr(0x4E00 + place) for place in torch.randperm(size, generator=draws).tolist())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnnviz.tasks.alphabet.MOST", size + 1)
        task = own(text, length)
    assert task.text == text
    train, test = task.text[: task.held], task.text[task.start :]
    apart = task.text[task.held : task.start]
    assert len(train) > task.length
    assert len(test) >= task.length + EXAMPLES
    assert len(apart) >= max(task.length + 1, size // 10)
    held = read(task, task.validation)
    assert all(window in apart and len(window) == task.length + 1 for window in held)
    assert 1 <= len(held) == len(set(held)) <= TEST
    assert (held[0], held[-1][-1] in apart[-task.length :]) == (apart[: task.length + 1], True)
    learned = set()
    for _ in range(2):
        learned |= set(read(task, task.batch(40, draws)))
    assert all(window in train and len(window) == task.length + 1 for window in learned)
    windows = read(task, task.test)
    assert all(window in test for window in windows)
    assert EXAMPLES <= len(windows) <= TEST
    starts = [test.index(window) for window in windows]
    if len(windows) * task.length + 1 <= len(test) < (len(windows) + 1) * task.length + 1:
        assert starts == list(range(0, len(windows) * task.length, task.length))
    else:
        assert (starts[0], starts[-1]) == (0, len(test) - task.length - 1)
        assert starts == sorted(set(starts))


def test_training_windows_reach_both_ends_of_their_part():
    text = "".join(chr(0x4E00 + place) for place in range(300))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnnviz.tasks.alphabet.MOST", 301)
        task = own(text, 4)
    windows = set(read(task, task.batch(9000, torch.Generator().manual_seed(0))))
    assert task.text[:5] in windows
    assert task.text[task.held - 5 : task.held] in windows
    assert task.text[task.held - 4 : task.held + 1] not in windows


def test_a_short_text_says_what_is_done():
    task = own("abcd" * 50, length=100)
    assert task.length == task.test.x.shape[0] == 40
    assert len(task.text) - task.start == 80
    assert task.notes == (
        "The text is short, so that windows of 40 characters are read, not 100.",
        "The text is short, so that its last 80 of 200 characters are the test part, not a tenth.",
        "The 41 characters before it choose the weights that are kept, not a tenth either.",
    )
    assert task.start - task.held == 41
    assert task.validation.x.shape[:2] == (40, 1)
    assert own("abcd" * 1000, length=30).notes == ()


@given(st.integers(50, 600), st.integers(4, 100))
def test_every_text_that_cleaning_leaves_has_its_three_parts(size, length):
    """From the shortest one on: 200 characters may become 50."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnnviz.race.SHORTEST_TEXT", 1)
        task = own("ab" * (size // 2) + "c" * (size % 2), length)
    assert len(task.text) == size
    assert 4 <= task.length <= length
    assert task.batch(3, torch.Generator().manual_seed(0)).x.shape[0] == task.length
    assert task.validation.x.shape[1] >= 1
    assert task.test.x.shape[1] >= EXAMPLES


def test_in_the_first_version_a_text_has_two_parts():
    """What was trained then is shown as it was: the parts, and what was counted in them."""
    task = own("abcd" * 50, version=1)
    assert task.held == task.start == 138
    assert len(task.notes) == 1
    with pytest.raises(ValueError, match="a race of the first version has no validation part"):
        task.validation  # noqa: B018


def test_a_text_that_has_not_been_given_is_asked_for():
    with pytest.raises(ValueError, match="A text of at least 200 characters is needed"):
        own("")


def test_strange_signs_are_read_and_counted():
    task = own("abc\x00\r\n" + "to be or not to be " * 20)
    assert task.text.startswith(f"abc{REPLACEMENT}\nto be")
    assert len(task.notes) == 4
    assert task.test.x.shape[2] == task.D == len(task.alphabet)


@pytest.mark.parametrize("written", ["e\u0301", "\r\n", "\u1112\u1161\u11ab", "\u03b1\u0313\u0300\u0345"])
@pytest.mark.parametrize("length", [4, 100])
def test_a_text_that_cleaning_makes_shorter_is_still_learned(written, length):
    task = own(written * (200 // len(written) + 1), length)
    assert len(set(task.text)) == 1
    assert len(task.text) == 200 // len(written) + 1
    assert task.D == 2
    assert task.batch(9, torch.Generator().manual_seed(0)).x.shape == (task.length, 9, 2)
    assert task.held > task.length >= 4
    assert task.validation.x.shape[1] >= 1
    assert task.test.x.shape[1] >= EXAMPLES


def test_yardsticks_by_counting():
    """The same numbers from plain counting over the windows, with fractions of counts and no tensors."""
    text = "she sells sea shells by the sea shore, the shells she sells are sea shells, I am sure.\n" * 6
    task = own(text, length=10)
    train, V = task.text[: task.held], len(task.alphabet)
    single = Counter(train)
    double = Counter(pairwise(train))
    follows = Counter(train[:-1])
    pairs = [pair for window in read(task, task.test) for pair in pairwise(window)]
    by_letter = [(single[b] + 1) / (len(train) + V) for _, b in pairs]
    by_pair = [(double[a, b] + 1) / (follows[a] + V) for a, b in pairs]

    def best(a):
        return max(task.alphabet, key=lambda b: (double[a, b], -task.alphabet.index(b)))

    top = max(task.alphabet, key=lambda b: (single[b], -task.alphabet.index(b)))
    expected = [
        ("loss", math.log(V)),
        ("loss", -sum(map(math.log, by_letter)) / len(pairs)),
        ("loss", -sum(map(math.log, by_pair)) / len(pairs)),
        ("accuracy", sum(b == top for _, b in pairs) / len(pairs)),
        ("accuracy", sum(b == best(a) for a, b in pairs) / len(pairs)),
    ]
    found = [(stick.metric, stick.value) for stick in task.yardsticks]
    assert [metric for metric, _ in found] == [metric for metric, _ in expected]
    assert [value for _, value in found] == pytest.approx([value for _, value in expected], rel=1e-12)


def test_a_network_that_says_the_frequencies_costs_their_yardstick():
    task = make(Race(task="text"))
    chance = torch.tensor([task.text[: task.held].count(letter) + 1.0 for letter in task.alphabet]).double()
    T, B, _ = task.test.x.shape
    output = chance.log().expand(T, B, task.O)
    assert task.loss(output, task.test).item() == pytest.approx(task.yardsticks[1].value, rel=1e-9)
    assert task.accuracy(output, task.test) == pytest.approx(task.yardsticks[3].value)
    plain, letters, pairs = (stick.value for stick in task.yardsticks[:3])
    assert pairs < letters < plain


def test_labels_are_the_characters_of_a_window():
    task = make(Race(task="text", length=12))
    for example in (0, 31):
        assert "".join(task.labels(example)) == read(task, task.test)[example][:-1]
    with pytest.raises(ValueError, match="expected an example from 0 to 31"):
        task.labels(32)

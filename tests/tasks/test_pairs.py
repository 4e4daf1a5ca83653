"""From one sequence to another: against Python's own sorting, and its calendar."""

import calendar
import math
from datetime import datetime

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.attention import PairConfig
from rnnviz.attention.config import PAIRS
from rnnviz.tasks.calendar import STYLES, YEARS, days_in
from rnnviz.tasks.pairs import STOP, task_of

NAMES = tuple(name for name, _ in PAIRS)
TRUTH = {"copy": str, "reverse": lambda text: text[::-1], "sort": lambda text: "".join(sorted(text))}
FORMS = ("%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y", "%d.%m.%Y")
DATES = task_of(PairConfig(task="dates"))

texts = st.text("abcdefgh", min_size=1, max_size=24)


def iso(text):
    """What Python reads, in the one form that fits, whichever it is."""
    found = set()
    for form in FORMS:
        try:
            found.add(datetime.strptime(text, form).date().isoformat())
        except ValueError:
            continue
    (date,) = found
    return date


@pytest.mark.parametrize("name", TRUTH)
@given(texts)
def test_the_letters_in_their_order(name, text):
    task = task_of(PairConfig(task=name))
    answer = task.answer(text)
    assert answer == TRUTH[name](text)
    at = task.places(text)
    assert sorted(at[:-1]) == list(range(len(text)))
    assert at[-1] == -1
    assert "".join(text[place] for place in at[:-1]) == answer
    assert all(a < b for a, b, x, y in zip(at, at[1:-1], answer, answer[1:], strict=False) if x == y) or (
        name == "reverse"
    )
    assert task.source_text(task.read(text)[:, 0]) == text


@pytest.mark.parametrize("name", NAMES)
@given(st.integers(0, 9999), st.integers(3, 16))
def test_batches_hold_right_answers(name, seed, longest):
    task = task_of(PairConfig(task=name, length=longest))
    batch = task.draw(6, torch.Generator().manual_seed(seed))
    S, M = len(batch.source), len(batch.target)
    assert S in task.lengths
    assert batch.target.shape == batch.at.shape == (M, 6)
    assert len(batch.target) == (11 if name == "dates" else S + 1)
    assert (batch.target[-1] == len(task.alphabet_out) - 1).all()
    assert (batch.target[:-1] < len(task.alphabet_out) - 1).all()
    for b in range(6):
        source, answer = task.source_text(batch.source[:, b]), task.target_text(batch.target[:, b])
        assert answer == (iso(source) if name == "dates" else TRUTH[name](source))
        assert answer == task.answer(source)
        assert tuple(batch.at[:, b].tolist()) == task.places(source)
        assert torch.equal(task.read(source)[:, 0], batch.source[:, b])


@given(st.dates(), st.sampled_from(list(STYLES)))
def test_dates_are_read_as_python_reads_them(date, style):
    if date.year < 1000:
        date = date.replace(
            year=date.year + 2000
        )  # where strptime wants zeros in front depends on the platform
    text = STYLES[style](date)
    assert DATES.answer(text) == iso(text) == date.isoformat()
    assert DATES.source_text(DATES.read(text)[:, 0]) == text
    answer = date.isoformat()
    for sign, place in zip(answer, DATES.places(text), strict=False):
        assert place == -1 or text[place] == sign
    assert all(place >= 0 for place in DATES.places(text)[:4])
    assert DATES.places(text)[9] >= 0


def test_each_style_is_its_own_example_and_says_what_it_shows():
    for style, write in STYLES.items():
        date = datetime.fromisoformat(DATES.answer(style)).date()
        assert write(date) == style
    assert DATES.places("13 May 2021") == (7, 8, 9, 10, -1, -1, -1, -1, 0, 1, -1)
    assert DATES.places("May 3, 2021") == (7, 8, 9, 10, -1, -1, -1, -1, -1, 4, -1)
    assert DATES.places("3.12.2021") == (5, 6, 7, 8, -1, 2, 3, -1, -1, 0, -1)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (" 3  may 2021 ", "3 May 2021"),
        ("03 MAY 2021", "3 May 2021"),
        ("sep 09, 2021", "Sep 9, 2021"),
        ("03.05.2021", "3.5.2021"),
        ("29 February 2000", "29 February 2000"),
        ("1 January 0001", "1 January 0001"),
    ],
)
def test_dates_are_taken_as_they_are_typed(typed, read):
    assert DATES.source_text(DATES.read(typed)[:, 0]) == read


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "such as .* got nothing"),
        ("03/05/21", 'such as "3 May 2021", .*, got "03/05/21"; write it like one'),
        ("3 Mai 2021", "such as"),
        ("3 May 21", "such as"),
        ("٣ May 2021", "such as"),
        ("3 May 2021" + " " * 300 + "x", "such as"),
        ("29 February 1900", 'a day of the calendar, got "29 February 1900"; choose another'),
        ("31.4.2021", "a day of the calendar"),
        ("0.1.2021", "a day of the calendar"),
        ("1 May 0000", "a day of the calendar"),
        ("1.13.2021", "a day of the calendar"),
    ],
)
def test_what_is_no_date_is_refused(typed, why):
    for method in (DATES.read, DATES.answer, DATES.places):
        with pytest.raises(ValueError, match=why):
            method(typed)


@pytest.mark.parametrize("name", TRUTH)
@pytest.mark.parametrize("typed", ["", " ", "abi", "a" * 25, "a1", "ä", "abc\u202e", "a" * 9999])
def test_what_is_no_letter_is_refused(name, typed):
    task = task_of(PairConfig(task=name))
    with pytest.raises(ValueError, match="expected 1 to 24 letters from a to h, got"):
        task.read(typed)


def test_letters_are_taken_as_they_are_typed():
    task = task_of(PairConfig(task="reverse"))
    assert task.answer(" B a\tg ") == "gab"


def test_every_style_day_and_year_is_drawn():
    """Of one length all ways to write a date of it are about equally frequent, and no 29 February is where none is."""
    batch = DATES.batch(2000, 8, torch.Generator().manual_seed(0))
    texts = [DATES.source_text(column) for column in batch.source.T]
    assert all(text.count(".") == 2 for text in texts)  # the one style that is so short
    years = [int(text[-4:]) for text in texts]
    assert set(years) == set(YEARS)
    counts = [years.count(year) for year in YEARS]
    assert max(abs(count - 20) for count in counts) < 4.5 * math.sqrt(20)
    assert len({text[:-4] for text in texts}) == 9 * 9
    with pytest.raises(ValueError, match="expected a length from 8 to 18, got 19; no date is so long"):
        DATES.batch(1, 19, torch.Generator())


def test_how_many_test_sources_come_up_in_training():
    task = task_of(PairConfig(length=4))
    generator, drawn, seen = torch.Generator().manual_seed(1), 3000, set()
    for _ in range(drawn // 50):
        seen |= {task.source_text(source) for source in task.draw(50, generator).source.T}
    met = [
        sum(task.source_text(source) in seen for source in task.test(length).source.T) / 128
        for length in task.lengths
    ]
    assert task.met(drawn) == pytest.approx(sum(met) / len(met), abs=0.04)
    dates = task_of(PairConfig(task="dates"))
    assert dates.possible(8) == 9 * 9 * 100  # "3.5.2021"
    assert 0 < dates.met(1000) < dates.met(100_000) < 1


def test_the_days_of_a_month():
    for year in (1999, 2000, 2004, 2100):
        assert [days_in(month, year) for month in range(1, 13)] == [
            calendar.monthrange(year, month)[1] for month in range(1, 13)
        ]


@pytest.mark.parametrize("name", NAMES)
def test_lengths_and_what_a_task_says_of_itself(name):
    task = task_of(PairConfig(task=name, length=8))
    if name == "dates":
        assert task.lengths == task.tested == tuple(range(8, 19))
    else:
        assert task.lengths == tuple(range(2, 9))
        assert task.tested == tuple(range(2, 13))
    assert task.alphabet_out[-1] == STOP
    assert STOP not in task.alphabet_in
    assert task.answer(task.example)
    for sentence in (task.asks, task.shows):
        assert sentence.endswith(".")
    before = torch.get_rng_state()
    one, again = (task_of(PairConfig(task=name, seed=1)).test(8) for _ in range(2))
    assert torch.equal(one.source, again.source)
    assert not torch.equal(one.source, task_of(PairConfig(task=name, seed=2)).test(8).source)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("name", ["copy", "reverse"])
def test_guessing_costs_the_yardstick(name):
    task = task_of(PairConfig(task=name, length=4))
    loss, share = task.yardsticks
    costs = []
    for length in task.lengths:
        target = task.test(length).target
        logits = torch.zeros(*target.shape, 9, dtype=torch.float64)
        logits[:-1, :, -1] = logits[-1, :, :-1] = -1e4
        costs.append(torch.nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten()).item())
    assert loss.value == pytest.approx(sum(costs) / len(costs), rel=1e-12)
    assert share.value == 1 / 8
